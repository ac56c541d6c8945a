"""What a file says and looks like, to be read before anybody saves it; and the files that are packed in it.

Hostile octets are read by a parsing child that may be killed (ports.extraction); nothing of the file itself runs or is
handed on. LIMITS: MAX_OCTETS of a file, those of the child, MAX_CHARS of what is shown.
Must not know: where the octets come from, who asks.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from smartmail.domain.errors import NotFound, Unavailable
from smartmail.formats.body_view import BodyTask, BodyView, body_view
from smartmail.formats.html import SafeHtml
from smartmail.formats.layout.inside import Opened
from smartmail.formats.layout.model import Layout, View
from smartmail.ports.extraction import TextExtractor
from smartmail.ports.layouts import BodyReader, LayoutReader

MAX_OCTETS: Final = 64 << 20
MAX_CHARS: Final = 400_000
SMALL_BODY: Final = 64 << 10
"""Octets of the text parts of a message that cost a tenth of a second at the worst: below, a child would only cost time."""
MAX_PARTS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Preview:
    """`text` None: files of this kind say nothing. `problem` as in ports.extraction, or "limits". `parts`: nested files."""

    text: str | None
    complete: bool = True
    problem: str = ""
    parts: tuple[str, ...] = ()


class PreviewService:
    """Reads files for the eyes."""

    def __init__(
        self, extractor: TextExtractor | None, layouts: LayoutReader | None = None, bodies: BodyReader | None = None
    ) -> None:
        self._extractor, self._layouts, self.bodies = extractor, layouts, bodies

    async def body(
        self, task: BodyTask, octets: bytes, address_of: Callable[[str], str], *, is_long: bool
    ) -> SafeHtml | None:
        """Return a text part of a message as safe HTML; None for one that takes more than it may. Raises Unavailable.

        `address_of` says where a picture of a stranger is loaded from; it may be called in threads. What `is_long` (a part of
        a message whose parts are more than SMALL_BODY octets) is read by a child, where this process has any; the child never
        learns how addresses are made.
        """
        if self.bodies is None or not is_long:
            return (await asyncio.to_thread(body_view, task, octets, address_of)).body
        found = await self.bodies.body_of(task, octets)
        if found is not None and found.asked:
            addresses = await asyncio.to_thread(_addresses, found, address_of)
            found = await self.bodies.body_of(msgspec.structs.replace(task, addresses=addresses), octets)
        return None if found is None else found.body

    async def layout(self, media_type: str, name: str, octets: bytes) -> Layout | None:
        """Return what a file looks like; None: its text is all there is. Raises Unavailable: there is no child now."""
        if self._layouts is None:
            raise Unavailable("this process reads no files")
        return None if len(octets) > MAX_OCTETS else await self._layouts.layout_of(media_type, name, octets)

    async def inside(self, media_type: str, name: str, octets: bytes, path: tuple[int, ...]) -> Opened:
        """Return a file inside a file. Raises NotFound for what is not there or cannot be opened, and Unavailable."""
        if self._layouts is None:
            raise Unavailable("this process reads no files")
        found = None
        if len(octets) <= MAX_OCTETS:
            found = await self._layouts.file_inside(media_type, name, octets, path)
        if found is None:
            raise NotFound
        return found

    async def view(self, media_type: str, name: str, octets: bytes, mark: str, first: int) -> View | None:
        """Return what is shown of a file to whoever does not get it, marked; None for nothing. Raises Unavailable."""
        if self._layouts is None:
            raise Unavailable("this process reads no files")
        if len(octets) > MAX_OCTETS:
            return None
        shown = await self._layouts.view_of(media_type, name, octets, mark, first)
        if shown is not None:
            return shown
        found = await self.of(media_type, name, octets)
        return (
            View(text=found.text, problem=found.problem or ("" if found.complete else "limits")) if found.text else None
        )

    async def of(self, media_type: str, name: str, octets: bytes) -> Preview:
        """Return what a file says. Raises Unavailable: there is no child now."""
        if self._extractor is None:
            raise Unavailable("this process reads no files")
        if len(octets) > MAX_OCTETS:
            return Preview(None, complete=False, problem="limits")
        found = await self._extractor.text_of(media_type, name, octets)
        if found is None:
            return Preview(None)
        cut = len(found.text) > MAX_CHARS
        return Preview(
            found.text[:MAX_CHARS], found.complete and not cut, found.problem, found.parts[:MAX_PARTS]
        )  # fmt: skip


def _addresses(found: BodyView, address_of: Callable[[str], str]) -> dict[str, str]:
    return {url: address_of(url) for url in found.asked}
