"""Sixty tasks of an administrator in the browser, on a host where nothing was typed after the one command.

Each task counts its actions; the ten commonest take eight at most. No shell runs below the node meanwhile. What fails is
named, and what has no way in the browser yet is counted as missing.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e import admin_tasks_more  # noqa: F401 -- enters its tasks
from tests.e2e.admin_tasks import MISSING, TASKS, UNPROVEN, Hand, Task, Unanswered
from tests.e2e.admin_tasks_care import last_month_at_work
from tests.e2e.admin_web import rail
from tests.e2e.company import new_page
from tests.e2e.conftest import build_webmail
from tests.e2e.fresh_host import DOMAIN, FRESH_PASSWORD, fresh_host
from tests.peers.served import command_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page
    from tests.e2e.fresh_host import FreshHost

pytestmark = pytest.mark.peer
SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "ash"}
MOST_COMMON = 8
# Of the sixty-odd; it only grows.
DONE = 72
WAIT_MS = 20_000
CHOSEN = os.environ.get("SMARTMAIL_TASKS", "")
"""A pattern of names: only these are done then, for who works on one of them."""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[FreshHost]:
    """A machine on which `serve` was typed, and nothing else."""
    build_webmail("webmail")
    build_webmail("admin")
    with fresh_host(tmp_path) as running:
        yield running


def set_up(page: Page, host: FreshHost) -> None:
    """The wizard, as short as it can be: company, first person, first mail."""
    page.goto(host.link)
    for label, value in (
        ("회사 이름", "한빛상사"), ("메일 도메인", DOMAIN), ("관리자 이름", "박지호"), ("관리자 메일 아이디", "jiho.park"),
        ("비밀번호", FRESH_PASSWORD), ("비밀번호 확인", FRESH_PASSWORD),
    ):  # fmt: skip
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="만들고 계속하기").click()
    # The names that are offered: records of a domain lead to a host that has one.
    expect(page.get_by_role("heading", level=1)).to_have_text("서버 이름")
    page.get_by_role("button", name="다음").click()
    for step in ("2단계 인증", "정책 기본값"):
        expect(page.get_by_role("heading", level=1)).to_have_text(step)
        page.get_by_role("button", name="나중에 하기").click()
    page.get_by_role("button", name="다음").click()
    for step in ("인증서", "DNS 레코드"):
        expect(page.get_by_role("heading", level=1)).to_have_text(step)
        page.get_by_role("button", name="나중에 하기").click()
    page.get_by_label("이름", exact=True).fill("김민지")
    page.get_by_label("메일 아이디").fill("minji.kim")
    page.get_by_role("button", name="추가", exact=True).click()
    page.get_by_role("button", name="다음").click()
    page.get_by_role("button", name="첫 메일 보내기").click()
    expect(page.get_by_role("status")).to_contain_text("받는 쪽 서버가 접수했습니다", timeout=60_000)
    page.get_by_role("button", name="다음").click()
    page.get_by_role("button", name="설치 마치기").click()
    rail(page).wait_for()


def shells(host: FreshHost) -> list[str]:
    """Shells among the processes of the node."""
    found = [command_line(pid) for pid in host.node.everyone()]
    return [" ".join(words) for words in found if words and os.path.basename(words[0]) in SHELLS]


def tried(work: Callable[[Hand], None], hand: Hand, name: str) -> list[str]:
    """Do a task, or look at its end; return why it failed: it is named then, and the others go on."""
    try:
        work(hand)
    except Exception as error:
        hand.page.screenshot(path=str(hand.folder / f"failed-{re.sub('[^a-z]+', '-', name)}.png"))
        hand.page.goto(hand.host.admin_site)
        rail(hand.page).wait_for()
        return [f"{name}: {' '.join(str(error).strip().splitlines())[:300]}"]
    return []


def test_sixty_tasks_without_a_terminal(host: FreshHost, chromium: Browser, tmp_path: Path) -> None:
    page = new_page(chromium)
    page.set_default_timeout(WAIT_MS)
    set_up(page, host)
    last_month_at_work(host.node.directory)
    table = [("install, from the address to the first mail", 25, "done")]
    failed: list[str] = []
    spawned: list[str] = []
    wanted = [one for one in TASKS if (one.name not in UNPROVEN or CHOSEN) and re.search(CHOSEN, one.name)]
    begun: list[tuple[Task, Hand]] = []
    unanswered = Unanswered(page)
    for task in wanted:
        hand = Hand(page, tmp_path, host, unanswered)
        why = tried(task.run, hand, task.name)
        table.append((task.name, hand.actions, "FAILED" if why else "done"))
        if not why and task.common and hand.actions > MOST_COMMON:
            why = [f"{task.name}: {hand.actions} actions"]
        if not why and task.shown is not None:
            begun.append((task, hand))
        failed += why
        print(f"{table[-1][2]:10} {table[-1][1]:3}  {table[-1][0]}", flush=True)
        spawned += shells(host)
    for task, hand in begun:
        actions = hand.actions
        if task.shown is not None and (why := tried(task.shown, hand, task.name)):
            table[table.index((task.name, actions, "done"))] = (task.name, actions, "FAILED")
            failed += why
    table += [(name, 0, "not shown") for name in UNPROVEN]
    table += [(name, 0, "no way yet") for name in MISSING]
    for name, actions, end in table:
        print(f"{end:10} {actions:3}  {name}")
    done = sum(end == "done" for _, _, end in table)
    print(f"{done} of {len(table)} done")
    page.context.close()
    assert failed == []
    assert spawned == []
    if not CHOSEN:
        assert done >= DONE
        assert len(table) >= 60
