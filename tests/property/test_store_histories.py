"""Random histories of one account on both drivers, against a naive model: counters equal a recount, clients that apply
changes end up where a fresh look does, failed bodies leave nothing.
"""

import asyncio
import itertools
import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from tests.contract.store_backends import START, Bench, fresh_postgres, open_store

from smartmail.domain.keywords import DRAFT, FLAGGED, SEEN, Keywords
from smartmail.domain.mailbox import NewMailbox
from smartmail.domain.message import BlobRow, NewMessage, ThreadKeys

pytestmark = pytest.mark.splittable

_UNREAD = SEEN | DRAFT
_numbers = itertools.count(1)


@dataclass(frozen=True)
class ModelMessage:
    thread: int
    keywords: Keywords
    size: int
    blob: bytes
    received_at: int
    refs: frozenset[bytes]
    created: int
    modseq: int


@dataclass(frozen=True)
class ModelPlacement:
    message: int
    deleted: bool


@dataclass
class Model:
    """What the account should hold. Everything is recounted, nothing is counted along."""

    modseq: int
    boxes: dict[int, int] = field(default_factory=dict)
    """Mailbox → highest modseq."""
    uidnext: dict[int, int] = field(default_factory=dict)
    messages: dict[int, ModelMessage] = field(default_factory=dict)
    places: dict[tuple[int, int], ModelPlacement] = field(default_factory=dict)
    next_message: int = 1
    next_box: int = 1
    refs: dict[bytes, int] = field(default_factory=dict)
    touched: bool = False

    def copy(self) -> "Model":
        return replace(
            self, boxes=dict(self.boxes), uidnext=dict(self.uidnext), messages=dict(self.messages),
            places=dict(self.places), refs=dict(self.refs), touched=False,
        )  # fmt: skip

    def touch(self) -> int:
        if not self.touched:
            self.modseq += 1
            self.touched = True
        return self.modseq

    def mark(self, message: int) -> None:
        """The message changed: so did all mailboxes that hold it."""
        modseq = self.touch()
        if message in self.messages:
            self.messages[message] = replace(self.messages[message], modseq=modseq)
        for (box, _), place in self.places.items():
            if place.message == message:
                self.boxes[box] = modseq

    def living(self, thread: int) -> bool:
        return any(m.thread == thread for m in self.messages.values())

    def put(self, box: int, message: int) -> int:
        uid = self.uidnext[box]
        self.uidnext[box] = uid + 1
        self.places[box, uid] = ModelPlacement(message, False)
        self.boxes[box] = self.touch()
        return uid

    def drop_places(self, keys: list[tuple[int, int]]) -> list[int]:
        """Remove placements; return messages that go with them."""
        went = []
        for key in keys:
            place = self.places.pop(key)
            self.boxes[key[0]] = self.touch()
            if any(p.message == place.message for p in self.places.values()):
                self.mark(place.message)
            else:
                del self.messages[place.message]
                went.append(place.message)
        return went

    def counters(self, box: int) -> tuple[int, ...]:
        held = [(p, self.messages[p.message]) for (b, _), p in self.places.items() if b == box]
        return (
            len(held),
            sum(not p.deleted for p, _ in held),
            sum(not p.deleted and not m.keywords.bits & _UNREAD for p, m in held),
            sum(not m.keywords.bits & SEEN for _, m in held),
            sum(m.size for _, m in held),
        )

    def view(self, box: int) -> list[tuple[Any, ...]]:
        return [
            (uid, p.message, self.messages[p.message].keywords, p.deleted, self.messages[p.message].modseq)
            for (b, uid), p in sorted(self.places.items()) if b == box
        ]  # fmt: skip

    def threads(self) -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        for number, message in self.messages.items():
            found.setdefault(message.thread, set()).add(number)
        return found


