"""Take the pictures of `docs/design/`: each screen that was drawn before it was built, as it is built.

`.venv/bin/python -m tests.guide.comps [NAME…]` builds the webs, starts a demo company, and puts each picture in the place of
the one of its name. `--drawn FOLDER` puts the drawings themselves beside them, small: they lie outside of the repository.
"""

from __future__ import annotations

import argparse
import http.server
import imaplib
import io
import pathlib
import shutil
import ssl
import sys
import tempfile
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from tests.e2e.company import DEMO_PASSWORD, Company, new_page, running_company
from tests.e2e.conftest import DemoHandler, build_webmail
from tests.e2e.test_components import THEMES, force
from tests.guide import cast, furnishing
from tests.guide.album import ROOT, UNTIL_STILL, Words, small

from smartmail.app.demo.people import ADMIN

if TYPE_CHECKING:
    from collections.abc import Callable

DESIGN = ROOT / "docs" / "design"
BUILT, DRAWN = DESIGN / "built", DESIGN / "drawn"
MOST_OCTETS = 100_000
DESK = {"width": 1440, "height": 900}
LAPTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
GALLERY = {"width": 808, "height": 2176}
_DRAWN_WIDTH = 720
_BETWEEN = 24
_SENT = "1호기 시운전 일정 조정"
_ROWS = 300
_LOOK_AGAIN_MS = 1000


