"""Sessions that only believe what they are told end up with what the store holds, whatever anybody does meanwhile.

Random commands in three sessions, each with CONDSTORE, QRESYNC, UIDONLY and NOTIFY on or off, in turn or all at once;
sessions break off and come back. `SMARTMAIL_EXAMPLES=500` runs more histories than CI does.
"""

import asyncio
import contextlib
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.flows.house import PASSWORD, LocalBus, compose_house, open_house, serve
from tests.flows.imap_client import Client
from tests.property.imapd_replay import Replay, fetched, flags_of, numbers, truth

FLAGS = ["\\Seen", "\\Flagged", "\\Deleted", "\\Answered", "one", "two", "three"]
SESSIONS = 3
KINDS = [
    (), ("CONDSTORE",), ("QRESYNC",), ("UIDONLY",), ("CONDSTORE", "UIDONLY"), ("QRESYNC", "UIDONLY"), ("NOTIFY",),
    ("NOTIFY", "QRESYNC"), ("NOTIFY", "UIDONLY"),
]  # fmt: skip
PROGRAMS = {
    "ALL": lambda _flags: True,
    "UNSEEN": lambda flags: "\\seen" not in flags,
    "FLAGGED UNDELETED": lambda flags: "\\flagged" in flags and "\\deleted" not in flags,
    "OR DELETED KEYWORD one": lambda flags: bool(flags & {"\\deleted", "one"}),
    "NOT (ANSWERED KEYWORD two)": lambda flags: not flags >= {"\\answered", "two"},
}

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
    st.tuples(st.just("find"), st.sampled_from(list(PROGRAMS)), st.booleans()),
    st.tuples(st.just("save and use"), st.sampled_from(list(PROGRAMS)), modes, flag_lists),
    st.tuples(st.just("replace"), st.integers(0, 5)),
    st.tuples(st.just("order"), st.booleans()),
    st.tuples(st.just("break off"), st.booleans(), st.booleans()),
    st.tuples(st.just("close"), st.booleans()),
)
histories = st.lists(st.tuples(st.integers(0, SESSIONS - 1), operations), min_size=1, max_size=30)
kinds = st.lists(
    st.sampled_from(KINDS),
    min_size=SESSIONS, max_size=SESSIONS,
)  # fmt: skip
FEW = settings(
    max_examples=int(os.environ.get("SMARTMAIL_EXAMPLES", "15")), deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


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

    async def open_sessions(self, box, kinds):
        sessions = []
        for at, modes in enumerate(kinds):
            session = Replay(await self.connect(at), modes)
            session.place = at
            await session.enable()
            await session.select(box)
            sessions.append(session)
        return sessions

    async def connect(self, at: int) -> Client:
        house = self.houses[at % len(self.houses)]
        return await Client.open(house.ports["imap"], "kim@a.example", PASSWORD)


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

    def __init__(self, made: World, kinds):
        made.number += 1
        self.world, self.kinds = made, kinds
        self.together = False
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
        self.together = together
        sessions = await self.world.open_sessions(self.box, self.kinds)
        since = [session.safe for session in sessions]
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
        uid = uid or session.by_uid
        # Which of two answers a pushed line belongs before cannot be told.
        silent = silent and not session.notified
        targets = [one for one in self.named(session, numbers, uid=uid) if one is not None]
        modifier = (
            f" (UNCHANGEDSINCE {max(session.modseqs.values(), default=1)})" if conditional and session.condstore else ""
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
            if uid not in session.flags:
                continue
            held = session.flags[uid]
            session.flags[uid] = held | flags if mode[0] == "+" else held - flags if mode[0] == "-" else flags

    async def expunge(self, session, setup):
        await session.say("EXPUNGE")

    async def uid_expunge(self, session, setup, numbers):
        await session.say(f"UID EXPUNGE {numbers}")

    async def copy_here(self, session, setup, numbers):
        await session.say(f"{self.prefix(session)}COPY {numbers} {self.box}")

    async def copy_away(self, session, setup, numbers):
        await session.say(f"UID COPY {numbers} {self.away}")

    async def move_away(self, session, setup, numbers):
        await session.say(f"{self.prefix(session)}MOVE {numbers} {self.away}")

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
        await session.say(f"{self.prefix(session)}SEARCH UNSEEN")

    def prefix(self, session) -> str:
        return "UID " if session.by_uid else ""

    async def find(self, session, setup, program, extended):
        """What is found is what the client believes to match, once it has heard what was told meanwhile."""
        before = list(session.uids)
        returns = "RETURN (ALL) " if extended else ""
        answer = await session.say(f"UID SEARCH {returns}{program}")
        if self.together:
            return
        (line,) = answer.starting(b"ESEARCH") or answer.starting(b"SEARCH")
        if extended:
            found = numbers(line.split(b"ALL ")[1]) if b"ALL " in line else []
        else:
            found = [int(one) for one in line.split(b" (MODSEQ")[0].split()[1:]]
        await session.learn()
        wanted = [uid for uid in session.uids if PROGRAMS[program](session.flags[uid])]
        known = [uid for uid in wanted if uid in before]
        assert found == known or (session.notified and set(known) <= set(found) <= set(wanted))

    async def order(self, session, setup, threads):
        """SORT and THREAD tell the same messages as SEARCH, each once."""
        before = list(session.uids)
        command = "UID THREAD REFERENCES" if threads else "UID SORT (REVERSE ARRIVAL)"
        answer = await session.say(f"{command} UTF-8 ALL")
        if self.together:
            return
        (line,) = answer.starting(b"THREAD") or answer.starting(b"SORT")
        told = [int(one) for one in line.replace(b"(", b" ").replace(b")", b" ").split()[1:]]
        await session.learn()
        assert len(told) == len(set(told))
        known = {uid for uid in before if uid in session.flags}
        assert set(told) == known or (session.notified and known <= set(told) <= set(session.uids))

    async def save_and_use(self, session, setup, program, mode, flags):
        await session.say(f"UID SEARCH RETURN (SAVE) {program}")
        await session.say(f"UID STORE $ {mode} ({' '.join(flags)})")

    async def replace(self, session, setup, number):
        held = [uid for uid in session.uids if uid is not None]
        if held:
            uid = held[number % len(held)]
            await session.say(f"UID REPLACE {uid} {self.box} (\\Seen) {{}}", self.next_message())

    async def break_off(self, session, setup, heard, matching):
        """The connection ends, with or without a last word, and the client comes back by what it knows."""
        if heard:
            await session.say("NOOP")
            await session.learn()
        await session.client.close()
        await session.come_back(await self.world.connect(session.place), self.box, matching=matching)

    async def close(self, session, setup, expunges):
        """Leave the mailbox and come back within one connection."""
        await session.say("NOOP")
        await session.learn()
        assert await session.client.cmd("CLOSE" if expunges else "UNSELECT")
        await session.select(self.box)

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
            if session.condstore:
                assert session.modseqs == {uid: modseq for uid, (_, modseq) in expected.items()}
        row = names[self.box]
        assert row.placements == len(expected)
        assert row.unseen_placements == sum("\\seen" not in flags for flags, _ in expected.values())
        assert row.total == sum("\\deleted" not in flags for flags, _ in expected.values())

    async def check_changes(self, session: Replay, since: int, held: dict) -> None:
        """What CHANGEDSINCE tells, laid over the old picture, is the new one (RFC 7162 §6)."""
        modifier = f"CHANGEDSINCE {since}" + (" VANISHED" if session.resyncs else "")
        answer = await session.client.cmd(f"UID FETCH 1:* (FLAGS) ({modifier})")
        told = {int(one["UID"]): flags_of(one["FLAGS"]) for _number, one in fetched(answer.lines)}
        assert {uid: {**held, **told}.get(uid) for uid in session.uids} == session.flags
        if session.resyncs:
            gone = {uid for line in answer.starting(b"VANISHED (EARLIER)") for uid in numbers(line.split()[2])}
            assert gone >= held.keys() - set(session.uids)
            assert not gone & set(session.uids)


@FEW
@given(histories, kinds)
def test_sessions_of_one_process_converge(one_house, history, kinds):
    one_house.loop.run_until_complete(Example(one_house, kinds).run(history))


@FEW
@given(histories, kinds)
def test_processes_over_one_store_converge_without_any_hint(two_houses, history, kinds):
    two_houses.loop.run_until_complete(Example(two_houses, kinds).run(history))


@FEW
@given(histories, kinds)
def test_sessions_at_the_same_time_converge(one_house, history, kinds):
    one_house.loop.run_until_complete(Example(one_house, kinds).run(history, together=True))
