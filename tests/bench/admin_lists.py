"""Long lists in the admin web: `python -m tests.bench.admin_lists [--rows N] [--folder DIR]`.

A real node with N mails held in the queue, N people and N records of logins; Chromium opens each list, looks for one row,
goes on to the following part, and opens the dashboard. Prints milliseconds from the click to rows that can be used (median
and worst of five), and those of the first load with an empty cache. Target: a second each.
"""

import argparse
import asyncio
import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright
from tests.e2e.admin_web import go, sign_in
from tests.e2e.company import DESKTOP, Company, on_node
from tests.e2e.conftest import build_webmail
from tests.peers.served import Served, free_port_base

from smartmail.app.node import Node
from smartmail.domain.account import LoginAttempt
from smartmail.service.flow.directory import NewPerson
from smartmail.service.kernel.envelope import Envelope, Recipient, new_entry

BATCH, TURNS = 250, 5
DAY_MS = 86_400_000


async def fill(node: Node, rows: int) -> None:
    """Put in what is listed."""
    began = time.perf_counter()
    people = [one for one in await node.services.directory.accounts() if one.kind == "person"]
    home, hero = people[0].organization_id, people[0]
    for first in range(0, rows, BATCH):
        new = [
            NewPerson(f"person{number:06d}@hanbit.example", f"김대량{number:06d}", department="대량부")
            for number in range(first, min(rows, first + BATCH))
        ]
        await asyncio.gather(*(node.services.directory.create_person(one) for one in new))
    print(f"people: {time.perf_counter() - began:.0f} s", flush=True)
    await _queue(node, home, hero.id, rows)
    print(f"queue: {time.perf_counter() - began:.0f} s", flush=True)
    now = node.clock.now()
    for first in range(0, rows, BATCH):
        await node.store.note_logins(
            [
                LoginAttempt(
                    now - DAY_MS + first + number, hero.id, None, "imap", f"192.0.2.{number % 250}",
                    "wrong_secret" if number % 9 == 0 else "ok", country="KR",
                )
                for number in range(BATCH)
            ]
        )  # fmt: skip
    while await node.services.audit.chain():
        pass
    print(f"records: {time.perf_counter() - began:.0f} s", flush=True)


async def _queue(node: Node, home, account_id, rows: int) -> None:  # type: ignore[no-untyped-def]
    keys = await node.services.queue._keyring.queue(home)
    blob = await node.services.queue._blobs.store(home, b"Subject: x\r\n\r\nbody\r\n")
    now = node.clock.now()
    for first in range(0, rows, BATCH):
        entries = [
            new_entry(
                keys, node.clock.new_id(), blob.row, blob.data_key, Envelope("minji.kim@hanbit.example"),
                [Recipient(f"to{number}@{'rare' if number % 1000 == 0 else 'far'}.example")],
                created_at=now, expires_at=now + 5 * DAY_MS, account_id=account_id, hold="administrator",
            )
            for number in range(first, min(rows, first + BATCH))
        ]  # fmt: skip
        await node.store.enqueue_all(entries)


def measure(name: str, act: Callable[[], None], settled: Callable[[], None], turns: int = TURNS) -> None:
    """Print how long it takes from an act to what can be used."""
    took = []
    for _ in range(turns):
        began = time.perf_counter()
        act()
        settled()
        took.append((time.perf_counter() - began) * 1000)
    print(f"{name:34} median {statistics.median(took):6.0f} ms   worst {max(took):6.0f} ms", flush=True)


def look(page: Page, site: str, rows: int) -> None:
    """Measure all lists."""

    def rest() -> None:
        expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=60_000)
        page.locator("tbody tr").first.wait_for(timeout=60_000)

    def opened(name: str) -> Callable[[], None]:
        def act() -> None:
            go(page, name)

        return act

    def shown() -> None:
        page.get_by_role("region", name="발송 대기열").locator("canvas").wait_for(timeout=60_000)

    measure("dashboard", opened("현황"), shown)
    for name in ("발송 대기열", "사용자", "감사기록"):
        measure(name, opened(name), rest)
    opened("사용자")()
    box = page.get_by_label("이름, 주소, 부서, 직위")
    words = iter(f"person{secrets.randbelow(rows):06d}" for _ in range(TURNS))

    def find() -> None:
        with page.expect_response(
            lambda answer: "find=person" in answer.url and len(answer.url.split("find=person")[1]) >= 6, timeout=60_000
        ):
            box.fill(next(words))

    measure("one of all people", find, rest)
    opened("큐")()
    rest()
    domain = page.get_by_label("받는 도메인")

    def narrow() -> None:
        with page.expect_response(lambda answer: "/queue?" in answer.url, timeout=60_000):
            domain.fill("rare.example")
            page.get_by_role("button", name="찾기").click()

    measure("queue by domain", narrow, rest)

    def more() -> None:
        with page.expect_response(lambda answer: "after=" in answer.url, timeout=60_000):
            page.get_by_role("button", name="더 보기").click()

    page.goto(f"{site}/queue")
    measure("queue, the following part", more, rest)
    page.goto(f"{site}/records?action=login.wrong_secret")
    rest()
    measure("records by action, following part", more, rest)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    wanted = parser.parse_args()
    build_webmail("webmail")
    build_webmail("admin")
    with tempfile.TemporaryDirectory() as own, free_port_base() as port:
        node = Served((wanted.folder or Path(own)) / "company", port, "--demo")
        try:
            node.directory.parent.mkdir(parents=True, exist_ok=True)
            fresh = not (node.directory / "smartmail.db").exists()
            node.start(within=300)
            if fresh:
                on_node(node.directory, lambda one: fill(one, wanted.rows))
            company = Company(node, node)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
                page = browser.new_context(ignore_https_errors=True, locale="ko-KR", viewport=DESKTOP).new_page()
                sign_in(page, company)
                site = page.url.rstrip("/")
                look(page, site, wanted.rows)
                first_load(browser, page, site)
                browser.close()
        finally:
            node.kill_all()


def first_load(browser, page: Page, site: str) -> None:  # type: ignore[no-untyped-def]
    """Measure the first page with an empty cache: until the numbers are there, and until the charts are."""
    took = []
    for _ in range(TURNS):
        context = browser.new_context(
            ignore_https_errors=True, locale="ko-KR", viewport=DESKTOP, storage_state=page.context.storage_state()
        )
        fresh = context.new_page()
        began = time.perf_counter()
        fresh.goto(site)
        fresh.get_by_role("link", name="사용 중인 계정").wait_for(timeout=60_000)
        took.append((time.perf_counter() - began) * 1000)
        context.close()
    print(f"{'first load, empty cache':34} median {statistics.median(took):6.0f} ms   worst {max(took):6.0f} ms")


if __name__ == "__main__":
    main()
