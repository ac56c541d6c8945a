"""Character sets of mail: from a label (often false, often missing) and octets to text.

Knows labels and codecs, and nothing of headers or parts. Nothing here raises on any input.

Rules that come from real Korean and Asian mail:
- every spelling of the Korean double-byte set means cp949: what Outlook calls `euc-kr` or `ks_c_5601-1987` holds
  syllables (쀍 뷁 똠) that only cp949 has;
- the same for gb2312 → gb18030, shift_jis → cp932, iso-8859-1 → cp1252: the superset reads both;
- octets without a label, or with one that they contradict: valid UTF-8 is UTF-8, an ISO 2022 escape tells itself,
  and the rest is cp949.
"""

import codecs
import re
from functools import lru_cache
from typing import Final

DEFAULT_FALLBACK: Final = "cp949"

# Labels longer than this are hostile: no registered name has more than 45 characters.
_MAX_LABEL: Final = 64

_ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "utf_8": ("utf8", "unicode11utf8", "utf8mb4", "cp65001", "xutf8", "unicode20utf8", "utf8sig"),
    "cp949": (
        "ksc56011987",
        "ksc56011989",
        "ksc5601",
        "korean",
        "euckr",
        "windows949",
        "ms949",
        "uhc",
        "cp949",
        "xwindows949",
        "ksc56011992",
        "ksx1001",
        "ksc5601ksx1001",
        "csksc56011987",
        "cseuckr",
        "isoir149",
        "5601",
        "xeuckr",
        "ks5601",
        "kscl5601",
        "xksc5601",
        "ibm949",
        "xuhc",
    ),
    "iso2022_kr": ("iso2022kr", "csiso2022kr"),
    "johab": ("johab", "cp1361", "ms1361", "xjohab"),
    "iso2022_jp": (
        "iso2022jp",
        "csiso2022jp",
        "iso2022jp1",
        "iso2022jp2",
        "csiso2022jp2",
        "iso2022jp3",
        "iso2022jp2004",
        "iso2022jpext",
        "jis",
        "cp50220",
        "cp50221",
        "cp50222",
        "xiso2022jp",
        "iso2022jpms",
        "csiso2022jpms",
    ),
    "cp932": (
        "shiftjis",
        "sjis",
        "xsjis",
        "msk",
        "mskanji",
        "csshiftjis",
        "windows31j",
        "cswindows31j",
        "cp932",
        "ms932",
        "windows932",
        "xmscp932",
        "cp943",
        "ibm943",
        "shiftjis2004",
    ),
    "euc_jp": ("eucjp", "xeucjp", "cseucpkdfmtjapanese", "ujis", "eucjpms", "cp51932", "eucjpwin"),
    "gb18030": (
        "gb2312",
        "gbk",
        "gb18030",
        "cp936",
        "ms936",
        "windows936",
        "xgbk",
        "euccn",
        "csgb2312",
        "chinese",
        "gb231280",
        "isoir58",
        "csiso58gb231280",
        "gb",
        "xeuccn",
        "cngb",
        "gb180302000",
        "gb180302022",
        "eucgb2312cn",
        "simplifiedchinese",
    ),
    "hz": ("hzgb2312", "hz", "hzgb"),
    "cp950": ("big5", "cp950", "ms950", "windows950", "xxbig5", "cnbig5", "csbig5", "xbig5", "big5tw", "big5eten"),
    "big5hkscs": ("big5hkscs", "xbig5hkscs", "hkscs", "big5hkscs2004", "cp951"),
    "cp1252": (
        "iso88591",
        "latin1",
        "l1",
        "isoir100",
        "cp819",
        "ibm819",
        "windows1252",
        "cp1252",
        "xansi",
        "ansi",
        "iso8859",
    ),
    "cp1250": ("windows1250", "cp1250"),
    "cp1251": ("windows1251", "cp1251", "xcp1251"),
    "cp1253": ("windows1253", "cp1253"),
    "cp1254": ("windows1254", "cp1254", "iso88599", "latin5"),
    "cp1255": ("windows1255", "cp1255"),
    "cp1256": ("windows1256", "cp1256"),
    "cp1257": ("windows1257", "cp1257"),
    "cp1258": ("windows1258", "cp1258"),
    "cp874": ("windows874", "cp874", "tis620", "iso885911", "dos874"),
    "iso8859_2": ("iso88592", "latin2"),
    "iso8859_3": ("iso88593", "latin3"),
    "iso8859_4": ("iso88594", "latin4"),
    "iso8859_5": ("iso88595", "cyrillic"),
    "iso8859_6": ("iso88596", "arabic", "iso88596i", "iso88596e"),
    "iso8859_7": ("iso88597", "greek"),
    "iso8859_8": ("iso88598", "hebrew", "iso88598i", "iso88598e", "logical"),
    "iso8859_10": ("iso885910", "latin6"),
    "iso8859_13": ("iso885913", "latin7"),
    "iso8859_14": ("iso885914", "latin8"),
    "iso8859_15": ("iso885915", "latin9"),
    "iso8859_16": ("iso885916", "latin10"),
    "koi8_r": ("koi8r", "koi8", "cskoi8r"),
    "koi8_u": ("koi8u", "koi8ru"),
    "cp437": ("ibm437", "cp437"),
    "cp850": ("ibm850", "cp850"),
    "cp852": ("ibm852", "cp852"),
    "cp866": ("ibm866", "cp866"),
    "mac_roman": ("macintosh", "macroman", "xmacroman", "mac"),
    "mac_cyrillic": ("xmaccyrillic", "maccyrillic"),
    "utf_7": ("utf7", "unicode11utf7", "unicode20utf7", "csunicode11utf7", "xunicode20utf7"),
    "utf_16": ("utf16", "ucs2", "unicode", "iso10646ucs2"),
    "utf_16_le": ("utf16le", "unicodelittle"),
    "utf_16_be": ("utf16be", "unicodebig"),
    "utf_32": ("utf32", "ucs4"),
    "utf_32_le": ("utf32le",),
    "utf_32_be": ("utf32be",),
    # No promise about octets above 127: decided by looking at them.
    "": (
        "",
        "usascii",
        "ascii",
        "ansix341968",
        "iso646us",
        "us",
        "646",
        "isoir6",
        "unknown8bit",
        "unknown",
        "xunknown",
        "8bit",
        "7bit",
        "binary",
        "none",
        "default",
        "charset",
        "defaultcharset",
        "xuserdefined",
        "ansix31101983",
        "3d",
    ),
}
_CODECS: Final[dict[str, str]] = {alias: codec for codec, aliases in _ALIASES.items() for alias in aliases}
CODECS: Final = frozenset(codec for codec in _CODECS.values() if codec)
"""Names of all codecs in use, for whoever has to load them beforehand."""
_PUNCTUATION: Final = re.compile(r"[^0-9a-z]+")

