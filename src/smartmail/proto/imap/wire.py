"""The way back to octets: strings, names, flags, numbers, and whole response lines (RFC 3501 §7 and extensions).

PURPOSE: pure encoders. Every function that returns a line returns it with CRLF. Must not know which error of ours
becomes which response (that table is the edge's), nor hold any state.
SECURITY: text that came from mail or people only ever leaves through `string`, `nstring`, `astring`, `mailbox` or
`text`, so that it cannot start a line of its own.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, TypeVar

from smartmail.proto.imap import mutf7
from smartmail.proto.imap.commands import SearchReturn, StatusItem, Window
from smartmail.proto.imap.fetch_items import BinarySection, BodySection
from smartmail.proto.imap.numbers import compact

T = TypeVar("T")

_ATOM: Final = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\\]]+")
_ASTRING: Final = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\]+")
_QUOTABLE: Final = re.compile(rb"[^\x00\r\n\x80-\xff]*")
_QUOTABLE_UTF8: Final = re.compile(rb"[^\x00\r\n]*")
_NEEDS_ESCAPE: Final = re.compile(rb'([\\"])')
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")
_LONGEST_QUOTED: Final = 1_000
"""RFC 2683 §3.4.2: long strings are easier on clients as literals."""

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

CHUNK: Final = 2_000
"""Lines in one piece of a long answer: a few milliseconds, after which others may have the loop."""

# -- strings -------------------------------------------------------------------------------------------------------


def quoted(octets: bytes) -> bytes:
    """Return `octets`, which hold no CR, LF or NUL, as a quoted string."""
    if b'"' in octets or b"\\" in octets:
        octets = _NEEDS_ESCAPE.sub(rb"\\\1", octets)
    return b'"%b"' % octets


def literal(octets: bytes) -> bytes:
    return b"{%d}\r\n%b" % (len(octets), char8(octets))


def char8(octets: bytes) -> bytes:
    """Return octets as a literal can hold them: RFC 3501 §9 CHAR8 is %x01-ff. What stands for a NUL is no text in UTF-8
    either; a client that wants the octets themselves asks for BINARY (RFC 3516).
    """
    return octets.replace(b"\x00", b"\x80") if b"\x00" in octets else octets


def literal_mark(size: int) -> bytes:
    """Return what goes before `size` octets that are written by the caller."""
    return b"{%d}\r\n" % size


def string(octets: bytes, *, utf8: bool = False) -> bytes:
    """Return a quoted string where one can hold `octets`, else a literal.

    RFC 3501 §4.3: quoted strings are 7-bit without CR and LF; RFC 6855 §3 lets them be UTF-8 when that is on. NUL
    cannot be told at all (CHAR8 is %x01-ff): it becomes `?`.
    """
    if b"\x00" in octets:
        octets = octets.replace(b"\x00", b"?")
    if len(octets) <= _LONGEST_QUOTED and (_QUOTABLE.fullmatch(octets) or (utf8 and _is_utf8_line(octets))):
        return quoted(octets)
    return literal(octets)


def _is_utf8_line(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return _QUOTABLE_UTF8.fullmatch(octets) is not None


def literal8(octets: bytes) -> bytes:
    """Return a literal whose octets may hold NUL (RFC 3516 §6)."""
    return b"~{%d}\r\n%b" % (len(octets), octets)


def nstring(octets: bytes | None, *, utf8: bool = False) -> bytes:
    return b"NIL" if octets is None else string(octets, utf8=utf8)


def astring(octets: bytes, *, utf8: bool = False) -> bytes:
    """Return an atom where one will do; `NIL` is quoted lest a client takes it for nothing."""
    if _ASTRING.fullmatch(octets) and octets.upper() != b"NIL":
        return octets
    return string(octets, utf8=utf8)


def mailbox(name: str, *, utf8: bool = False) -> bytes:
    """Return a mailbox name: modified UTF-7, or quoted UTF-8 when UTF8=ACCEPT is on (RFC 6855 §3)."""
    if utf8 and not name.isascii():
        return string(name.encode("utf-8", "replace"), utf8=True)
    return astring(name.encode("ascii") if utf8 else mutf7.encode(name))


def text(words: str) -> bytes:
    """Return human-readable text for the end of a line: one line, 7-bit (RFC 3501 §9 text, also after UTF8=ACCEPT)."""
    return _CONTROL.sub(" ", words).strip().encode("ascii", "replace") or b"."


# -- small values --------------------------------------------------------------------------------------------------


def flags(names: Iterable[str]) -> bytes:
    """Return a parenthesised list; the names are flags as the grammar reads them."""
    return f"({' '.join(names)})".encode("ascii")


@lru_cache(maxsize=64)
def _zone(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))


def internal_date(epoch_s: float, zone_minutes: int = 0) -> bytes:
    """Return RFC 3501 §9 date-time in quotes, in the zone `zone_minutes` east of UTC."""
    moment = datetime.fromtimestamp(epoch_s, _zone(zone_minutes) if zone_minutes else UTC)
    sign = "-" if zone_minutes < 0 else "+"
    hours, minutes = divmod(abs(zone_minutes), 60)
    day = f"{moment.day:2d}-{MONTHS[moment.month - 1]}-{moment.year:04d}"
    return f'"{day} {moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} {sign}{hours:02d}{minutes:02d}"'.encode(
        "ascii"
    )


def numbers(values: Iterable[int]) -> bytes:
    """Return a compact set such as `1:5,7` of ascending values (RFC 3501 §9 sequence-set)."""
    return compact(values).encode("ascii")


def section_label(section: BodySection | BinarySection) -> bytes:
    """Return the item's name in an answer; a partial one tells its origin (RFC 3501 §7.4.2)."""
    return section.label if section.partial is None else section.label + b"<%d>" % section.partial[0]


