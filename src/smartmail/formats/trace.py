"""Trace lines that we put before a message: Return-Path and Received (RFC 5321 §4.4).

Pure; every value that a peer chose is cut down to what may stand in a header.
"""

import re
from dataclasses import dataclass
from typing import Final

MAX_HELO = 255
SUBMISSION = "submission"
"""Stands for the client of somebody who logged in, whose address is kept to ourselves."""

_NO_TOKEN: Final = re.compile(r'[^!-~]|[()<>"\\;]')
_NO_PATH: Final = dict.fromkeys(map(ord, "\r\n\0<>"))


@dataclass(frozen=True, slots=True)
class Hop:
    """What we know of the hop that a message just made. `date` is an RFC 5322 date-time."""

    helo: str
    address: str
    by: str
    protocol: str
    id: str
    date: str
    recipient: str | None = None
    tls: str = ""


def received(hop: Hop) -> bytes:
    """Return the Received field with CRLF (RFC 5321 §4.4).

    `for` is given for a single recipient only, so that one blob serves all and no Bcc is told. Without an address only
    the name is told.
    """
    source = f"[IPv6:{hop.address}]" if ":" in hop.address else f"[{hop.address}]"
    peer = f"{_token(hop.helo)} ({source})" if hop.address else _token(hop.helo)
    lines = [f"Received: from {peer}", f"\tby {_token(hop.by)} with {hop.protocol} id {hop.id}"]
    if hop.tls:
        lines.append(f"\t({_token(hop.tls)})")
    if hop.recipient is not None:
        lines.append(f"\tfor <{_path(hop.recipient)}>")
    return "\r\n".join([*lines[:-1], f"{lines[-1]}; {hop.date}", ""]).encode()


def return_path(reverse_path: str) -> bytes:
    """Return the Return-Path field with CRLF."""
    return f"Return-Path: <{_path(reverse_path)}>\r\n".encode()


def _token(text: str) -> str:
    """Keep what cannot break the field: no controls, no white space, no comment brackets."""
    return _NO_TOKEN.sub("", text[:MAX_HELO]) or "unknown"


def _path(address: str) -> str:
    return address.translate(_NO_PATH)
