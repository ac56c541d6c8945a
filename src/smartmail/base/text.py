"""Plain text helpers that know nothing about mail."""

import unicodedata


def fold(text: str) -> str:
    """Return the form in which two spellings of one text compare equal: NFKC, case-folded, NFC."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


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