# -- response codes (RFC 3501 §7.1, RFC 4315 §3, RFC 7162 §3.1.2) ------------------------------------------------------


def append_uid(validity: int, uids: Sequence[int]) -> bytes:
    return b"APPENDUID %d %b" % (validity, numbers(uids))


def copy_uid(validity: int, source: Iterable[int], target: Iterable[int]) -> bytes:
    """Both sides in the same order, the nth UID of one for the nth of the other."""
    return b"COPYUID %d %b %b" % (validity, numbers(source), numbers(target))


def modified(values: Iterable[int]) -> bytes:
    return b"MODIFIED %b" % numbers(values)


def permanent_flags(names: Iterable[str], *, any_keyword: bool) -> bytes:
    return b"PERMANENTFLAGS " + flags((*names, "\\*") if any_keyword else names)


# -- untagged lines ------------------------------------------------------------------------------------------------


def condition(status: bytes, words: str, code: bytes = b"") -> bytes:
    """Return `* OK [code] words`; `status` is OK, NO, BAD, BYE or PREAUTH."""
    return b"* %b %b%b\r\n" % (status, b"[%b] " % code if code else b"", text(words))


def list_line(
    name: str,
    attributes: Iterable[str],
    delimiter: str = "/",
    *,
    child_info: Sequence[str] = (),
    utf8: bool = False,
    verb: bytes = b"LIST",
) -> bytes:
    """Return `* LIST (attributes) "/" name`; `child_info`: options for `("CHILDINFO" (…))` (RFC 5258 §4)."""
    delimited = quoted(delimiter.encode("ascii")) if delimiter else b"NIL"
    line = b"* %b %b %b %b" % (verb, flags(attributes), delimited, mailbox(name, utf8=utf8))
    if child_info:
        options = b" ".join(quoted(option.encode("ascii")) for option in child_info)
        line += b' ("CHILDINFO" (%b))' % options
    return line + b"\r\n"


def status_line(name: str, values: Mapping[StatusItem, int | str], *, utf8: bool = False) -> bytes:
    """Return `* STATUS name (…)`; MAILBOXID stands in parentheses (RFC 8474 §4.1)."""
    pairs = " ".join(
        f"{item.value} ({value})" if item is StatusItem.MAILBOXID else f"{item.value} {value}"
        for item, value in values.items()
    )
    return b"* STATUS %b (%b)\r\n" % (mailbox(name, utf8=utf8), pairs.encode("ascii"))


def search_line(values: Iterable[int], modseq: int | None = None) -> bytes:
    """Return `* SEARCH n n …`; `modseq` is the highest among the found (RFC 7162 §3.1.5)."""
    line = "* SEARCH" + "".join([f" {value}" for value in values])
    if modseq is not None:
        line += f" (MODSEQ {modseq})"
    return line.encode("ascii") + b"\r\n"


def esearch_line(
    tag: bytes,
    found: Sequence[int],
    returns: frozenset[SearchReturn],
    *,
    uid: bool,
    modseq: int | None = None,
    partial: Window | None = None,
    source: bytes = b"",
) -> bytes:
    """Return `* ESEARCH (TAG …) UID …` (RFC 4731 §3.1) of numbers in the order of the result.

    Empty results leave MIN, MAX, ALL out. `partial`: RFC 9394 §3.1. `source`: `MAILBOX name UIDVALIDITY n` (RFC 7377).
    """
    pieces = [b"* ESEARCH (TAG %b%b)" % (quoted(tag), b" " + source if source else b"")]
    if uid:
        pieces.append(b"UID")
    if found:
        if SearchReturn.MIN in returns:
            pieces.append(b"MIN %d" % found[0])
        if SearchReturn.MAX in returns:
            pieces.append(b"MAX %d" % found[-1])
    if SearchReturn.COUNT in returns:
        pieces.append(b"COUNT %d" % len(found))
    if found and SearchReturn.ALL in returns:
        pieces.append(b"ALL " + numbers(found))
    if partial is not None:
        told = numbers(window(found, partial)) or b"NIL"
        pieces.append(b"PARTIAL (%d:%d %b)" % (*partial, told))
    if found and modseq is not None:
        pieces.append(b"MODSEQ %d" % modseq)
    return b" ".join(pieces) + b"\r\n"


