"""What a parsing child and its owner say to each other: frames of a length in four octets and that many octets.

    child → owner   READY, once
    owner → child   Task (msgpack), then the octets of the file
    child → owner   Answer (msgpack)

The owner does not trust the child, which has parsed hostile octets: an answer has a bounded size and a strict shape.
"""

from typing import Final

import msgspec

from smartmail.formats.body_view import BodyTask, BodyView
from smartmail.formats.extract.out import FileInside
from smartmail.formats.file_names import FileSign
from smartmail.formats.layout.inside import Opened
from smartmail.formats.layout.model import Layout, View

READY: Final = b"ready"
MAX_FILE: Final = 128 << 20
"""Octets of a file that is given to a child."""
MAX_ANSWER: Final = 48 << 20


class Task(msgspec.Struct, frozen=True):
    """One file to read. Times in seconds; `chars` bounds the text. `signs`: not its text is wanted but what it could do;
    `portrait`: a photograph, small and large; `layout`: what it looks like; `inside`: the file that these numbers lead to;
    `thorough`: its text for leak prevention, file by file; `view`: what may be seen of it, from page `first` on, with `mark` in its pictures; `body`: it is a text part of a message.
    """

    media_type: str
    name: str
    cpu_s: float
    wall_s: float
    chars: int
    signs: bool = False
    portrait: bool = False
    layout: bool = False
    inside: tuple[int, ...] = ()
    view: bool = False
    mark: str = ""
    first: int = 0
    body: BodyTask | None = None
    thorough: bool = False


class Answer(msgspec.Struct, frozen=True):
    """What came out. `has_text` is False for kinds of files that have none; `tired` asks to be replaced; `fault` names
    an error of ours (type and place, no content).
    """

    has_text: bool
    text: str = ""
    parts: tuple[str, ...] = ()
    truncated: bool = False
    problem: str = ""
    tired: bool = False
    fault: str = ""
    signs: tuple[FileSign, ...] = ()
    pictures: tuple[bytes, ...] = ()
    layout: Layout | None = None
    opened: Opened | None = None
    view: View | None = None
    body: BodyView | None = None
    files: tuple[FileInside, ...] = ()


encode: Final = msgspec.msgpack.Encoder().encode
decode_task: Final = msgspec.msgpack.Decoder(Task).decode
decode_answer: Final = msgspec.msgpack.Decoder(Answer).decode


def frame(payload: bytes) -> bytes:
    """Return a payload with its length before it."""
    return len(payload).to_bytes(4, "big") + payload
