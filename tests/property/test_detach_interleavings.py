"""Attachments are deleted and brought back while two clients with QRESYNC change flags: both converge, no flag is lost."""

import asyncio
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Answer, Client, items
from tests.property.imapd_replay import flags_of, truth

from smartmail.domain.errors import MailError
from smartmail.domain.principal import Actor, Origin

LOGIN = "kim@a.example"
MESSAGES = 3
# About a thousand steps; each example is one interleaving of three parties at their own pace.
INTERLEAVINGS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
flagging = st.lists(st.tuples(st.sampled_from(["flag", "noop", "append"]), st.integers(0, 9)), max_size=9)
removing = st.lists(st.tuples(st.sampled_from(["detach", "detach", "restore"]), st.integers(0, 9)), max_size=9)


def letter(number: int) -> bytes:
    parts = "".join(
        f'--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="{name}.pdf"\r\n\r\n{name * 50}\r\n'
        for name in ("one", "two")
    )
    return (
        f"Subject: {number}\r\nMessage-ID: <{number}@x>\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n{parts}--b--\r\n"
    ).encode()


class Qresync:
    """A client's picture of the mailbox by UID: believes what it is told (RFC 7162 §3.2)."""

    def __init__(self, client: Client):
        self.client = client
        self.flags: dict[int, frozenset[str]] = {}
        self.acknowledged: set[str] = set()

    @classmethod
    async def open(cls, port: int, box: str) -> "Qresync":
        made = cls(await Client.open(port, LOGIN, PASSWORD))
        assert await made.client.cmd("ENABLE QRESYNC")
        assert await made.client.cmd(f"SELECT {box}")
        await made.say("UID FETCH 1:* (FLAGS)")
        return made

    async def say(self, text: str, *literals: bytes) -> Answer:
        answer = await self.client.cmd(text, *literals)
        assert answer, answer
        for line in answer.lines:
            vanished = re.match(rb"VANISHED (?:\(EARLIER\) )?([\d:,]+)", line)
            if vanished:
                for piece in vanished[1].decode().split(","):
                    low, _, high = piece.partition(":")
                    for uid in range(int(low), int(high or low) + 1):
                        self.flags.pop(uid, None)
            assert not re.match(rb"\d+ EXPUNGE", line), "RFC 7162 §3.2.10: only VANISHED"
            found = re.match(rb"\d+ FETCH ", line)
            if found:
                got = items(line[found.end() :])
                if "FLAGS" in got:
                    self.flags[int(got["UID"])] = flags_of(got["FLAGS"])
        return answer

    async def flag(self, pick: int, word: str) -> None:
        if self.flags:
            uid = sorted(self.flags)[pick % len(self.flags)]
            await self.say(f"UID STORE {uid} +FLAGS ({word})")
            if word in self.flags.get(uid, ()):
                self.acknowledged.add(word)

    async def catch_up(self) -> None:
        await self.say("NOOP")
        await self.say("UID FETCH 1:* (FLAGS)")


class World:
    """A house in a loop of its own; each example gets a mailbox."""

    def __init__(self, loop, house):
        self.loop, self.house, self.number = loop, house, 0
        account = house.accounts[LOGIN]
        self.actor = Actor(account.id, account.organization_id, LOGIN, is_admin=False, origin=Origin("web"))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    loop = asyncio.new_event_loop()
    directory = tmp_path_factory.mktemp("detach") / "data"
    directory.mkdir()
    opened = open_house(directory)
    house = loop.run_until_complete(opened.__aenter__())
    loop.run_until_complete(house.person(LOGIN))
    try:
        yield World(loop, house)
    finally:
        loop.run_until_complete(opened.__aexit__(None, None, None))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


class Interleaving:
    """Two clients and one remover, each at its own pace."""

    def __init__(self, made: World):
        made.number += 1
        self.services, self.actor, self.port = made.house.services, made.actor, made.house.ports["imap"]
        self.account = made.house.accounts[LOGIN]
        self.box, self.name = f"Box{made.number}", f"x{made.number}"

    async def run(self, first, second, removals) -> None:
        setup = await Client.open(self.port, LOGIN, PASSWORD)
        assert await setup.cmd(f"CREATE {self.box}")
        assert await setup.cmd(f"APPEND {self.box}" + " {}" * MESSAGES, *[letter(one) for one in range(MESSAGES)])
        sessions = [await Qresync.open(self.port, self.box) for _ in range(2)]
        row = next(
            one for one in await self.services.mailboxes.list_all(self.actor, self.actor.account_id)
            if one.path[-1] == self.box
        ).row  # fmt: skip
        await asyncio.gather(
            self.client(sessions[0], "a", first), self.client(sessions[1], "b", second), self.remover(row.id, removals)
        )
        expected = {uid: flags for uid, (flags, _) in (await truth(self.services, self.account, row.id)).items()}
        for session in sessions:
            await session.catch_up()
            assert session.flags == expected
        held = frozenset().union(*expected.values())
        assert sessions[0].acknowledged | sessions[1].acknowledged <= held
        for session in sessions:
            await session.client.close()
        await setup.close()

    async def client(self, session: Qresync, name: str, steps) -> None:
        for number, (kind, pick) in enumerate(steps):
            if kind == "flag":
                await session.flag(pick, f"{self.name}{name}{number}")
            elif kind == "append":
                await session.say(f"APPEND {self.box} {{}}", letter(100 + number))
            else:
                await session.say("NOOP")

    async def remover(self, mailbox_id, steps) -> None:
        account_id = self.actor.account_id
        for kind, pick in steps:
            try:
                if kind == "detach":
                    view = await self.services.views.open(self.actor, account_id, mailbox_id)
                    message_id = view.entries[pick % len(view.entries)].message_id
                    [message] = await self.services.reading.messages(self.actor, account_id, [message_id])
                    sections = [part.section for part in message.summary.parts if part.type == "application/pdf"]
                    await self.services.detaching.detach(self.actor, account_id, message_id, sections[:1] or ["9"])
                else:
                    gone, _ = await self.services.vault.list(self.actor, account_id, limit=5)
                    ours = [one.row.message_id for one in gone if mailbox_id in one.row.mailboxes]
                    if ours:
                        await self.services.vault.restore(self.actor, account_id, [ours[pick % len(ours)]])
            except MailError:
                continue  # nothing left to take out


@INTERLEAVINGS
@given(flagging, flagging, removing)
def test_two_clients_converge_and_lose_no_flag(world, first, second, removals):
    world.loop.run_until_complete(Interleaving(world).run(first, second, removals))
