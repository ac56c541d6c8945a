"""Ten tasks of a first day by the mouse and on a slow line, on a real node: no more clicks than Gmail and Naver take; `docs/design/clicks.md`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.e2e.company import DESKTOP, Company, Person, letter
from tests.e2e.first_day import MAILBOX, SUBJECTS, Day, Hand
from tests.e2e.first_day_peers import PAGE, PICTURE, drawn, record, recorded, too_many, written
from tests.e2e.first_day_ways import TASKS, WAYS
from tests.e2e.test_folders_and_sharing import make
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.peer
RENEW = os.environ.get("SMARTMAIL_RENEW_CLICKS") == "1"
# 400 kbit/s, as a mobile line that is used up.
SLOW = {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


def slow_down(page: Page) -> None:
    """The rest of the page's life is on a slow line."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW)


def sit_down(company: Company, new_person: Callable[..., Person], way: str) -> Day:
    """Somebody on their first day: seven mails, one mailbox of their own."""
    login = f"day.{way.replace(' ', '.')}@hanbit.example"
    new_account(company, login, "새싹")
    for subject in SUBJECTS.values():
        company.deliver(login, letter(login, subject))
    person = new_person(viewport=DESKTOP).sign_in(login, PASSWORD)
    for subject in SUBJECTS.values():
        person.bring(subject)
    make(person.page, MAILBOX)
    if way == "slow line":
        slow_down(person.page)
    return Day(person, Hand(person.page))


@pytest.mark.parametrize("way", WAYS)
def test_ten_tasks_take_no_more_than_elsewhere(company: Company, new_person: Callable[..., Person], way: str) -> None:
    day = sit_down(company, new_person, way)
    acts = WAYS[way](day)
    counted = {}
    for task in TASKS:
        day.begin(task)
        acts[task]()
        counted[task] = day.hand.count
    assert too_many(way, counted) == []
    if RENEW:
        record(way, counted)
    assert counted == recorded()[way]


def test_the_page_and_its_picture_say_what_the_table_says() -> None:
    counts = recorded()
    assert PAGE.read_text() == written(counts)
    assert PICTURE.read_text() == drawn(counts)
    assert [one for way in WAYS for one in too_many(way, counts[way])] == []
