"""Plain text helpers that know nothing about mail."""

import re
import unicodedata
from typing import Final

INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Default-ignorable characters (Unicode, DerivedCoreProperties) and interlinear annotations: soft hyphens, zero width,
directions, joiners, fillers, variation selectors, language tags.
"""


def without_invisible(text: str) -> str:
    """Return text without characters that nobody sees."""
    return text if text.isascii() else INVISIBLE.sub("", text)


def fold(text: str) -> str:
    """Return the form in which two spellings of one text compare equal: without invisible characters, NFKC, case-folded,
    NFC (Unicode's NFKC_Casefold).
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", without_invisible(text)).casefold())


_MAX_TITLED: Final = 8_192


class _Titled(dict[int, str]):
    """Character → its title case, one character (Unicode's simple mapping), decomposed; remembered as they are met."""

    def __missing__(self, code: int) -> str:
        if len(self) >= _MAX_TITLED:
            self.clear()
        title = chr(code).title()
        made = self[code] = unicodedata.normalize("NFKD", title if len(title) == 1 else chr(code))
        return made


_TITLED: Final = _Titled()


def titled(text: str) -> str:
    """Return the form of RFC 5051 §2, i;unicode-casemap: each character in title case, then decomposed. Put in order by it,
    letters of either case stand before `[` and `_`.
    """
    return text.upper() if text.isascii() else text.translate(_TITLED)


def is_unicode(text: str) -> bool:
    """Say whether a text can be written as UTF-8: what JSON or bad octets gave may hold half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, never ending inside a combining sequence."""
    if len(text) <= limit:
        return text
    end = limit
    while end > 0 and unicodedata.combining(text[end]):
        end -= 1
    return text[:end]