def window(found: Sequence[T], partial: Window) -> Sequence[T]:
    """Return the places of a result that a partial-range names: 1:10 the first ten, -1:-10 the last ten."""
    first, last = sorted(map(abs, partial))
    if partial[0] > 0:
        return found[first - 1 : last]
    count = len(found)
    return found[max(count - last, 0) : max(count - first + 1, 0)]


def sort_line(values: Iterable[int], modseq: int | None = None) -> bytes:
    """Return `* SORT n n …` (RFC 5256 §4)."""
    return b"* SORT" + search_line(values, modseq)[8:]


def thread_line(threads: bytes) -> bytes:
    """Return `* THREAD (…)(…)` (RFC 5256 §4)."""
    return b"* THREAD %b\r\n" % threads if threads else b"* THREAD\r\n"


def vanished_line(uids: Iterable[int], *, earlier: bool = False) -> bytes:
    """Return `* VANISHED (EARLIER) uids` (RFC 7162 §3.2.10)."""
    return b"* VANISHED %b%b\r\n" % (b"(EARLIER) " if earlier else b"", numbers(uids))


def capability_line(names: Iterable[str]) -> bytes:
    return f"* CAPABILITY {' '.join(names)}\r\n".encode("ascii")


def enabled_line(names: Iterable[str]) -> bytes:
    return " ".join(("* ENABLED", *names)).encode("ascii") + b"\r\n"


def id_line(pairs: Mapping[str, str] | None) -> bytes:
    """Return `* ID (…)` (RFC 2971 §3.2); None or empty: NIL."""
    if not pairs:
        return b"* ID NIL\r\n"
    words = (string(word.encode("utf-8")) for pair in pairs.items() for word in pair)
    return b"* ID (%b)\r\n" % b" ".join(words)


Namespaces = Sequence[tuple[str, str]]
"""Pairs of prefix and delimiter (RFC 2342 §5)."""


def namespace_line(own: Namespaces, others: Namespaces, shared: Namespaces, *, utf8: bool = False) -> bytes:
    """Return `* NAMESPACE own others shared`; an empty one is NIL."""
    return b"* NAMESPACE %b\r\n" % b" ".join(_namespace(one, utf8=utf8) for one in (own, others, shared))


def _namespace(pairs: Namespaces, *, utf8: bool) -> bytes:
    if not pairs:
        return b"NIL"
    each = (
        b"(%b %b)" % (_quoted_name(prefix, utf8=utf8), quoted(delimiter.encode("ascii")) if delimiter else b"NIL")
        for prefix, delimiter in pairs
    )
    return b"(%b)" % b"".join(each)


def _quoted_name(prefix: str, *, utf8: bool) -> bytes:
    """RFC 2342 §5: the prefix is a string, never an atom."""
    return string(prefix.encode("utf-8") if utf8 else mutf7.encode(prefix), utf8=utf8)


# -- FETCH ---------------------------------------------------------------------------------------------------------


def fetch_line(number: int, items: Iterable[bytes], *, uid_only: bool = False) -> bytes:
    """Return `* n FETCH (item item …)`; each item is name SP value. `uid_only`: `number` is a UID (RFC 9586 §3.4)."""
    return b"* %d %b (%b)\r\n" % (number, b"UIDFETCH" if uid_only else b"FETCH", b" ".join(items))


def fetch_columns(
    sequence: Sequence[int],
    template: str,
    columns: Sequence[Sequence[int] | Sequence[str]],
    *,
    uid_only: bool = False,
) -> Iterator[bytes]:
    """Yield `* n FETCH (…)` lines in pieces of `CHUNK`.

    `sequence`: sequence numbers, UIDs when `uid_only`. `template`: the items, such as `UID %d FLAGS (%s)`; each `%` takes
    its value from the next of `columns`, which are ASCII and as long as `sequence`. One `%` for a whole piece costs half
    of one for each line: this is what a client asks for all messages of a mailbox when it opens it.
    """
    line = f"* %d {'UIDFETCH' if uid_only else 'FETCH'} ({template})\r\n"
    for start in range(0, len(sequence), CHUNK):
        piece = slice(start, start + CHUNK)
        rows = _interleave([sequence[piece], *(column[piece] for column in columns)])
        yield (line * len(sequence[piece]) % rows).encode("ascii")


def _interleave(columns: Sequence[Sequence[int] | Sequence[str]]) -> tuple[int | str, ...]:
    """Turn columns into one flat tuple, row after row."""
    width = len(columns)
    flat: list[int | str] = [0] * (len(columns[0]) * width)
    for index, column in enumerate(columns):
        flat[index::width] = column
    return tuple(flat)


def expunge_lines(sequence_numbers: Iterable[int]) -> bytes:
    return "".join([f"* {number} EXPUNGE\r\n" for number in sequence_numbers]).encode("ascii")


def exists_line(count: int) -> bytes:
    return b"* %d EXISTS\r\n" % count


def recent_line(count: int) -> bytes:
    return b"* %d RECENT\r\n" % count
