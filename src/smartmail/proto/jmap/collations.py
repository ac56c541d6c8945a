"""Orders of texts by name: those of the registry (RFC 4790), and those of five languages under a name of our own.

RFC 4790 §3.1 keeps `*;vnd-HOST;*` for what a vendor adds; before it stands the language.
"""

from collections.abc import Mapping
from typing import Final

REGISTERED: Final = ("i;ascii-numeric", "i;ascii-casemap", "i;unicode-casemap")
LANGUAGES: Final[Mapping[str, str]] = {
    f"{language};vnd-smartmail.example;cldr": language for language in ("ko", "en", "ja", "zh-Hans", "zh-Hant")
}
"""Collation → the language whose readers expect the order (formats.collation). Only names are sorted by it: of cards, principals,
mailboxes; a sort of something else with it is unsupportedSort.
"""
OF_NAMES: Final = (*REGISTERED, *LANGUAGES)


def language_of(collation: str | None) -> str | None:
    """Return the language of a collation; None for one of no language."""
    return None if collation is None else LANGUAGES.get(collation)
