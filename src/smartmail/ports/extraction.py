"""Text of attachments, for search (and later DLP): what the indexer calls.

The implementation parses hostile octets, so it works in killable children with limits on time and memory;
a child that dies costs the text of one attachment, never the indexer.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ExtractedText:
    """What an attachment says. `text`: Unicode as found, lines ended by LF; names of nested files are lines of it.

    `complete` is False when a limit (size, time, depth) cut it or when a part of it could not be read; `problem` then
    says why: "encrypted", "locked" (a distribution document), "damaged", "limits", "unsupported", "crashed" (its
    child died twice). `parts`: names of the nested files in their order.
    """

    text: str
    complete: bool = True
    parts: tuple[str, ...] = ()
    problem: str = ""


class TextExtractor(Protocol):
    """Reads the text out of files that are not text themselves."""

    def handles(self, media_type: str, name: str) -> bool:
        """Say whether this type ("application/pdf", lower case) or file name is one that `text_of` may read.

        Cheap and pure: asked before the octets are decoded. `name` may be empty.
        """
        ...

    async def text_of(self, media_type: str, name: str, octets: bytes) -> ExtractedText | None:
        """Return the text of a file, transfer encoding already undone; None when files of this kind have none
        (pictures, programs). Of what is protected or damaged the text is "" or what could be read, with `problem`.
        Never raises for what the octets hold; cancelling it ends the child's work. Raises Unavailable when no child
        can be started: try again later.
        """
        ...
