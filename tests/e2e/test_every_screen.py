"""Every screen, page, dialog, menu and panel of the webmail, at a desk and on a phone, in all languages and the
pseudo-locale: nothing untranslated, cut off or hanging over, nothing to scroll sideways; axe finds nothing by day and by
night. What is in the sources and in no table fails the first test.
"""

from __future__ import annotations

import functools
import json
import re
import time
from typing import TYPE_CHECKING

import pytest
from tests.e2e.company import ANSWER_MS, DESKTOP, HERO, PARTNER, PHONE, letter, new_page, on_node
from tests.e2e.crawl import PSEUDO, SOURCES, Visit, at_demo, at_node, serve_pseudo
from tests.e2e.demo_desk import asked_at
from tests.e2e.screens_of_demo import DEMO
from tests.e2e.screens_of_node import BULLETIN, DOORS, FOLDER, INVITED, NODE
from tests.e2e.test_invitations import CALENDAR
from tests.e2e.test_reading_company import bring_in, imap
from tests.e2e.test_second_factor import _CLI, PASSWORD, new_account
from tests.strength import FULL

from smartmail.service.mailbox.bulletins import BulletinText, BulletinWish

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from playwright.sync_api import Browser
    from tests.e2e.company import Company
    from tests.e2e.demo_desk import Desk
    from tests.e2e.screens_of_demo import View

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer

SIZES = {"desk": DESKTOP, "phone": PHONE}
# The pseudo-locale is longer than any of the others and shows what is not translated.
LANDING = {"ko-pseudo": ("ko", PSEUDO)}
LANGUAGES = {"ko-en-ja": ("ko", "en", "ja"), "zh-pseudo": ("zh-Hans", "zh-Hant", PSEUDO)} if FULL else LANDING
THEMES = ("light", "dark")
HIGH = ("high-light", "high-dark")  # a landing asks in one of them, by the name of the view
# Where people are most of the day, and one of each kind of what opens: a menu, a dialog, a panel, a form.
IN_HIGH_CONTRAST = {
    "the-list", "the-rail", "reading", "composer", "contacts", "organization", "settings-look", "move-menu", "help-dialog",
    "detailed-search", "details", "palette", "shared-mail", "search-suggestions", "quarantine",
}  # fmt: skip


def themes(visit: Visit, name: str) -> tuple[str, ...]:
    """Themes in which axe looks at a view: all in a full run, at both sizes, once for its two groups of languages. A landing
    asks at one of the two sizes, and all but colours in one theme.
    """
    if PSEUDO in visit.languages if FULL else visit.phone != bool(asked_at(name)):
        return ()
    first = THEMES if FULL or not visit.phone else THEMES[::-1]
    high = HIGH if FULL else HIGH[asked_at(name) :][:1]
    return first + (high if name in IN_HIGH_CONTRAST else ())


OPENS_MS = ANSWER_MS
_FLOATS = re.compile(r"<(Dialog|Menu|Popover|SidePanel)\b")
_NAMED = re.compile(r"(Screen|Page|Dialog|Menu|Panel|Step|Door|Popup|Picker)$")
# What has no way here, and the story that shows it.
ELSEWHERE = {
    "panels/CertificateChooser": "test_certificate_login.py",
    "preview/FirstPage": "test_open_letter.py",
    "preview/SlidePage": "test_previews.py",
    "proof/ConsentStep": "test_second_factor.py",
    "proof/FactorStep": "test_second_factor.py",
    "proof/PasswordStep": "test_second_factor.py",
    "proof/ProofDialog": "test_account_page.py",
    "reminders/HourItems": "test_reminders.py",
    "reminders/ReminderBanner": "test_reminders.py",
    "reminders/RowHours": "test_reminders.py",
    "sending/StopDialog": "test_sending_stopped.py",
    "sharing/AskDialog": "test_sharing_figures.py",
    "touch/AskSheet": "test_phone.py",
    "writing/CheckRecipients": "test_check_recipients.py",
    "writing/ReasonDialog": "test_leak_reason.py",
    "writing/TeamTemplateGroup": "test_writing_rows.py",
}


