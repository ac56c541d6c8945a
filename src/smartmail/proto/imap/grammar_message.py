"""Arguments of FETCH, STORE, COPY, MOVE and EXPUNGE (RFC 3501 §6.4 and extensions)."""

import re
from typing import Final

from smartmail.proto.imap.commands import Copy, Expunge, Fetch, Move, Store, StoreMode, Window
from smartmail.proto.imap.cursor import Cursor, GrammarError
from smartmail.proto.imap.fetch_items import (
    MACROS,
    OLD_NAMES,
    BinarySection,
    BinarySize,
    BodySection,
    FetchItem,
    Item,
    Text,
)
from smartmail.proto.imap.limits import FETCH_ITEMS, MAX_NUMBER

_ITEMS: Final[dict[str, FetchItem]] = {**{item.value: item for item in Item}, **OLD_NAMES}
_SECTION: Final = re.compile(
    rb"((?:[1-9][0-9]{0,9}(?:\.[1-9][0-9]{0,9})*)?)(\.?)(HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME|)",
    re.IGNORECASE,
)
_PART: Final = re.compile(rb"((?:[1-9][0-9]{0,9}(?:\.[1-9][0-9]{0,9})*)?)\]")
_WINDOW: Final = re.compile(rb"(-?)([1-9][0-9]{0,9}):(-?)([1-9][0-9]{0,9})(?![0-9])")
_PARTIAL: Final = re.compile(rb"<([0-9]{1,10})\.([0-9]{1,10})>")
_NAME: Final = re.compile(rb"[!-9;-~]+")
_ATOM: Final = re.compile(rb"[^\x00-\x20\x7f-\xff(){%*\"\\\]]+")
_DEPTH: Final = 64
"""Numbers in a part specifier: no message that is taken in nests deeper."""


def fetch(cursor: Cursor) -> Fetch:
    cursor.space()
    numbers = cursor.numbers()
    cursor.space()
    items = fetch_items(cursor)
    return Fetch(numbers, items, False, *_fetch_modifiers(cursor, uid=False))


def uid_fetch(cursor: Cursor) -> Fetch:
    cursor.space()
    numbers = cursor.numbers()
    cursor.space()
    items = fetch_items(cursor)
    # RFC 3501 §6.4.8: the answer holds UID whether it was asked for or not.
    items = items if Item.UID in items else (Item.UID, *items)
    return Fetch(numbers, items, True, *_fetch_modifiers(cursor, uid=True))


def fetch_items(cursor: Cursor) -> tuple[FetchItem, ...]:
    if cursor.at(b"("):
        items = tuple(dict.fromkeys(cursor.list_of(lambda: _fetch_item(cursor))))
        if len(items) > FETCH_ITEMS:
            # RFC 5530 §3: LIMIT.
            raise GrammarError("too many fetch items", no=True, code="LIMIT")
        return items
    start = cursor.position
    macro = MACROS.get(cursor.word("fetch item"))
    if macro is not None:
        return macro
    cursor.position = start
    return (_fetch_item(cursor),)


def _fetch_item(cursor: Cursor) -> FetchItem:
    name = cursor.word("fetch item")
    if name in {"BODY", "BODY.PEEK"} and cursor.skip(b"["):
        return _body_section(cursor, peek=name == "BODY.PEEK")
    if name in {"BINARY", "BINARY.PEEK", "BINARY.SIZE"}:
        return _binary(cursor, name)
    item = _ITEMS.get(name)
    if item is None:
        raise GrammarError("unknown fetch item")
    if item is Item.PREVIEW and cursor.at(b" ("):
        # RFC 8970 §3.1: ours are made at acceptance, so LAZY changes nothing.
        cursor.space()
        if cursor.list_of(lambda: cursor.word("modifier")) != ["LAZY"]:
            raise GrammarError("unknown PREVIEW modifier")
    return item


def _binary(cursor: Cursor, name: str) -> FetchItem:
    """RFC 3516 §6: `BINARY[1.2]<0.100>`, `BINARY.PEEK[…]`, `BINARY.SIZE[…]`."""
    cursor.expect(b"[", "section")
    found = _PART.match(cursor.text, cursor.position)
    if found is None:
        raise GrammarError("invalid section")
    cursor.position = found.end()
    part = tuple(map(int, found[1].split(b"."))) if found[1] else ()
    if len(part) > _DEPTH or (part and max(part) > MAX_NUMBER):
        raise GrammarError("invalid section")
    if name == "BINARY.SIZE":
        return BinarySize(part, b"BINARY.SIZE[%b]" % found[1])
    partial = _partial(cursor) if cursor.at(b"<") else None
    return BinarySection(part, partial, name == "BINARY.PEEK", b"BINARY[%b]" % found[1])


def _body_section(cursor: Cursor, *, peek: bool) -> BodySection:
    """RFC 3501 §9 section and partial."""
    found = _SECTION.match(cursor.text, cursor.position)
    if found is None or bool(found[2]) is not bool(found[1] and found[3]):
        raise GrammarError("invalid section")
    cursor.position = found.end()
    part = tuple(map(int, found[1].split(b"."))) if found[1] else ()
    text = Text(found[3].decode("ascii").upper())
    if len(part) > _DEPTH or (part and max(part) > MAX_NUMBER) or (text is Text.MIME and not part):
        raise GrammarError("invalid section")
    fields: tuple[str, ...] = ()
    if text in {Text.FIELDS, Text.FIELDS_NOT}:
        cursor.space()
        fields = tuple(dict.fromkeys(cursor.list_of(lambda: _field(cursor))))
    cursor.expect(b"]", "closing bracket")
    partial = _partial(cursor) if cursor.at(b"<") else None
    return BodySection(part, text, fields, partial, peek, _label(part, text, fields))