class Player:
    """Plays one history on a store and on the model."""

    def __init__(self, store: Any, account: int) -> None:
        self.store = store
        self.account = account
        self.model = Model(0)
        self.past: list[tuple[Model, int]] = []
        self.horizon = 0

    async def trim(self, rng: random.Random) -> None:
        """Now and then the log is cut: what is older may be untold from then on, and is right when it is told."""
        if rng.random() < 0.1:
            below = rng.randint(0, self.model.modseq)
            await self.store.trim_changes(self.account, below)
            self.horizon = max(self.horizon, below)

    async def step(self, rng: random.Random) -> None:
        """Some operations in one body, which fails now and then."""
        fails = rng.random() < 0.15
        seed = rng.random()
        steps = rng.choice((1, 1, 1, 2, 3))

        async def body(tx: Any) -> Model:
            draw = random.Random(seed)
            model = self.model.copy()
            for _ in range(steps):
                await draw.choice(_OPERATIONS)(self, tx, model, draw)
            if fails:
                raise _Fails
            return model

        self.past.append((self.model, self.model.modseq))
        try:
            self.model = await self.store.write(self.account, body)
        except _Fails:
            self.past.pop()

    # Operations: the same on both sides, results compared.

    async def create_box(self, tx: Any, model: Model, rng: random.Random) -> None:
        if len(model.boxes) > 4:
            return
        name = b"box%d" % model.next_box
        row = await tx.create_mailbox(NewMailbox(0, None, name, name))
        assert row.id == model.next_box
        model.next_box += 1
        model.boxes[row.id] = model.touch()
        model.uidnext[row.id] = 1

    async def destroy_box(self, tx: Any, model: Model, rng: random.Random) -> None:
        if len(model.boxes) < 2 or rng.random() < 0.7:
            return
        box = rng.choice(sorted(model.boxes))
        keys = sorted(key for key in model.places if key[0] == box)
        went = await tx.destroy_mailbox(box)
        model.touch()
        assert sorted(went) == sorted(model.drop_places(keys))
        del model.boxes[box]

    async def add(self, tx: Any, model: Model, rng: random.Random) -> None:
        if not model.boxes:
            return
        boxes = rng.sample(sorted(model.boxes), rng.randint(1, min(2, len(model.boxes))))
        refs = tuple(rng.choice((b"r1", b"r2", b"r3", b"r4", b"r5", b"r6")) for _ in range(rng.randint(0, 3)))
        blob = next(_numbers).to_bytes(16, "big")
        if model.messages and rng.random() < 0.3:
            blob = model.messages[rng.choice(sorted(model.messages))].blob
        words = self._keywords(rng)
        size, at = rng.randint(1, 500), rng.randint(1, 50)
        new = NewMessage(BlobRow(blob, 1, "x", size), b"k", size, at, 0, b"s", tuple(boxes), words, ThreadKeys(refs))
        added = await tx.add_message(new)
        matches = [model.refs[r] for r in refs if r in model.refs and model.living(model.refs[r])]
        number = model.next_message
        model.next_message += 1
        thread = min(matches) if matches else number
        for ref in refs:
            if ref not in model.refs or not model.living(model.refs[ref]):
                model.refs[ref] = thread
        modseq = model.touch()
        model.messages[number] = ModelMessage(thread, words, size, blob, at, frozenset(refs), modseq, modseq)
        placed = tuple((box, model.put(box, number)) for box in boxes)
        assert (added.message_id, added.thread_id, added.placements, added.modseq) == (number, thread, placed, modseq)

    async def place(self, tx: Any, model: Model, rng: random.Random) -> None:
        if not model.boxes:
            return
        box = rng.choice(sorted(model.boxes))
        wanted = self._some(sorted(model.messages), rng)
        held = {p.message for (b, _), p in model.places.items() if b == box}
        expected = []
        for message in dict.fromkeys(wanted):
            if message in model.messages and message not in held:
                expected.append((message, model.put(box, message)))
                model.mark(message)
        assert await tx.place(box, wanted) == expected

    async def remove(self, tx: Any, model: Model, rng: random.Random) -> None:
        if not model.boxes:
            return
        box = rng.choice(sorted(model.boxes))
        uids = self._some([uid for b, uid in sorted(model.places) if b == box], rng)
        went = await tx.remove_placements(box, uids)
        assert sorted(went) == sorted(
            model.drop_places([(box, u) for u in sorted(set(uids)) if (box, u) in model.places])
        )

    async def destroy(self, tx: Any, model: Model, rng: random.Random) -> None:
        wanted = self._some(sorted(model.messages), rng)[:2]
        there = sorted(set(wanted) & set(model.messages))
        assert sorted(await tx.destroy_messages(wanted)) == there
        model.drop_places([key for key, p in model.places.items() if p.message in there])

    async def keywords(self, tx: Any, model: Model, rng: random.Random) -> None:
        wanted = {number: self._keywords(rng) for number in self._some(sorted(model.messages), rng)}
        changed = [n for n, w in wanted.items() if n in model.messages and model.messages[n].keywords != w]
        assert sorted(await tx.set_keywords(wanted)) == sorted(changed)
        for number in changed:
            model.messages[number] = replace(model.messages[number], keywords=wanted[number])
            model.mark(number)

    async def deleted(self, tx: Any, model: Model, rng: random.Random) -> None:
        if not model.boxes:
            return
        box = rng.choice(sorted(model.boxes))
        uids = self._some([uid for b, uid in sorted(model.places) if b == box], rng)
        mark = rng.random() < 0.6
        changed = [u for u in sorted(set(uids)) if (box, u) in model.places and model.places[box, u].deleted != mark]
        assert await tx.set_deleted(box, uids, deleted=mark) == changed
        for uid in changed:
            place = model.places[box, uid]
            model.places[box, uid] = replace(place, deleted=mark)
            model.mark(place.message)

    async def look(self, tx: Any, model: Model, rng: random.Random) -> None:
        """Reading inside a body sees what the body did."""
        rows = await tx.messages([*model.messages, 999])
        assert {row.id: row.keywords for row in rows} == {n: m.keywords for n, m in model.messages.items()}
        for box in model.boxes:
            uids = [uid for b, uid in model.places if b == box]
            assert [tuple(line) for line in await tx.entries(box, uids)] == model.view(box)
        assert {(p.mailbox_id, p.uid) for p in await tx.placements(list(model.messages))} == set(model.places)
        assert [row.id for row in await tx.mailboxes()] == sorted(model.boxes)

    @staticmethod
    def _some(known: list[int], rng: random.Random) -> list[int]:
        """Some of the known, in any order, perhaps one unknown."""
        chosen = rng.sample(known, rng.randint(0, min(4, len(known))))
        return [*chosen, 9_999] if rng.random() < 0.2 else chosen

    @staticmethod
    def _keywords(rng: random.Random) -> Keywords:
        return Keywords(rng.choice((0, SEEN, FLAGGED, DRAFT, SEEN | DRAFT)), rng.choice(((), (1,), (1, 2))))

    # What must hold after every step.

    async def check(self, rng: random.Random) -> None:
        model, store, account = self.model, self.store, self.account
        row = await store.account(account)
        assert (row.modseq, row.messages, row.used) == (
            model.modseq, len(model.messages), sum(m.size for m in model.messages.values()),
        )  # fmt: skip
        rows = await store.mailboxes(account)
        assert {r.id: (r.placements, r.total, r.unseen, r.unseen_placements, r.size) for r in rows} == {
            box: model.counters(box) for box in model.boxes
        }
        assert {r.id: (r.highest_modseq, r.uidnext) for r in rows} == {
            box: (highest, model.uidnext[box]) for box, highest in model.boxes.items()
        }
        for box in model.boxes:
            _, lines = await store.view(account, box)
            assert [tuple(line) for line in lines] == model.view(box)
        await self._check_messages(rng)
        if self.past:
            await self._check_changes(*rng.choice(self.past), rng)

    async def _check_messages(self, rng: random.Random) -> None:
        model, store, account = self.model, self.store, self.account
        found = await store.all_messages(account)
        assert [r.id for r in found] == sorted(
            model.messages, key=lambda n: (model.messages[n].received_at, n), reverse=True
        )
        assert {r.id: (r.thread_id, r.created_modseq, r.modseq) for r in found} == {
            n: (m.thread, m.created, m.modseq) for n, m in model.messages.items()
        }
        threads = model.threads()
        members = await store.thread(account, list(threads))
        assert {t: {m for thread, m in members if thread == t} for t in threads} == threads
        counts = await store.thread_counts(account)
        for box in model.boxes:
            shown = {
                model.messages[p.message].thread for (b, _), p in model.places.items() if b == box and not p.deleted
            }
            unread = {
                model.messages[p.message].thread for p in model.places.values()
                if not p.deleted and not model.messages[p.message].keywords.bits & _UNREAD
            }  # fmt: skip
            assert counts.get(box, (0, 0)) == (len(shown), len(shown & unread))
            window, total = await store.list_messages(account, box, position=1, limit=3)
            order = sorted(
                ((model.messages[p.message].received_at, uid, p.message) for (b, uid), p in model.places.items()
                 if b == box and not p.deleted), reverse=True,
            )  # fmt: skip
            assert (window, total) == ([m for *_, m in order[1:4]], len(order))
        blobs = {m.blob for m in model.messages.values()}
        if blobs:
            vault = [bytes(row.blob_id) for row in (await store.vault(account, position=0, limit=10_000))[0]]
            held = await store._db.rows("select id, refs from blob where id = any($1)", list(blobs))
            assert {bytes(r[0]): r[1] for r in held} == {
                blob: sum(m.blob == blob for m in model.messages.values()) + vault.count(blob) for blob in blobs
            }

    async def _check_changes(self, old: Model, since: int, rng: random.Random) -> None:
        """A client that knew `old` applies changes in pages and knows what a fresh look tells."""
        now = self.model
        sets = {
            "message": (set(old.messages), set(now.messages)),
            "mailbox": (set(old.boxes), set(now.boxes)),
            "thread": (set(old.threads()), set(now.threads())),
        }
        for kind, (known, wanted) in sets.items():
            state, told, pages = since, set(), 0
            limit = rng.choice((1, 2, 5, 100))
            while True:
                found = await self.store.changes(self.account, kind, state, limit)
                if found is None:
                    assert state == since < self.horizon
                    break
                assert found.until > state or not found.more
                if limit == 100:
                    assert not set(found.created) & known
                    assert set(found.destroyed) <= known
                    assert set(found.updated) <= known & wanted
                known = (known | set(found.created)) - set(found.destroyed)
                told |= {*found.created, *found.updated}
                state, pages = found.until, pages + 1
                assert pages < 200
                if not found.more:
                    break
            if found is None:
                continue
            assert known == wanted
            assert state == max(since, await self.store.state(self.account, kind))
            if kind == "message":
                assert {n for n, m in now.messages.items() if m.modseq > since} <= told
            if kind == "thread":
                before, after = old.threads(), now.threads()
                assert {t for t, members in after.items() if before.get(t) != members} <= told
        for box in set(old.boxes) & set(now.boxes):
            found = await self.store.view_changes(self.account, box, since)
            if not found.complete:
                assert since < self.horizon
                continue
            lines = {line[0]: line for line in old.view(box)}
            assert set(found.vanished) <= set(lines)
            lines.update((line.uid, tuple(line)) for line in found.entries)
            for uid in found.vanished:
                del lines[uid]
            assert [lines[uid] for uid in sorted(lines)] == now.view(box)
            assert found.highest_modseq == now.boxes[box]