def test_each_screen_of_the_sources_has_a_way_in_a_table() -> None:
    files = {path.relative_to(SOURCES).with_suffix("").as_posix(): path for path in SOURCES.rglob("*.svelte")}
    screens = {name for name, path in files.items() if _NAMED.search(name) or _FLOATS.search(path.read_text("utf-8"))}
    told = {name for view in (*DEMO, *NODE, *DOORS) for name in view.shows}
    assert screens - told - ELSEWHERE.keys() == set(), "give these a way in screens_of_demo.py or screens_of_node.py"
    assert (told | ELSEWHERE.keys()) - files.keys() == set(), "these have gone"


def walk(visit: Visit, views: list[View]) -> None:
    """Open one view after the other; one that cannot be opened does not hide the others."""
    visit.page.set_default_timeout(OPENS_MS)
    for view in views:
        again = functools.partial(view.open, visit) if view.deaf else None
        try:
            view.open(visit)
            visit.look(view.name, axe=themes(visit, view.name), again=again)
        except Exception as error:
            visit.page.screenshot(path=str(visit.folder / f"{view.name}-failed-{visit.size}.png"))
            visit.wrong.append((view.name, "", "does not open", str(error)[:600]))
            visit.start_anew(lost=True)


def told(wrong: list[tuple[str, str, str, object]]) -> str:
    """One line for each."""
    return "\n".join(json.dumps(each, ensure_ascii=False) for each in wrong)


@pytest.mark.parametrize("languages", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_screens_of_mail(new_desk: Callable[..., Desk], size: str, languages: str, tmp_path: pathlib.Path) -> None:
    desk = new_desk(SIZES[size])
    serve_pseudo(desk.page, when=PSEUDO in LANGUAGES[languages])
    visit = Visit(desk.page, desk.site, size, tmp_path, LANGUAGES[languages], at_demo(desk.page))
    walk(visit, DEMO)
    assert visit.wrong == [], told(visit.wrong)


def newcomer(company: Company) -> str:
    """Somebody of a department of their own, with mail, a mailbox, an invitation and a bulletin that waits."""
    local = f"crawl{time.monotonic_ns()}"
    login = f"{local}@hanbit.example"
    new_account(company, login, "하두루", local, undo__max_seconds=0)

    async def publish(node: Node) -> None:
        now = node.clock.now()
        place = await node.services.governing.scope(f"department:{local}")
        text = BulletinText(BULLETIN, "12월 20일까지 받아 주세요.\n")
        wish = BulletinWish(place, text, now, now + 86_400_000, pinned=True, popup=True, must_read=True)
        await node.services.bulletins.desk.make(_CLI, wish)

    on_node(company.node.directory, publish)
    invited = CALENDAR.replace(HERO, login).replace("story@", f"{local}@")
    mail = (
        f"From: {PARTNER}\r\nTo: {login}\r\nSubject: {INVITED}\r\nMessage-ID: <{local}@partner.example>\r\n"
        "Date: Fri, 27 Nov 2026 10:00:00 +0900\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; "
        'boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n회의에 초대합니다.\r\n'
        f"--b\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\n{invited}\r\n--b--\r\n"
    )
    bring_in(company, login, letter(login, "견적 문의"), mail.encode())
    with imap(company, login) as session:
        session.create('"' + FOLDER.encode("utf-7").decode().replace("+", "&").replace("/", ",") + '"')
    return login


@pytest.mark.parametrize("languages", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
def test_screens_of_a_node(
    chromium: Browser, company: Company, size: str, languages: str, tmp_path: pathlib.Path
) -> None:
    login = newcomer(company)
    page = new_page(chromium, SIZES[size])
    try:
        serve_pseudo(page, when=PSEUDO in LANGUAGES[languages])
        visit = Visit(page, company.site, size, tmp_path, LANGUAGES[languages], at_node(page))
        walk(visit, DOORS)
        visit.keeps = True
        page.goto(company.site)
        page.get_by_label(visit.w("signIn.address")).fill(login)
        page.get_by_label(visit.w("signIn.password"), exact=True).fill(PASSWORD)
        page.keyboard.press("Enter")
        page.locator("[role=row] .subject").first.wait_for()
        walk(visit, NODE)
        assert visit.wrong == [], told(visit.wrong)
    finally:
        page.context.close()
