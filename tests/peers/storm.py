"""Load with a ledger, sessions that watch, and the one who kills: shared by the kill test and the soak run."""

import asyncio
import contextlib
import random
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.peers.ledger import Ledger, make_message
from tests.peers.mail_clients import Imap, Refused, Smtp
from tests.peers.served import DOMAIN, Served, soon

ACCOUNTS = [f"u{number}@{DOMAIN}" for number in range(20)]
APPENDING, FLAGGING, MOVING, WATCHED = ACCOUNTS[16], ACCOUNTS[0], ACCOUNTS[1], ACCOUNTS[:4]
KINDS = {"edge": 5, "edges": 2, "background": 1, "supervisor": 2, "all": 1, "template": 1}
"""Who is killed, and how often beside the others."""
_PATIENCE_S = 30.0
_MESSAGE_ID = re.compile(rb"Message-ID: <([^>]+)>", re.I)


@dataclass
class Storm:
    """One run against a node. Work is done while `blowing` is set."""

    node: Served
    rng: random.Random
    run: str
    ledger: Ledger = field(default_factory=Ledger)
    blowing: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False
    numbers: int = 0
    flagged: set[int] = field(default_factory=set)
    moved: int = 0
    appended: int = 0
    problems: list[str] = field(default_factory=list)
    sizes: Callable[[], int | None] = lambda: None
    repeats: int = 0
    first: list[str] = field(init=False)
    """Each kind of kill once: a few rounds leave none out."""

    def __post_init__(self) -> None:
        self.first = self.rng.sample(list(KINDS), len(KINDS))

    # Sending

    async def send(self, worker: int) -> None:
        """One connection after another: messages to 1–5 accounts through the three doors."""
        door = ("smtp", "lmtp", "submission")[worker % 3]
        session: Smtp | None = None
        try:
            while not self.over:
                await self.blowing.wait()
                message_id, octets, sender, recipients = self.next_message(door)
                session = await self.deliver(session, door, message_id, octets, sender, recipients)
        finally:
            if session is not None:
                session.close()

    def next_message(self, door: str) -> tuple[str, bytes, str, list[str]]:
        self.numbers += 1
        message_id = f"{self.run}.{self.numbers}@storm.example"
        sender = ACCOUNTS[self.numbers % 20] if door == "submission" else "sender@storm.example"
        recipients = self.rng.sample(ACCOUNTS, self.rng.choice((1, 1, 1, 2, 5)))
        return message_id, make_message(self.rng, message_id, sender, recipients[0], self.sizes()), sender, recipients

    async def deliver(
        self, session: Smtp | None, door: str, message_id: str, octets: bytes, sender: str, recipients: list[str]
    ) -> Smtp | None:
        """Send one message. One that is in doubt is sent again, as a real relay does, three times out of four."""
        while not self.over:
            doubtful = False
            try:
                if session is None or door == "submission":
                    if session is not None:
                        session.close()
                    async with asyncio.timeout(_PATIENCE_S):
                        session = await self.node.smtp(door, sender if door == "submission" else None)
                async with asyncio.timeout(_PATIENCE_S):
                    codes = await session.send(sender, recipients, octets)
            except Refused as error:
                codes = [int(error.code)] * len(recipients)
                await asyncio.sleep(0.05)
            except (OSError, ValueError, TimeoutError):
                if session is not None and session.in_doubt:
                    doubtful = True
                    codes = [0] * len(recipients)
                else:
                    codes = []
                if session is not None:
                    session.close()
                session = None
                await asyncio.sleep(0.05)
            for recipient, code in zip(recipients, codes, strict=False):
                self.ledger.note(message_id, octets, recipient, code)
            if codes and 421 in codes and session is not None:
                session.close()
                session = None
            if codes and not (doubtful and self.rng.random() < 0.75):
                return session
            self.repeats += doubtful
        return session

    # IMAP work with acknowledgements

    async def append(self) -> None:
        """APPEND to one account; a doubtful one is not repeated, because APPEND has no identity."""
        await self._with_session(APPENDING, self._append)

    async def _append(self, session: Imap) -> None:
        self.numbers += 1
        message_id = f"{self.run}.{self.numbers}@append.example"
        octets = make_message(self.rng, message_id, APPENDING, APPENDING)
        try:
            await session.append("INBOX", octets, r"\Seen" if self.rng.random() < 0.5 else "")
        except Refused:
            self.ledger.note(message_id, octets, APPENDING, 452)
            await asyncio.sleep(0.1)
            return
        except OSError:
            self.ledger.note(message_id, octets, APPENDING, 0)
            raise
        self.ledger.note(message_id, octets, APPENDING, 250)
        self.appended += 1

    async def flag(self) -> None:
        """STORE on messages of one account; what was acknowledged must stay."""
        await self._with_session(FLAGGING, self._flag)

    async def _flag(self, session: Imap) -> None:
        await session.select("INBOX")
        uids = await session.search("UNFLAGGED")
        if not uids:
            await asyncio.sleep(0.2)
            return
        for uid in self.rng.sample(uids, min(5, len(uids))):
            with contextlib.suppress(Refused):
                await session.ok(rf"UID STORE {uid} +FLAGS (\Flagged $Storm)")
                self.flagged.add(uid)

    async def move(self) -> None:
        """MOVE messages of one account to and fro: each must be in one mailbox only."""
        await self._with_session(MOVING, self._move)

    async def _move(self, session: Imap) -> None:
        source, target = self.rng.sample(["INBOX", "Archive"], 2)
        await session.select(source)
        uids = await session.search("ALL")
        if not uids:
            await asyncio.sleep(0.2)
            return
        with contextlib.suppress(Refused):
            await session.ok(f'UID MOVE {self.rng.choice(uids)} "{target}"')
            self.moved += 1

    async def watch(self, login: str) -> None:
        """Note UIDVALIDITY, UIDNEXT and UIDs of an inbox all along: none ever goes back or changes its message."""
        watcher = Watcher(login)
        await self._with_session(login, watcher.look)
        self.problems += watcher.problems

    async def _with_session(self, login: str, work: Callable[[Imap], object]) -> None:
        """Repeat `work` on a session, opening a new one when the server is gone."""
        session: Imap | None = None
        while not self.over:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    if session is None:
                        session = await self.node.imap(login)
                    await self.blowing.wait()
                    await work(session)  # type: ignore[misc]
            except (OSError, TimeoutError, Refused):
                if session is not None:
                    session.close()
                session = None
                await asyncio.sleep(0.1)
            await asyncio.sleep(0.05)
        if session is not None:
            session.close()

    # Running

    @contextlib.asynccontextmanager
    async def run_load(self, connections: int = 20, *, imap: bool = True) -> object:  # type: ignore[misc]
        """Keep the load up until the block ends; every worker finishes what it is at."""
        work = [self.send(number) for number in range(connections)]
        if imap:
            work += [self.append(), self.flag(), self.move(), *(self.watch(login) for login in WATCHED)]
        tasks = [asyncio.create_task(one) for one in work]
        try:
            yield tasks
        finally:
            self.over = True
            self.blowing.set()
            done, pending = await asyncio.wait(tasks, timeout=_PATIENCE_S)
            for task in pending:
                task.cancel()
            for task in done:
                task.result()

    async def kill_round(self, number: int) -> float:
        """Let the load blow, kill somebody at a random moment; return seconds until mail flows again."""
        self.blowing.set()
        await asyncio.sleep(self.rng.uniform(0.05, 0.6))
        targets, how = self.choose(number)
        supervisor, workers = self.node.supervisor(), self.node.workers().values()
        expected = self.node.starts + (3 if supervisor in targets else len(set(targets) & set(workers)))
        acks, killed = self.ledger.acks, time.monotonic()
        for pid in targets:
            self.node.kill(pid, how)
        await soon(lambda: self.ledger.acks > acks, 120, "an acknowledgement after the kill")
        healed = time.monotonic() - killed
        self.blowing.clear()
        await soon(
            lambda: self.is_whole(targets) and self.node.starts >= expected, 120, "the whole tree after the kill"
        )
        return healed

    def is_whole(self, gone: list[int]) -> bool:
        """Whether all processes run and none of `gone` is among them."""
        workers = self.node.workers()
        return len(workers) == 3 and not set(gone) & set(workers.values())

    def choose(self, number: int) -> tuple[list[int], int]:
        """Return whom to hit and with what."""
        workers = self.node.workers()
        edges = [pid for name, pid in workers.items() if name.startswith("edge")]
        if number % 12 == len(KINDS) and edges:
            return [self.rng.choice(edges)], signal.SIGSTOP
        weighed = self.rng.choices(list(KINDS), list(KINDS.values()))[0]
        kind = self.first[number] if number < len(KINDS) else weighed
        template = self.node.template()
        if kind == "template" and template and edges:
            # Who comes back now cannot be forked.
            return [template, self.rng.choice(edges)], signal.SIGKILL
        if kind == "edge" and edges:
            return [self.rng.choice(edges)], signal.SIGKILL
        if kind == "edges":
            return edges, signal.SIGKILL
        if kind == "background" and "background" in workers:
            return [workers["background"]], signal.SIGKILL
        if kind == "all":
            return [self.node.supervisor(), *workers.values()], signal.SIGKILL
        return [self.node.supervisor()], signal.SIGKILL


