"""The patterns of `:matches` (RFC 5228 §2.7.1) and `:regex` (draft-murchison-sieve-regex), in time that is linear.

`:matches` is made of literal pieces, each found at its first place, which is what wildcards that match as little as
possible come to. `:regex` is POSIX extended, run by an automaton that never looks back (RE2).
"""

from functools import lru_cache
from typing import Any, Final

import re2

MAX_REGEX_CHARACTERS: Final = 2_000
_MAX_MEMORY: Final = 1 << 20
"""Octets that one expression may take in the automaton."""


class PatternError(Exception):
    """A regular expression that cannot be used."""


def _pieces(pattern: str) -> list[tuple[str, bool]]:
    """Return the pattern as (text, is a wildcard): `\\*` and its like are text (RFC 5228 §2.7.1)."""
    found: list[tuple[str, bool]] = []
    index = 0
    while index < len(pattern):
        one = pattern[index]
        if one == "\\" and index + 1 < len(pattern):
            index += 1
            found.append((pattern[index], False))
        else:
            found.append((one, one in "*?"))
        index += 1
    return found


@lru_cache(maxsize=1024)
def _segments(pattern: str) -> tuple[tuple[tuple[str, bool], ...], ...]:
    """Return the pattern cut at its `*`: each segment is (character, is a `?`)."""
    segments: list[list[tuple[str, bool]]] = [[]]
    for text, wild in _pieces(pattern):
        if wild and text == "*":
            segments.append([])
        else:
            segments[-1].append((text, wild))
    return tuple(tuple(segment) for segment in segments)


def glob_cost(pattern: str, length: int) -> int:
    """Return how many characters a match may compare one by one: some only with a `?` behind a `*`."""
    segments = _segments(pattern)
    return length * max((len(one) for one in segments[1:] if any(wild for _text, wild in one)), default=0)


def glob(pattern: str, value: str) -> list[tuple[int, int]] | None:
    """Return where the whole and then each wildcard matched, as (start, end) in `value`; None when it does not match."""
    segments = _segments(pattern)
    spans: list[tuple[int, int]] = []
    first = _place(segments[0], value, 0)
    if first is None:
        return None
    spans += first
    position = len(segments[0])
    if len(segments) == 1:
        return [(0, len(value)), *spans] if position == len(value) else None
    for segment in segments[1:-1]:
        at, found = _find(segment, value, position)
        if found is None:
            return None
        spans += [(position, at), *found]
        position = at + len(segment)
    end = len(value) - len(segments[-1])
    last = _place(segments[-1], value, end) if end >= position else None
    return None if last is None else [(0, len(value)), *spans, (position, end), *last]


def _place(segment: tuple[tuple[str, bool], ...], value: str, at: int) -> list[tuple[int, int]] | None:
    """Return the spans of the `?` of a segment that stands at `at`; None when it does not."""
    if at + len(segment) > len(value):
        return None
    spans = []
    for offset, (text, wild) in enumerate(segment, at):
        if wild:
            spans.append((offset, offset + 1))
        elif value[offset] != text:
            return None
    return spans


def _find(segment: tuple[tuple[str, bool], ...], value: str, start: int) -> tuple[int, list[tuple[int, int]] | None]:
    if not any(wild for _text, wild in segment):
        at = value.find("".join(text for text, _wild in segment), start)
        return at, None if at < 0 else []
    for at in range(start, len(value) - len(segment) + 1):
        found = _place(segment, value, at)
        if found is not None:
            return at, found
    return -1, None


@lru_cache(maxsize=512)
def compile_regex(pattern: str, comparator: str) -> Any:
    """Return the expression ready to `search`. Raises PatternError."""
    if len(pattern) > MAX_REGEX_CHARACTERS:
        raise PatternError(f"longer than {MAX_REGEX_CHARACTERS} characters")
    options = re2.Options()
    options.posix_syntax = True
    options.perl_classes = options.word_boundary = True
    options.longest_match = True
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    options.case_sensitive = comparator == "i;octet"
    options.dot_nl = True
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        text = error.args[0] if error.args else "not understood"
        raise PatternError(text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)) from None
