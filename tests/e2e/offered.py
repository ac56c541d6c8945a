"""Somebody who has just joined, picked by name: each process keeps the directory for two seconds
(`service/mailbox/sharing/principals.py`), and a field asks only when somebody types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.company import until_shown

if TYPE_CHECKING:
    from playwright.sync_api import Locator


def offered(field: Locator, typed: str, name: str) -> Locator:
    """Type into a field with suggestions until one of them holds `name`; return that one."""
    option = field.page.get_by_role("option").filter(has_text=name)

    def again() -> None:
        field.fill("")
        field.fill(typed)

    field.fill(typed)
    until_shown(option, again)
    return option
