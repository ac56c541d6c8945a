"""Pages of the admin web that the chapters for administrators tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.e2e.company import DEMO_PASSWORD
from tests.guide.album import Stage, scene

from smartmail.app.demo.people import ADMIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator

_SHORT = 480
_PLAIN = {
    "access-rules": ("access", _SHORT), "break-glass": ("glass", 360), "aliases": ("aliases", 360), "routes": ("routes", 360),
    "approvals": ("approvals", 360), "webhooks": ("webhooks", 360), "alarms": ("alarms", 360), "alarm-rules": ("alarmRules", _SHORT),
    "processes": ("processes", _SHORT), "backups": ("backups", 560), "login-authorities": ("loginTrust", _SHORT),
    "certificates": ("certificates", 360), "appearance": ("appearance", 560), "bans": ("bans", 360), "scanning": ("scanning", 560),
    "encryption": ("encryption", 620), "departments": ("departments", _SHORT), "presets": ("presets", _SHORT),
    "cases": ("cases", 360), "senders": ("senders", 360), "queue-rules": ("queueRules", 560), "records": ("records", _SHORT),
    "reports": ("reports", 620), "roles": ("roles", _SHORT), "administrators": ("appointments", 360),
    "agreements": ("agreements", 360), "partners": ("partners", 360), "updates": ("updates", _SHORT),
    "volumes": ("volumes", 400),
}  # fmt: skip
"""Pages that tell by themselves: the picture, the page, and how much of it."""
_PATHS = {"overview": "", "appearance": "company-appearance"}


def sign_in(stage: Stage) -> None:
    """Open the admin web as the administrator of the demo company."""
    page, words = stage.page, stage.words
    page.goto(stage.site)
    page.get_by_label(words("signIn.address")).fill(ADMIN)
    page.get_by_label(words("signIn.password")).fill(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("navigation", name=words("action.menu")).wait_for()


def go(stage: Stage, page_id: str) -> None:
    """Open a page from nothing: whatever a picture before left open is away."""
    name = stage.words(f"page.{page_id}")
    stage.page.goto(f"{stage.site}/{_PATHS.get(page_id, page_id)}")
    heading = stage.page.get_by_role("heading", level=1)
    # The overview is headed by what needs somebody.
    if page_id == "overview":
        heading.wait_for()
    else:
        expect(heading).to_have_text(name)
    expect(stage.page.locator("[aria-busy=true]")).to_have_count(0)


def open_row(stage: Stage, words: str) -> Locator:
    """Open a row of the list; return its details."""
    stage.page.get_by_role("row").filter(has_text=words).first.click()
    panel = stage.page.get_by_role("complementary")
    panel.wait_for()
    return panel


def plain(picture: str) -> Callable[[Stage], None]:
    """A scene that opens a page and takes it."""

    def run(stage: Stage) -> None:
        page_id, most_height = _PLAIN[picture]
        go(stage, page_id)
        stage.shoot(picture, most_height=most_height)

    run.__name__ = picture.replace("-", "_")
    return run


@scene("admin", "overview", "search")
def overview(stage: Stage) -> None:
    page = stage.page
    go(stage, "overview")
    stage.shoot("overview")
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("combobox").fill(stage.say("ㄱㅁㅈ", "kim"))
    page.get_by_role("option").nth(2).wait_for()
    stage.shoot("search", page.get_by_role("dialog"))
    page.keyboard.press("Escape")


@scene("admin", "person", "factors")
def people(stage: Stage) -> None:
    go(stage, "people")
    open_row(stage, "jiwoo.lee@hanbit.example")
    stage.shoot("person", most_height=620)
    stage.page.goto(f"{stage.page.url.partition('?')[0]}?tab=access")
    stage.page.get_by_role("complementary").get_by_role("table").or_(
        stage.page.get_by_role("complementary").get_by_role("listitem")
    ).first.wait_for()
    stage.shoot("factors", most_height=620)


@scene("admin", "policy")
def policy(stage: Stage) -> None:
    go(stage, "policy")
    open_row(stage, stage.words("policy-name.door.imap"))
    stage.shoot("policy")


@scene("admin", "staged-change")
def staged_change(stage: Stage) -> None:
    go(stage, "changes")
    stage.page.get_by_role("row").nth(1).click()
    stage.page.get_by_role("complementary").wait_for()
    stage.shoot("staged-change", most_height=_SHORT)


@scene("admin", "domain")
def domains(stage: Stage) -> None:
    go(stage, "domains")
    open_row(stage, "hanbit.example")
    stage.shoot("domain")


@scene("admin", "lists")
def lists(stage: Stage) -> None:
    go(stage, "lists")
    open_row(stage, "all@hanbit.example")
    stage.shoot("lists")


@scene("admin", "queue")
def queue(stage: Stage) -> None:
    go(stage, "queue")
    open_row(stage, "orders@slow.example")
    stage.shoot("queue", most_height=620)


@scene("admin", "route-test")
def route_test(stage: Stage) -> None:
    go(stage, "routeProbe")
    stage.shoot("route-test", most_height=_SHORT)


@scene("admin", "quarantine")
def quarantine(stage: Stage) -> None:
    go(stage, "quarantine")
    stage.page.get_by_role("row").nth(1).click()
    stage.page.get_by_role("complementary").wait_for()
    stage.shoot("quarantine", most_height=620)


@scene("admin", "trace")
def trace(stage: Stage) -> None:
    go(stage, "trace")
    stage.page.get_by_role("row").filter(has_text="minsu.park@daehan.example").first.click()
    stage.page.get_by_role("complementary").wait_for()
    stage.shoot("trace")


@scene("admin", "leaver")
def leaver(stage: Stage) -> None:
    page, words = stage.page, stage.words
    go(stage, "leavers")
    page.get_by_label(words("leavers.who")).fill("seohyun.yoon@hanbit.example")
    page.get_by_role("button", name=words("leavers.find")).click()
    page.get_by_text(words("leavers.holds", name="윤서현 <seohyun.yoon@hanbit.example>")).wait_for()
    stage.shoot("leaver")


@scene("admin", "import")
def imports(stage: Stage) -> None:
    page = stage.page
    go(stage, "imports")
    table = "이름,메일 주소,부서\n한지민,jimin.han@hanbit.example,마케팅팀\n오세훈,sehun.oh@hanbit.example,영업1팀\n잘못,not-an-address,\n"
    page.locator("input[type=file]").first.set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": table.encode()}
    )
    page.get_by_role("table").first.wait_for()
    stage.shoot("import")


for _picture in _PLAIN:
    scene("admin", _picture)(plain(_picture))
