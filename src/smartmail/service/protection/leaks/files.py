"""A file that leaves by itself, as a letter of one part: what a link gives is judged as what is attached.

Must not know where the file lies, nor what a link is.
"""

from typing import Final

from smartmail.formats import summary as summaries
from smartmail.formats.mime.parts import ATTACHMENT, Part
from smartmail.formats.mime.scanner import scan
from smartmail.formats.summary import Summary

ANYONE: Final = "anyone@link.invalid"
"""Who follows a link that asks for no code: everybody who has it (RFC 6761 §6.4: a domain of nobody)."""
_WHOLES: Final = ("multipart/", "message/")
"""Types whose parts would be looked for; a file is looked into by its content."""


def summary_of_file(name: str, media_type: str, size: int, *, whole: bool = True) -> Summary:
    """Return the summary of a message that is a file of `size` bytes, without a header and as it is.

    Not `whole`: there is no more of it than its name, and it counts as a letter that was not read to its end.
    """
    kind = media_type.lower()
    if "/" not in kind or kind.startswith(_WHOLES):
        kind = "application/octet-stream"
    part = Part(
        "1", -1, kind, "", "binary", "attachment", name, "", "", "", 0, 0, size * whole, 0, 0, size, False, ATTACHMENT
    )
    return summaries.of_file(scan(b"\r\n"), part, limited=not whole)
