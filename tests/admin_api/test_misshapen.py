"""What does not fit a shape is told by its field and what is expected there, in words of every language."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest

from smartmail.edge.httpd.admin import misshapen


class _Shape(msgspec.Struct, forbid_unknown_fields=True):
    needed: int
    count: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1
    share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.5
    name: Annotated[str, msgspec.Meta(min_length=2, max_length=3)] = "ab"
    code: Annotated[str, msgspec.Meta(pattern="^a+$")] = "a"
    list: Annotated[tuple[int, ...], msgspec.Meta(min_length=1, max_length=2)] = (1,)
    kind: Literal["x", "y"] = "x"
    at: datetime | None = None
    flag: bool = True
    octets: bytes = b""
    inner: "_Inner | None" = None


class _Inner(msgspec.Struct):
    most: int = 0


@pytest.mark.parametrize(
    ("body", "reason", "facts"),
    [
        ({}, "field.missing", {"field": "needed"}),
        ({"count": 9}, "field.most", {"field": "count", "most": "5"}),
        ({"count": 0}, "field.least", {"field": "count", "least": "1"}),
        ({"count": "x"}, "field.number", {"field": "count"}),
        ({"share": 0}, "field.above", {"field": "share", "bound": "0"}),
        ({"share": 1.5}, "field.below", {"field": "share", "bound": "1"}),
        ({"name": "a"}, "field.short", {"field": "name", "least": 2}),
        ({"name": "aaaa"}, "field.long", {"field": "name", "most": 3}),
        ({"name": 1}, "field.text", {"field": "name"}),
        ({"code": "b"}, "field.form", {"field": "code"}),
        ({"list": []}, "field.few", {"field": "list", "least": 1}),
        ({"list": [1, 2, 3]}, "field.many", {"field": "list", "most": 2}),
        ({"list": ["x"]}, "field.number", {"field": "list"}),
        ({"kind": "z"}, "field.choice", {"field": "kind"}),
        ({"at": "soon"}, "field.time", {"field": "at"}),
        ({"flag": 1}, "field.flag", {"field": "flag"}),
        ({"octets": "?"}, "field.form", {"field": "octets"}),
        ({"inner": {"most": "x"}}, "field.number", {"field": "most"}),
        ({"unheard": 1}, "request.form", {}),
    ],
)
def test_field_and_expectation_are_told(body: dict[str, Any], reason: str, facts: dict[str, Any]) -> None:
    whole = {"needed": 1} | body if body else body
    with pytest.raises(msgspec.ValidationError) as said:
        msgspec.json.decode(msgspec.json.encode(whole), type=_Shape)
    told = misshapen.refusal(str(said.value))
    assert (told.reason, told.facts, told.public) == (reason, facts, str(said.value))


def test_what_is_no_json_is_told_as_a_whole() -> None:
    with pytest.raises(msgspec.DecodeError) as said:
        msgspec.json.decode(b"{", type=_Shape)
    assert misshapen.refusal(str(said.value)).reason == "request.form"
