"""A field of a query or body as argument or option of a command: declared by its type, read from text.

The text becomes the JSON that a client of the API would send; what it may be is judged there, by the type itself.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import inspect

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SPAN = re.compile(r"(\d{1,5})([mhdw])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class Field:
    """A field by its name in JSON. `kind` is its type without null and without remarks."""

    name: str
    kind: inspect.Type
    required: bool
    default: Any
    text: str = ""

    @property
    def words(self) -> str:
        """Return the name in words with hyphens: `quiet-minutes`."""
        return words_of(self.name)

    @property
    def names_account(self) -> bool:
        """Say whether it holds the id of an account, for which an address may be given."""
        return self.words.removesuffix("-id") in {"account", "successor", "reader", "substitute", "sponsor"}


def words_of(name: str) -> str:
    """Return a name of JSON in words with hyphens."""
    return _WORD.sub("-", name).replace("_", "-").lower()


def fields_of(kind: Any) -> tuple[Field, ...]:
    """Return the fields of a struct, () for none."""
    if kind is None:
        return ()
    shape = inspect.type_info(kind)
    assert isinstance(shape, inspect.StructType)
    return tuple(_field(one) for one in shape.fields)


def _field(one: inspect.Field) -> Field:
    plain, text = plain_of(one.type)
    default = None if one.default is msgspec.NODEFAULT else one.default
    return Field(one.encode_name, plain, one.required, default, text)


def plain_of(kind: inspect.Type) -> tuple[inspect.Type, str]:
    """Return a type without null and remarks, and the description among these."""
    text = ""
    while True:
        if isinstance(kind, inspect.Metadata):
            text = (kind.extra_json_schema or {}).get("description", text)
            kind = kind.type
        elif isinstance(kind, inspect.UnionType):
            others = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
            if len(others) != 1:
                return kind, text
            kind = others[0]
        else:
            return kind, text


def declare(parser: argparse.ArgumentParser, one: Field, dest: str, option: str) -> None:
    """Declare a field: as an option, or with "" as an argument."""
    more: dict[str, Any] = _how(one)
    if option:
        parser.add_argument(option, dest=dest, required=one.required, default=None, help=_help(one), **more)
        return
    more.pop("action", None)
    if not one.required:
        more["nargs"] = "*" if more.get("nargs") == "+" else "?"
    metavar = more.pop("metavar", one.words.upper())
    parser.add_argument(dest, metavar=metavar, default=None, help=_help(one), **more)


def _how(one: Field) -> dict[str, Any]:
    """Return what argparse is told of a field's type."""
    kind = one.kind
    if isinstance(kind, inspect.BoolType):
        return {"action": argparse.BooleanOptionalAction}
    if isinstance(kind, inspect.ListType | inspect.SetType | inspect.FrozenSetType | inspect.VarTupleType):
        inner = Field(one.name, plain_of(kind.item_type)[0], one.required, None)
        return {**_how(inner), "nargs": "+"} if not isinstance(inner.kind, inspect.BoolType) else {"nargs": "+"}
    if isinstance(kind, inspect.DictType):
        return {"nargs": "+", "metavar": "NAME=VALUE", "type": _pair}
    if isinstance(kind, inspect.LiteralType):
        return {"choices": kind.values, "metavar": "{" + ",".join(map(str, kind.values)) + "}"}
    return {"type": _reader(one), "metavar": _metavar(one)}


def _metavar(one: Field) -> str:
    if isinstance(one.kind, inspect.IntType | inspect.FloatType):
        return "N"
    if isinstance(one.kind, inspect.DateTimeType):
        return "TIME"
    return "ACCOUNT" if one.names_account else one.words.upper()


def _reader(one: Field) -> Callable[[str], Any]:
    if isinstance(one.kind, inspect.IntType):
        return int
    if isinstance(one.kind, inspect.FloatType):
        return float
    if isinstance(one.kind, inspect.DateTimeType):
        return _end if re.search(r"until|end|expires", one.words) else moment
    return _text if isinstance(one.kind, inspect.StrType) else _json


def _help(one: Field) -> str:
    parts = [one.text]
    if isinstance(one.kind, inspect.IntType) and one.kind.ge is not None and one.kind.le is not None:
        parts.append(f"{one.kind.ge} to {one.kind.le}")
    if isinstance(one.kind, inspect.DateTimeType):
        parts.append("as 2027-03-31, 2027-03-31T18:00, or from now on as 30m, 6h, 7d")
    if not one.required and isinstance(one.default, str | int | float) and one.default not in {"", False}:
        parts.append(f"({one.default})")
    return " ".join(part for part in parts if part).replace("%", "%%")


def _text(text: str) -> str:
    """Return a text; `-` reads it from standard input, so that no list of processes shows a secret."""
    return sys.stdin.read().rstrip("\n") if text == "-" else text


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not JSON: {text!r}") from None


def _pair(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"not NAME=VALUE: {text!r}")
    return name, value


def moment(text: str) -> str:
    """Return a time that was typed, in the place's own time or as a span from now on, as the API writes it."""
    span = _SPAN.fullmatch(text.strip().lower())
    try:
        if span is not None:
            when = datetime.now(UTC) + timedelta(**{_UNITS[span[2]]: int(span[1])})
        else:
            when = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"not a time: {text!r} (as 2027-03-31, 2027-03-31T18:00 or 7d)") from None
    return when.isoformat().replace("+00:00", "Z")


def _end(text: str) -> str:
    """The same for an end: a day means its end."""
    return moment(f"{text}T23:59:59" if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text)


def given(fields: Sequence[Field], values: dict[str, Any], place: str) -> dict[str, Any]:
    """Return what was given of some fields, by their names in JSON."""
    found = {one.name: values.get(f"{place}.{one.name}") for one in fields}
    dicts = {one.name for one in fields if isinstance(one.kind, inspect.DictType)}
    return {
        name: dict(value) if name in dicts else value
        for name, value in found.items()
        if value is not None and value != []
    }
