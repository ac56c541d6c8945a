"""A shape is made of a domain object by the names of its fields; what has another form is given."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from smartmail.edge.httpd.admin.openapi import document
from smartmail.edge.httpd.admin.shapes import Id, Output, Time
from smartmail.edge.httpd.admin.table import OPERATIONS

DOCUMENT: Mapping[str, Any] = msgspec.to_builtins(document(OPERATIONS))


@dataclass(frozen=True)
class Row:
    id: int = 7
    owner_id: int | None = 8
    begun_at: int = 1_700_000_000_000
    ended_at: int | None = 0
    members: tuple[int, ...] = (1, 2)
    names: tuple[str, ...] = ("a",)
    secret: str = "geheim"
    note: str = "of the row"


class Shape(Output, frozen=True):
    id: Id
    owner_id: Id | None
    begun_at: Time
    ended_at: Time | None
    members: list[Id]
    names: list[str]
    note: str = ""


BEGUN = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_ids_are_text_times_are_utc_and_tuples_are_lists():
    assert Shape.from_row(Row()) == Shape("7", "8", BEGUN, None, ["1", "2"], ["a"])
    assert Shape.from_row(replace(Row(), owner_id=None, ended_at=None)).owner_id is None


def test_what_is_given_goes_before_what_the_row_has_and_a_default_is_not_read():
    shape = Shape.from_row(Row(), id="9", ended_at=BEGUN)
    assert (shape.id, shape.ended_at, shape.note) == ("9", BEGUN, "")
    assert Shape.from_row(Row(), note="given").note == "given"


def test_only_the_fields_of_the_shape_are_answered():
    assert b"geheim" not in msgspec.json.encode(Shape.from_row(Row()))


def test_a_field_that_the_row_lacks_is_an_error_and_not_empty():
    with pytest.raises(AttributeError, match="begun_at"):
        Shape.from_row(object(), id="1", owner_id=None)


def _unbounded(schema: Mapping[str, Any], path: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the integers of a schema that have no maximum, without those of a type that is being looked at."""
    if (name := schema.get("$ref", "").rpartition("/")[2]) and name not in seen:
        yield from _unbounded(DOCUMENT["components"]["schemas"][name], name, seen | {name})
    if schema.get("type") == "integer" and not {"maximum", "exclusiveMaximum"} & set(schema):
        yield path
    for each in schema.get("anyOf", ()):
        yield from _unbounded(each, path, seen)
    for each, inner in schema.get("properties", {}).items():
        yield from _unbounded(inner, f"{path}.{each}", seen)
    for each in ("items", "additionalProperties"):
        if isinstance(schema.get(each), dict):
            yield from _unbounded(schema[each], f"{path}[]", seen)


def test_every_number_that_a_client_sends_has_a_largest():
    # A number of more than 64 bits is none for a database: it would end as an error of ours.
    found = set[str]()
    for path, operations in DOCUMENT["paths"].items():
        for operation in operations.values():
            for one in operation.get("parameters", ()):
                found.update(_unbounded(one["schema"], f"{path}?{one['name']}"))
            for one in operation.get("requestBody", {}).get("content", {}).values():
                found.update(_unbounded(one["schema"], path))
    # Each setting has its own largest, which the policy looks at.
    assert found == {"PolicyRuleCreate.value"}
