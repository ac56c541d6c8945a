"""How fast the webmail is in a browser: `./smartmail bench web [--rounds N] [--page]`.

One Chromium over a real node on loopback, a mailbox of 100,000 messages, a fresh browser profile for each cold figure.
Every wait ends when the frame that shows the result has been painted. `--page` writes the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Browser, Page, sync_playwright
from tests.bench import report
from tests.bench.web_rows import Figures, print_table, write_page
from tests.e2e.company import Company, Person, letter, new_page, on_node, running_company
from tests.e2e.conftest import build_webmail
from tests.e2e.filled_mailbox import COUNT, WANG, fill, subject_at
from tests.e2e.first_rows import CLOCKS, before_rows, requests_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TALL = {"width": 1366, "height": 2160}
ROW = 36
KEYS, FLINGS, FLING_MS, OPENED, SEARCHES = 60, 3, 10_000, 500, 20
# A branch overseas, and the telephone that Lighthouse pretends to be.
OVERSEAS = {"latency": 300, "downloadThroughput": 1_500_000 / 8, "uploadThroughput": 1_500_000 / 8, "offline": False}
TELEPHONE = {"latency": 150, "downloadThroughput": 1_638_400 / 8, "uploadThroughput": 768_000 / 8, "offline": False}
SLOWER_PROCESSOR = 4
QUIET_S, MOST_S = 0.4, 30.0
WORDS = ("보고", "분기", "보고 9", "본문", "12,3", "번", "보고서", "없는말", "분기 보고", "본문입니다")


class Traffic:
    """What a page has under way, without the stream of events, which never ends (so the browser is never "idle")."""

    def __init__(self, page: Page) -> None:
        """Listen from now on."""
        self._page = page
        self._open: set[object] = set()
        self._last = time.monotonic()
        page.on("request", self._began)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def _began(self, request: Any) -> None:
        if "/jmap/events" not in request.url and not request.url.startswith(("data:", "blob:")):
            self._open.add(request)
            self._last = time.monotonic()

    def _ended(self, request: Any) -> None:
        if request in self._open:
            self._open.discard(request)
            self._last = time.monotonic()

    def settle(self) -> None:
        """Wait until nothing has been under way for a while; after MOST_S go on all the same (a line far too slow)."""
        deadline = time.monotonic() + MOST_S
        while time.monotonic() < deadline and (self._open or time.monotonic() - self._last < QUIET_S):
            self._page.wait_for_timeout(50)


class Desk:
    """One signed-in person, and fresh browsers that hold nothing but the session."""

    def __init__(self, browser: Browser, company: Company) -> None:
        """Sign in once; later profiles get the cookie."""
        self.browser, self.company = browser, company
        self._traffic: dict[Page, Traffic] = {}
        person = Person(new_page(browser), company.site).sign_in(WANG)
        self._cookies = person.page.context.storage_state()["cookies"]
        person.page.context.close()

    def fresh(self, **more: Any) -> Page:
        """Return a page of a new profile that has the session's cookie and our clocks."""
        page = new_page(self.browser, more.pop("viewport", TALL), **more)
        page.context.add_cookies(self._cookies)  # type: ignore[arg-type]
        page.add_init_script(path=CLOCKS)
        page.set_default_timeout(60_000)
        self._traffic[page] = Traffic(page)
        return page

    def settle(self, page: Page) -> None:
        """Wait until a page has fetched what it wants."""
        self._traffic[page].settle()

    def open(self, page: Page) -> float:
        """Go to the webmail; return when its first rows had been painted."""
        page.goto(self.company.site)
        return float(page.wait_for_function("() => window.firstRows", timeout=60_000).json_value())


def _slow(page: Page, network: dict[str, Any], processor: int = 1) -> None:
    tools = page.context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", network)
    if processor > 1:
        tools.send("Emulation.setCPUThrottlingRate", {"rate": processor})


def cold_and_warm(desk: Desk, rounds: int, figures: Figures) -> None:
    """First rows in a fresh profile, and again in the same one; requests before them; a jump into the middle."""
    for _ in range(rounds):
        page = desk.fresh()
        asked = requests_of(page)
        rows = desk.open(page)
        figures.add("cold", rows)
        figures.add("requests", len(before_rows(page, asked)))
        desk.settle(page)
        figures.add("jump", page.evaluate(f"() => jump({COUNT // 2}, {ROW})"))
        desk.settle(page)
        figures.add("warm", desk.open(page))
        page.context.close()


