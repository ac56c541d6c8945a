"""Macros of SPF (RFC 7208 §7): read once with the record, expanded when they are met."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from smartmail.proto.mailauth.domains import MAX_NAME

_EXPAND: Final = re.compile(r"%(?:([%_-])|\{([A-Za-z])([0-9]*)(r?)([.+,/_=-]*)\})", re.IGNORECASE)
_LITERAL: Final = re.compile(r"[!-$&-~]*\Z")
_TEXT: Final = re.compile(r"[ -$&-~]*\Z")
# RFC 7208 §7.1 toplabel: letters, digits and hyphens, neither all digits nor a hyphen at an end.
_TOP_LABEL: Final = re.compile(r"(?:[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*|[A-Za-z0-9]+-[A-Za-z0-9-]*[A-Za-z0-9])\Z")
_ESCAPED: Final = {"%": "%", "_": " ", "-": "%20"}
_DOMAIN_LETTERS: Final = "slodiphv"
_EXPLAIN_LETTERS: Final = "slodiphvcrt"


class MacroError(ValueError):
    """Text that is no macro-string or no domain-spec."""


@dataclass(frozen=True, slots=True)
class Macro:
    """`%{letter digits r delimiters}`; `keep` 0 keeps all parts."""

    letter: str
    keep: int
    reverse: bool
    delimiters: str
    escape: bool


DomainSpec = tuple[str | Macro, ...]
Values = Callable[[str], Awaitable[str]]
"""Return the value of a macro letter (in lower case)."""


def parse_macro_string(text: str, *, explaining: bool = False) -> DomainSpec:
    """Return the parts of a macro-string. Raises MacroError. `explaining`: blanks and the letters c, r, t may stand."""
    letters = _EXPLAIN_LETTERS if explaining else _DOMAIN_LETTERS
    literal = _TEXT if explaining else _LITERAL
    parts: list[str | Macro] = []
    at = 0
    for match in _EXPAND.finditer(text):
        parts.append(_plain(text[at : match.start()], literal))
        parts.append(_macro(match, letters))
        at = match.end()
    parts.append(_plain(text[at:], literal))
    return tuple(part for part in parts if part)


def _plain(text: str, allowed: re.Pattern[str]) -> str:
    if not allowed.match(text):
        raise MacroError("a character or % that may not stand here")
    return text


def _macro(match: re.Match[str], letters: str) -> str | Macro:
    if match[1]:
        return _ESCAPED[match[1]]
    letter = match[2].lower()
    if letter not in letters:
        raise MacroError(f"macro letter {letter} may not stand here")
    if match[3] and not int(match[3][:4]):
        raise MacroError("a macro keeps no part")
    return Macro(letter, int(match[3][:4] or 0), bool(match[4]), match[5] or ".", match[2].isupper())


def parse_domain_spec(text: str) -> DomainSpec:
    """Return the parts of a domain-spec: it ends with a macro or a top label (RFC 7208 §7.1). Raises MacroError."""
    parts = parse_macro_string(text)
    if not parts:
        raise MacroError("a domain is missing")
    last = parts[-1]
    if isinstance(last, str) and not text.endswith(("%%", "%_", "%-")):
        before, dot, label = last.removesuffix(".").rpartition(".")
        if not _TOP_LABEL.match(label) or not dot or not (before or len(parts) > 1):
            raise MacroError("not a domain")
    elif isinstance(last, str):
        raise MacroError("not a domain")
    return parts


async def expand(parts: DomainSpec, values: Values) -> str:
    """Return the text."""
    return "".join([part if isinstance(part, str) else await _expand(part, values) for part in parts])


async def expand_domain(parts: DomainSpec, values: Values) -> str:
    """Return the name in look-up form; labels are taken off the left until it is short enough (RFC 7208 §7.3)."""
    name = (await expand(parts, values)).removesuffix(".")
    if len(name) > MAX_NAME:
        # In one step: a record may make a name of megabytes, label by label that is minutes.
        cut = name.find(".", len(name) - MAX_NAME - 1)
        name = name[cut + 1 :] if cut >= 0 else name.rpartition(".")[2]
    return name.lower()


async def _expand(macro: Macro, values: Values) -> str:
    value = await values(macro.letter)
    if macro.keep or macro.reverse or macro.delimiters != ".":
        pieces = re.split("[" + re.escape(macro.delimiters) + "]", value)
        if macro.reverse:
            pieces.reverse()
        value = ".".join(pieces[-macro.keep :] if macro.keep else pieces)
    return quote(value, safe="-._~") if macro.escape else value
