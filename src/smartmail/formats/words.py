"""Encoded words of header fields (RFC 2047): to text and back.

Knows octets of one unfolded value, and nothing of field names or address grammar.

Reading is lenient where senders are wrong and the meaning is plain: characters split over adjacent words, base64
split over words without padding, spaces in Q text, words inside quoted strings or glued to text, a missing end, raw
8-bit octets. It is linear: no octet is looked at more than a few times, whatever the input.
"""

import binascii
import re
import unicodedata
from typing import Final, NamedTuple

from smartmail.formats import charset

# RFC 2047 §2: an encoded word has at most 75 characters.
MAX_WORD: Final = 75

_START: Final = re.compile(rb"=\?([^?\s]{1,64})\?([BbQq])\?")
_ALONE: Final = re.compile(rb"=\?([^?\s*]{1,64})\?([BbQq])\?([^?\s]*+)\?=")
_Q_OCTET: Final = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_B64: Final = re.compile(rb"[^A-Za-z0-9+/]")
_CONTROL: Final = {
    **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), "\ufffd"),
    **dict.fromkeys((9, 10, 13), " "),
    # Bidirectional overrides and isolates would let a name or a file name be shown backwards (exe.gpj → jpg.exe).
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    0x2028: " ",
    0x2029: " ",
}
_UNCLEAN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class _Word(NamedTuple):
    start: int
    end: int
    label: bytes
    base64: bool
    text: bytes


def unfold(value: bytes) -> bytes:
    """Return a field value without its line ends (RFC 5322 §2.2.3), without white space at both ends."""
    return value.translate(None, b"\r\n").strip(b" \t")


def clean(text: str) -> str:
    """Return text that is safe to show on one line: no controls, no direction overrides, NFC."""
    if text.isascii() and text.isprintable():
        return text
    if _UNCLEAN.search(text):
        text = text.translate(_CONTROL)
    return unicodedata.normalize("NFC", text)


def decode_words(value: bytes, fallback: str = charset.DEFAULT_FALLBACK) -> str:
    """Return the text of an unfolded value: encoded words decoded, raw 8-bit octets guessed. Not cleaned."""
    if b"=?" not in value:
        return charset.decode(value, None, fallback)[0]
    if alone := _ALONE.fullmatch(value):  # most names and many subjects are one word
        label, encoding, text = alone.groups()
        octets = decode_base64(text) if encoding in b"Bb" else _decode_q(text)
        return charset.decode(octets, label, fallback)[0]
    out: list[str] = []
    run: list[_Word] = []
    pos = 0
    for word in _find_words(value):
        gap = value[pos : word.start]
        if run and gap.strip(b" \t"):
            out.append(_decode_run(run, fallback))
            run = []
        if not run and gap:  # white space between two encoded words is not shown (RFC 2047 §6.2)
            out.append(charset.decode(gap, None, fallback)[0])
        run.append(word)
        pos = word.end
    out.append(_decode_run(run, fallback))
    out.append(charset.decode(value[pos:], None, fallback)[0])
    return "".join(out)


def decode_text(value: bytes, fallback: str = charset.DEFAULT_FALLBACK) -> str:
    """Return the text of a raw, perhaps folded value as it may be shown: unfolded, decoded, cleaned, NFC."""
    value = unfold(value)
    if value.isascii() and b"=?" not in value:
        text = value.decode("ascii")
        if b"\x1b" not in value:
            return clean(text)
    return clean(decode_words(value, fallback)).strip()


def _find_words(value: bytes) -> list[_Word]:
    words: list[_Word] = []
    pos = value.find(b"=?")
    end = -1
    while pos >= 0:
        match = _START.match(value, pos)
        if match is None:
            pos = value.find(b"=?", pos + 2)
            continue
        text_start = match.end()
        if end < text_start:
            end = value.find(b"?=", text_start)
        following = value.find(b"=?", text_start)
        if end < 0:
            _add_cut_word(words, value, match)
            break
        if 0 <= following < end - 1:  # this one never ended, the next may (`=?=` at `end` is padding and the end)
            pos = following
            continue
        words.append(_word(value, match, end, end + 2))
        pos = value.find(b"=?", end + 2)
    return words


