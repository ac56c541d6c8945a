"""The features of a message: what a model learns from, as a set of tokens.

NAME        features
PURPOSE     Header fields, text, markup, addresses and shape of a message as tokens, each with a mark that says where it
            was seen (`s:` subject, `f:` From, `u:` address, `t:` tag, `p:` part …). The same message gives the same
            tokens at delivery and later, when somebody says what it was.
LIMITS      `MAX_TEXT` characters of text, `MAX_PART` octets of a part, `MAX_TOKENS` tokens: a message of any size costs
            a few milliseconds, and who pads a message pads beyond what is read.
SECURITY    Fields that servers on the way write are left out: they say how a corpus was gathered, and anybody can write
            them. So are those that we write ourselves, or a stored message would differ from the one that came.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from smartmail.formats import charset
from smartmail.formats.headers import Header
from smartmail.formats.mime.parts import Part
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.spam import addresses, markup, wording
from smartmail.formats.summary import HeaderAddress, Summary

MAX_PART: Final = 192 << 10
MAX_TEXT: Final = 12_000
"""Characters that are read: the first two thirds and the last third of a longer text."""
MAX_PAGE: Final = 120_000
MAX_PARTS: Final = 60
MAX_TOKENS: Final = 20_000
_MAX_VALUE: Final = 600
_TRANSPORT: Final = frozenset(
    (
        b"received", b"return-path", b"delivered-to", b"x-original-to", b"envelope-to", b"authentication-results",
        b"received-spf", b"dkim-signature", b"arc-seal", b"arc-message-signature", b"arc-authentication-results",
        b"status", b"x-status", b"x-keywords", b"x-uid", b"date", b"message-id", b"lines", b"x-envelope-from",
    )
)  # fmt: skip
_TRANSPORT_STARTS: Final = (b"x-smartmail-", b"x-spam", b"resent-", b"x-forwarded", b"x-google-", b"x-ms-exchange-")
_WORD_FIELDS: Final = (
    "x-mailer", "user-agent", "x-priority", "x-msmail-priority", "importance", "precedence", "auto-submitted",
    "organization", "mime-version", "content-transfer-encoding", "list-id", "feedback-id", "content-language",
)  # fmt: skip


def features(header: Header, summary: Summary, octets: bytes, known: Iterable[str] = ()) -> list[str]:
    """Return the tokens of a message, each once. `octets` may be its beginning only; `known` are tokens of what was
    found out elsewhere (authentication).
    """
    found = dict.fromkeys(known)
    for some in (_fields(header, summary), _subject(summary), _shape(summary), _texts(summary, octets)):
        found.update(dict.fromkeys(islice(some, MAX_TOKENS)))
        if len(found) >= MAX_TOKENS:
            break
    return list(islice(found, MAX_TOKENS))


# --- header ----------------------------------------------------------------------------------------------------------


def _fields(header: Header, summary: Summary) -> Iterator[str]:
    for field in header.fields[:200]:
        name = field.name.lower()
        if name not in _TRANSPORT and not name.startswith(_TRANSPORT_STARTS):
            yield "n:" + name[:40].decode("latin-1")
    for name_ in _WORD_FIELDS:
        text = header.text(name_)
        if text:
            yield from (f"{name_}:{word}" for word in text.lower().split()[:12])
    boxes = summary.addresses
    yield from _people("f", boxes.from_)
    yield from _people("r", boxes.reply_to)
    yield f"to:{min(len(boxes.to) + len(boxes.cc), 9)}"
    if any(box.name for box in boxes.to):
        yield "to:named"
    if boxes.reply_to and boxes.from_ and _domain(boxes.reply_to[0]) != _domain(boxes.from_[0]):
        yield "r:elsewhere"
    yield f"refs:{min(len(summary.ids.references), 4)}"
    if not summary.sent_at:
        yield "date:none"


def _people(mark: str, boxes: Sequence[HeaderAddress]) -> Iterator[str]:
    for box in boxes[:3]:
        address = box.address.lower()[:254]
        local, _, domain = address.rpartition("@")
        yield f"{mark}:{address}"
        labels = domain.split(".")[-4:]
        yield from (f"{mark}@{'.'.join(labels[start:])}" for start in range(len(labels)))
        yield f"{mark}:local {len(local) // 4} {sum(char.isdigit() for char in local) // 2}"
        name = wording.plain(box.name[:200])
        yield from (f"{mark}:{token}" for token in wording.tokens(name))
        if not name:
            yield f"{mark}:unnamed"
        if "@" in name:
            yield f"{mark}:name-address"
        if mark == "f" and name.isupper():
            yield "f:upper"


def _domain(box: HeaderAddress) -> str:
    return box.address.rpartition("@")[2].lower()


def _subject(summary: Summary) -> Iterator[str]:
    raw = summary.subject[:_MAX_VALUE]
    text = wording.plain(raw)
    yield from (f"s:{token}" for token in wording.tokens(f" {text} "))
    yield from wording.tokens(text)
    if wording.hidden(raw):
        yield "s:hidden"
    letters = [char for char in text if char.isalpha()]
    if len(letters) > 4 and all(char.isupper() for char in letters if char.lower() != char.upper()):
        yield "s:upper"
    for mark in "!?$%([":
        if mark in text:
            yield f"s:has {mark}{min(text.count(mark), 4)}"
    if text.rstrip()[-4:].isdigit() or "     " in text:
        yield "s:tail"
    yield f"s:length {min(len(text) // 12, 8)}"


# --- shape -----------------------------------------------------------------------------------------------------------


def _shape(summary: Summary) -> Iterator[str]:
    yield "p:" + "/".join(part.type.partition("/")[2][:12] for part in summary.parts[:6])
    yield f"p:size {summary.size.bit_length()}"
    for part in summary.parts[:MAX_PARTS]:
        yield f"p:{part.type} {part.encoding} {part.charset.lower()[:20]}"
        yield f"p:{part.type} {part.disposition}"
        if part.name:
            yield from _file(part)


def _file(part: Part) -> Iterator[str]:
    name = wording.plain(part.name[:200]).lower()
    endings = name.split(".")[1:][-2:]
    yield f"p:.{'.'.join(endings)[:20]} {part.type}"
    yield f"p:.{endings[-1][:10] if endings else ''} {part.decoded_size.bit_length()}"
    yield from (f"p:{token}" for token in wording.tokens(name))


# --- text ------------------------------------------------------------------------------------------------------------


def _texts(summary: Summary, octets: bytes) -> Iterator[str]:
    links: list[str] = []
    texts: list[str] = []
    for part in summary.parts[:MAX_PARTS]:
        if not part.type.startswith("text/") or part.body_start >= len(octets):
            continue
        text = _read(part, octets)
        if part.type == "text/html":
            page = markup.read(text[:MAX_PAGE])
            yield from page.tokens
            links += page.links
            text = page.text
        if wording.hidden(text[:MAX_TEXT]) > 3:
            yield "b:hidden"
        texts.append(text)
    links += [link for text in texts for link in addresses.in_text(text[:MAX_TEXT])]
    yield from addresses.tokens(links)
    yield from _wording(texts)


def _read(part: Part, octets: bytes) -> str:
    body = octets[part.body_start : min(part.body_end, part.body_start + MAX_PART)]
    return charset.decode(decode_body(body, part.encoding), part.charset)[0]


def _wording(texts: Sequence[str]) -> Iterator[str]:
    room = MAX_TEXT
    for text in texts:
        text = text.strip()
        shown = wording.plain(text if len(text) <= room else text[: room * 2 // 3] + "\n" + text[-room // 3 :])
        if shown:
            yield f"b:length {len(text).bit_length()}"
            yield f"b:upper {10 * sum(map(str.isupper, shown[:2000])) // len(shown[:2000])}"
        yield from wording.tokens(shown)
        room = max(room - len(shown), room // 4)