class _Fails(Exception):
    pass


_OPERATIONS = (
    Player.create_box, Player.destroy_box, Player.add, Player.add, Player.add, Player.place, Player.remove,
    Player.destroy, Player.keywords, Player.keywords, Player.deleted, Player.look,
)  # fmt: skip


async def _play(bench: Bench, seed: int, steps: int) -> None:
    account = await bench.new_account(f"h{next(_numbers)}@acme.test")
    player = Player(bench.store, account.id)
    rng = random.Random(seed)
    for _ in range(steps):
        await player.step(rng)
        await player.trim(rng)
        await player.check(rng)
    await bench.store.expire(START)
    await player.step(rng)
    await player.check(rng)


def _histories(driver: str, folder: Path, examples: int) -> None:
    with asyncio.Runner() as runner:

        async def start() -> Bench:
            address = str(folder / "mail.db") if driver == "sqlite" else await fresh_postgres()
            bench = Bench(await open_store(driver, address, lambda: START), [START])
            await bench.start()
            return bench

        bench = runner.run(start())

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            derandomize=False,
        )
        @given(st.integers(0, 2**32), st.integers(5, 30))
        def play(seed: int, steps: int) -> None:
            runner.run(_play(bench, seed, steps))

        try:
            play()
        finally:
            runner.run(bench.store.close())


def test_histories_on_sqlite(tmp_path: Path):
    _histories("sqlite", tmp_path, 40)


@pytest.mark.postgres
def test_histories_on_postgres(tmp_path: Path):
    _histories("postgres", tmp_path, 5)
