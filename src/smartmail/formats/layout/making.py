"""What a model is built with, and what bounds it: characters, blocks, cells and pictures of a whole document."""

import re
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from smartmail.formats.extract.out import Enough, Out, Unreadable, clean
from smartmail.formats.extract.zip_archive import Archive
from smartmail.formats.layout.model import Align, Layout, Page, Picture, PictureFile, Run
from smartmail.formats.pictures import media_type_of

MAX_CHARS: Final = 1_000_000
MAX_BLOCKS: Final = 100_000  # paragraphs, cells, boxes
MAX_PAGES: Final = 200
MAX_PICTURES: Final = 60
MAX_PICTURE: Final = 3 << 20
MAX_PICTURES_OCTETS: Final = 12 << 20
MAX_NESTED: Final = 5
"""Tables in tables, boxes in boxes."""

_HEX: Final = re.compile(r"#?(?:[0-9A-Fa-f]{2})?([0-9A-Fa-f]{6})")
_ALIGN: Final[dict[str, Align]] = {
    "left": "left", "start": "left", "l": "left", "center": "center", "ctr": "center", "right": "right", "end": "right",
    "r": "right", "both": "justify", "distribute": "justify", "just": "justify", "justify": "justify",
}  # fmt: skip
_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})


class Making:
    """The state of one document. `pages` are kept as they are made: what a bound cuts off is the rest."""

    def __init__(self, out: Out) -> None:
        self.out = out
        self.pages: list[Page] = []
        self.pictures: list[PictureFile] = []
        self._known: dict[str, int] = {}
        self._room = MAX_PICTURES_OCTETS
        self._chars = MAX_CHARS
        self._blocks = MAX_BLOCKS

    def text(self, text: str) -> str:
        """Return characters that may be shown. Raises Enough when there are too many of them."""
        self._chars -= len(text)
        if self._chars < 0:
            self.out.note("limits")
            raise Enough
        return clean(text)

    def block(self) -> None:
        """Count a block. Raises Enough."""
        self._blocks -= 1
        if self._blocks < 0:
            self.out.note("limits")
            raise Enough
        if not self._blocks % 256:
            self.out.tick()

    def page(self, page: Page) -> None:
        """Keep a page. Raises Enough."""
        self.pages.append(page)
        if len(self.pages) >= MAX_PAGES:
            self.out.note("limits")
            raise Enough

    def picture(self, archive: Archive, name: str, width: float, height: float) -> Picture:
        """Return a picture of the package; one that is not shown where it is none that browsers draw, or too large."""
        at = self._known.get(name)
        if at is None:
            at = self._known[name] = self._taken(archive, name)
        return Picture(at, _size(width), _size(height))

    def drawn(self, octets: bytes) -> int:
        """Keep the octets of a picture and return its place, -1 for what is not shown."""
        kind = picture_type(octets)
        if kind is None or len(octets) > min(MAX_PICTURE, self._room) or len(self.pictures) >= MAX_PICTURES:
            return -1
        self._room -= len(octets)
        self.pictures.append(PictureFile(kind, octets))  # type: ignore[arg-type] # one of _MAGIC
        return len(self.pictures) - 1

    def _taken(self, archive: Archive, name: str) -> int:
        member = archive.find(name)
        if member is None or len(self.pictures) >= MAX_PICTURES:
            return -1
        try:
            return self.drawn(archive.read(self.out, member))
        except Unreadable:
            return -1

    def result(self, kind: str) -> Layout:
        """Return what was made."""
        found = self.out.result()
        return Layout(
            kind,  # type: ignore[arg-type] # a constant of the caller
            tuple(self.pages), tuple(self.pictures),
            complete=not found.truncated and found.problem is None, problem=found.problem or "",
        )  # fmt: skip


def picture_type(octets: bytes) -> str | None:
    """Return what a browser calls a picture that it draws."""
    found = media_type_of(octets)
    return found if found in _PICTURES else None


def colour(text: str) -> str:
    """Return a colour of six digits, "" for what is none; the alpha before it is dropped."""
    match = _HEX.fullmatch(text)
    return match[1].lower() if match else ""


def align(text: str) -> Align:
    """Return how a paragraph stands."""
    return _ALIGN.get(text.lower(), "")


def number(text: str, missing: float = 0.0) -> float:
    """Return a number of a document; of what is none, and of what no page could hold, `missing`."""
    try:
        value = float(text)
    except ValueError:
        return missing
    return value if -1e9 < value < 1e9 else missing


def whole(text: str, missing: int = 0, *, most: int = 1_000_000) -> int:
    """Return a count of a document within [0, most]."""
    return max(0, min(int(number(text, missing)), most))


def joined(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Return the runs without empty ones; neighbours that look the same are one."""
    found: list[Run] = []
    for run in runs:
        if not run.text:
            continue
        if found and replace(found[-1], text=run.text) == run:
            found[-1] = replace(run, text=found[-1].text + run.text)
        else:
            found.append(run)
    return tuple(found)


def _size(points: float) -> int:
    return max(0, min(int(points), 4_000))
