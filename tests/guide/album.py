"""Pictures of the guides: what is taken of a screen, made small, kept under the name that a chapter calls it by."""

from __future__ import annotations

import io
import json
import pathlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.company import Company
    from tests.guide.cast import Cast

ROOT = pathlib.Path(__file__).parents[2]
LANGUAGES = ("ko", "en")
LOCALES = {"ko": "ko-KR", "en": "en-US"}
SIZE = {"width": 1180, "height": 740}
"""Of a window: small, so that its letters can be read on a page."""
MOST_OCTETS = 60_000
MOST_OCTETS_OF_ALL = 4_000_000
_COLOURS = (96, 64, 40, 24, 16)
_AROUND = 8
UNTIL_STILL = """() => new Promise((done) => {
  let timer = setTimeout(done, 400);
  const seen = new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, 400); });
  seen.observe(document, { subtree: true, childList: true, characterData: true });
  setTimeout(done, 5000);
})"""
_CATALOGUES = {"user": "catalogues", "admin": "admin"}


def folder(guide: str, language: str) -> pathlib.Path:
    """Where the pictures of a guide lie."""
    return ROOT / "docs" / f"guide-{guide}" / "pictures" / language


def small(png: bytes, most: int = MOST_OCTETS) -> bytes:
    """The same picture in as many colours as fit into so many octets."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in _COLOURS:
        out = io.BytesIO()
        picture.quantize(palette=_palette(picture, colours), dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= most:
            return out.getvalue()
    raise AssertionError(f"{out.tell()} octets in {colours} colours: crop the picture")


def _palette(picture: Image.Image, colours: int) -> Image.Image:
    """Half of the colours as the picture has them, for its grounds; the other half spread, so that what is small keeps its hue."""
    counted = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)
    spread = picture.quantize(colours // 2, method=Image.Quantize.MAXCOVERAGE).getpalette() or []
    made = Image.new("P", (1, 1))
    made.putpalette([value for _, colour in counted[: colours // 2] for value in colour] + spread[: colours // 2 * 3])  # type: ignore[union-attr]
    return made


@dataclass(frozen=True)
class Words:
    """Texts of a screen in one language, by their keys."""

    texts: dict[str, str]

    @staticmethod
    def of(guide: str, language: str) -> Words:
        """The catalogue of a web, and what the server says in it."""
        paths = (
            ROOT / "src" / "smartmail" / "app" / "catalogues" / f"{language}.json",
            ROOT / "web" / "i18n" / _CATALOGUES[guide] / f"{language}.json",
        )
        return Words({key: text for path in paths for key, text in json.loads(path.read_text("utf-8")).items()})

    def __call__(self, key: str, **values: object) -> str:
        """A text with its values filled in."""
        text = self.texts[key]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text


@dataclass
class Stage:
    """Somebody's browser in one language, and the place for what is seen in it."""

    page: Page
    site: str
    language: str
    words: Words
    company: Company
    cast: Cast
    keep: Callable[[str, bytes], None]
    new_page: Callable[..., Page]

    def say(self, korean: str, english: str) -> str:
        """What a person writes, in the language of the picture."""
        return korean if self.language == "ko" else english

    def at(self, path: str) -> None:
        """Open a place of the webmail from nothing: no window of a picture before stays open."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.site}/{path}")

    def settled(self, page: Page) -> None:
        """Wait until nothing loads and nothing changes any more."""
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        page.evaluate("() => document.fonts.ready")
        page.evaluate(UNTIL_STILL)

    def shoot(self, name: str, *parts: Locator, page: Page | None = None, most_height: int = 0) -> None:
        """Take the parts of the screen that matter, with a little around them; all of it where none is named."""
        page = page or self.page
        self.settled(page)
        png = page.screenshot(animations="disabled", caret="hide")
        picture = Image.open(io.BytesIO(png))
        left, top, right, bottom = _bounds(parts) if parts else (0, 0, picture.width, picture.height)
        if most_height:
            bottom = min(bottom, top + most_height)
        cut = picture.crop((max(0, left), max(0, top), min(picture.width, right), min(picture.height, bottom)))
        out = io.BytesIO()
        cut.save(out, "PNG")
        self.keep(name, out.getvalue())


def _bounds(parts: tuple[Locator, ...]) -> tuple[int, int, int, int]:
    boxes = []
    for part in parts:
        part.wait_for()
        box = part.bounding_box()
        assert box is not None
        boxes.append(box)
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right = max(box["x"] + box["width"] for box in boxes)
    bottom = max(box["y"] + box["height"] for box in boxes)
    return round(left - _AROUND), round(top - _AROUND), round(right + _AROUND), round(bottom + _AROUND)


@dataclass(frozen=True)
class Scene:
    """One way through a web and the pictures that are taken on it."""

    guide: str
    name: str
    takes: tuple[str, ...]
    run: Callable[[Stage], None]


SCENES: dict[str, Scene] = {}


def scene(guide: str, *takes: str) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    """Enter a scene that takes these pictures."""

    def enter(run: Callable[[Stage], None]) -> Callable[[Stage], None]:
        SCENES[f"{guide}/{run.__name__}"] = Scene(guide, run.__name__, takes, run)
        return run

    return enter
