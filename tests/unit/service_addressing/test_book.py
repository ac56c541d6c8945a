"""The book of rules: nobody is answered from a book that is still being opened (service/flow/addressing/book.py)."""

import asyncio
import json

from tests.house.clock import FrozenClock

from smartmail.domain.audit import AuditRecord
from smartmail.service.flow.addressing.book import STAND_INS, AddressBook

AUDIT = AuditRecord(1, "cli", "x", "y")


class SlowStore:
    """Settings that come when they are let."""

    def __init__(self, settings):
        self.kept = dict(settings)
        self.gate = asyncio.Event()
        self.reads = 0

    async def settings(self, _scope):
        self.reads += 1
        found = dict(self.kept)
        await self.gate.wait()
        return found

    async def put_setting(self, _scope, name, value, *, audit=None):
        self.kept[name] = value


async def test_two_first_questions_both_wait_for_the_answer():
    store = SlowStore({"b.example alias_of": json.dumps("a.example"), STAND_INS: "true"})
    book = AddressBook(store, None, FrozenClock(10_000))
    both = [asyncio.ensure_future(book.rules("b.example")) for _ in range(2)]
    await asyncio.sleep(0)
    store.gate.set()
    assert [(await one).alias_of for one in both] == ["a.example", "a.example"]
    assert await book.uses(STAND_INS)


async def test_a_change_during_a_look_is_seen_by_the_next():
    store, clock = SlowStore({}), FrozenClock(10_000)
    book = AddressBook(store, None, clock)
    looking = asyncio.ensure_future(book.rules("b.example"))
    await asyncio.sleep(0)
    await book.set_rule("b.example", "subaddress", False, AUDIT)
    store.gate.set()
    await looking
    assert (await book.rules("b.example")).subaddress is False


async def test_what_others_change_is_seen_within_a_second():
    store, clock = SlowStore({}), FrozenClock(10_000)
    store.gate.set()
    book = AddressBook(store, None, clock)
    assert (await book.rules("b.example")).subaddress is True
    store.kept["b.example subaddress"] = "false"
    for _ in range(100):
        assert (await book.rules("b.example")).subaddress is True
    assert store.reads == 1
    clock.at += 1000
    assert (await book.rules("b.example")).subaddress is False