@dataclass
class Seat:
    """Somebody before the screens that were drawn."""

    browser: Browser
    demo: str
    company: Company
    language: str = "ko"

    def __post_init__(self) -> None:
        """Learn what the screens say."""
        self.words = Words.of("user", self.language)
        self.admin_words = Words.of("admin", self.language)

    def page(self, size: dict[str, int]) -> Page:
        """A browser that nobody has used yet."""
        opened = new_page(self.browser, size)
        opened.set_default_timeout(60_000)
        return opened

    def mail(self, page: Page, hash_: str = "") -> None:
        """The webmail over generated mail."""
        page.goto(f"{self.demo}/?size={_ROWS}#{hash_}")
        page.locator("[role=row]").nth(2).wait_for()

    def open_with_files(self, page: Page) -> None:
        """Open the first mail of the list that has files."""
        rows = page.get_by_role("row").filter(has=page.locator(".clip"))
        rows.first.locator(".subject").click()
        page.frame_locator("article iframe").locator(".letter").first.wait_for()

    def write(self, page: Page) -> Locator:
        """A letter with names, words and files in it."""
        page.keyboard.press("c")
        window = page.locator("section.window").last
        window.get_by_role("combobox", name=self.words("compose.to")).fill("serin.oh@daeyang-parts.example,")
        window.get_by_role("textbox", name=self.words("compose.subject")).fill("5축 가공기 스핀들 유닛 견적 회신")
        window.get_by_role("textbox", name=self.words("compose.body")).click()
        page.keyboard.insert_text("오세린 대리님, 안녕하세요. 한빛테크 한지우입니다.")
        page.keyboard.press("Enter")
        page.keyboard.insert_text(
            "보내 주신 견적 잘 받았습니다. 내부 검토 결과 4대를 상반기에 함께 입고하는 조건으로 진행하고자 합니다."
        )
        return window

    def administrator(self, page: Page, path: str) -> None:
        """A page of the admin web."""
        words = self.admin_words
        page.goto(self.company.site.replace("localhost", "admin.localhost"))
        page.get_by_label(words("signIn.address")).fill(ADMIN)
        page.get_by_label(words("signIn.password")).fill(DEMO_PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("navigation", name=words("action.menu")).wait_for()
        page.goto(f"{self.company.site.replace('localhost', 'admin.localhost')}/{path}")
        page.get_by_role("heading", level=1).wait_for()

    def employee(self, page: Page, path: str = "") -> None:
        """The webmail of somebody at the demo company."""
        words = self.words
        page.goto(self.company.site)
        page.get_by_label(words("signIn.address")).fill(cast.KOREAN.me.login)
        page.get_by_label(words("signIn.password"), exact=True).fill(cast.PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=words("mailbox.inbox")).wait_for()
        if path:
            page.goto(f"{self.company.site}/{path}")


@dataclass(frozen=True)
class Comp:
    """A drawing, and the way to the same screen as it is built. `size`: of the window."""

    name: str
    size: dict[str, int]
    ways: tuple[Callable[[Seat, Page], None], ...]


COMPS: dict[str, Comp] = {}


def comp(size: dict[str, int]) -> Callable[[Callable[[Seat, Page], None]], Callable[[Seat, Page], None]]:
    """Enter a way under the name of its drawing; ways of one name stand beside each other in one picture."""

    def enter(way: Callable[[Seat, Page], None]) -> Callable[[Seat, Page], None]:
        name = way.__name__.partition("__")[0].replace("_", "-")
        before = COMPS[name].ways if name in COMPS else ()
        COMPS[name] = Comp(name, size, (*before, way))
        return way

    return enter


@comp(DESK)
def list_pane(seat: Seat, page: Page) -> None:
    seat.mail(page)
    seat.open_with_files(page)
    page.locator("#row-3").hover()


@comp(LAPTOP)
def list_only(seat: Seat, page: Page) -> None:
    seat.mail(page)
    for key in "jxjxjjx":
        page.keyboard.press(key)
    page.locator("#row-6").hover()


@comp(DESK)
def reading_wide(seat: Seat, page: Page) -> None:
    page.add_init_script("localStorage.setItem('smartmail.settings', JSON.stringify({ pane: 'none' }))")
    seat.mail(page)
    seat.open_with_files(page)


@comp(DESK)
def compose(seat: Seat, page: Page) -> None:
    seat.mail(page)
    window = seat.write(page)
    files = [
        {"name": "검토의견서_1201.hwpx", "mimeType": "application/hwp+zip", "buffer": b"x" * 184_000},
        {"name": "단가비교표_회신.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": b"x" * 91_000},
    ]
    window.locator("footer input[type=file]").set_input_files(files)  # type: ignore[arg-type]
    window.get_by_text("단가비교표").first.wait_for()


@comp(DESK)
def search(seat: Seat, page: Page) -> None:
    seat.mail(page, "?q=견적")
    page.get_by_role("button", name=seat.words("search.detailed")).first.click()
    page.get_by_text(seat.words("search.between"), exact=True).wait_for()


@comp(DESK)
def settings(seat: Seat, page: Page) -> None:
    page.goto(f"{seat.demo}/?size={_ROWS}#/settings/look")
    page.locator(".settings .content > *").first.wait_for()


@comp(DESK)
def orgchart(seat: Seat, page: Page) -> None:
    seat.mail(page)
    seat.write(page)
    page.get_by_role("button", name="조직도", exact=True).last.click()
    dialog = page.get_by_role("dialog", name="조직도")
    dialog.get_by_role("checkbox", name=seat.words("directory.below")).check()
    for at in (0, 2, 3):
        dialog.get_by_role("row").nth(at).click()


@comp(DESK)
def receipts(seat: Seat, page: Page) -> None:
    words = seat.words
    seat.employee(page)
    page.keyboard.press("c")
    window = page.locator("section.window").last
    to = window.get_by_role("combobox", name=words("compose.to"))
    for one in (*(each.login for each in cast.KOREAN.colleagues), "minji.kim@hanbit.example", cast.PARTNER):
        to.fill(f"{one},")
    window.get_by_role("textbox", name=words("compose.subject")).fill(_SENT)
    window.get_by_role("textbox", name=words("compose.body")).click()
    page.keyboard.insert_text("시운전을 12월 9일 오후로 옮깁니다. 확인 부탁드립니다.")
    window.get_by_role("button", name=words("action.send"), exact=True).click()
    window.wait_for(state="detached")
    reader = cast.KOREAN.named(1).login
    trust = ssl.create_default_context(cafile=str(seat.company.node.directory / "tls" / "ca.pem"))
    with imaplib.IMAP4_SSL("localhost", seat.company.node.ports["imaps"], ssl_context=trust) as session:
        session.authenticate("PLAIN", lambda _: f"\0{reader}\0{cast.PASSWORD}".encode())
        found: list[bytes] = []
        while not found:
            session.select("INBOX")
            found = session.search(None, "FROM", cast.KOREAN.me.login)[1][0].split()
            page.wait_for_timeout(_LOOK_AGAIN_MS)
        session.fetch(found[-1].decode(), "(BODY[])")
    page.goto(f"{seat.company.site}/#/receipts")
    page.locator(".section").get_by_text(_SENT).first.click(timeout=90_000)
    page.get_by_role("table").wait_for()


@comp(DESK)
def signin(seat: Seat, page: Page) -> None:
    page.goto(seat.company.site)
    page.get_by_label(seat.words("signIn.address")).fill(cast.KOREAN.me.login)


def gallery(seat: Seat, page: Page, theme: str) -> None:
    """The page of all components, each control in the state that it stands for."""
    page.goto(f"{seat.demo}/components.html?{THEMES[theme]}")
    page.locator("#menus").wait_for()
    force(page)


@comp(GALLERY)
def components__light(seat: Seat, page: Page) -> None:
    gallery(seat, page, "light")


@comp(GALLERY)
def components__dark(seat: Seat, page: Page) -> None:
    gallery(seat, page, "dark")


@comp(PHONE)
def phone__list(seat: Seat, page: Page) -> None:
    seat.mail(page)


@comp(PHONE)
def phone__mail(seat: Seat, page: Page) -> None:
    seat.mail(page)
    seat.open_with_files(page)


@comp(PHONE)
def phone__writing(seat: Seat, page: Page) -> None:
    seat.mail(page)
    window = seat.write(page)
    window.get_by_role("combobox", name=seat.words("compose.to")).press_sequentially("ㅇㅅ")
    page.get_by_role("option").first.wait_for()


@comp(PHONE)
def phone__places(seat: Seat, page: Page) -> None:
    seat.mail(page)
    page.get_by_role("button", name=seat.words("nav.menu")).first.click()
    page.locator(".drawer nav").first.wait_for()


@comp(DESK)
def admin_overview(seat: Seat, page: Page) -> None:
    seat.administrator(page, "")


@comp(DESK)
def admin_people(seat: Seat, page: Page) -> None:
    seat.administrator(page, "people")
    boxes = page.get_by_role("table").get_by_role("checkbox")
    for at in (1, 4, 6):
        boxes.nth(at).check(force=True)
    page.get_by_role("row").nth(3).click()
    page.get_by_role("complementary").last.wait_for()


@comp(DESK)
def admin_policy(seat: Seat, page: Page) -> None:
    seat.administrator(page, "policy")
    page.get_by_role("row").filter(has_text="IMAP 접속").first.click()
    page.get_by_role("complementary").last.wait_for()
    page.get_by_role("table").first.evaluate("(table) => table.closest('.list').scrollTo(0, 0)")


@comp(DESK)
def admin_trace(seat: Seat, page: Page) -> None:
    seat.administrator(page, "trace")
    page.get_by_role("row").filter(has_text=cast.STRANGER).first.click()
    page.get_by_role("complementary").last.wait_for()


def take(seat: Seat, one: Comp) -> bytes:
    """The picture of a screen; of several screens, side by side."""
    pictures = []
    for way in one.ways:
        page = seat.page(one.size)
        try:
            way(seat, page)
            expect(page.locator("[aria-busy=true]")).to_have_count(0)
            page.evaluate("() => document.fonts.ready")
            page.evaluate(UNTIL_STILL)
            png = page.screenshot(animations="disabled", caret="hide")
        finally:
            page.context.close()
        pictures.append(Image.open(io.BytesIO(png)).convert("RGB"))
    width = sum(each.width + _BETWEEN for each in pictures) - _BETWEEN
    whole = Image.new("RGB", (width, pictures[0].height), "gray")
    left = 0
    for each in pictures:
        whole.paste(each, (left, 0))
        left += each.width + _BETWEEN
    out = io.BytesIO()
    whole.save(out, "PNG")
    return small(out.getvalue(), MOST_OCTETS)


def take_all(seat: Seat, names: list[str]) -> list[str]:
    """Keep the picture of each screen; return what failed: the others' pictures are kept."""
    BUILT.mkdir(parents=True, exist_ok=True)
    failed = []
    for name in names:
        try:
            (BUILT / f"{name}.png").write_bytes(take(seat, COMPS[name]))
        except Exception as error:
            failed.append(f"{name}: {error}")
        print(name, flush=True)
    return failed


def keep_drawings(folder: pathlib.Path) -> None:
    """Put each drawing beside its screen, small."""
    DRAWN.mkdir(parents=True, exist_ok=True)
    for name in COMPS:
        picture = Image.open(folder / f"{name}.png").convert("RGB")
        size = (_DRAWN_WIDTH, round(picture.height * _DRAWN_WIDTH / picture.width))
        out = io.BytesIO()
        picture.resize(size, Image.Resampling.LANCZOS).save(out, "PNG")
        (DRAWN / f"{name}.png").write_bytes(small(out.getvalue(), MOST_OCTETS))


def main() -> int:
    """Take all, or those that are named; 1 where one failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.guide.comps", description=__doc__)
    parser.add_argument("--drawn", type=pathlib.Path)
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], *COMPS], help=", ".join(COMPS))
    options = parser.parse_args()
    if options.drawn:
        keep_drawings(options.drawn)
    build_webmail("webmail")
    build_webmail("admin")
    handler = partial(DemoHandler, directory=str(build_webmail("demo")))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with (
        tempfile.TemporaryDirectory() as place,
        running_company(pathlib.Path(place), cast.NAMES | furnishing.NAMES) as company,
        sync_playwright() as playwright,
    ):
        cast.found(company, cast.KOREAN)
        furnishing.furnish(company)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--ignore-certificate-errors"]
        )
        demo = f"http://127.0.0.1:{server.server_address[1]}"
        failed = take_all(Seat(browser, demo, company), options.names or list(COMPS))
        browser.close()
    server.shutdown()
    print("\n".join(failed), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
