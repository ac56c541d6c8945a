"""What a file says, to be read before anybody saves it: text, tables and names of what is packed in it.

Hostile octets are read by a parsing child that may be killed (ports.extraction); nothing of the file itself runs or is
handed on. LIMITS: MAX_OCTETS of a file, those of the child, MAX_CHARS of what is shown.
Must not know: where the octets come from, who asks.
"""

from dataclasses import dataclass
from typing import Final

from smartmail.domain.errors import Unavailable
from smartmail.ports.extraction import TextExtractor

MAX_OCTETS: Final = 64 << 20
MAX_CHARS: Final = 400_000
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

    def __init__(self, extractor: TextExtractor | None) -> None:
        self._extractor = extractor

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
