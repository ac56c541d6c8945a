"""Postal addresses: ADR with its seven parts, or eighteen (RFC 9554 §2.1), and JSContact's components."""

from typing import Any

from smartmail.formats.vcard.kinds import ADR_MORE, ADR_PARTS
from smartmail.formats.vcard.lines import Property, escaped, split, texts, unescaped

_OLD = len(ADR_PARTS)


def address_of(one: Property) -> dict[str, Any]:
    """Return the address of an ADR, empty for an empty one."""
    fields = [[text for text in texts(field, ",") if text] for field in split(one.value, ";")]
    fields += [[]] * (_OLD - len(fields))
    more = any(fields[_OLD:])
    kinds = [*ADR_PARTS, *(ADR_MORE if more else ())]
    if not more:
        # Without parts of their own the second and third stand for themselves.
        kinds[1:3] = ["apartment", "name"]
    components = [
        {"kind": kind, "value": value} for kind, values in zip(kinds, fields, strict=False) if kind for value in values
    ]
    found: dict[str, Any] = {"components": components} if components else {}
    label = one.first("LABEL")
    if label:
        found["full"] = label
    if one.first("CC"):
        found["countryCode"] = one.first("CC")
    if one.first("TZ"):
        found["timeZone"] = unescaped(one.first("TZ"))
    if one.first("GEO"):
        found["coordinates"] = one.first("GEO")
    return found


def value_of(address: dict[str, Any], *, whole: bool) -> str:
    """Return the value of ADR; `whole` writes all eighteen parts where one beyond the seven is there."""
    parts: dict[str, list[str]] = {}
    for one in address.get("components", ()):
        parts.setdefault(one["kind"], []).append(escaped(one["value"]))
    more = [kind for kind in ADR_MORE if kind in parts and kind not in {"apartment", "name"}]
    if whole and more:
        return ";".join(",".join(parts.get(kind, ())) if kind else "" for kind in (*ADR_PARTS, *ADR_MORE))
    street = [*parts.get("name", ())]
    inside = [text for kind in ADR_MORE if kind != "name" for text in parts.get(kind, ())]
    middle = {1: ",".join(inside), 2: ",".join(street)}
    return ";".join(middle.get(at, ",".join(parts.get(kind, ()))) for at, kind in enumerate(ADR_PARTS))
