"""Just enough MIME to answer the dialogs: splits a message into parts by its boundaries. Not a product parser."""

import re
from email.utils import getaddresses

from smartmail.proto.imap.structure import Address, Envelope, Part


class Piece:
    """One part: `header` and `body` are octets as they stand; `children` of a multipart or message/rfc822."""

    def __init__(self, raw: bytes):
        self.raw = raw
        head, blank, body = raw.partition(b"\r\n\r\n")
        self.header = head + blank
        self.body = body
        self.fields = _fields(head)
        content_type = self.get("content-type") or b"text/plain; charset=us-ascii"
        self.kind, self.subtype = re.match(rb"\s*([\w-]+)/([\w.+-]+)", content_type).groups()
        self.parameters = [
            (k.lower(), (q or v)) for k, q, v in re.findall(rb';\s*([\w*-]+)=(?:"([^"]*)"|([^;\s]+))', content_type)
        ]
        self.children = self._children()

    def get(self, name: str) -> bytes | None:
        for key, value in self.fields:
            if key.lower() == name:
                return value
        return None

    def _children(self):
        if self.kind.lower() == b"message":
            return [Piece(self.body)]
        boundary = dict(self.parameters).get(b"boundary")
        if self.kind.lower() != b"multipart" or boundary is None:
            return []
        pieces = re.split(rb"(?:\A|\r\n)--" + re.escape(boundary) + rb"(?:--)?[ \t]*\r\n", self.body + b"\r\n")
        return [Piece(piece) for piece in pieces[1:-1]]

    def find(self, numbers) -> "Piece | None":
        """Return the part behind a part specifier (RFC 3501 §6.4.5)."""
        piece = self
        for number in numbers:
            if piece.kind.lower() == b"message" and piece is not self:
                piece = piece.children[0]
            if piece.kind.lower() != b"multipart":
                if number != 1:
                    return None
                continue
            if number > len(piece.children):
                return None
            piece = piece.children[number - 1]
        return piece


def _fields(head: bytes):
    unfolded = re.sub(rb"\r\n(?=[ \t])", b"", head)
    pairs = [line.partition(b":") for line in unfolded.split(b"\r\n") if b":" in line]
    return [(name.decode("ascii", "replace"), value.strip()) for name, _, value in pairs]


def header_fields(piece: Piece, names, *, inverse: bool) -> bytes:
    chosen = []
    keep = False
    for line in piece.header.removesuffix(b"\r\n\r\n").split(b"\r\n"):
        if line[:1] not in b" \t":
            keep = (line.partition(b":")[0].decode("ascii", "replace").upper() in names) is not inverse
        if keep:
            chosen.append(line + b"\r\n")
    return b"".join(chosen) + b"\r\n"


def _addresses(piece: Piece, name: str):
    value = piece.get(name)
    if value is None:
        return ()
    found = []
    for display, address in getaddresses([value.decode("latin-1")]):
        local, _, host = address.partition("@")
        found.append(Address(display.encode("latin-1") or None, local.encode("latin-1"), host.encode("latin-1")))
    return tuple(found)


def envelope(piece: Piece) -> Envelope:
    lists = [_addresses(piece, name) for name in ("from", "sender", "reply-to", "to", "cc", "bcc")]
    return Envelope(piece.get("date"), piece.get("subject"), *lists, piece.get("in-reply-to"), piece.get("message-id"))


def part(piece: Piece) -> Part:
    disposition = piece.get("content-disposition")
    is_message = piece.kind.lower() == b"message"
    return Part(
        piece.kind,
        piece.subtype,
        piece.parameters,
        piece.get("content-id"),
        piece.get("content-description"),
        piece.get("content-transfer-encoding") or b"7bit",
        len(piece.body),
        piece.body.count(b"\r\n"),
        disposition=(disposition.split(b";")[0], ()) if disposition else None,
        envelope=envelope(piece.children[0]) if is_message else None,
        children=[part(child) for child in piece.children],
    )
