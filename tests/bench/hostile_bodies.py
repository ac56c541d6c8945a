"""Bodies that are as large as a door takes, made of the JSON schema of what it wants: for `tests.bench.loop_lag`."""

import re
from collections.abc import Callable, Iterator
from typing import Any

Schema = dict[str, Any]
KNOWN = ("1", "KR", "a", "a.example", "ko", "2026-12-01", "12:00", "#112233")
"""Texts for patterns."""
ROOM = 900_000
"""Bytes of one body; doors of the admin API take 1 MiB unless they say otherwise."""


def hostile(schema: Schema, schemas: Schema) -> Iterator[tuple[str, Any]]:
    """Yield (name, body) of a schema: its texts long, its lists and maps full. `schemas`: what references name."""
    for name, maker in (("long texts", _long), ("full lists", _full)):
        weight = _weight(schema, schemas, maker, 0)
        if weight:
            yield name, _made(schema, schemas, maker, ROOM // weight, 0)


Maker = Callable[[Schema, Schema, int, int], Any]


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    for way in ("anyOf", "oneOf"):
        if way in schema:
            found = [_resolved(one, schemas) for one in schema[way]]
            return next((one for one in found if one.get("type") in {"array", "object"}), found[0])
    return schema


def _weight(schema: Schema, schemas: Schema, maker: Maker, depth: int) -> int:
    """Return how many places of a body share the room."""
    one = _resolved(schema, schemas)
    if maker is _long and one.get("type") == "string" and "enum" not in one:
        return 1
    if maker is _full and (one.get("type") == "array" or _is_map(one)):
        return 1
    if depth < 6 and one.get("type") == "object":
        return sum(_weight(part, schemas, maker, depth + 1) for part in one.get("properties", {}).values())
    if depth < 6 and one.get("type") == "array":
        return _weight(one.get("items", {}), schemas, maker, depth + 1)
    return 0


def _is_map(one: Schema) -> bool:
    return one.get("type") == "object" and not one.get("properties")


def _made(schema: Schema, schemas: Schema, maker: Maker, room: int, depth: int) -> Any:
    one = _resolved(schema, schemas)
    kind = one.get("type")
    if "enum" in one:
        return one["enum"][0]
    if "const" in one:
        return one["const"]
    if depth < 6 and kind == "object" and one.get("properties"):
        return {name: _made(part, schemas, maker, room, depth + 1) for name, part in one["properties"].items()}
    if kind in {"array", "object"}:
        return maker(one, schemas, room, depth)
    if kind == "string":
        return _text(one, room // 3 if maker is _long else 1)
    return {"integer": max(1, one.get("minimum", 1)), "number": 1, "boolean": True}.get(kind or "")


def _text(one: Schema, size: int) -> str:
    """Return a text that the schema lets pass, as long as it may be, at most `size` characters where that is enough."""
    if one.get("format") == "date-time":
        return "2026-12-01T00:00:00Z"
    if "pattern" in one:
        return next((text for text in KNOWN if re.search(one["pattern"], text)), "a")
    return "가" * min(max(size, one.get("minLength", 1)), one.get("maxLength", size))


def _long(one: Schema, schemas: Schema, room: int, depth: int) -> Any:
    if one.get("type") == "object":
        return {"a" * room: 1}
    return [_made(one.get("items", {}), schemas, _long, room, depth + 1)]


def _full(one: Schema, schemas: Schema, room: int, depth: int) -> Any:
    if one.get("type") == "object":
        return {f"k{number}": 1 for number in range(room // 12)}
    item = _made(one.get("items", {}), schemas, _full, 0, depth + 1)
    count = min(max(1, room // max(8, len(str(item)) + 2)), one.get("maxItems", room))
    return [f"a{number}" if item == "가" else item for number in range(count)]
