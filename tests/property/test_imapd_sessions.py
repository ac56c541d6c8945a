"""Sessions that only believe what they are told end up with what the store holds, whatever anybody does meanwhile."""

import asyncio
import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.flows.house import PASSWORD, LocalBus, compose_house, open_house, serve
from tests.flows.imap_client import Client
from tests.property.imapd_replay import Replay, flags_of, truth

FLAGS = ["\\Seen", "\\Flagged", "\\Deleted", "\\Answered", "one", "two", "three"]
SESSIONS = 3

sets = st.sampled_from(["1", "2", "1:2", "2:3", "1:*", "*", "1,3", "4:*"])
flag_lists = st.lists(st.sampled_from(FLAGS), max_size=3, unique=True)
modes = st.sampled_from(["+FLAGS", "-FLAGS", "FLAGS"])
operations = st.one_of(
    st.tuples(st.just("append"), flag_lists),
    st.tuples(st.just("deliver"), flag_lists),
    st.tuples(st.just("store"), sets, modes, flag_lists, st.booleans(), st.booleans(), st.booleans()),
    st.tuples(st.just("expunge")),
    st.tuples(st.just("uid expunge"), sets),
    st.tuples(st.sampled_from(["copy here", "copy away", "move away", "move here"]), sets),
    st.tuples(st.just("come back"), sets),
    st.tuples(st.just("read"), sets),
    st.tuples(st.just("search")),
    st.tuples(st.just("noop")),
    st.tuples(st.just("idle")),
    st.tuples(st.just("fetch"), sets),
)
histories = st.lists(st.tuples(st.integers(0, SESSIONS - 1), operations), min_size=1, max_size=30)
FEW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


class LostBus(LocalBus):
    """Hints that never arrive."""

    def publish(self, topic, payload):
        pass


class World:
    """Houses over one store in an event loop of their own; every example gets fresh mailboxes."""

    def __init__(self, loop, houses):
        self.loop, self.houses = loop, houses
        self.account = houses[0].accounts["kim@a.example"]
        self.number = 0

    async def open_sessions(self, box, *, condstore):
        sessions = []
        for at in range(SESSIONS):
            house = self.houses[at % len(self.houses)]
            session = Replay(await Client.open(house.ports["imap"], "kim@a.example", PASSWORD))
            if condstore:
                assert await session.client.cmd("ENABLE CONDSTORE")
            await session.select(box)
            sessions.append(session)
        return sessions


@contextlib.contextmanager
def world(directory, *, houses):
    loop = asyncio.new_event_loop()
    stack = contextlib.AsyncExitStack()

    async def open_all():
        directory.mkdir()
        first = await stack.enter_async_context(open_house(directory, bus=LostBus() if houses > 1 else None))
        await first.person("kim@a.example")
        opened = [first]
        for _ in range(houses - 1):
            other = await stack.enter_async_context(compose_house(directory, bus=LostBus()))
            opened.append(await stack.enter_async_context(serve(other)))
        return World(loop, opened)

    try:
        yield loop.run_until_complete(open_all())
    finally:
        loop.run_until_complete(stack.aclose())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


@pytest.fixture(scope="module")
def one_house(tmp_path_factory):
    with world(tmp_path_factory.mktemp("one") / "data", houses=1) as made:
        yield made


@pytest.fixture(scope="module")
def two_houses(tmp_path_factory):
    with world(tmp_path_factory.mktemp("two") / "data", houses=2) as made:
        yield made


def message(number: int) -> bytes:
    return b"Subject: %d\r\nMessage-ID: <%d@x>\r\n\r\nbody %d\r\n" % (number, number, number)


