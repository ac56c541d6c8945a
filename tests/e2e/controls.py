"""Own controls of both webs as a person uses them: choosing from a list, reading what it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator


def _opened(field: Locator) -> Locator:
    """The list of a select; it is there only while it is open, and bears the name of its field."""
    handle = field.element_handle()
    assert handle is not None
    field.click()
    handle.wait_for_selector("xpath=self::*[@aria-expanded='true']")
    return field.page.locator(f"[id='{handle.get_attribute('aria-controls')}']")


def pick(field: Locator, wanted: str | int) -> None:
    """Choose an option by its words, its value or its place."""
    options = _opened(field).get_by_role("option")
    if isinstance(wanted, int):
        options.nth(wanted).click()
        return
    by_value = options.and_(field.page.locator(f'[data-value="{wanted}"]'))
    if wanted == "":
        by_value.click()
        return
    by_words = options.filter(has=field.page.get_by_text(wanted.strip(), exact=True))
    by_value.or_(by_words).first.click()


def offered_by(field: Locator) -> list[str]:
    """The words of all options."""
    options = _opened(field).get_by_role("option")
    options.first.wait_for()
    words = options.all_inner_texts()
    field.page.keyboard.press("Escape")
    return words
