"""Header blocks (RFC 5322 §2.2, §3.6): split with offsets, look up, choose raw octets, decode; and write fields.

Knows the octets of one header block. Offsets count octets of the block as stored, so CRLF and bare LF both work.
Nothing here raises on any block; the writing side refuses nothing either, it makes line ends in values harmless.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from smartmail.formats import words
from smartmail.formats.address import Group, Mailbox, domain_to_ascii, split_address
from smartmail.formats.params import encode_param
from smartmail.formats.words import decode_text, unfold

__all__ = [
    "Field",
    "Header",
    "decode_text",
    "encode_addresses",
    "encode_param",
    "encode_unstructured",
    "exclude",
    "message_ids",
    "select",
    "split_fields",
    "unfold",
]

# Fields looked at in one block; real mail has fewer than 150. The octets of the rest stay in the message.
MAX_FIELDS: Final = 2_000
# Message-IDs read from References; RFC 5322 §3.6.4 sets no bound, threads need the ends only.
MAX_IDS: Final = 500

# Name, blanks (obs-optional "Subject :", RFC 5322 §4.5), colon; then the line and its folds. Stops at an empty line.
_FIELD: Final = re.compile(
    rb"(?!\r?\n)(?:([\x21-\x39\x3b-\x7e]++)[ \t]*+(:))?[^\n]*+(?:\n[ \t][^\n]*+)*+(?:\n|\Z)", re.DOTALL
)
_ID: Final = re.compile(rb"<([^<>\s]++)>")
_BLANKS: Final = re.compile(rb"[\s,;]+")


class Field(NamedTuple):
    """One field: name as written (empty for a line that is no field), where it and its value lie in the block."""

    name: bytes
    start: int
    value_start: int
    end: int


def split_fields(block: bytes, limit: int = MAX_FIELDS) -> list[Field]:
    """Return the fields of a header block, folded lines joined, up to the empty line that ends it."""
    fields: list[Field] = []
    end, size, match_field = 0, len(block), _FIELD.match
    while end < size and len(fields) < limit:
        match = match_field(block, end)
        if match is None:  # the empty line
            break
        start, end = match.span()
        name = match[1]
        fields.append(Field(name, start, match.end(2), end) if name is not None else Field(b"", start, start, end))
    return fields


class Header:
    """A header block with look-ups by name (any case)."""

    __slots__ = ("_index", "block", "fields")

    def __init__(self, block: bytes) -> None:
        self.block = block
        self.fields = split_fields(block)
        self._index: dict[bytes, list[Field]] = {}
        for field in self.fields:
            self._index.setdefault(field.name.lower(), []).append(field)

    def first(self, name: str) -> bytes | None:
        """Return the raw value (folds inside, no line end at its end) of the first such field."""
        found = self._index.get(name.lower().encode("latin-1", "replace"))
        return self._value(found[0]) if found else None

    def all(self, name: str) -> list[bytes]:
        """Return the raw values of all such fields, in order."""
        return [self._value(field) for field in self._index.get(name.lower().encode("latin-1", "replace"), ())]

    def text(self, name: str) -> str | None:
        """Return the first such field as text that may be shown."""
        value = self.first(name)
        return None if value is None else decode_text(value)

    def raw(self, field: Field) -> bytes:
        """Return the octets of one field, its line end included."""
        return self.block[field.start : field.end]

    def _value(self, field: Field) -> bytes:
        return self.block[field.value_start : field.end].strip(b" \t\r\n")


def select(block: bytes, names: Iterable[str]) -> bytes:
    """Return the octets of the fields with these names and the empty line: IMAP HEADER.FIELDS (RFC 3501 §6.4.5)."""
    wanted = _lower(names)
    return b"".join([block[f.start : f.end] for f in split_fields(block) if f.name.lower() in wanted]) + b"\r\n"


def exclude(block: bytes, names: Iterable[str]) -> bytes:
    """Return the octets of all other fields and the empty line: IMAP HEADER.FIELDS.NOT."""
    unwanted = _lower(names)
    return b"".join([block[f.start : f.end] for f in split_fields(block) if f.name.lower() not in unwanted]) + b"\r\n"


def _lower(names: Iterable[str]) -> frozenset[bytes]:
    return frozenset(name.lower().encode("latin-1", "replace") for name in names)


def message_ids(value: bytes, limit: int = MAX_IDS) -> tuple[str, ...]:
    """Return the ids of Message-ID, In-Reply-To or References without angle brackets, no id twice, in order.

    When there are more than `limit`, the first and the last ones stay: the root and the parents of a thread.
    """
    value = unfold(value)
    found: list[bytes] = _ID.findall(value)
    if not found and b"@" in value:  # brackets forgotten
        found = [word.strip(b"<>") for word in _BLANKS.split(value) if b"@" in word]
    ids = list(dict.fromkeys(octets.decode("utf-8", "replace") for octets in found if octets))
    if len(ids) > limit:
        ids = [ids[0], *ids[1 - limit :]]
    return tuple(ids)


# --- writing -----------------------------------------------------------------------------------------------------

# RFC 5322 §2.1.1: lines SHOULD have at most 78 characters and MUST have at most 998.
_LINE: Final = 78
_MAX_TOKEN: Final = 900
_ATOM_TEXT: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+)*\Z")


def encode_unstructured(name: str, text: str) -> bytes:
    """Return the field `name: text` with CRLF, encoded (RFC 2047) where needed and folded.

    Line ends and other controls in `text` become blanks: no value can add a field.
    """
    tokens = _one_line(text).strip().split(" ")
    spoiled = [index for index, token in enumerate(tokens) if not _plain(token)]
    if not spoiled:
        return _fold(name, tokens)
    first, last = spoiled[0], spoiled[-1] + 1
    column = len(name) + 2 + sum(len(token) + 1 for token in tokens[:first])
    room = _LINE - column if _LINE - column > 30 else words.MAX_WORD
    encoded = words.encode_words(" ".join(tokens[first:last]), min(room, words.MAX_WORD))
    return _fold(name, [*tokens[:first], *(word.decode("ascii") for word in encoded), *tokens[last:]])


def encode_addresses(name: str, addresses: Sequence[Mailbox | Group]) -> bytes:
    """Return an address field with CRLF, one address a line where they do not fit.

    An address with a non-ASCII local part stays UTF-8 (RFC 6532), so the message then needs SMTPUTF8; with only a
    non-ASCII domain it is written with A-labels.
    """
    tokens: list[str] = []
    for index, item in enumerate(addresses):
        written = _write_group(item) if isinstance(item, Group) else _write_mailbox(item)
        if index + 1 < len(addresses):
            written[-1] += ","
        tokens += written
    return _fold(name, tokens)


def _write_group(group: Group) -> list[str]:
    tokens = _write_phrase(group.name)
    tokens[-1] += ":"
    for index, member in enumerate(group.members):
        written = _write_mailbox(member)
        written[-1] += "," if index + 1 < len(group.members) else ""
        tokens += written
    tokens[-1] += ";"
    return tokens


def _write_mailbox(box: Mailbox) -> list[str]:
    address = _write_address(box.address)
    return [*_write_phrase(box.name), f"<{address}>"] if box.name.strip() else [address]


def _write_address(address: str) -> str:
    """Return an address that cannot break out of its place: no blanks, brackets or controls outside quotes."""
    local, domain = split_address("".join(_one_line(address).split()) if '"' not in address else _one_line(address))
    if local.isascii():
        domain = domain_to_ascii(domain) if not domain.isascii() else domain
    domain = (
        re.sub(r"[\s<>()\",;:\\]", "", domain) if not domain.startswith("[") else re.sub(r"[\s<>\",;\\]", "", domain)
    )
    if not (local.startswith('"') and local.endswith('"') and len(local) > 1):
        if re.search(r"[\s<>()\",;:\\@\[\]]", local):
            local = '"' + re.sub(r'(["\\])', r"\\\1", local) + '"'
    elif re.search(r'(?<!\\)"', local[1:-1]):
        local = '"' + local[1:-1].replace("\\", "").replace('"', "") + '"'
    return f"{local}@{domain}" if domain else local


def _write_phrase(name: str) -> list[str]:
    text = _one_line(name).strip()
    if all(_plain(token) for token in text.split(" ")):
        if text and _ATOM_TEXT.match(text):
            return text.split(" ")
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return [f'"{escaped}"']
    return [word.decode("ascii") for word in words.encode_words(text)]


def _one_line(text: str) -> str:
    return "".join(
        character
        if character.isprintable()
        else " "
        if character.isspace() or character < " "
        else character
        if ord(character) > 0xFF
        else " "
        for character in text
    )


def _plain(token: str) -> bool:
    return token.isascii() and "=?" not in token and len(token) <= _MAX_TOKEN


def _fold(name: str, tokens: Sequence[str]) -> bytes:
    """Join tokens by blanks, with a fold before a token that would pass the line length."""
    out = [f"{name}:"]
    column = len(name) + 1
    fresh = True  # the line holds nothing yet: a fold here would leave a line of blanks (RFC 5322 §3.2.2)
    for token in tokens:
        if token and not fresh and column + 1 + len(token) > _LINE:
            out.append("\r\n")
            column = 0
        out.append(f" {token}")
        column += 1 + len(token)
        fresh = fresh and not token
    return "".join(out).encode("utf-8", "replace") + b"\r\n"
