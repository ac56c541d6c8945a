"""Rows as the frozen dataclasses of the domain: columns, reading and writing are declared once (ADR 87).

A `Shape` is made when its module is imported; what has to be known of a field is worked out then, and a row costs a call
of the dataclass and a conversion for each field that a database keeps in another form. Must not know: tables, statements.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields as fields_of
from dataclasses import is_dataclass
from operator import attrgetter
from typing import Any, Final, Generic, NamedTuple, TypeVar, get_origin, get_type_hints

from smartmail.adapters.sql.session import Row

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Stored(NamedTuple):
    """How a field is kept: from the column's value, and back."""

    load: Callable[[Any], Any]
    dump: Callable[[Any], Any]


class Parts(NamedTuple):
    """A field that is kept in several columns: what makes it of them, and their names."""

    make: Callable[..., Any]
    columns: str


FLAG: Final = Stored(bool, int)
"""0 or 1."""
ITEMS: Final = Stored(lambda text: tuple(json.loads(text)), json.dumps)
"""A tuple as a JSON array."""
OBJECT: Final = Stored(json.loads, json.dumps)
"""A mapping as a JSON object."""
WORDS: Final = Stored(lambda text: tuple(text.split()), " ".join)
"""A tuple of words with a space between two."""
WORD_SET: Final = Stored(lambda text: frozenset(text.split()), lambda words: " ".join(sorted(words)))
"""A set of words with a space between two."""
BYTES: Final = Stored(bytes, bytes)
"""Bytes of records that a check reads: in a database that was changed by hand there may be a number."""
OR_EMPTY: Final = Stored(lambda value: value or b"", lambda value: value)
"""Bytes that may be NULL where there are none."""
_UNKNOWN: Final = frozenset({tuple, list, frozenset, set, dict, Mapping, Sequence})


class Shape(Generic[T_co]):
    """A dataclass and the columns that it is read from; in a statement its text is the list of the columns.

    `columns`: as SQL names them; none: the fields' names. A column belongs to the field of its name; where one has a name
    that no field has, each belongs to the field at its place. `stored`: fields that are kept in another form, or in
    several columns (`Parts`); flags need no word. Raises TypeError for columns that are no beginning of the fields, and
    for a collection whose form is not told. `of`: from a row; `dump`: to the arguments for the columns.
    """

    __slots__ = ("_stored", "columns", "dump", "of")

    def __init__(self, made: Callable[..., T_co], columns: str = "", **stored: Stored | Parts) -> None:
        known = [field.name for field in fields_of(made)]  # type: ignore[arg-type]
        forms = _forms(made, known, stored)
        self._stored = {name: form for name, form in forms.items() if isinstance(form, Stored)}
        names = [form.columns if isinstance(form := forms.get(name), Parts) else name for name in known]
        self.columns = columns or ", ".join(names)
        order = _named(self.columns)
        by_name = set(order) <= set(known) and len(set(order)) == len(order)
        if by_name and set(order) != set(known[: len(order)]):
            raise TypeError(f"{made}: columns {order} for fields {known}")
        places = [order.index(name) for name in known[: len(order)]] if by_name else list(range(len(order)))
        self.of: Callable[[Row], T_co] = _reader(
            made, places, [(n, forms[name]) for n, name in enumerate(known) if name in forms]
        )
        given = order if by_name else _attributes(forms, known)
        self.dump: Callable[[Any], tuple[Any, ...]] = self.values(", ".join(given))

    def __str__(self) -> str:
        return self.columns

    def qualified(self, table: str) -> str:
        """Return the columns as those of a table of a join."""
        return ", ".join(f"{table}.{name.strip()}" for name in self.columns.split(","))

    def values(self, fields: str) -> Callable[[Any], tuple[Any, ...]]:
        """Return what gives these fields, two or more, as arguments of a statement; `a.b` is a part of a field."""
        take: Callable[[Any], tuple[Any, ...]] = attrgetter(*(names := fields.split(", ")))
        dumps = [(number, self._stored[name].dump) for number, name in enumerate(names) if name in self._stored]
        if not dumps:
            return take

        def values(one: Any) -> tuple[Any, ...]:
            found = list(take(one))
            for number, dump in dumps:
                found[number] = dump(found[number])
            return tuple(found)

        return values


def _named(columns: str) -> list[str]:
    """Return the last word of each column: `m.id` is id, `coalesce(a, b) as c` is c."""
    return [part.replace(".", " ").split()[-1] for part in columns.split(",") if ")" in part or "(" not in part]


def _forms(made: Any, known: Sequence[str], stored: dict[str, Stored | Parts]) -> dict[str, Stored | Parts]:
    hints = get_type_hints(made)
    for name in known:
        if hints[name] is bool:
            stored.setdefault(name, FLAG)
        elif (get_origin(hints[name]) or hints[name]) in _UNKNOWN and name not in stored:
            raise TypeError(f"{made}: how is {name} stored?")
    if unknown := stored.keys() - set(known):
        raise TypeError(f"{made} has no {unknown}")
    return stored


def _attributes(forms: Mapping[str, Stored | Parts], known: Sequence[str]) -> list[str]:
    """Return the fields and, where one is a dataclass in several columns, its fields instead of it."""
    made = {name: form.make for name, form in forms.items() if isinstance(form, Parts) and is_dataclass(form.make)}
    return [
        path for name in known
        for path in ([f"{name}.{part.name}" for part in fields_of(made[name])] if name in made else [name])
    ]  # fmt: skip


def _reader(made: Callable[..., T], places: list[int], forms: list[tuple[int, Stored | Parts]]) -> Callable[[Row], T]:
    """Return the reader: for the field n the column `places[n]`, in its form. It is compiled, as a dataclass is: a loop over
    the fields that have a form would cost a fifth more a row.
    """
    if not forms and places == list(range(len(places))):
        return lambda row: made(*row)
    names: dict[str, Any] = {"made": made}
    given, at = [f"row[{place}]" for place in places], dict(forms)
    for number, form in sorted(at.items()):
        if number >= len(given):
            break
        width = 1 if isinstance(form, Stored) else len(form.columns.split(","))
        names[f"form{number}"] = form.load if isinstance(form, Stored) else form.make
        given[number : number + width] = [f"form{number}({', '.join(given[number : number + width])})"]
    reader: Callable[[Row], T] = eval(f"lambda row: made({', '.join(given)})", names)  # noqa: S307 -- numbers of columns
    return reader