# A second codec to try when the first fails: (extension of, or confused with) the first.
_SECOND: Final[dict[str, str]] = {"cp950": "big5hkscs", "big5hkscs": "cp950", "euc_jp": "euc_jis_2004"}
_STATEFUL: Final = frozenset({"iso2022_kr", "iso2022_jp", "hz", "utf_7"})

_SO_DESIGNATION: Final = b"\x1b$)C"
_JP_ESCAPE: Final = re.compile(rb"\x1b(?:\$[@B]|\$\([@BDOPQ]|\([BJIH])")


def codec_of(label: str | bytes | None) -> str | None:
    """Return the codec name for a charset label, "" when the label promises only ASCII, None when it is unknown."""
    if not label:
        return ""
    return _codec_of(label) if len(label) <= _MAX_LABEL else None


@lru_cache(1_024)
def _codec_of(label: str | bytes) -> str | None:
    text = label.decode("latin-1") if isinstance(label, bytes) else label
    return _CODECS.get(_PUNCTUATION.sub("", text.lower()))


def decode(data: bytes, label: str | bytes | None = None, fallback: str = DEFAULT_FALLBACK) -> tuple[str, bool]:
    """Return (text, damaged) of `data` under a charset label.

    `fallback` names the legacy charset of octets that tell nothing. `damaged` is true when something was
    unreadable: replaced inside, or a character cut off at the end (which is dropped without a mark, so that a
    prefix of a text may be decoded).
    """
    codec = codec_of(label)
    if not codec:
        return _decode_guessed(data, fallback)
    if codec == "iso2022_kr" and _SO_DESIGNATION not in data:
        data = _SO_DESIGNATION + data  # SO without its designation: RFC 1557 demands one, old agents forgot it
    try:
        return data.decode(codec), False
    except ValueError:
        return _decode_damaged(data, codec, fallback)


