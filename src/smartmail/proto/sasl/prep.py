"""SASLprep: the form in which names and passwords compare equal (RFC 4013).

A Korean password typed on a Mac arrives in decomposed Hangul, elsewhere composed: NFKC makes them one.
"""

import stringprep
import unicodedata
from collections.abc import Callable
from typing import Final

_PROHIBITED: Final[tuple[Callable[[str], bool], ...]] = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def saslprep(text: str) -> str | None:
    """Return `text` prepared as a query string (unassigned code points allowed), None when it is prohibited.

    RFC 4013 §2.1 mapping, §2.2 NFKC, §2.3 prohibited output, §2.4 bidirectional characters.
    """
    if text.isascii():
        return text if text.isprintable() else None
    mapped = "".join(
        " " if stringprep.in_table_c12(char) else char for char in text if not stringprep.in_table_b1(char)
    )
    prepared = unicodedata.normalize("NFKC", mapped)
    if any(prohibited(char) for char in prepared for prohibited in _PROHIBITED):
        return None
    return prepared if _bidi_ok(prepared) else None


def _bidi_ok(text: str) -> bool:
    """RFC 3454 §6: right-to-left text holds no left-to-right letter and begins and ends right-to-left."""
    if not any(map(stringprep.in_table_d1, text)):
        return True
    if any(map(stringprep.in_table_d2, text)):
        return False
    return stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
