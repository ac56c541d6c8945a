"""A field of a query or body as argument or option of a command: declared by its type, read from text.

The text becomes the JSON that a client of the API would send; what it may be is judged there, by the type itself.
"""

import argparse
import base64
import getpass
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial, wraps
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import inspect

from smartmail.app.cli.sizes import size_of

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SPAN = re.compile(r"(\d{1,5})([mhdw])")
NULL: Final = object()
"""What `none` says of a field of a merge patch that may be null (RFC 7396)."""
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class Field:
    """A field by its name in JSON. `kind` is its type without null and without remarks; `names`: of what it holds the name
    (a list of the API, "scope", "file"); `zone`: in which a day is meant, "" for the place's own; `day`: whether its begin or
    its end is, "" by the name; `unit`: "bytes" for a size; `span`: "back" where a span counts from now back; `inside`: the
    object that it is a field of, "" for the document itself; `clears`: null removes the value (RFC 7396).
    """

    name: str
    kind: inspect.Type
    required: bool
    default: Any
    text: str = ""
    names: str = ""
    zone: str = ""
    day: str = ""
    unit: str = ""
    span: str = ""
    inside: str = ""
    prefix: str = ""
    clears: bool = False

    @property
    def path(self) -> str:
        """Return where it is in the document: `name`, or `object.name`."""
        return f"{self.inside}.{self.name}" if self.inside else self.name

    @property
    def words(self) -> str:
        """Return the name in words with hyphens: `quiet-minutes`."""
        return f"{self.prefix}{words_of(self.name)}"

    @property
    def names_account(self) -> bool:
        """Say whether it holds the id of an account, for which an address may be given."""
        return words_of(self.name).removesuffix("-id") in {"account", "successor", "reader", "substitute", "sponsor"}

    @property
    def is_file(self) -> bool:
        """Say whether it holds a file, of which the name is given."""
        return "file" in {self.name, self.names}

    @property
    def is_secret(self) -> bool:
        """Say whether it holds what no list of processes and no history of a shell may show."""
        return self.name == "password"


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
    remarks: dict[str, str] = {}
    plain = _plain(one.type, remarks)
    default = None if one.default is msgspec.NODEFAULT else one.default
    is_patch = not one.required and (one.default, one.default_factory) == (msgspec.NODEFAULT, msgspec.NODEFAULT)
    return Field(
        one.encode_name, plain, one.required, default, remarks.get("description", ""),
        names=remarks.get("names", ""), zone=remarks.get("zone", ""), day=remarks.get("day", ""),
        unit=remarks.get("unit", ""), span=remarks.get("span", ""), clears=is_patch and _may_be_null(one.type),
    )  # fmt: skip


def _may_be_null(kind: inspect.Type) -> bool:
    return isinstance(kind, inspect.UnionType) and any(isinstance(one, inspect.NoneType) for one in kind.types)