class Example:
    """One history."""

    def __init__(self, made: World, *, condstore: bool):
        made.number += 1
        self.world, self.condstore = made, condstore
        self.box, self.away = f"Box{made.number}", f"Away{made.number}"
        self.messages = made.number * 1000

    def next_message(self) -> bytes:
        self.messages += 1
        return message(self.messages)

    async def run(self, history, *, together: bool = False) -> None:
        setup = await Client.open(self.world.houses[0].ports["imap"], "kim@a.example", PASSWORD)
        await setup.cmd(f"CREATE {self.box}")
        await setup.cmd(f"CREATE {self.away}")
        await setup.cmd(f"APPEND {self.box} " + " ".join(["{}"] * 4), *[self.next_message() for _ in range(4)])
        sessions = await self.world.open_sessions(self.box, condstore=self.condstore)
        since = [max(session.modseqs.values(), default=1) for session in sessions]
        before = [dict(session.flags) for session in sessions]
        if together:
            await asyncio.gather(*(self.alone(at, session, history) for at, session in enumerate(sessions)))
        else:
            for at, operation in history:
                await self.step(sessions[at], setup, *operation)
        await self.compare(sessions)
        for session, start, held in zip(sessions, since, before, strict=True):
            await self.check_changes(session, start, held)
            await session.client.close()
        await setup.close()

    async def alone(self, at: int, session: Replay, history) -> None:
        """One session's part of the history, at its own pace."""
        setup = await Client.open(self.world.houses[0].ports["imap"], "kim@a.example", PASSWORD)
        for one, operation in history:
            if one == at:
                await self.step(session, setup, *operation)
        await setup.close()

    async def step(self, session: Replay, setup: Client, kind: str, *args) -> None:
        await getattr(self, kind.replace(" ", "_"))(session, setup, *args)
        await session.learn()

    async def append(self, session, setup, flags):
        await session.say(f"APPEND {self.box} ({' '.join(flags)}) {{}}", self.next_message())

    async def deliver(self, session, setup, flags):
        assert await setup.cmd(f"APPEND {self.box} ({' '.join(flags)}) {{}}", self.next_message())

    async def store(self, session, setup, numbers, mode, flags, silent, uid, conditional):
        targets = [one for one in self.named(session, numbers, uid=uid) if one is not None]
        modifier = (
            f" (UNCHANGEDSINCE {max(session.modseqs.values(), default=1)})" if conditional and self.condstore else ""
        )
        suffix = ".SILENT" if silent else ""
        prefix = "UID " if uid else ""
        answer = await session.cmd(f"{prefix}STORE {numbers}{modifier} {mode}{suffix} ({' '.join(flags)})")
        if answer and silent:
            failed = set(self.named(session, answer.code.split()[1], uid=uid)) if answer.code else set()
            self.assume(session, [one for one in targets if one not in failed], mode, flags_of(flags))
        session.feed(answer)

    def named(self, session, numbers: str, *, uid: bool):
        """What a client takes a set to mean."""
        held = session.uids
        highest = (held[-1] if held else 0) if uid else len(held)
        found = []
        for piece in numbers.split(","):
            low, _, high = piece.replace("*", str(highest)).partition(":")
            first, last = sorted((int(low), int(high or low)))
            if uid:
                found += [one for one in held if one is not None and first <= one <= last]
            else:
                found += held[first - 1 : last]
        return found

    def assume(self, session, targets, mode, flags):
        for uid in targets:
            held = session.flags[uid]
            session.flags[uid] = held | flags if mode[0] == "+" else held - flags if mode[0] == "-" else flags

    async def expunge(self, session, setup):
        await session.say("EXPUNGE")

    async def uid_expunge(self, session, setup, numbers):
        await session.say(f"UID EXPUNGE {numbers}")

    async def copy_here(self, session, setup, numbers):
        await session.say(f"COPY {numbers} {self.box}")

    async def copy_away(self, session, setup, numbers):
        await session.say(f"UID COPY {numbers} {self.away}")

    async def move_away(self, session, setup, numbers):
        await session.say(f"MOVE {numbers} {self.away}")

    async def move_here(self, session, setup, numbers):
        await session.say(f"UID MOVE {numbers} {self.box}")

    async def come_back(self, session, setup, numbers):
        await setup.cmd(f"SELECT {self.away}")
        await setup.cmd(f"UID STORE {numbers} +FLAGS.SILENT (\\Flagged)")
        await setup.cmd(f"UID MOVE {numbers} {self.box}")
        await setup.cmd("UNSELECT")

    async def read(self, session, setup, numbers):
        await session.say(f"UID FETCH {numbers} (BODY[TEXT])")

    async def search(self, session, setup):
        await session.say("SEARCH UNSEEN")

    async def noop(self, session, setup):
        await session.say("NOOP")

    async def fetch(self, session, setup, numbers):
        await session.say(f"UID FETCH {numbers} (FLAGS)")

    async def idle(self, session, setup):
        tag = session.client.next_tag()
        session.client.send(f"{tag} IDLE\r\nDONE\r\n")
        session.feed(await session.client.answer(tag))

    async def compare(self, sessions) -> None:
        house = self.world.houses[0]
        account = self.world.account
        actor_boxes = await house.services.mailboxes._store.mailboxes(account.id)
        keys = await house.services.mailboxes._keyring.account_by_id(account.id)
        names = {house.services.mailboxes._name(keys, account.id, row.sealed_name): row for row in actor_boxes}
        expected = await truth(house.services, account, names[self.box].id)
        for session in sessions:
            await session.say("NOOP")
            await session.learn()
            assert session.uids == list(expected)
            assert session.flags == {uid: flags for uid, (flags, _) in expected.items()}
            if self.condstore:
                assert session.modseqs == {uid: modseq for uid, (_, modseq) in expected.items()}
        row = names[self.box]
        assert row.placements == len(expected)
        assert row.unseen_placements == sum("\\seen" not in flags for flags, _ in expected.values())
        assert row.total == sum("\\deleted" not in flags for flags, _ in expected.values())

    async def check_changes(self, session: Replay, since: int, held: dict) -> None:
        """What CHANGEDSINCE tells, laid over the old picture, is the new one (RFC 7162 §6)."""
        answer = await session.client.cmd(f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {since})")
        told = {int(one["UID"]): flags_of(one["FLAGS"]) for one in answer.fetches().values()}
        assert {uid: {**held, **told}.get(uid) for uid in session.uids} == session.flags


@FEW
@given(histories, st.booleans())
def test_sessions_of_one_process_converge(one_house, history, condstore):
    one_house.loop.run_until_complete(Example(one_house, condstore=condstore).run(history))


@FEW
@given(histories, st.booleans())
def test_processes_over_one_store_converge_without_any_hint(two_houses, history, condstore):
    two_houses.loop.run_until_complete(Example(two_houses, condstore=condstore).run(history))


@FEW
@given(histories, st.booleans())
def test_sessions_at_the_same_time_converge(one_house, history, condstore):
    one_house.loop.run_until_complete(Example(one_house, condstore=condstore).run(history, together=True))
