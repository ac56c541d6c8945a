"""A thumb on the glass of a phone, and what must hold on every screen of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Locator, Page
from tests.e2e.demo_desk import STILL
from tests.e2e.pictures import keep_picture

if TYPE_CHECKING:
    from pathlib import Path

SMALL_PHONE = {"width": 360, "height": 740}

# Links within running text are as high as their line. What is laid around a control for a finger (`::after`) counts.
_SMALL = """() => {
  const ACTS = 'a[href], button, input:not([type=hidden]), select, textarea, summary, label:has(input.hidden-text), ' +
    '[role=button], [role=tab], [role=checkbox], [role=switch], [role=radio], [role=menuitem], [role=option]';
  const shown = { opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true };
  const sizes = (one) => {
    const around = getComputedStyle(one, '::after');
    const laid = around.content !== 'none' && around.position === 'absolute';
    const all = [one, one.closest('label')].filter(Boolean).map((each) => each.getBoundingClientRect());
    if (laid) all.push({ width: parseFloat(around.width), height: parseFloat(around.height) });
    return [Math.max(...all.map((box) => box.width)), Math.max(...all.map((box) => box.height))];
  };
  const small = [];
  for (const one of document.querySelectorAll(ACTS)) {
    const box = one.getBoundingClientRect();
    const inText = one.matches('a') && getComputedStyle(one).display === 'inline';
    if (!one.checkVisibility(shown) || one.closest('[inert], .hidden-text') || one.disabled || inText) continue;
    if (box.width <= 1 || box.bottom <= 0 || box.right <= 0) continue;
    const [width, height] = sizes(one);
    if (width >= 43.5 && height >= 43.5) continue;
    const name = (one.ariaLabel || one.innerText || one.value || '').trim().slice(0, 30);
    small.push(`${one.localName} "${name}" is ${Math.round(width)} x ${Math.round(height)}`);
  }
  const { scrollWidth } = document.scrollingElement;
  return scrollWidth > innerWidth ? [`scrolls sideways: ${scrollWidth}`, ...small] : small;
}"""


def fits(page: Page, name: str, folder: Path) -> None:
    """Take a picture; nothing may scroll sideways, and no control may be smaller than a finger (44 px)."""
    page.evaluate(STILL)
    keep_picture(page, folder / f"{name}.png")
    small = page.evaluate(_SMALL)
    assert small == [], f"{name}: {small}"


class Thumb:
    """One finger, as the browser hears of it: it scrolls what no page takes for itself."""

    def __init__(self, page: Page) -> None:
        """Put nothing on the glass yet."""
        self._page = page
        self._glass = page.context.new_cdp_session(page)
        self._at = (0.0, 0.0)

    def _tell(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        self._glass.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def down(self, x: float, y: float) -> None:
        """Touch the glass."""
        self._at = (x, y)
        self._tell("touchStart", self._at)

    def to(self, x: float, y: float, steps: int = 8) -> None:
        """Move on the glass."""
        from_x, from_y = self._at
        for step in range(1, steps + 1):
            self._tell("touchMove", (from_x + (x - from_x) * step / steps, from_y + (y - from_y) * step / steps))
        self._at = (x, y)

    def up(self) -> None:
        """Leave the glass."""
        self._tell("touchEnd")

    def push(self, row: Locator, by: float) -> None:
        """Push a row aside by so many px, and let go."""
        self.hold(row, by)
        self.up()

    def hold(self, row: Locator, by: float) -> None:
        """Push a row aside, and keep the finger there."""
        # Only then does a finger on the list mean anything but scrolling.
        self._page.locator(".list > .layer").wait_for(state="attached")
        # The row that was pushed before is back at its place.
        self._page.locator(".layer .under").wait_for(state="detached")
        box = row.bounding_box()
        assert box is not None
        x, y = box["x"] + (60 if by > 0 else box["width"] - 60), box["y"] + box["height"] / 2
        self.down(x, y)
        self.to(x + by, y)