def _add_cut_word(words: list[_Word], value: bytes, match: re.Match[bytes]) -> None:
    """Take a last word whose `?=` was cut off, if nothing but its text follows."""
    if not re.search(rb"[\s?]", value[match.end() :]):
        words.append(_word(value, match, len(value), len(value)))


def _word(value: bytes, match: re.Match[bytes], text_end: int, end: int) -> _Word:
    label = match.group(1).partition(b"*")[0]  # RFC 2231 §5: charset*language
    return _Word(match.start(), end, label.lower(), match.group(2) in b"Bb", value[match.end() : text_end])


def _decode_run(run: list[_Word], fallback: str) -> str:
    """Decode adjacent words; those of one charset are joined as octets first, for characters split over two."""
    out: list[str] = []
    index = 0
    while index < len(run):
        last = index + 1
        while last < len(run) and run[last].label == run[index].label:
            last += 1
        out.append(charset.decode(_join(run[index:last]), run[index].label, fallback)[0])
        index = last
    return "".join(out)


def _join(words: list[_Word]) -> bytes:
    out: list[bytes] = []
    pending = b""
    for word in words:
        if not word.base64:
            out.append(decode_base64(pending))
            out.append(_decode_q(word.text))
            pending = b""
            continue
        text = _NOT_B64.sub(b"", word.text) if word.text.count(b"=") == 0 else word.text
        if len(pending) % 4 == 0 or b"=" in pending:
            out.append(decode_base64(pending))
            pending = text
        else:  # a sender that cut one base64 stream anywhere
            pending += text
    out.append(decode_base64(pending))
    return b"".join(out)


def _decode_q(text: bytes) -> bytes:
    text = text.replace(b"_", b" ")
    if b"=" not in text:
        return text
    return _Q_OCTET.sub(lambda match: bytes((int(match.group(1), 16),)), text)


def decode_base64(text: bytes) -> bytes:
    """Return the octets of a base64 text; junk is skipped, a cut end gives what is whole (RFC 2045 §6.8)."""
    if not text:
        return b""
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        pass
    out: list[bytes] = []
    for piece in text.split(b"="):  # padding in the middle: several streams were put together
        letters = _NOT_B64.sub(b"", piece)
        whole = len(letters) - len(letters) % 4
        tail = letters[whole:]
        if len(tail) == 1:
            tail = b""
        out.append(binascii.a2b_base64(letters[:whole] + tail + b"=" * (-len(tail) % 4)))
    return b"".join(out)


# --- writing -----------------------------------------------------------------------------------------------------

_Q_SAFE: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")  # RFC 2047 §5(3)
_WORD_FRAME: Final = len("=?utf-8?B??=")


def encode_words(text: str, first: int = MAX_WORD) -> list[bytes]:
    """Return `text` as UTF-8 encoded words, each whole in itself; the first has at most `first` octets.

    The shorter of B and Q is taken for the whole text, so that English with one accent stays readable.
    """
    octets = text.encode("utf-8", "replace")
    q_cost = sum(1 if octet in _Q_SAFE or octet == 0x20 else 3 for octet in octets)
    use_q = q_cost <= (len(octets) * 4 + 2) // 3
    words: list[bytes] = []
    room = first - _WORD_FRAME
    chunk: list[bytes] = []
    used = 0
    for character in text:
        piece = character.encode("utf-8", "replace")
        cost = _q_cost(piece) if use_q else len(piece)
        limit = room if use_q else room // 4 * 3
        if chunk and used + cost > limit:
            words.append(_make_word(b"".join(chunk), use_q=use_q))
            chunk, used, room = [], 0, MAX_WORD - _WORD_FRAME
        chunk.append(piece)
        used += cost
    if chunk:
        words.append(_make_word(b"".join(chunk), use_q=use_q))
    return words


def _q_cost(piece: bytes) -> int:
    return sum(1 if octet in _Q_SAFE or octet == 0x20 else 3 for octet in piece)


def _make_word(octets: bytes, *, use_q: bool) -> bytes:
    if use_q:
        return b"=?utf-8?Q?" + b"".join(_Q_TABLE[octet] for octet in octets) + b"?="
    return b"=?utf-8?B?" + binascii.b2a_base64(octets, newline=False) + b"?="


_Q_TABLE: Final = tuple(
    b"_" if octet == 0x20 else bytes((octet,)) if octet in _Q_SAFE else b"=%02X" % octet for octet in range(256)
)
