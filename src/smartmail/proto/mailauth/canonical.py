"""Canonical forms of header fields and bodies (RFC 6376 §3.4), for signing and checking.

`BodyHasher` takes a body in chunks of any size; memory is one chunk and what may turn out to be the end of the body.
Only CRLF ends a line here; a bare CR or LF is an octet like others.
"""

import hashlib
import re
from typing import Final, Literal, Protocol

Form = Literal["simple", "relaxed"]

_BLANKS: Final = re.compile(rb"[ \t]+")


class Hash(Protocol):
    """What of `hashlib` is needed."""

    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


def relax_field(name: bytes, value: bytes) -> bytes:
    """Return `name:value` in relaxed form with CRLF (RFC 6376 §3.4.2). `value` is what follows the colon."""
    unfolded = value.replace(b"\r\n", b"")
    return name.strip(b" \t").lower() + b":" + _BLANKS.sub(b" ", unfolded).strip(b" ") + b"\r\n"


class BodyHasher:
    """Hash of a canonical body. `limit` is l= (RFC 6376 §3.5): octets of the canonical body that count."""

    def __init__(self, form: Form, limit: int | None = None) -> None:
        self._hash: Hash = hashlib.sha256()
        self._relaxed = form == "relaxed"
        self._left = limit
        # Raw octets whose canonical form depends on what follows: blanks or a CR at the end of the last chunk.
        self._held = b""
        # Empty lines that count only when something follows them.
        self._empty_lines = 0
        self._at_line_start = True
        self._any = False
        self.octets = 0

    def update(self, chunk: bytes) -> None:
        """Take the next octets of the body."""
        data = self._held + chunk if self._held else chunk
        end = len(data) - 1 if data.endswith(b"\r") else len(data)
        if self._relaxed:
            end = len(data[:end].rstrip(b" \t"))
        self._held, data = data[end:], data[:end]
        if self._relaxed:
            # A run of blanks is one blank, so that a body of blanks alone is not held whole.
            self._held = _BLANKS.sub(b" ", self._held)
            data = _relax(data)
        if data:
            self._take(data)

    def _take(self, data: bytes) -> None:
        """Take canonical octets; empty lines at the end wait until something follows."""
        trailing = _empty_lines_at_end(data)
        end = len(data) - 2 * trailing
        if end == 0:
            if self._at_line_start:
                self._empty_lines += trailing
            else:
                self._emit(b"\r\n")
                self._empty_lines += trailing - 1
                self._at_line_start = True
            return
        if self._empty_lines:
            self._emit(b"\r\n" * self._empty_lines)
        # The first CRLF after text ends its line; the ones after it are empty lines.
        stop = end + 2 if trailing else end
        self._emit(data[:stop])
        self._empty_lines = max(0, trailing - 1)
        self._at_line_start = trailing > 0

    def _emit(self, data: bytes) -> None:
        self._any = True
        self.octets += len(data)
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
        self._hash.update(data)

    def digest(self) -> bytes:
        """End the body and return the hash. `octets` then counts the canonical body."""
        # Blanks at the very end stand at the end of a line, though its CRLF is not there.
        held = self._held.rstrip(b" ") if self._relaxed else self._held
        self._held = b""
        if held:
            self._take(held)
        if not self._at_line_start:
            # RFC 6376 §3.4.4: a line without its end gets one; §3.4.3: so does a simple body.
            self._emit(b"\r\n")
            self._at_line_start = True
        elif not self._any and not self._relaxed:
            # RFC 6376 §3.4.3: an empty simple body is one CRLF, an empty relaxed one is nothing.
            self._emit(b"\r\n")
        return self._hash.digest()


def _relax(data: bytes) -> bytes:
    """RFC 6376 §3.4.4: one blank for each run of them, none at the end of a line. Substring work only: it is fast."""
    if b"\t" in data:
        data = data.replace(b"\t", b" ")
    while b"  " in data:
        data = data.replace(b"  ", b" ")
    return data.replace(b" \r\n", b"\r\n") if b" \r\n" in data else data


def _empty_lines_at_end(data: bytes) -> int:
    """Return how many CRLF end the data."""
    tail = data[len(data.rstrip(b"\r\n")) :]
    if not tail.replace(b"\r\n", b""):
        return len(tail) // 2
    end = len(tail)
    while tail.endswith(b"\r\n", 0, end):
        end -= 2
    return (len(tail) - end) // 2