def scripted_session(desk: Desk, figures: Figures) -> None:
    """Keys, opening, flinging, searching, sending: one person's busy quarter of an hour, in a minute or two."""
    page = desk.fresh(viewport={"width": 1366, "height": 900})
    desk.open(page)
    _step(desk, page, figures)
    _open_far(page, figures)
    page.keyboard.press("u")
    for _ in range(FLINGS):
        # In whole milliseconds: three frames of a screen are 50, give or take the clock.
        figures.add("fling", round(page.evaluate(f"() => fling({FLING_MS})")))
        page.evaluate("() => (document.querySelector('[role=grid]').scrollTop = 0)")
        desk.settle(page)
    _search(page, figures)
    _send(page, figures)
    for wait in page.evaluate("() => vitals.waits"):
        figures.add("interaction", wait)
    page.context.close()


def _step(desk: Desk, page: Page, figures: Figures) -> None:
    """j and k in the list, then j from letter to letter (the next one has been fetched)."""
    for at in range(KEYS):
        key, row = ("j", at) if at < KEYS // 2 else ("k", KEYS - at - 2)
        figures.add("key", _pressed(page, key, f"document.querySelector('#row-{max(row, 0)}.cursor') !== null"))
    page.locator("#row-0").click()
    _wait_letter(page, subject_at(0))
    for row in range(1, 21):
        desk.settle(page)
        figures.add("open_cached", _pressed(page, "j", f"letterShown({json.dumps(subject_at(row))})"))


def _pressed(page: Page, key: str, seen: str) -> float:
    """Press a real key: from the event in the page until what it does has been painted."""
    page.evaluate(
        f"""() => {{
          window.took = null;
          addEventListener('keydown', (event) => {{
            const began = event.timeStamp;
            timed(() => undefined, () => {seen}).then((_) => (window.took = performance.now() - began));
          }}, {{ once: true, capture: true }});
        }}"""
    )
    page.keyboard.press(key)
    return float(page.wait_for_function("() => window.took").json_value())


def _wait_letter(page: Page, subject: str) -> None:
    page.wait_for_function("(subject) => letterShown(subject)", arg=subject)


def _subject(page: Page, row: int) -> str:
    """Return the subject of a row, whether the list is before the letter or behind it."""
    return str(page.locator(f"#row-{row} .subject").text_content())


def _open_first(desk: Desk, page: Page) -> None:
    """Open the newest letter once the list stands still."""
    desk.settle(page)
    subject = _subject(page, 0)
    page.locator("#row-0").click()
    _wait_letter(page, subject)


def _open_far(page: Page, figures: Figures) -> None:
    """Letters that nothing has fetched before."""
    for at in range(20):
        page.keyboard.press("u")
        row = 1000 + at * 997
        page.evaluate(f"() => jump({row}, {ROW})")
        subject = json.dumps(subject_at(row))
        act = f"() => timed(() => document.querySelector('#row-{row}').click(), () => letterShown({subject}))"
        figures.add("open_fresh", page.evaluate(act))


def _search(page: Page, figures: Figures) -> None:
    for at in range(SEARCHES):
        page.keyboard.press("/")
        page.keyboard.insert_text(WORDS[at % len(WORDS)])
        count = "document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')"
        done = f"location.hash.includes('q=') && ({count} === '0' || rowShown(0) || document.querySelector('.empty'))"
        figures.add("search", _pressed(page, "Enter", done))
        page.keyboard.press("/")
        # The first Escape may close what is suggested, the next one empties the line.
        for _ in range(2):
            if page.evaluate("() => location.hash.includes('q=')"):
                page.keyboard.press("Escape")
        page.wait_for_function("() => !location.hash.includes('q=') && rowShown(0)")


def _send(page: Page, figures: Figures) -> None:
    person = Person(page, "")
    for at in range(8):
        person.compose("minji.kim@hanbit.example", f"보내기 {at}")
        person.write("빠릅니까?")
        act = """() => timed(
          () => [...document.querySelectorAll('button')].find((each) => each.textContent.trim() === '보내기').click(),
          () => !document.querySelector('.ProseMirror'))"""
        figures.add("send", page.evaluate(act))