@dataclass
class Watcher:
    """What a client believes about an inbox."""

    login: str
    uidvalidity: int = 0
    uidnext: int = 1
    uids: dict[int, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    async def look(self, session: Imap) -> None:
        """Select anew and read what is new."""
        known_next = self.uidnext
        told = await session.select("INBOX", examine=True)
        if self.uidvalidity not in {0, told["UIDVALIDITY"]}:
            self.problems.append(f"{self.login}: UIDVALIDITY {self.uidvalidity} became {told['UIDVALIDITY']}")
        if told["UIDNEXT"] < known_next:
            self.problems.append(f"{self.login}: UIDNEXT went from {known_next} to {told['UIDNEXT']}")
        self.uidvalidity = told["UIDVALIDITY"]
        for response in await session.ok("UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"):
            uid, named = re.search(rb"UID (\d+)", response.text), _MESSAGE_ID.search(b"".join(response.literals))
            if uid is not None and named is not None:
                self._note(int(uid[1]), named[1].decode(), known_next)
        # Only now: a look that was cut in between knows a UIDNEXT without the UIDs below it.
        self.uidnext = max(known_next, told["UIDNEXT"])

    def _note(self, uid: int, message_id: str, known_next: int) -> None:
        before = self.uids.get(uid)
        if before is None and uid < known_next:
            self.problems.append(f"{self.login}: UID {uid} appeared below UIDNEXT {known_next} that was told before")
        if before not in {None, message_id}:
            self.problems.append(f"{self.login}: UID {uid} was {before}, is {message_id}")
        self.uids[uid] = message_id
