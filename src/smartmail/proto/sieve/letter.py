"""The message as a script sees it: header fields that can be edited, parts, sizes.

Knows RFC 5322 and MIME through formats. Editing never changes the octets that came; an edition is made when asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

from smartmail.formats.address import flatten, parse
from smartmail.formats.headers import decode_text, encode_unstructured, split_fields
from smartmail.formats.mime.entity import Entity
from smartmail.formats.mime.scanner import scan
from smartmail.proto.sieve.outcome import Edition

MAX_PARTS: Final = 1_000
"""Parts of a message that scripts look at."""


class Message(Protocol):
    """Access to a message. `size` is that of the whole; `octets` may hold less of a large one, but the whole header."""

    @property
    def size(self) -> int:
        """Octets of the message."""
        ...

    @property
    def octets(self) -> bytes:
        """The message, or its beginning."""
        ...


@dataclass(frozen=True, slots=True)
class WholeMessage:
    """A message that is at hand."""

    octets: bytes
    size: int = 0

    @classmethod
    def of(cls, octets: bytes) -> "WholeMessage":
        """Return the message whose octets are all here."""
        return cls(octets, len(octets))


@dataclass(slots=True)
class Field:
    """A header field: the octets as they stand, its line end included, and its name in lower case.

    What is read out of the octets is kept: a script may ask thousands of times.
    """

    name: str
    raw: bytes
    _text: str | None = None
    _addresses: tuple[str, ...] | None = None

    @property
    def cost(self) -> int:
        """Steps that reading it is worth: none once it was read; encoded words and addresses are slow to take apart."""
        if self._text is not None or self._addresses is not None:
            return 0
        return len(self.raw) // (4 if b"=?" in self.raw else 16)

    @property
    def value(self) -> bytes:
        """The raw value."""
        return self.raw.partition(b":")[2].strip(b" \t\r\n")

    @property
    def text(self) -> str:
        """The value decoded (RFC 5228 §2.7.2), unfolded, without blanks at its ends."""
        if self._text is None:
            self._text = decode_text(self.value).strip()
        return self._text

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address in it, those in groups too."""
        if self._addresses is None:
            self._addresses = tuple(box.address for box in flatten(parse(self.value)) if box.address)
        return self._addresses


def fields_of(block: bytes) -> list[Field]:
    """Return the fields of a header block."""
    return [
        Field(field.name.decode("latin-1").lower(), block[field.start : field.end]) for field in split_fields(block)
    ]


class Letter:
    """One message during one run."""

    def __init__(self, message: Message) -> None:
        self._octets = message.octets
        self._body = len(self._octets)
        self.size = message.size
        self._fields = self._read_header()
        self._by_name: dict[str, list[Field]] | None = None
        self._root: Entity | None = None
        self._parts: dict[int, list[Entity]] = {}  # id of an entity → it and all inside it
        self._headers: dict[int, list[Field]] = {}
        self.texts: dict[int, str] = {}
        """id of a part → its text, kept by those who decode it."""
        self._replaced: dict[int, bytes] = {}  # header_start of a part → its new octets
        self._whole: bytes | None = None
        self.is_edited = False

    def _read_header(self) -> list[Field]:
        found = split_fields(self._octets)
        end = found[-1].end if found else 0
        self._body = end
        return [Field(f.name.decode("latin-1").lower(), self._octets[f.start : f.end]) for f in found]

    # Reading

    @property
    def fields(self) -> list[Field]:
        """The header fields with all edits, top first."""
        return self._fields

    @fields.setter
    def fields(self, fields: list[Field]) -> None:
        self._fields = fields
        self._by_name = None

    def named(self, name: str) -> list[Field]:
        """Return the fields of a name, top first."""
        if self._by_name is None:
            self._by_name = {}
            for field in self._fields:
                self._by_name.setdefault(field.name, []).append(field)
        return self._by_name.get(name.lower(), [])

    @property
    def root(self) -> Entity:
        """The MIME tree of the message as it came."""
        if self._root is None:
            self._root = scan(self._octets)
        return self._root

    def parts(self, top: Entity | None = None) -> list[Entity]:
        """Return an entity and all inside it, depth first (RFC 5703 §3)."""
        top = top or self.root
        found = self._parts.get(id(top))
        if found is None:
            found = self._parts[id(top)] = list(islice(_walk(top), MAX_PARTS))
        return found

    def header_of(self, entity: Entity) -> list[Field]:
        """Return the header fields of a part; those of the message itself with the edits made so far."""
        if entity is self.root:
            return self.fields
        found = self._headers.get(id(entity))
        if found is None:
            found = fields_of(self._octets[entity.header_start : entity.body_start])
            self._headers[id(entity)] = found
        return found

    def body_of(self, entity: Entity) -> bytes:
        """Return the octets of a part's body as they stand."""
        return self._octets[entity.body_start : entity.body_end]

    @property
    def body(self) -> bytes:
        """The whole body as it came."""
        return self._octets[self.root.body_start :]

    # Editing

    def add_field(self, name: str, value: str, *, last: bool) -> None:
        """Add a field (RFC 5293 §4)."""
        field = Field(name.lower(), encode_unstructured(name, value))
        self.fields = [*self._fields, field] if last else [field, *self._fields]
        self.is_edited = True

    def remove_fields(self, gone: list[Field]) -> None:
        """Remove fields (RFC 5293 §5)."""
        numbers = {id(field) for field in gone}
        self.fields = [field for field in self.fields if id(field) not in numbers]
        self.is_edited = self.is_edited or bool(gone)

    def replace_part(self, entity: Entity, octets: bytes) -> None:
        """Put other octets in the place of a part (RFC 5703 §5)."""
        self._replaced[entity.header_start] = octets
        self.is_edited = True

    def replace_body(self, content_fields: bytes, body: bytes) -> None:
        """Put another body, and the content fields that go with it, in the place of the whole (RFC 5703 §5, §6)."""
        kept = [f for f in self.fields if not f.name.startswith("content-") and f.name != "mime-version"]
        self.fields = [*kept, *fields_of(content_fields)]
        self._whole = body
        self.is_edited = True

    def edition(self) -> Edition:
        """Return the message with all edits."""
        head = b"".join(_ended(field.raw) for field in self.fields)
        if self._whole is not None:
            return Edition(head + b"\r\n" + self._whole, None)
        rest = len(self._octets)
        return Edition(head + self._spliced(), rest if rest < self.size else None)

    def _spliced(self) -> bytes:
        """Return what follows the header, replaced parts put in."""
        if not self._replaced:
            return self._octets[self._body :]
        pieces, position = [], self._body
        for entity in self.parts()[1:]:
            new = self._replaced.get(entity.header_start)
            if new is None or entity.header_start < position:
                continue
            pieces += [self._octets[position : entity.header_start], new]
            position = entity.body_end
        return b"".join([*pieces, self._octets[position:]])


def _walk(entity: Entity) -> Iterator[Entity]:
    stack = [entity]
    while stack:
        one = stack.pop()
        yield one
        stack += reversed(one.children)


def _ended(raw: bytes) -> bytes:
    return raw if raw.endswith(b"\n") else raw + b"\r\n"
