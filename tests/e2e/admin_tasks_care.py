"""More of the sixty tasks: the database tended, and the review of a month signed."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.e2e.admin_tasks import Hand, task, word

from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.audit import AuditRecord
from smartmail.service.operations.records.counting import month_before

if TYPE_CHECKING:
    from pathlib import Path

SOON_MS = 120_000


@task("maintain the database")
def _database(hand: Hand) -> None:
    hand.open("database")
    main = hand.page.get_by_role("main")
    hand.button("database.check", main)
    hand.send("database.check", hand.page.get_by_role("dialog"))
    expect(main.get_by_text(word("database.resultSound"))).to_be_visible(timeout=SOON_MS)
    hand.button("database.setPlan", main)
    plan = hand.page.get_by_role("region", name=word("database.setPlan"), exact=True)
    hand.fill({"database.weekday": "6", "database.hour": "18"}, plan)
    hand.send("database.setPlan", plan)
    expect(main).to_contain_text("매주 일요일 18:00 UTC")


def last_month_at_work(directory: Path) -> None:
    """Let the company have been at work last month, as its records tell it, and its review be made as it is on the first.

    Done before anything else: a process that starts anew makes the review that is not there yet.
    """
    # In a thread, because the browser's loop runs in this one.
    with ThreadPoolExecutor(1) as threads:
        threads.submit(lambda: asyncio.run(_records_of_last_month(directory))).result()


async def _records_of_last_month(directory: Path) -> None:
    first = datetime.now(UTC).replace(day=1, hour=3, minute=0)
    last_month = first - timedelta(days=15)
    async with open_node(load(str(directory))) as node:
        [company] = await node.store.organizations()
        people = await node.store.accounts(company.id)
        for day in range(5):
            at = int((last_month + timedelta(days=day)).timestamp() * 1000)
            # Three o'clock in UTC is noon in Korea; fifteen o'clock is midnight.
            for hour in (0, 12):
                record = AuditRecord(
                    at + hour * 3_600_000, f"account:{people[0].id}", "account.password", f"account:{people[0].id}"
                )
                await node.store.audit(record)
        await node.services.audit.chain()
        await node.services.reviews.turn()


@task("sign a monthly review")
def _review(hand: Hand) -> None:
    month = month_before(int(datetime.now(UTC).timestamp() * 1000))[0]
    hand.open("reviews")
    hand.click(hand.page.get_by_role("row").filter(has_text=month).first)
    # What was counted: records of midnight are told.
    expect(hand.panel).to_contain_text(word("finding.off-hours"))
    expect(hand.panel.locator("li", has_text=word("finding.off-hours")).locator(".number")).not_to_have_text("0")
    hand.act(month, "reviews.sign", {"reviews.comment": "야간 작업은 정기 점검이었습니다."})
    expect(hand.panel).to_contain_text(word("reviews.signed"))
    expect(hand.panel).to_contain_text("야간 작업은 정기 점검이었습니다.")
