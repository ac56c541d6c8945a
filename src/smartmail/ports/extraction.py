"""Text of attachments, for search and leak prevention: what the indexer and the inspection of outgoing mail call.

The implementation parses hostile octets, so it works in killable children with limits on time and memory;
a child that dies costs the text of one attachment, never the indexer.
"""

from dataclasses import dataclass
from typing import Protocol

from smartmail.formats.extract.out import FileInside


@dataclass(frozen=True, slots=True)
class ExtractedText:
    """What an attachment says. `text`: Unicode as found, lines ended by LF; names of nested files are lines of it.

    `complete` is False when a limit (size, time, depth) cut it or when a part of it could not be read; `problem` then
    says why: "encrypted", "locked" (a distribution document), "damaged", "limits", "unsupported", "pictures" (pages without
    text; thorough only), "crashed" (its child died twice). `parts`: names of the nested files in their order. `files`: what a
    thorough reading tells of each file, the attachment itself first; () otherwise. Their texts, in this order, are `text`.
    """

    text: str
    complete: bool = True
    parts: tuple[str, ...] = ()
    problem: str = ""
    files: tuple[FileInside, ...] = ()


class TextExtractor(Protocol):
    """Reads the text out of files that are not text themselves."""

    def handles(self, media_type: str, name: str) -> bool:
        """Say whether this type ("application/pdf", lower case) or file name is one that `text_of` may read.

        Cheap and pure: asked before the octets are decoded. `name` may be empty.
        """
        ...

    async def text_of(
        self, media_type: str, name: str, octets: bytes, *, thorough: bool = False
    ) -> ExtractedText | None:
        """Return the text of a file, transfer encoding already undone; None when files of this kind have none
        (pictures, programs). Of what is protected or damaged the text is "" or what could be read, with `problem`.
        Never raises for what the octets hold; cancelling it ends the child's work. Raises Unavailable when no child
        can be started: try again later.

        `thorough`: for leak prevention. Never None: what has no text is told by its kind. Larger bounds (five archives
        deep, 10,000 files, 1 GiB unpacked at 200:1, 60 s of the processor), more of a document is read than its
        readers show, what is of no known kind is "unsupported", and `files` tells of each file.
        """
        ...
