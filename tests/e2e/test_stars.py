"""Stars of several colours: chosen in the menu, seen in the list, taken away and back, the same for other programs."""

from __future__ import annotations

import imaplib
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import Company, Person, letter, until_shown
from tests.e2e.test_second_factor import PASSWORD, new_account
from tests.peers.served import until

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.peer

LOGIN = "star.gazer@hanbit.example"
SUBJECT = "별이 빛나는 견적서"


def flags_of(session: imaplib.IMAP4) -> set[str]:
    session.select("INBOX")
    _, [line] = session.fetch("1", "(FLAGS)")
    return {one.decode() for one in imaplib.ParseFlags(line)}  # type: ignore[arg-type]


def test_a_coloured_star_is_the_same_star_in_other_programs(
    company: Company, new_person: Callable[..., Person]
) -> None:
    new_account(company, LOGIN, "별지기")
    company.deliver(LOGIN, letter(LOGIN, SUBJECT))
    person = new_person().sign_in(LOGIN, PASSWORD)
    row = person.row(SUBJECT)
    row.get_by_role("checkbox").check()
    person.page.keyboard.press("l")
    stars = person.page.get_by_role("group", name="별표 색")
    expect(stars.get_by_role("button")).to_have_count(7)
    stars.get_by_role("button", name="파란 별표").click()
    expect(row.get_by_role("button", name="별표 해제 (파란 별표)")).to_be_visible()

    with company.imap(LOGIN, PASSWORD) as session:
        until(lambda: {"\\Flagged", "$MailFlagBit2"} <= flags_of(session), what="the star at the server")
        # Another program turns it green.
        session.store("1", "-FLAGS", "($MailFlagBit2)")
        session.store("1", "+FLAGS", "($MailFlagBit0 $MailFlagBit1)")
    green = row.get_by_role("button", name="별표 해제 (초록 별표)")
    until_shown(green, person.page.reload)

    # The star that is pressed again is taken away with its colour, and comes back with it.
    row.get_by_role("checkbox").check()
    person.page.keyboard.press("l")
    pressed = stars.get_by_role("button", name="초록 별표")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    pressed.click()
    expect(row.get_by_role("button", name="별표", exact=True)).to_be_visible()
    person.page.keyboard.press("z")
    expect(green).to_be_visible()