def opened(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Return fields with those of an object in its place: under their own names where the act is about the object,
    else with its name before theirs.
    """
    found: list[Field] = []
    for one in fields:
        if not isinstance(one.kind, inspect.StructType):
            found.append(one)
            continue
        prefix = "" if one.required else f"{one.words}-"
        found += [replace(each, inside=one.name, prefix=prefix, required=False) for each in fields_of(one.kind.cls)]
        if one.clears:
            found.append(replace(one, kind=inspect.NoneType()))
    return tuple(found)


def plain_of(kind: inspect.Type) -> inspect.Type:
    """Return a type without null and remarks."""
    return _plain(kind, {})


def _plain(kind: inspect.Type, remarks: dict[str, str]) -> inspect.Type:
    """The same, with the remarks put into `remarks`."""
    while True:
        if isinstance(kind, inspect.Metadata):
            remarks.update({**(kind.extra_json_schema or {}), **(kind.extra or {})})
            kind = kind.type
        elif isinstance(kind, inspect.UnionType):
            others = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
            if all(isinstance(one, inspect.StrType | inspect.LiteralType) for one in map(plain_of, others)):
                kind = others[0] if len(others) == 1 else inspect.StrType()
            elif len(others) == 1:
                kind = others[0]
            elif any(isinstance(one, inspect.StrType) for one in map(plain_of, others)):
                # What may also be said as text is typed as text.
                kind = inspect.StrType()
            else:
                return kind
        else:
            return kind


def declare(parser: argparse.ArgumentParser, one: Field, dest: str, option: str) -> None:
    """Declare a field: as an option, or with "" as an argument."""
    more: dict[str, Any] = _how(one)
    if option:
        # A password that has to be given is asked for.
        asked = one.required and one.is_secret
        more = {"required": one.required and not asked, "default": "-" if asked else None, **more}
        parser.add_argument(option, dest=dest, help=_help(one), **more)
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
        inner = Field(one.name, plain_of(kind.item_type), one.required, None)
        return {**_how(inner), "nargs": "+"} if not isinstance(inner.kind, inspect.BoolType) else {"nargs": "+"}
    if isinstance(kind, inspect.NoneType):
        return {"type": _null, "metavar": "none"}
    if isinstance(kind, inspect.DictType) and isinstance(kind.value_type, inspect.AnyType):
        return {"type": _json, "metavar": "JSON"}
    if isinstance(kind, inspect.DictType):
        return {"nargs": "+", "metavar": "NAME=VALUE", "type": _pair}
    if isinstance(kind, inspect.LiteralType):
        return {"choices": kind.values, "metavar": "{" + ",".join(map(str, kind.values)) + "}"}
    reader = _reader(one)
    return {"type": _or_null(reader) if one.clears else reader, "metavar": _metavar(one)}


def _metavar(one: Field) -> str:
    if one.unit == "bytes":
        return "SIZE"
    if isinstance(one.kind, inspect.StructType):
        return "/".join(part.words.upper() for part in fields_of(one.kind.cls))
    if isinstance(one.kind, inspect.IntType | inspect.FloatType):
        return "N"
    if isinstance(one.kind, inspect.DateTimeType):
        return "TIME"
    if one.is_file:
        return "FILE"
    return "ACCOUNT" if one.names_account else one.words.upper()


def _reader(one: Field) -> Callable[[str], Any]:
    if isinstance(one.kind, inspect.IntType):
        return size_of if one.unit == "bytes" else int
    if isinstance(one.kind, inspect.FloatType):
        return float
    if isinstance(one.kind, inspect.DateTimeType):
        is_end = one.day == "end" or (not one.day and re.search(r"until|ends|expires", one.words))
        return partial(end if is_end else moment, zone=one.zone, back=one.span == "back")
    if one.is_file:
        return _file if one.name == "file" else _base64
    if isinstance(one.kind, inspect.StructType):
        return partial(_parts, fields_of(one.kind.cls))
    if one.is_secret:
        return _secret
    return _text if isinstance(one.kind, inspect.StrType) else _json


def _null(text: str) -> Any:
    if text != "none":
        raise argparse.ArgumentTypeError(f"only none may be said here, not {text!r}")
    return NULL


def _or_null(read: Callable[[str], Any]) -> Callable[[str], Any]:
    @wraps(read)
    def reading(text: str) -> Any:
        return NULL if text == "none" else read(text)

    return reading


def _help(one: Field) -> str:
    scope = "organization:NAME, domain:NAME, department:NAME, group:NAME or account:ADDRESS"
    named = "id or name" if one.names.startswith("/") else one.text
    parts = [scope if one.names == "scope" else "address or id" if one.names_account else named]
    if one.unit == "bytes":
        parts[0] = "such as 500M or 10G"
    elif one.is_secret:
        parts.append("- to be asked for it, or to read it from standard input")
    elif isinstance(one.kind, inspect.IntType) and one.kind.ge is not None and one.kind.le is not None:
        parts.append(f"{one.kind.ge} to {one.kind.le}")
    if isinstance(one.kind, inspect.DateTimeType):
        spans = "back from now" if one.span == "back" else "from now on"
        parts.append(f"as 2027-03-31, 2027-03-31T18:00, or {spans} as 30m, 6h, 7d")
    if one.clears:
        parts.append("none removes it")
    if not one.required and isinstance(one.default, str | int | float) and one.default not in {"", False}:
        parts.append(f"({one.default})")
    return " ".join(part for part in parts if part).replace("%", "%%")


def _text(text: str) -> str:
    """Return a text; `-` reads it from standard input, so that no list of processes shows a secret."""
    return sys.stdin.read().rstrip("\n") if text == "-" else text


def _secret(text: str) -> str:
    """Return a password, which is never typed on the command line itself."""
    if text != "-":
        raise argparse.ArgumentTypeError("a password is not written on the command line: give -")
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise argparse.ArgumentTypeError("the two differ")
    return first


def _file(text: str) -> str:
    """Return what the API takes for certificates: PEM as it is, all else in base64."""
    octets = _read(text)
    return octets.decode("ascii", "replace") if b"-----BEGIN" in octets else base64.b64encode(octets).decode()


def _base64(text: str) -> str:
    """Return a file in base64; "" for none."""
    return base64.b64encode(_read(text)).decode() if text else ""


def _read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{name} cannot be read: {error.strerror}") from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not JSON: {text!r}") from None


def _pair(text: str) -> tuple[str, Any]:
    """Return a name with its value; `@FILE` reads the value from a file."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"not NAME=VALUE: {text!r}")
    if not value.startswith("@"):
        return name, value
    try:
        return name, _read(value[1:]).decode()
    except UnicodeDecodeError:
        raise argparse.ArgumentTypeError(f"{value[1:]} is not UTF-8") from None


def _parts(fields: Sequence[Field], text: str) -> Any:
    """Return an object whose fields are typed with / between, or as JSON."""
    if text.startswith("{"):
        return _json(text)
    parts = zip(fields, text.split("/", len(fields) - 1), strict=False)
    return {one.name: _json(part) if isinstance(one.kind, inspect.IntType) else part for one, part in parts}


def moment(text: str, zone: str = "", *, back: bool = False) -> str:
    """Return a time that was typed, in a zone ("": the place's own), or as a span from now on or back, as the API writes it."""
    span = _SPAN.fullmatch(text.strip().lower())
    try:
        if span is not None:
            long = timedelta(**{_UNITS[span[2]]: int(span[1])})
            when = datetime.now(UTC) - long if back else datetime.now(UTC) + long
        else:
            when = datetime.fromisoformat(text)
            when = when.replace(tzinfo=ZoneInfo(zone)) if zone and when.tzinfo is None else when
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"not a time: {text!r} (as 2027-03-31, 2027-03-31T18:00 or 7d)") from None
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def end(text: str, zone: str = "", *, back: bool = False) -> str:
    """The same for an end: a day means 24:00 of it."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return moment(text, zone, back=back)
    moment(text, zone)
    return moment((date.fromisoformat(text) + timedelta(days=1)).isoformat(), zone)


def given(fields: Sequence[Field], values: dict[str, Any], place: str) -> dict[str, Any]:
    """Return what was given of some fields, by their names in JSON; None: what null removes."""
    found: dict[str, Any] = {}
    for one in fields:
        value = values.get(f"{place}.{one.path}")
        if value is None or value == []:
            continue
        if isinstance(one.kind, inspect.DictType) and isinstance(value, list):
            value = dict(value)
        inner = found.setdefault(one.inside, {}) if one.inside else found
        inner[one.name] = None if value is NULL else value
    return found
