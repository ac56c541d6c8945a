"""Shapes: a row becomes its dataclass and back; what no shape can know is an error when it is made."""

from dataclasses import dataclass
from typing import NewType

import pytest

from smartmail.adapters.sql.shape import ITEMS, WORD_SET, Parts, Shape

ShelfId = NewType("ShelfId", int)


@dataclass(frozen=True, slots=True)
class Place:
    level: str
    subject: str


@dataclass(frozen=True, slots=True)
class Shelf:
    id: ShelfId
    place: Place
    label: bytes
    names: tuple[str, ...]
    rights: frozenset[str]
    is_open: bool
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    id: int
    is_open: bool
    text: str = ""


SHELF = Shape(Shelf, place=Parts(Place, "level, subject"), names=ITEMS, rights=WORD_SET)
ONE = Shelf(ShelfId(1), Place("group", "2"), b"l", ("a", "b"), frozenset({"w", "r"}), is_open=True, note="n")
ROW = (1, "group", "2", b"l", '["a", "b"]', "r w", 1, "n")


def test_the_columns_are_the_fields_and_the_parts_of_those_in_several_columns():
    assert str(SHELF) == "id, level, subject, label, names, rights, is_open, note"
    assert SHELF.qualified("s").startswith("s.id, s.level, ")


def test_a_row_becomes_its_dataclass_and_the_same_arguments_again():
    assert SHELF.of(ROW) == ONE
    assert SHELF.dump(ONE) == ROW
    assert type(SHELF.of(ROW).is_open) is bool
    assert type(SHELF.dump(ONE)[6]) is int


def test_some_of_the_fields_are_given_in_the_order_of_a_statement():
    assert SHELF.values("is_open, place.subject, names")(ONE) == (1, "2", '["a", "b"]')


def test_columns_belong_to_the_field_of_their_name_and_the_last_fields_may_be_missing():
    place = Shape(Place, "p.subject, coalesce(p.level, 'x') as level")
    assert place.of(("2", "group")) == Place("group", "2")
    assert place.dump(Place("group", "2")) == ("2", "group")
    assert Shape(Note, "id, is_open").of((1, 0)) == Note(1, is_open=False)


def test_columns_of_other_names_belong_to_the_field_at_their_place():
    assert Shape(Place, "p.kind, p.who").of(("group", "2")) == Place("group", "2")


@pytest.mark.parametrize(
    ("columns", "stored"),
    [
        ("", {"place": Parts(Place, "level, subject"), "rights": WORD_SET}),
        ("", {"place": Parts(Place, "level, subject"), "names": ITEMS, "rights": WORD_SET, "other": ITEMS}),
        ("id, label", {"names": ITEMS, "rights": WORD_SET}),
    ],
)
def test_a_shape_that_cannot_know_how_a_field_is_kept_is_refused(columns: str, stored: dict[str, object]):
    with pytest.raises(TypeError):
        Shape(Shelf, columns, **stored)  # type: ignore[arg-type]