def guess(data: bytes, fallback: str = DEFAULT_FALLBACK) -> str:
    """Return the codec name that octets without a (true) label most likely have."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf_16"
    if data.isascii():
        if b"\x1b$)C" in data:
            return "iso2022_kr"
        if b"\x1b$" in data and _JP_ESCAPE.search(data):
            return "iso2022_jp"
        return "ascii"
    if _strict(data, "utf_8") is not None:
        return "utf_8"
    return codec_of(fallback) or DEFAULT_FALLBACK


def _decode_guessed(data: bytes, fallback: str) -> tuple[str, bool]:
    codec = guess(data, fallback)
    if codec == "utf_8" and data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    try:
        return data.decode(codec), False
    except ValueError:
        pass
    text = _without_tail(data, codec)
    if text is not None:
        return text, True
    if codec == "iso2022_jp":
        return _decode_jis(data), True
    text = data.decode(codec, "replace")
    wrong = text.count("\ufffd")
    east_asian = sum(character > "\u2fff" for character in text) - wrong
    if wrong * 4 > east_asian:  # more faults than damage explains: western octets (`49¢ each`)
        text = _whole(data, "cp1252") or data.decode("latin_1")
    return text, True


def _decode_damaged(data: bytes, codec: str, fallback: str) -> tuple[str, bool]:
    """Decode what its codec refused: a cut end, a sister charset, a false label, or real damage."""
    if codec == "iso2022_jp":
        text = _decode_jis(data)
        return text, "\ufffd" in text
    legacy = codec not in _STATEFUL and not codec.startswith("utf_")
    if legacy and (text_or_none := _whole(data, "utf_8")) is not None:
        return text_or_none, False
    text_or_none = _without_tail(data, codec)
    if text_or_none is not None:
        return text_or_none, True
    for other in (_SECOND.get(codec), "latin_1" if codec == "cp1252" else None):
        if other and (text_or_none := _strict(data, other)) is not None:
            return text_or_none, False
    if legacy or codec == "utf_8":
        text_or_none = _false_label(data, codec, fallback)
        if text_or_none is not None:
            return text_or_none, False
    return data.decode(codec, "replace"), True


def _false_label(data: bytes, codec: str, fallback: str) -> str | None:
    """Return the text when the octets are without any fault in UTF-8 or the fallback, and so contradict `codec`."""
    for other in ("utf_8", codec_of(fallback) or DEFAULT_FALLBACK):
        if other != codec and (text := _strict(data, other)) is not None:
            return text
    return None


def _whole(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except ValueError:
        return None


def _strict(data: bytes, codec: str) -> str | None:
    """Return the text if `data` is valid in `codec`, a cut last character aside."""
    text = _whole(data, codec)
    return _without_tail(data, codec) if text is None else text


def _without_tail(data: bytes, codec: str) -> str | None:
    """Return the text without a character that was cut at the end; None when something else is wrong."""
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(data)
    except (ValueError, LookupError):
        return None


def _decode_jis(data: bytes) -> str:
    """Decode ISO-2022-JP with the vendor characters (NEC row 13, half-width kana) that Python's codec refuses.

    Every two-octet set is read as JIS X 0208 through its Shift_JIS form, for which cp932 has the vendor rows.
    """
    out: list[str] = []
    mode = b"\x1b(B"
    start = 0
    for match in _JP_ESCAPE.finditer(data):
        out.append(_jis_segment(data[start : match.start()], mode))
        mode, start = match.group(), match.end()
    out.append(_jis_segment(data[start:], mode))
    return "".join(out)


def _jis_segment(segment: bytes, mode: bytes) -> str:
    if mode == b"\x1b(I":  # JIS X 0201 katakana in 7 bits
        return bytes(octet | 0x80 if octet > 0x20 else octet for octet in segment).decode("cp932", "replace")
    if mode[1:2] == b"(":
        return segment.decode("cp932", "replace")
    return _jis_to_sjis(segment).decode("cp932", "replace")


def _jis_to_sjis(segment: bytes) -> bytes:
    """Move the octet pairs of a 94×94 set into Shift_JIS; anything outside the set stays as it is."""
    out = bytearray()
    index, end = 0, len(segment)
    while index < end:
        row = segment[index]
        if not 0x21 <= row <= 0x7E or index + 1 >= end:
            out.append(row)
            index += 1
            continue
        cell = segment[index + 1]
        lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
        if row % 2:
            cell += 0x1F if cell < 0x60 else 0x20
        else:
            cell += 0x7E
        out += bytes((lead, cell & 0xFF))
        index += 2
    return bytes(out)
