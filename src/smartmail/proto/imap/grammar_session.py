"""Arguments of the commands about the session itself (RFC 3501 §6.1, §6.2 and extensions)."""

import binascii

from smartmail.proto.imap.commands import (
    Authenticate,
    Capability,
    Enable,
    Id,
    Idle,
    Login,
    Logout,
    Noop,
    StartTls,
)
from smartmail.proto.imap.cursor import Cursor, GrammarError


def capability(_: Cursor) -> Capability:
    return Capability()


def noop(_: Cursor) -> Noop:
    return Noop()


def logout(_: Cursor) -> Logout:
    return Logout()


def start_tls(_: Cursor) -> StartTls:
    return StartTls()


def idle(_: Cursor) -> Idle:
    return Idle()


def client_id(cursor: Cursor) -> Id:
    """RFC 2971 §3.1: NIL or pairs; §3.3: at most 30 pairs, names to 30 octets, values to 1,024."""
    cursor.space()
    if cursor.text[cursor.position : cursor.position + 3].upper() == b"NIL":
        cursor.position += 3
        return Id(())
    flat = cursor.list_of(cursor.nstring, empty=True)
    names, values = flat[::2], flat[1::2]
    if len(names) != len(values) or len(names) > 30 or None in names:
        raise GrammarError("invalid ID parameters")
    if any(len(name or b"") > 30 for name in names) or any(len(value or b"") > 1_024 for value in values):
        raise GrammarError("ID parameter too long")
    pairs = zip(names, values, strict=True)
    return Id(tuple((_loose(name or b""), None if value is None else _loose(value)) for name, value in pairs))


def _loose(octets: bytes) -> str:
    """What a client says of itself goes to a log at most: any octets will do."""
    return octets.decode("utf-8", "replace")


def authenticate(cursor: Cursor) -> Authenticate:
    """RFC 3501 §6.2.2; the initial response is RFC 4959 §3, where `=` is an empty one."""
    cursor.space()
    mechanism = cursor.atom("mechanism").upper()
    if cursor.ended:
        return Authenticate(mechanism, None)
    cursor.space()
    octets = cursor.text[cursor.position :]
    cursor.position = len(cursor.text)
    initial = b"" if octets == b"=" else decode_base64(octets)
    if initial is None or not octets:
        raise GrammarError("initial response is not base64")
    return Authenticate(mechanism, initial)


def decode_base64(octets: bytes) -> bytes | None:
    """Return the octets of a line of a SASL exchange, None when it is not base64 (RFC 3501 §9)."""
    try:
        return binascii.a2b_base64(octets, strict_mode=True)
    except binascii.Error:
        return None


def login(cursor: Cursor) -> Login:
    """RFC 3501 §6.2.3. RFC 6855 §5 sends non-ASCII names through AUTHENTICATE; UTF-8 is taken here all the same."""
    cursor.space()
    name = cursor.unicode(cursor.astring())
    cursor.space()
    return Login(name, cursor.unicode(cursor.astring()))


def enable(cursor: Cursor) -> Enable:
    """RFC 5161 §3.1: names the server does not know are no mistake."""
    names: list[str] = []
    while not cursor.ended or not names:
        cursor.space()
        names.append(cursor.atom("capability").upper())
    return Enable(tuple(dict.fromkeys(names)))
