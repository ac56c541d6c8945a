"""Pictures of screens for people to look at: no test asks what is in them, so only a full run takes any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.strength import FULL

if TYPE_CHECKING:
    import pathlib

    from playwright.sync_api import Page


def keep_picture(page: Page, path: pathlib.Path | str) -> None:
    """Keep a picture of what is in sight, in a full run: making one costs a browser about as much as opening a mail."""
    if FULL:
        page.screenshot(path=str(path))
