"""What a page asks the server for before its first rows have been painted, as the browser itself tells it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Puts `firstRows` into the page: when the first rows had been painted, milliseconds since it began.
CLOCKS = Path(__file__).parents[1] / "bench" / "web_page.js"

Asked = list[tuple[float, str]]


def requests_of(page: Page) -> Asked:
    """Note each request from now on: when it left (milliseconds of the epoch) and its address, streams among them."""
    asked: Asked = []

    def note(told: dict[str, Any]) -> None:
        url = told["request"]["url"]
        if not url.startswith(("data:", "blob:")):
            asked.append((told["wallTime"] * 1000, url))

    tools = page.context.new_cdp_session(page)
    tools.on("Network.requestWillBeSent", note)
    tools.send("Network.enable")
    return asked


def before_rows(page: Page, asked: Asked) -> list[str]:
    """Return the addresses that were asked for before the first rows stood on the screen."""
    painted = page.evaluate("() => performance.timeOrigin + window.firstRows")
    return [url for when, url in asked if when <= painted]
