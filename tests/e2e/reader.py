"""What somebody hears who does not see: roles and names as Chromium gives them to a screen reader."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

_FOCUSED = "document.activeElement"
# A list keeps the focus itself and says which of its rows is meant.
_MEANT = """(() => { const at = document.activeElement, row = at?.getAttribute('aria-activedescendant');
  return (row && document.getElementById(row)) || at; })()"""
_SEEN = """() => { const at = document.activeElement; if (!at || at === document.body) return false;
  const { width, height } = at.getBoundingClientRect();
  return width > 0 && height > 0 && at.checkVisibility({ visibilityProperty: true }) && !at.closest('[inert]'); }"""
_NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(done))"
PATIENCE_S = 15


@dataclass(frozen=True)
class Act:
    """Something that is done on a page, and where the focus is then: role and name."""

    name: str
    do: Callable[[Page], None]
    then: tuple[str, ...]


class Reader:
    """One page, as it is heard."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._tools = page.context.new_cdp_session(page)
        self._tools.send("Accessibility.enable")

    def here(self, *, row: bool = False) -> str:
        """Role and name of what has the focus; `row`: of the row that a list means."""
        found = self._tools.send("Runtime.evaluate", {"expression": _MEANT if row else _FOCUSED})["result"]
        asked = {"objectId": found["objectId"], "fetchRelatives": False}
        [node] = self._tools.send("Accessibility.getPartialAXTree", asked)["nodes"]
        return _said(node)

    def comes_to(self, *wanted: str) -> str:
        """Wait until the focus is on something visible whose role and name match one of `wanted`; return what it was on."""
        at = ""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            at = self.here()
            if any(re.search(one, at) for one in wanted) and self.page.evaluate(_SEEN):
                return at
            self.page.evaluate(_NEXT_FRAME)
        message = f"the focus is on {at or 'nothing'}, not on {' or '.join(wanted)}"
        raise AssertionError(message)

    def all(self, *roles: str) -> list[str]:
        """Everything of these roles on the page, in the order in which it is read."""
        nodes = self._tools.send("Accessibility.getFullAXTree")["nodes"]
        return [_said(one) for one in nodes if not one["ignored"] and one["role"]["value"] in roles]


def _said(node: dict[str, Any]) -> str:
    name = node.get("name", {}).get("value", "")
    role = node.get("role", {}).get("value", "")
    return " ".join(f"{role} {name}".split())
