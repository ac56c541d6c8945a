"""Rows as the frozen dataclasses of the domain: columns, reading and writing are declared once (ADR 87).

A `Shape` is made when its module is imported; what has to be known of a field is worked out then, and a row costs a call
of the dataclass and a conversion for each field that a database keeps in another form. Must not know: tables, statements.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter, itemgetter
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
OR_EMPTY: Final = Stored(lambda value: value or b"", lambda value: value or None)
"""Bytes that are NULL when there are none."""
_UNKNOWN: Final = frozenset({tuple, list, frozenset, set, dict, Mapping, Sequence})


class Shape(Generic[T_co]):
    """A dataclass and the columns that it is read from; in a statement its text is the list of the columns.

    `columns`: as SQL names them; none: the fields' names. A column belongs to the field of its name; where one has a name
    that no field has, each belongs to the field at its place. `stored`: fields that are kept in another form, or in
    several columns (`Parts`); flags need no word. Raises TypeError for columns that are no beginning of the fields, and
    for a collection whose form is not told.
    """

    __slots__ = ("_stored", "columns", "of")

    def __init__(self, made: Callable[..., T_co], columns: str = "", **stored: Stored | Parts) -> None:
        known = [field.name for field in fields(made)]  # type: ignore[arg-type]
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

    def __str__(self) -> str:
        return self.columns

    def values(self, columns: str = "") -> Callable[[Any], tuple[Any, ...]]:
        """Return what gives the fields of these columns as arguments of a statement."""
        names = _named(columns or self.columns)
        get = attrgetter(*names)
        take: Callable[[Any], tuple[Any, ...]] = get if len(names) > 1 else lambda one: (get(one),)
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


def _reader(made: Callable[..., T], places: list[int], forms: list[tuple[int, Stored | Parts]]) -> Callable[[Row], T]:
    in_order = places == list(range(len(places)))
    pick: Callable[[Row], Sequence[Any]] = (lambda row: row) if in_order else itemgetter(*places)
    if not forms:
        return (lambda row: made(*row)) if in_order else (lambda row: made(*pick(row)))
    loads = [(n, form.load) for n, form in forms if isinstance(form, Stored) and n < len(places)]
    parts = [(n, n + len(form.columns.split(",")), form.make) for n, form in forms if isinstance(form, Parts)]

    def of(row: Row) -> T:
        values = list(pick(row))
        for start, end, make in parts:
            values[start:end] = [make(*values[start:end])]
        for number, load in loads:
            values[number] = load(values[number])
        return made(*values)

    return of
