"""Addresses in header fields (RFC 5322 §3.4, RFC 6532): to values and to the form used for look-ups.

One parser serves display, IMAP ENVELOPE, JMAP and every check, so that what is judged is what is shown. It knows
octets of one field value and nothing of messages. It never raises, is linear, and bounds the number of addresses.

An encoded word inside an addr-spec is never decoded (it would let `=?utf-8?Q?boss=40bank?=@evil` show as the boss):
the octets are shown as they stand.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from encodings import idna
from typing import Final, NamedTuple

from smartmail.formats import charset, words

# Addresses read from one field. Ten recipients are usual, a big company's circular has hundreds.
MAX_ADDRESSES: Final = 1_000
# RFC 1035 §2.3.4 with room for the Unicode form; nameprep is quadratic, so nothing longer goes near it.
_MAX_DOMAIN: Final = 253

MAILBOX, GROUP_START, GROUP_END = 0, 1, 2


class Mailbox(NamedTuple):
    """A display name (may be empty) and an address `local@domain` (may lack parts when the sender's does)."""

    name: str
    address: str


class Group(NamedTuple):
    """A named group of RFC 5322 §3.4, perhaps empty (`undisclosed-recipients:;`)."""

    name: str
    members: tuple[Mailbox, ...]


class RawAddress(NamedTuple):
    """What stands in the field, quotes and escapes removed, encoded words kept: the ground of IMAP ENVELOPE.

    `kind` MAILBOX, or GROUP_START (name in `local`), or GROUP_END.
    """

    kind: int
    name: bytes
    route: bytes
    local: bytes
    domain: bytes


_SPACE, _QUOTED, _OPEN, _SPECIAL, _LITERAL, _ATOM = 1, 2, 3, 4, 5, 6
_TOKEN: Final = re.compile(
    rb"([ \t\r\n]+)"
    rb'|("(?:[^"\\]++|\\.)*+(?:"|\\?\Z))'
    rb"|(\()"
    rb"|([<>@,;:])"
    rb"|(\[[^\[\]\r\n,;<>]*\])"
    rb'|(=\?[^?\s]{1,64}\?[bBqQ]\?[^?\s]*+\?=|[^\s"(<>@,;:\[]+|.)',
    re.DOTALL,
)
_ESCAPE: Final = re.compile(rb"\\(.)", re.DOTALL)
_COMMENT: Final = re.compile(rb"[()\\]")
# The usual case: `name <local@domain>`, `"name" <local@domain>` or `local@domain`, and a comma or the end.
_USUAL: Final = re.compile(
    rb'[ \t\r\n]*+(?:(?:"([^"\\]*+)"[ \t\r\n]*+|([^"\\<>()@,;:\[]*+))<([A-Za-z0-9!#$%&\'*+/=?^_`{|}~.-]++)@([A-Za-z0-9.-]++)>'
    rb"|([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]++)@([A-Za-z0-9.-]++))[ \t\r\n]*+(?:,[ \t\r\n]*+|\Z)"
)
_DOT_ATOM: Final = re.compile(r"[^\x00-\x20\x7f()<>@,;:\\\"\[\].]+(?:\.[^\x00-\x20\x7f()<>@,;:\\\"\[\].]+)*\Z")

_Piece = tuple[int, bytes]


def parse_raw(value: bytes, limit: int = MAX_ADDRESSES) -> list[RawAddress]:
    """Return the first `limit` addresses and group marks of a raw field value, in order."""
    usual = _parse_usual(value, limit)
    return _Parser(value, limit).run() if usual is None else usual


def _parse_usual(value: bytes, limit: int) -> list[RawAddress] | None:
    """Return the addresses of a value that holds nothing but the usual forms, else None."""
    out: list[RawAddress] = []
    pos, size = 0, len(value)
    while pos < size and len(out) < limit:
        match = _USUAL.match(value, pos)
        if match is None:
            return None
        quoted, plain, local, domain, bare_local, bare_domain = match.groups()
        if bare_local:
            out.append(RawAddress(MAILBOX, b"", b"", bare_local, bare_domain))
        else:
            name = words.unfold(plain if quoted is None else quoted)
            out.append(RawAddress(MAILBOX, name, b"", local, domain))
        pos = match.end()
    return out


def parse(value: bytes, limit: int = MAX_ADDRESSES, fallback: str = charset.DEFAULT_FALLBACK) -> list[Mailbox | Group]:
    """Return the addresses and groups of a raw field value, decoded."""
    return resolve(parse_raw(value, limit), fallback)


def resolve(raw: Iterable[RawAddress], fallback: str = charset.DEFAULT_FALLBACK) -> list[Mailbox | Group]:
    """Return the decoded form of what `parse_raw` gave."""
    out: list[Mailbox | Group] = []
    group: str | None = None
    members: list[Mailbox] = []
    for item in raw:
        if item.kind == MAILBOX:
            box = Mailbox(words.decode_text(item.name, fallback), show_address(item.local, item.domain))
            (out if group is None else members).append(box)
        elif item.kind == GROUP_START:
            group, members = words.decode_text(item.local, fallback), []
        elif group is not None:
            out.append(Group(group, tuple(members)))
            group = None
    if group is not None:
        out.append(Group(group, tuple(members)))
    return out


def flatten(items: Iterable[Mailbox | Group]) -> Iterator[Mailbox]:
    """Give every mailbox, those inside groups as well, in order."""
    for item in items:
        if isinstance(item, Group):
            yield from item.members
        else:
            yield item


def show_address(local: bytes, domain: bytes) -> str:
    """Return `local@domain` as text: UTF-8 octets as such, others replaced, controls made visible."""
    text = _show(local)
    if text and not _DOT_ATOM.match(text):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        text = f'"{escaped}"'
    return f"{text}@{_show(domain)}" if domain else text


def _show(octets: bytes) -> str:
    return words.clean(octets.decode("utf-8", "replace"))


def split_address(address: str) -> tuple[str, str]:
    """Return (local part, domain) split at the last `@`; the domain is empty when there is none."""
    local, at, domain = address.rpartition("@")
    return (local, domain) if at else (address, "")


def domain_to_ascii(domain: str) -> str:
    """Return a domain for look-ups: A-labels, lower case, no dot at the end; unchanged but lower if it has none."""
    domain = domain.strip().rstrip(".")
    if domain.isascii() or len(domain) > _MAX_DOMAIN:
        return domain.lower()
    labels = unicodedata.normalize("NFKC", domain).replace("\u3002", ".").split(".")
    try:
        return ".".join(idna.ToASCII(label).decode("ascii") if label else "" for label in labels).lower()
    except UnicodeError:
        return domain.lower()


def domain_to_unicode(domain: str) -> str:
    """Return a domain for the eye: U-labels where an A-label is a true one."""
    if "xn--" not in domain.lower() or len(domain) > _MAX_DOMAIN:
        return domain
    try:
        return ".".join(idna.ToUnicode(label) for label in domain.split("."))
    except UnicodeError:
        return domain


def normalize(address: str) -> str:
    """Return the form in which two spellings of one address are equal: NFC, lower case, A-labels, no idle quotes.

    RFC 5321 §2.4 lets a host tell `A@x` from `a@x`; no real one does, and people do not.
    """
    local, domain = split_address(address.strip())
    if len(local) > 1 and local.startswith('"') and local.endswith('"'):
        inner = re.sub(r"\\(.)", r"\1", local[1:-1], flags=re.DOTALL)
        if _DOT_ATOM.match(inner):
            local = inner
    local = unicodedata.normalize("NFC", unicodedata.normalize("NFC", local).lower())
    return f"{local}@{domain_to_ascii(domain)}" if domain else local


class _Parser:
    """One walk over the tokens of a value; every token is handled once."""

    def __init__(self, value: bytes, limit: int) -> None:
        self.value = value
        self.limit = limit
        self.out: list[RawAddress] = []
        self.pieces: list[_Piece] = []  # of the phrase, or of an addr-spec without angle brackets
        self.angle: list[_Piece] | None = None  # inside < >
        self.spec: list[_Piece] | None = None  # of a finished < >
        self.comment = b""
        self.in_group = False
        self.has_at = False  # among the pieces: asked at every colon, so that it must not be looked for
        self.comments_end = True  # false once a `(` was found that nothing closes: all later ones are letters

    def run(self) -> list[RawAddress]:
        pos, end = 0, len(self.value)
        while pos < end and len(self.out) < self.limit:
            match = _TOKEN.match(self.value, pos)
            assert match is not None  # the last alternative takes any octet
            pos = match.end()
            kind = match.lastindex
            if kind == _OPEN:
                pos = self._read_comment(pos)
            elif kind == _SPECIAL:
                self._special(match.group())
            elif kind == _QUOTED:
                self._add(_QUOTED, _unquote(match.group()))
            elif kind == _SPACE:
                self._add(_SPACE, b" ")
            else:
                self._add(kind or _ATOM, match.group())
        if len(self.out) < self.limit:
            self._flush()
        if self.in_group:
            self.out.append(RawAddress(GROUP_END, b"", b"", b"", b""))
        return self.out

    def _add(self, kind: int, text: bytes) -> None:
        if self.angle is not None:
            self.angle.append((kind, text))
        elif self.spec is None:
            self.pieces.append((kind, text))
            self.has_at = self.has_at or (kind == _SPECIAL and text == b"@")
        # Text between `>` and the next comma belongs to nothing.

    def _special(self, mark: bytes) -> None:
        if self.angle is not None:
            self._special_in_angle(mark)
        elif mark == b"<":
            if self.spec is not None:  # a comma is missing
                self._flush()
            self.angle = []
        elif mark == b",":
            self._flush()
        elif mark == b";":
            self._flush()
            if self.in_group:
                self.out.append(RawAddress(GROUP_END, b"", b"", b"", b""))
                self.in_group = False
        elif mark == b":" and not self.in_group and self._names_a_group():
            self.out.append(RawAddress(GROUP_START, b"", b"", _phrase(self.pieces), b""))
            self.pieces, self.has_at, self.comment, self.in_group = [], False, b"", True
        elif mark != b">":
            self._add(_SPECIAL, mark)

    def _special_in_angle(self, mark: bytes) -> None:
        assert self.angle is not None  # the caller looked
        route = bool(self.angle) and self.angle[0] == (_SPECIAL, b"@") and (_SPECIAL, b":") not in self.angle[-1:]
        if mark == b">":
            self.spec, self.angle = self.angle, None
        elif mark == b"<":
            self.angle = []
        elif mark in b",;" and not (route and mark == b","):  # `>` is missing
            self.spec, self.angle = self.angle, None
            self._special(mark)
        else:
            self.angle.append((_SPECIAL, mark))

    def _names_a_group(self) -> bool:
        return self.spec is None and not self.has_at and bool(_phrase(self.pieces))

    def _read_comment(self, start: int) -> int:
        """Read a nested comment and return the offset after it."""
        depth, pos = 1, start
        while self.comments_end and (match := _COMMENT.search(self.value, pos)):
            pos = match.end()
            mark = match.group()
            if mark == b"\\":
                pos += 1
            else:
                depth += 1 if mark == b"(" else -1
            if depth == 0:
                self.comment = self.comment or _ESCAPE.sub(rb"\1", self.value[start : pos - 1])
                self._add(_SPACE, b" ")
                return pos
        self.comments_end = False
        self._add(_ATOM, b"(")
        return start

    def _flush(self) -> None:
        """Put out the address that has been gathered, if any."""
        spec, pieces = self.spec if self.spec is not None else self.angle, self.pieces
        comment = words.unfold(self.comment)
        self.pieces, self.has_at, self.angle, self.spec, self.comment = [], False, None, None, b""
        if spec is not None:
            route, local, domain = _split_spec(spec)
            name = _phrase(pieces) or comment
            if local or domain or name:
                self.out.append(RawAddress(MAILBOX, name, route, local, domain))
            return
        if (_SPECIAL, b"@") in pieces:
            name, local, domain = _split_bare(pieces)
            self.out.append(RawAddress(MAILBOX, name or comment, b"", local, domain))
            return
        phrase = _phrase(pieces)
        if not phrase:
            return
        if b" " in phrase or not phrase.isascii():
            self.out.append(RawAddress(MAILBOX, phrase, b"", b"", b""))
        else:  # a local name without a domain
            self.out.append(RawAddress(MAILBOX, comment, b"", phrase, b""))


def _unquote(quoted: bytes) -> bytes:
    body = quoted[1:-1] if len(quoted) > 1 and quoted.endswith(b'"') else quoted[1:]
    if b"\\" in body:
        body = _ESCAPE.sub(rb"\1", body)
    return words.unfold(body) if b"\n" in body or b"\r" in body else body


def _phrase(pieces: list[_Piece]) -> bytes:
    return b"".join([text for _, text in pieces]).strip()


def _tight(pieces: list[_Piece]) -> bytes:
    return b"".join([text for kind, text in pieces if kind != _SPACE])


def _last_at(pieces: list[_Piece]) -> int:
    for index in range(len(pieces) - 1, -1, -1):
        if pieces[index] == (_SPECIAL, b"@"):
            return index
    return -1


def _split_spec(pieces: list[_Piece]) -> tuple[bytes, bytes, bytes]:
    """Return (route, local, domain) of what stands between angle brackets."""
    route = b""
    begin = next((index for index, piece in enumerate(pieces) if piece[0] != _SPACE), len(pieces))
    pieces = pieces[begin:]
    if pieces and pieces[0] == (_SPECIAL, b"@") and (_SPECIAL, b":") in pieces:  # obs-route, RFC 5322 §4.4
        colon = pieces.index((_SPECIAL, b":"))
        route, pieces = _tight(pieces[:colon]), pieces[colon + 1 :]
    at = _last_at(pieces)
    if at < 0:
        return route, _tight(pieces), b""
    return route, _tight(pieces[:at]), _tight(pieces[at + 1 :])


def _split_bare(pieces: list[_Piece]) -> tuple[bytes, bytes, bytes]:
    """Return (name, local, domain) where no angle brackets are; blanks around dots belong to the address (§4.4)."""
    at = _last_at(pieces)
    first = at
    while first > 0 and not _ends_at(pieces, first - 1, at):
        first -= 1
    last = at + 1
    while last < len(pieces) and not (_ends_at(pieces, last, at) and last > at + 1):
        last += 1
    name = _phrase(pieces[:first]) or _phrase(pieces[last:])
    return name, _tight(pieces[first:at]), _tight(pieces[at + 1 : last])


def _ends_at(pieces: list[_Piece], index: int, at: int) -> bool:
    """Return whether the blank at `index` separates the address from other words."""
    if pieces[index][0] != _SPACE:
        return False
    before = pieces[index - 1][1] if index > 0 else b""
    after = pieces[index + 1][1] if index + 1 < len(pieces) else b""
    beside = index in {at - 1, at + 1}
    return not (beside or before.endswith(b".") or after.startswith(b"."))
