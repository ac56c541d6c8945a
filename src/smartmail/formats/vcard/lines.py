"""Content lines of vCards: folding, parameters, escapes, and the spellings of old telephones.

STRATEGIES  A file is UTF-8, UTF-16 with its mark, or else CP949, what Korean Outlook and telephones write; CHARSET of a
            property (2.1) outweighs that. Parameters without a name are those of 2.1 (`TEL;CELL:`); quoted-printable lines
            go on while they end in `=`.
LIMITS      MAX_CARDS, MAX_PROPERTIES of a card, MAX_VALUE characters of a line: more is an error of that card or of the file.
FAILURE     VcardError for the file; a card that cannot be read is told as such, and the next one is read.
"""

import binascii
import codecs
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from smartmail.formats import charset

MAX_CARDS: Final = 50_000
MAX_PROPERTIES: Final = 1_000
MAX_VALUE: Final = 1 << 20
FOLD_AT: Final = 75  # octets, RFC 6350 §3.2
_NAME: Final = re.compile(r"(?:([A-Za-z0-9-]+)\.)?([A-Za-z0-9-]+)")
_BARE: Final = re.compile(r"[A-Za-z0-9-]+\Z")
_ENCODINGS: Final = frozenset({"quoted-printable", "base64", "b", "8bit", "7bit"})
_BREAKS: Final = re.compile(r"[\r\n]+")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_CARET: Final = {"^n": "\n", "^^": "^", "^'": '"'}


class VcardError(Exception):
    """A file that holds no vCards, or too many."""


@dataclass(frozen=True, slots=True)
class Property:
    """One content line. Parameters by capital name; the value as it stands there, escapes and all."""

    name: str
    value: str
    params: dict[str, list[str]] = field(default_factory=dict)
    group: str = ""

    def first(self, name: str) -> str:
        """Return the first value of a parameter, "" without one."""
        return next(iter(self.params.get(name, ())), "")

    def types(self) -> set[str]:
        """Return the values of TYPE in small letters."""
        return {one.strip().lower() for text in self.params.get("TYPE", ()) for one in text.split(",")}


@dataclass(frozen=True, slots=True)
class FoundCard:
    """One card of a file, and the line that it begins in, from 1. `error`: cut, large, line; its properties do not count."""

    line: int
    properties: tuple[Property, ...] = ()
    error: str = ""


def found_cards(octets: bytes) -> tuple[list[FoundCard], str]:
    """Return the cards of a file in their order, and its charset. Raises VcardError."""
    octets, spelling = _as_utf8(octets)
    found: list[FoundCard] = []
    begins, inside, depth, error = 0, list[Property](), 0, ""
    for number, line in _unfolded(octets):
        mark = line.strip().upper().replace(b" ", b"")
        if mark == b"BEGIN:VCARD":
            # A card in a card is an AGENT of 2.1: left out.
            depth += 1
            if depth == 1:
                begins, inside, error = number, [], ""
        elif mark == b"END:VCARD" and depth:
            depth -= 1
            if depth == 0:
                found.append(FoundCard(begins, () if error else tuple(inside), error))
                if len(found) > MAX_CARDS:
                    raise VcardError(f"more than {MAX_CARDS} cards")
        elif depth == 1 and line.strip() and not error:
            one = _property(line, spelling)
            error = "" if one is not None and len(inside) < MAX_PROPERTIES else "line" if one is None else "large"
            inside += [one] if one is not None else []
    if depth:
        found.append(FoundCard(begins, (), "cut"))
    if not found:
        raise VcardError("no vCard")
    return found, spelling


def _as_utf8(octets: bytes) -> tuple[bytes, str]:
    if octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return octets.decode("utf-16", "replace").encode(), "utf-16"
    octets = octets.removeprefix(codecs.BOM_UTF8)
    try:
        octets.decode()
    except UnicodeDecodeError:
        return octets, "cp949"
    return octets, "utf-8"


