"""What does not fit the shape of an operation, as a refusal that a page says in the reader's language: which field, and
what is expected there. Read from msgspec's words, which are all that it tells.
"""

import re

from smartmail.domain.errors import Invalid

_MISSING = re.compile(r"Object missing required field `([^`]+)`")
_PLACE = re.compile(r" - at `(?:key in )?\$?([^`]*)`")
_LENGTH = re.compile(r"Expected `(\w+)` of length (>=|<=) (\d+)")
_BOUND = re.compile(r"Expected `(?:int|float)` (>=|<=|>|<) (-?[\d.]+)")
_KIND = re.compile(r"Expected `(\w+)")


def refusal(said: str) -> Invalid:
    """Return the refusal of what msgspec said."""
    missing = _MISSING.match(said)
    if missing is not None:
        return Invalid(said, reason="field.missing", field=missing[1])
    place = _PLACE.search(said)
    names = re.findall(r"\w+", re.sub(r"\[[^\]]*\]", "", place[1])) if place is not None else []
    if not names:
        return Invalid(said, reason="request.form")
    field = names[-1]
    return _of_length(said, field) or _of_bound(said, field) or _of_kind(said, field)


def _of_length(said: str, field: str) -> Invalid | None:
    found = _LENGTH.match(said)
    if found is None:
        return None
    kind, side, bound = found[1], found[2], int(found[3])
    if kind == "str":
        if side == "<=":
            return Invalid(said, reason="field.long", field=field, most=bound)
        return Invalid(said, reason="field.short", field=field, least=bound)
    if side == "<=":
        return Invalid(said, reason="field.many", field=field, most=bound)
    return Invalid(said, reason="field.few", field=field, least=bound)


def _of_bound(said: str, field: str) -> Invalid | None:
    found = _BOUND.match(said)
    if found is None:
        return None
    side, bound = found[1], found[2].removesuffix(".0")
    if side == "<=":
        return Invalid(said, reason="field.most", field=field, most=bound)
    if side == ">=":
        return Invalid(said, reason="field.least", field=field, least=bound)
    if side == ">":
        return Invalid(said, reason="field.above", field=field, bound=bound)
    return Invalid(said, reason="field.below", field=field, bound=bound)


def _of_kind(said: str, field: str) -> Invalid:
    if "RFC3339" in said or "ISO8601" in said:
        return Invalid(said, reason="field.time", field=field)
    if said.startswith("Invalid enum"):
        return Invalid(said, reason="field.choice", field=field)
    found = _KIND.match(said)
    kind = found[1] if found is not None and "regex" not in said else ""
    if kind in {"int", "float"}:
        return Invalid(said, reason="field.number", field=field)
    if kind == "bool":
        return Invalid(said, reason="field.flag", field=field)
    if kind == "str":
        return Invalid(said, reason="field.text", field=field)
    return Invalid(said, reason="field.form", field=field)