def parse_section(text: str) -> BodySection | None:
    """Read what stands between the brackets of BODY.PEEK[…], None when it is no section."""
    if not text.isascii():
        return None
    cursor = Cursor(text.encode("ascii") + b"]")
    try:
        section = _body_section(cursor, peek=True)
        cursor.end()
    except GrammarError:
        return None
    return section


def _field(cursor: Cursor) -> str:
    octets = cursor.astring()
    if _NAME.fullmatch(octets) is None:
        # RFC 5322 §3.6.8 ftext
        raise GrammarError("invalid header field name")
    return octets.decode("ascii").upper()


def _partial(cursor: Cursor) -> tuple[int, int]:
    found = _PARTIAL.match(cursor.text, cursor.position)
    if found is None:
        raise GrammarError("invalid partial")
    cursor.position = found.end()
    first, count = int(found[1]), int(found[2])
    if not count or first > MAX_NUMBER or count > MAX_NUMBER:
        raise GrammarError("invalid partial")
    return first, count


def _label(part: tuple[int, ...], text: Text, fields: tuple[str, ...]) -> bytes:
    name = ".".join(map(str, part))
    if text is not Text.WHOLE:
        name += "." * bool(part) + text.value
    if fields:
        name += f" ({' '.join(map(_astring, fields))})"
    return f"BODY[{name}]".encode("ascii")


def _astring(field: str) -> str:
    """A field name is printable ASCII without space; some of it must stand in quotes."""
    if _ATOM.fullmatch(field.encode("ascii")):
        return field
    return '"' + field.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _fetch_modifiers(cursor: Cursor, *, uid: bool) -> tuple[int | None, bool, Window | None]:
    """RFC 7162 §3.1.4 CHANGEDSINCE and §3.2.6 VANISHED, RFC 9394 §3.3 PARTIAL, in any order."""
    changed: int | None = None
    vanished = False
    partial: Window | None = None

    def one() -> None:
        nonlocal changed, vanished, partial
        match cursor.word("modifier"):
            case "CHANGEDSINCE":
                cursor.space()
                changed = cursor.number64("mod-sequence")
            case "VANISHED" if uid:
                vanished = True
            case "PARTIAL" if uid:
                cursor.space()
                partial = window(cursor)
            case _:
                raise GrammarError("unknown FETCH modifier")

    if not cursor.ended:
        cursor.space()
        cursor.list_of(one)
    if vanished and changed is None:
        # RFC 7162 §3.2.6
        raise GrammarError("VANISHED needs CHANGEDSINCE")
    return changed, vanished, partial


def window(cursor: Cursor) -> Window:
    """RFC 9394 §5 partial-range: both ends count from the same side."""
    found = _WINDOW.match(cursor.text, cursor.position)
    if found is None or found[1] != found[3]:
        raise GrammarError("invalid range")
    cursor.position = found.end()
    first, last = int(found[2]), int(found[4])
    if max(first, last) > MAX_NUMBER:
        raise GrammarError("invalid range")
    return (-first, -last) if found[1] else (first, last)


def store(cursor: Cursor) -> Store:
    """RFC 3501 §6.4.6, RFC 7162 §3.1.3."""
    return _store(cursor, uid=False)


def uid_store(cursor: Cursor) -> Store:
    return _store(cursor, uid=True)


def _store(cursor: Cursor, *, uid: bool) -> Store:
    cursor.space()
    numbers = cursor.numbers()
    cursor.space()
    unchanged = None
    if cursor.skip(b"("):
        if cursor.word("modifier") != "UNCHANGEDSINCE":
            raise GrammarError("unknown STORE modifier")
        cursor.space()
        unchanged = cursor.number64("mod-sequence")
        cursor.expect(b")", "closing parenthesis")
        cursor.space()
    name, dot, silent = cursor.word("FLAGS").partition(".")
    if name not in {"FLAGS", "+FLAGS", "-FLAGS"} or (dot and silent != "SILENT"):
        raise GrammarError("FLAGS expected")
    cursor.space()
    flags = cursor.flags() if cursor.at(b"(") else _bare_flags(cursor)
    return Store(numbers, StoreMode(name), flags, bool(dot), uid, unchanged)


def _bare_flags(cursor: Cursor) -> tuple[str, ...]:
    """RFC 3501 §9 store-att-flags also allows flag SP flag … without parentheses."""
    flags = [cursor.flag()]
    while not cursor.ended:
        cursor.space()
        flags.append(cursor.flag())
    return tuple(dict.fromkeys(flag for flag in flags if flag != "\\Recent"))


def copy(cursor: Cursor) -> Copy:
    cursor.space()
    numbers = cursor.numbers()
    cursor.space()
    return Copy(numbers, cursor.mailbox())


def uid_copy(cursor: Cursor) -> Copy:
    plain = copy(cursor)
    return Copy(plain.numbers, plain.mailbox, uid=True)


def move(cursor: Cursor) -> Move:
    plain = copy(cursor)
    return Move(plain.numbers, plain.mailbox)


def uid_move(cursor: Cursor) -> Move:
    plain = copy(cursor)
    return Move(plain.numbers, plain.mailbox, uid=True)


def expunge(_: Cursor) -> Expunge:
    return Expunge()


def uid_expunge(cursor: Cursor) -> Expunge:
    cursor.space()
    return Expunge(cursor.numbers())