def _unfolded(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (number of the first line, logical line)."""
    held, begins, soft = b"", 0, False
    for number, line in enumerate(octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), 1):
        if soft:
            held, soft = held[:-1] + line.lstrip(b" \t"), line.endswith(b"=")
        elif line[:1] in {b" ", b"\t"} and begins:
            held += line[1:]
        else:
            if begins:
                yield begins, held
            held, begins = line, number
            soft = held.endswith(b"=") and b"QUOTED-PRINTABLE" in held.partition(b":")[0].upper()
    if begins:
        yield begins, held


def _property(line: bytes, spelling: str) -> Property | None:
    if len(line) > MAX_VALUE:
        return None
    text = line.decode(spelling if spelling == "cp949" else "utf-8", "replace")
    match = _NAME.match(text)
    if match is None:
        return None
    params: dict[str, list[str]] = {}
    at = match.end()
    while at < len(text) and text[at] == ";":
        at = _param(text, at + 1, params)
    if at >= len(text) or text[at] != ":":
        return None
    value = _decoded(line, text[at + 1 :], params)
    return Property(match[2].upper(), value, params, (match[1] or "").lower())


def _param(text: str, at: int, params: dict[str, list[str]]) -> int:
    """Read one parameter and return where it ends."""
    end = at
    while end < len(text) and text[end] not in "=;:":
        end += 1
    name = text[at:end].strip().upper()
    if end >= len(text) or text[end] != "=":
        kind = "ENCODING" if name.lower() in _ENCODINGS else "TYPE"
        if _BARE.match(name):
            params.setdefault(kind, []).append(name)
        return end
    values = params.setdefault(name, [])
    at = end + 1
    while True:
        if text[at : at + 1] == '"':
            end = text.find('"', at + 1)
            end = len(text) if end < 0 else end
            values.append(_uncareted(text[at + 1 : end]))
            at = end + 1
        else:
            end = at
            while end < len(text) and text[end] not in ",;:":
                end += 1
            values.append(_uncareted(text[at:end]))
            at = end
        if text[at : at + 1] != ",":
            return at
        at += 1


def _uncareted(text: str) -> str:
    """RFC 6868."""
    return re.sub(r"\^[n^']", lambda found: _CARET[found[0]], text)


def _decoded(line: bytes, value: str, params: dict[str, list[str]]) -> str:
    """Return the value of a property, read as ENCODING and CHARSET of 2.1 say."""
    encoding = next(iter(params.get("ENCODING", ())), "").lower()
    label = next(iter(params.get("CHARSET", ())), "")
    if encoding == "quoted-printable":
        plain = quopri.decodestring(value.encode("ascii", "replace"))
        # Escapes came before the encoding: a line break inside is one of the text.
        text = charset.decode(plain, label or None)[0]
        return text.replace("\r\n", "\n").replace("\n", "\\n")
    if label and encoding not in {"b", "base64"}:
        return charset.decode(line[line.index(b":") + 1 :], label)[0]
    return value


# -- values ---------------------------------------------------------------------------------------------------------


def unescaped(value: str) -> str:
    """Return a text value as it is meant (RFC 6350 §3.4)."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def escaped(text: str) -> str:
    """Return a text as value."""
    text = text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def split(value: str, by: str) -> list[str]:
    """Return the parts of a structured value or list, still escaped."""
    parts, at = [""], 0
    while at < len(value):
        if value[at] == "\\":
            parts[-1] += value[at : at + 2]
            at += 2
            continue
        if value[at] == by:
            parts.append("")
        else:
            parts[-1] += value[at]
        at += 1
    return parts


def texts(value: str, by: str) -> list[str]:
    """Return the parts as they are meant; empty ones stay, so that each keeps its place."""
    return [unescaped(one).strip() for one in split(value, by)]


def octets_of(base64: str) -> bytes | None:
    """Return what base64 says, None where it says nothing."""
    try:
        return binascii.a2b_base64("".join(base64.split()), strict_mode=True)
    except binascii.Error:
        return None


def shown(one: Property) -> str:
    """Return a property as a content line, folded (RFC 6350 §3.2)."""
    head = f"{one.group}.{one.name}" if one.group else one.name
    for name, values in one.params.items():
        head += f";{name}=" + ",".join(map(_quoted, values))
    # Whatever the value is, it begins no line of its own.
    return _folded(f"{head}:{_BREAKS.sub(' ', one.value)}")


def _quoted(text: str) -> str:
    text = text.replace("^", "^^").replace("\r\n", "\n").replace("\n", "^n").replace('"', "^'")
    text = "".join(char for char in text if char.isprintable() or char == " ")
    return f'"{text}"' if re.search(r"[,;:\s]", text) else text


def _folded(line: str) -> str:
    """Break a line after at most FOLD_AT octets, never inside a character."""
    pieces, held, used = list[str](), "", 0
    for char in line:
        size = len(char.encode("utf-8", "replace"))
        if used + size > FOLD_AT:
            pieces.append(held)
            held, used = " ", 1
        held += char
        used += size
    return "\r\n".join([*pieces, held])
