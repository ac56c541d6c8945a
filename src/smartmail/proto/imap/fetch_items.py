"""What FETCH can ask for (RFC 3501 §6.4.5, RFC 7162 §3.1.5, RFC 8474 §5, RFC 3516, RFC 8514, RFC 8970). Pure vocabulary."""

from dataclasses import dataclass
from enum import Enum


class Item(Enum):
    """Items without parameters; the value is their name on the wire."""

    UID = "UID"
    FLAGS = "FLAGS"
    INTERNALDATE = "INTERNALDATE"
    RFC822_SIZE = "RFC822.SIZE"
    ENVELOPE = "ENVELOPE"
    BODY = "BODY"
    BODYSTRUCTURE = "BODYSTRUCTURE"
    MODSEQ = "MODSEQ"
    EMAILID = "EMAILID"
    THREADID = "THREADID"
    PREVIEW = "PREVIEW"
    SAVEDATE = "SAVEDATE"


class Text(Enum):
    """RFC 3501 §9 section-text; WHOLE is the empty section."""

    WHOLE = ""
    HEADER = "HEADER"
    FIELDS = "HEADER.FIELDS"
    FIELDS_NOT = "HEADER.FIELDS.NOT"
    TEXT = "TEXT"
    MIME = "MIME"


@dataclass(frozen=True, slots=True)
class BodySection:
    """Octets of a message.

    `part`: numbers such as (1, 2), () for the message itself. `fields`: upper-case header names.
    `partial`: (first octet, count), count ≥ 1. `label`: the item's name in the answer, without `<…>` the origin
    (`wire.section_label` adds it).
    """

    part: tuple[int, ...] = ()
    text: Text = Text.WHOLE
    fields: tuple[str, ...] = ()
    partial: tuple[int, int] | None = None
    peek: bool = False
    label: bytes = b"BODY[]"


@dataclass(frozen=True, slots=True)
class BinarySection:
    """The octets of a part without its transfer encoding (RFC 3516 §4.2); () is the whole message."""

    part: tuple[int, ...] = ()
    partial: tuple[int, int] | None = None
    peek: bool = False
    label: bytes = b"BINARY[]"


@dataclass(frozen=True, slots=True)
class BinarySize:
    """How many octets BINARY of a part holds (RFC 3516 §4.3)."""

    part: tuple[int, ...] = ()
    label: bytes = b"BINARY.SIZE[]"


FetchItem = Item | BodySection | BinarySection | BinarySize

MACROS: dict[str, tuple[Item, ...]] = {
    # RFC 3501 §6.4.5
    "FAST": (Item.FLAGS, Item.INTERNALDATE, Item.RFC822_SIZE),
    "ALL": (Item.FLAGS, Item.INTERNALDATE, Item.RFC822_SIZE, Item.ENVELOPE),
    "FULL": (Item.FLAGS, Item.INTERNALDATE, Item.RFC822_SIZE, Item.ENVELOPE, Item.BODY),
}

OLD_NAMES: dict[str, BodySection] = {
    # RFC 3501 §6.4.5: same octets as the BODY form, but answered under their own name.
    "RFC822": BodySection(label=b"RFC822"),
    "RFC822.HEADER": BodySection(text=Text.HEADER, peek=True, label=b"RFC822.HEADER"),
    "RFC822.TEXT": BodySection(text=Text.TEXT, label=b"RFC822.TEXT"),
}
