"""Answers of the API for people: a table of things, or the fields of one thing, one a line."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import inspect

from smartmail.app.cli import opening
from smartmail.app.cli.operations.fields import Field, fields_of, plain_of, words_of
from smartmail.app.cli.sizes import size_text

_MANY = inspect.ListType | inspect.SetType | inspect.FrozenSetType | inspect.VarTupleType
_SCALAR = (
    inspect.StrType
    | inspect.IntType
    | inspect.FloatType
    | inspect.BoolType
    | inspect.DateTimeType
    | inspect.LiteralType
)


def lines_of(kind: Any, columns: Sequence[str], document: Any) -> list[str]:
    """Return an answer of a type in lines. `columns` of the table, () for all that fit into one."""
    if document is None:
        return ["Done."]
    fields = fields_of(kind)
    if [one.name for one in fields] == ["items", "next"]:
        return _things(fields[0], columns, document["items"])
    return _fields(fields, document)


def _things(one: Field, columns: Sequence[str], things: Sequence[Mapping[str, Any]]) -> list[str]:
    if not things:
        return ["There are none."]
    assert isinstance(one.kind, _MANY)
    inner = plain_of(one.kind.item_type)
    if not isinstance(inner, inspect.StructType):
        return [_cell(thing) for thing in things]
    fields = _columns(inner)
    known = {**{each.name: each for each in fields_of(inner.cls)}, **fields}
    shown = [known[name] for name in columns] if columns else [*fields.values()]
    flat = [{**thing, **_inner_values(thing)} for thing in things]
    rows = [tuple(_value(each, thing.get(each.name)) for each in shown) for thing in flat]
    return opening.table(tuple(each.words.replace("-", " ").upper() for each in shown), rows)


def _columns(kind: inspect.StructType) -> dict[str, Field]:
    """Return what fits into a table, with the fields of objects in their places."""
    found: dict[str, Field] = {}
    for one in fields_of(kind.cls):
        if _fits(one):
            found[one.name] = one
        elif isinstance(one.kind, inspect.StructType):
            found |= {each.name: each for each in fields_of(one.kind.cls) if _fits(each)}
    return found


def _inner_values(thing: Mapping[str, Any]) -> dict[str, Any]:
    inner = [value for value in thing.values() if isinstance(value, dict)]
    return {name: value for one in inner for name, value in one.items() if name not in thing}


def _fields(fields: Sequence[Field], document: Mapping[str, Any]) -> list[str]:
    plain = [(one.words.replace("-", " "), _value(one, document.get(one.name))) for one in fields if _fits(one)]
    width = max((len(name) for name, _ in plain), default=0)
    lines = [f"{name:<{width}}  {value}" for name, value in plain]
    for one in fields:
        if not _fits(one) and document.get(one.name):
            lines += ["", f"{one.words.replace('-', ' ')}:", *_inner(one, document[one.name])]
    return lines


def _inner(one: Field, value: Any) -> list[str]:
    if isinstance(one.kind, _MANY):
        inner = plain_of(one.kind.item_type)
        if isinstance(inner, inspect.StructType) and not all(map(_fits, fields_of(inner.cls))):
            return [line for thing in value for line in (*_fields(fields_of(inner.cls), thing), "")][:-1]
        return _things(one, (), value)
    if isinstance(one.kind, inspect.StructType):
        return _fields(fields_of(one.kind.cls), value)
    return [f"{name}: {_cell(each)}" for name, each in value.items()] if isinstance(value, dict) else [_cell(value)]


def _fits(one: Field) -> bool:
    """Say whether it fits into one cell of a table."""
    if isinstance(one.kind, _MANY):
        return isinstance(plain_of(one.kind.item_type), _SCALAR)
    return isinstance(one.kind, _SCALAR | inspect.DictType | inspect.AnyType)


def _value(one: Field, value: Any) -> str:
    if one.unit == "bytes" and value is not None:
        return size_text(value)
    if isinstance(value, list) and not _fits(one):
        # Of things within a thing a cell has room for what they are called by, which is their first field.
        value = [next(iter(each.values())) if isinstance(each, dict) else each for each in value]
    return shown_time(value) if isinstance(one.kind, inspect.DateTimeType) and value else _cell(value)


def _cell(value: Any) -> str:
    if value is None or value in ("", []):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_cell(each) for each in value)
    if isinstance(value, dict):
        return " ".join(f"{words_of(name)}={_cell(each)}" for name, each in value.items()) or "-"
    # One thing, one line: what others wrote must not look like lines of ours.
    return "".join(letter if letter.isprintable() else " " for letter in str(value))


def shown_time(text: str) -> str:
    """Return a time of the API in the place's own time."""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")
