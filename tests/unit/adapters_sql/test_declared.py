"""Declared methods: what a call of the port's method becomes as a statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pytest

from smartmail.adapters.sql.declared import changed, counted, every, executed, first_column, must_change, optional
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import Tags
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import account_change_by, in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound

AUDIT = AuditRecord(1, "who", "act", "thing", "::1")


@dataclass(frozen=True)
class Item:
    account_id: int
    name: str


ITEM = Shape(Item)


class Port(Protocol):
    async def items(self, account_id: int | None, names: Sequence[str], *, newest: bool = False) -> list[Item]: ...
    async def item(self, name: str, limit: int = 7) -> Item | None: ...
    async def put(self, item: Item, audit: AuditRecord, limit: int) -> bool: ...
    async def keep(self, name: str, audit: AuditRecord | None = None) -> None: ...
    async def need(self, name: str) -> None: ...
    async def drop(self, name: str) -> int: ...


class Fake:
    """A database and its session: gives `found` and notes statements and turns."""

    tags = Tags()

    def __init__(self, *found: tuple[Any, ...]) -> None:
        self.found = found
        self.asked: list[tuple[Any, ...]] = []
        self.turns: list[int] = []

    async def rows(self, sql: str, *args: object) -> tuple[tuple[Any, ...], ...]:
        self.asked.append((sql, *args))
        return self.found

    async def row(self, sql: str, *args: object) -> tuple[Any, ...] | None:
        self.asked.append((sql, *args))
        return self.found[0] if self.found else None

    async def run(self, sql: str, *args: object) -> None:
        self.asked.append((sql, *args))

    async def change(self, order: int, work: Any) -> Any:
        self.turns.append(order)
        return await work(self)


async def named(session: Any, item: Item, audit: AuditRecord) -> str:
    await add_audit(session, audit, None)
    return item.name


class Store:
    def __init__(self, db: Fake) -> None:
        self._db = db

    items = every(Port.items, ITEM, "of", without="all", some=True)
    item = optional(Port.item, ITEM, "one", also=("open",))
    put = changed(Port.put, "put", row=ITEM.values("name, account_id"), by_account=True)
    keep = executed(Port.keep, "keep")
    need = must_change(Port.need, "need")
    drop = counted(Port.drop, "drop")
    names = account_change_by(named)

    @in_change
    async def both(self, session: Any, name: str) -> list[Any]:
        return [first_column(row) for row in await session.rows("both", name)]


async def test_names_defaults_lists_and_flags_become_arguments_in_the_ports_order():
    db = Fake((3, "a"))
    assert await Store(db).items(names=("a", "b"), account_id=3, newest=True) == [Item(3, "a")]
    assert await Store(db).item("a") == Item(3, "a")
    assert db.asked == [("of", 3, ["a", "b"], 1), ("one", "a", 7, "open")]
    assert type(db.asked[0][3]) is int


async def test_a_call_that_the_port_does_not_know_is_an_error():
    for wrong in ({}, {"name": "a", "lmit": 3}):
        with pytest.raises(TypeError):
            await Store(Fake()).item(**wrong)  # type: ignore[arg-type]


async def test_none_asks_the_other_statement_and_an_empty_collection_asks_none():
    db = Fake((3, "a"))
    assert await Store(db).items(None, ["a"]) == [Item(3, "a")]
    assert await Store(db).items(3, []) == []
    assert db.asked == [("all", ["a"], 0)]


async def test_a_change_is_recorded_where_something_changed_and_made_in_the_turn_of_its_account():
    db, empty = Fake((1,)), Fake()
    assert await Store(db).put(Item(3, "a"), AUDIT, 5)
    assert not await Store(empty).put(Item(3, "a"), AUDIT, 5)
    assert [one[1:] for one in db.asked if one[0] == "put"] == [("a", 3, 5)]
    assert [len(db.asked), len(empty.asked)] == [2, 1]
    assert db.turns == [3]


async def test_what_is_only_done_is_recorded_where_a_record_is_given():
    with_record, without = Fake(), Fake()
    await Store(with_record).keep("a", AUDIT)
    await Store(without).keep("a")
    assert [len(with_record.asked), len(without.asked)] == [2, 1]


async def test_what_must_change_raises_where_nothing_was_and_rows_are_counted():
    await Store(Fake((1,))).need("a")
    with pytest.raises(NotFound):
        await Store(Fake()).need("a")
    assert await Store(Fake((1,), (2,))).drop("a") == 2


async def test_functions_and_methods_get_their_session():
    db = Fake((1,))
    assert await Store(db).names(item=Item(3, "a"), audit=AUDIT) == "a"
    assert await Store(db).names(Item(4, "b"), AUDIT) == "b"
    assert await Store(db).both("x") == [1]
    assert db.turns == [3, 4, 0]
