"""What a detector returns: a finding, and how a number is shown without being told.

A finding knows its place in the text that was given, never which mail or whose it is.
"""

from typing import Final, Literal

import msgspec

Confidence = Literal["low", "medium", "high"]
Via = Literal["", "reversed", "words", "base64"]
RANK: Final[dict[Confidence, int]] = {"low": 0, "medium": 1, "high": 2}
MAX_FINDINGS: Final = 10_000
"""Of one text; `Examined.is_cut` says when there may be more."""
_HIDDEN: Final = "*"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was found.

    detector    stable id: `kr.rrn`, `card`, `key.private` (all: `detecting.DETECTORS`)
    confidence  `high`: form, meaning, and a check digit or words next to it; `medium`: form and meaning; `low`: form only. A low
                one never decides alone: telephone numbers and addresses of mail are low by definition and are counted
    masked      what an officer may see; never holds `value`
    value       normalised (digits without separators, small letters in addresses): to count distinct ones and for a keyed hash;
                never shown, never stored as it is
    start, end  in the text that was given, in characters
    via         the evasion by which it was found: read backwards, digits in words, base64 within the text; empty as written
    """

    detector: str
    confidence: Confidence
    masked: str
    value: str
    start: int
    end: int
    via: Via = ""


class Examined(msgspec.Struct, frozen=True):
    """All findings of a text by place; `is_cut` when there are more than `MAX_FINDINGS` or the text is longer than is read."""

    findings: tuple[Finding, ...] = ()
    is_cut: bool = False


def masked(value: str, head: int, tail: int = 0) -> str:
    """Return a value with all letters and digits hidden but the first `head` and last `tail` ones; separators stay."""
    signs = [at for at, one in enumerate(value) if one.isalnum()]
    shown = set(signs[:head]) | set(signs[len(signs) - tail :] if tail else ())
    return "".join(one if at in shown or not one.isalnum() else _HIDDEN for at, one in enumerate(value))