def arrivals(desk: Desk, figures: Figures) -> None:
    """From the 250 of the sender's server to the row on the screen."""
    page = desk.fresh(viewport={"width": 1366, "height": 900})
    desk.open(page)
    for at in range(10):
        subject = f"방금 온 메일 {at}"
        desk.company.deliver(WANG, letter(WANG, subject, "새 메일입니다."))
        began = time.monotonic()
        page.get_by_role("row").filter(has_text=subject).first.wait_for()
        figures.add("arrival", (time.monotonic() - began) * 1000)
    page.context.close()


def memory(desk: Desk, figures: Figures) -> None:
    """The heap after 500 letters were opened, cleaned first."""
    page = desk.fresh(viewport={"width": 1366, "height": 900})
    desk.open(page)
    _open_first(desk, page)
    for row in range(1, OPENED):
        page.keyboard.press("j")
        _wait_letter(page, _subject(page, row))
    tools = page.context.new_cdp_session(page)
    tools.send("HeapProfiler.collectGarbage")
    figures.add("heap", tools.send("Runtime.getHeapUsage")["usedSize"] / 2**20)
    page.context.close()


def far_away(desk: Desk, rounds: int, figures: Figures) -> None:
    """300 ms and 1.5 Mbit/s: a branch overseas."""
    for _ in range(rounds):
        page = desk.fresh()
        _slow(page, OVERSEAS)
        figures.add("overseas_cold", desk.open(page))
        _open_first(desk, page)
        for row in range(1, 5):
            desk.settle(page)
            subject = json.dumps(_subject(page, row))
            figures.add("overseas_next", _pressed(page, "j", f"letterShown({subject})"))
        page.context.close()


def telephone(desk: Desk, rounds: int, figures: Figures) -> None:
    """The profile of Lighthouse's mobile runs: a slow line, a processor four times slower."""
    for _ in range(rounds):
        page = desk.fresh(viewport={"width": 412, "height": 823})
        _slow(page, TELEPHONE, SLOWER_PROCESSOR)
        page.goto(desk.company.site)
        page.wait_for_function("() => document.querySelectorAll('[role=row] .subject').length > 5", timeout=60_000)
        desk.settle(page)
        vitals = page.evaluate("() => vitals")
        figures.add("lcp", vitals["lcp"])
        figures.add("tbt", vitals["blocked"])
        figures.add("cls", vitals["cls"])
        page.context.close()


def run(rounds: int) -> Figures:
    """Measure everything once (cold figures `rounds` times)."""
    figures, build = Figures(), build_webmail("webmail")
    figures.sizes(build)
    program = shutil.which("chromium")
    if program is None:
        sys.exit("Chromium is missing: ./smartmail test installs what tests and benchmarks need.")
    folder = Path(tempfile.mkdtemp(prefix="smartmail-bench-web-"))
    try:
        with sync_playwright() as playwright, running_company(folder) as company:
            print(f"filling a mailbox of {COUNT:,} messages", flush=True)
            on_node(company.node.directory, fill)
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            desk = Desk(browser, company)
            for name, part in _parts(desk, rounds, figures):
                print(f"measuring {name}", flush=True)
                part()
            browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return figures


def _parts(desk: Desk, rounds: int, figures: Figures) -> Iterable[tuple[str, Callable[[], None]]]:
    yield "cold and warm starts", lambda: cold_and_warm(desk, rounds, figures)
    yield "a busy session", lambda: scripted_session(desk, figures)
    yield "arrivals", lambda: arrivals(desk, figures)
    yield "a branch overseas", lambda: far_away(desk, max(2, rounds // 3), figures)
    yield "a telephone", lambda: telephone(desk, max(3, rounds // 2), figures)
    yield "memory after 500 letters", lambda: memory(desk, figures)


def main(words: list[str] | None = None) -> int:
    """Print the table; 1 when something that must be reached is not."""
    parser = argparse.ArgumentParser(prog="./smartmail bench web", description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--rounds", type=int, default=9, help="cold starts (9)")
    parser.add_argument("--page", action="store_true", help="write the table into docs/benchmarks.md")
    options = parser.parse_args(words)
    figures = run(options.rounds)
    good = print_table(figures)
    if options.page:
        print(f"written: {write_page(figures, report.machine())}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
