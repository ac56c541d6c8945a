"""A client that believes what it is told: it replays untagged responses and never asks twice.

It may speak plain IMAP4rev1 or have CONDSTORE, QRESYNC, UIDONLY and NOTIFY on (`modes`); with QRESYNC it comes back by
what it knows (`come_back`), as RFC 7162 §3.2.5 has it. With NOTIFY numbers may change at any time, so that it speaks of
UIDs alone (RFC 5465 §6.1).
"""

import re
from collections.abc import Iterable

from tests.flows.imap_client import Answer, Client, items

from smartmail.domain.keywords import SYSTEM

_IMAP = {"$seen": "\\seen", "$flagged": "\\flagged", "$answered": "\\answered", "$draft": "\\draft"}
QUIET = ("FETCH", "STORE", "SEARCH")
NOTIFIED = "MessageNew (UID FLAGS) MessageExpunge FlagChange"


def flags_of(names) -> frozenset[str]:
    """Return flags as they compare; \\Recent is the session's, not the message's."""
    return frozenset(name.lower() for name in names) - {"\\recent"}


class Replay:
    """One session's picture of the selected mailbox: UID (None: not asked yet), flags and modseq by place."""

    def __init__(self, client: Client, modes: Iterable[str] = ()):
        self.client = client
        self.modes = frozenset(modes)
        self.place = 0
        self.uids: list[int | None] = []
        self.flags: dict[int, frozenset[str]] = {}
        self.modseqs: dict[int, int] = {}
        self.known: set[str] = set()
        self.safe = 0
        """The modseq up to which everything was heard of: only an answer that may tell EXPUNGE moves it."""
        self.validity = ""

    @property
    def uid_only(self) -> bool:
        return "UIDONLY" in self.modes

    @property
    def notified(self) -> bool:
        return "NOTIFY" in self.modes

    @property
    def by_uid(self) -> bool:
        return self.uid_only or self.notified

    @property
    def resyncs(self) -> bool:
        return "QRESYNC" in self.modes

    @property
    def condstore(self) -> bool:
        return bool(self.modes & {"CONDSTORE", "QRESYNC"})

    async def enable(self) -> None:
        """Turn on what this client has."""
        if self.modes - {"NOTIFY"}:
            assert await self.client.cmd("ENABLE " + " ".join(sorted(self.modes - {"NOTIFY"})))

    async def select(self, box: str, extra: str = "") -> int:
        self.uids, self.flags, self.modseqs = [], {}, {}
        answer = await self.client.cmd(f"SELECT {box}{extra}")
        assert answer
        self.feed(answer)
        self.validity = answer.codes()["UIDVALIDITY"]
        self.safe = int(answer.codes()["HIGHESTMODSEQ"])
        await self.listen()
        await self.learn()
        return self.safe

    async def listen(self) -> None:
        """Hear of changes without asking, where this client has NOTIFY."""
        if self.notified:
            assert await self.say(f"NOTIFY SET (SELECTED ({NOTIFIED}))")

    async def come_back(self, client: Client, box: str, *, matching: bool = False) -> None:
        """Open the mailbox again on a new connection. With QRESYNC what was known counts, and the answer makes it whole."""
        self.client = client
        await self.enable()
        if not self.resyncs:
            await self.select(box)
            return
        held = [uid for uid in self.uids if uid is not None]
        known = f" 1:{held[-1]}" if held else ""
        if matching and len(held) == len(self.uids) > 1 and not self.uid_only:
            known += f" ({len(held) // 2},{len(held)} {held[len(held) // 2 - 1]},{held[-1]})"
        self.uids = list(held)
        answer = await self.client.cmd(f"SELECT {box} (QRESYNC ({self.validity} {self.safe}{known}))")
        assert answer
        self.resync(answer)
        assert answer.codes()["UIDVALIDITY"] == self.validity
        self.safe = int(answer.codes()["HIGHESTMODSEQ"])
        await self.listen()
        await self.learn()

    def resync(self, answer: Answer) -> None:
        """Take the answer to SELECT (QRESYNC …): what vanished and changed, laid over what was known, is all there is."""
        (count,) = [int(line.split()[0]) for line in answer.lines if line.endswith(b" EXISTS")]
        for line in answer.starting(b"VANISHED"):
            assert line.startswith(b"VANISHED (EARLIER) "), line
            self.forget(numbers(line.split()[2]))
        told = list(fetched(answer.lines))
        self.uids = sorted({*self.uids, *(int(got["UID"]) for _number, got in told)})
        # Messages above those that the client named are as new to it as any (RFC 7162 §3.2.5.1).
        self.uids += [None] * (count - len(self.uids))
        assert len(self.uids) == count, "what vanished was told"
        for line in answer.starting(b"FLAGS"):
            self.known = set(flags_of(line[7:-1].decode().split()))
        for number, got in told:
            assert self.uid_only or self.uids[number - 1] == int(got["UID"])
            self._fetch(self.uids.index(int(got["UID"])), got)

    def forget(self, uids: Iterable[int]) -> None:
        """Drop messages that the server says are gone; one that has not been asked for is the last."""
        for uid in uids:
            if uid in self.uids:
                self.uids.remove(uid)
            self.flags.pop(uid, None)
            self.modseqs.pop(uid, None)

    async def cmd(self, text: str, *literals: bytes) -> Answer:
        answer = await self.client.cmd(text, *literals)
        quiet = text.split(maxsplit=1)[0] in QUIET
        if quiet:
            gone = [line for line in answer.lines if line.endswith(b" EXPUNGE") or re.match(rb"VANISHED \d", line)]
            assert not gone, "RFC 3501 §7.4.1"
        if self.modes & {"QRESYNC", "UIDONLY"}:
            assert not any(line.endswith(b" EXPUNGE") for line in answer.lines), "RFC 7162 §3.2.10"
        if self.uid_only:
            assert not any(re.match(rb"\d+ FETCH", line) for line in answer.lines), "RFC 9586 §3.3"
        return answer

    async def say(self, text: str, *literals: bytes) -> Answer:
        answer = await self.cmd(text, *literals)
        self.feed(answer)
        if text.split(maxsplit=1)[0] not in QUIET and self.modseqs:
            self.safe = max(self.safe, *self.modseqs.values())
        return answer

    def feed(self, answer: Answer | list[bytes]) -> None:
        for line in answer.lines if isinstance(answer, Answer) else answer:
            if line.startswith(b"FLAGS"):
                self.known = set(flags_of(line[7:-1].decode().split()))
                continue
            if line.startswith(b"VANISHED "):
                self._vanished(line)
                continue
            match = re.match(rb"(\d+) (EXISTS|EXPUNGE|FETCH|UIDFETCH)", line)
            if match is None:
                continue
            if match[2] == b"UIDFETCH":
                self._fetch_uid(int(match[1]), items(line[match.end() + 1 :]))
                continue
            number = int(match[1])
            if match[2] == b"EXISTS":
                assert number >= len(self.uids), "EXISTS never shrinks"
                self.uids += [None] * (number - len(self.uids))
                continue
            assert 1 <= number <= len(self.uids)
            if match[2] == b"EXPUNGE":
                uid = self.uids.pop(number - 1)
                self.flags.pop(uid, None)
                self.modseqs.pop(uid, None)
            else:
                self._fetch(number - 1, items(line[match.end() + 1 :]))

    def _vanished(self, line: bytes) -> None:
        """RFC 7162 §3.2.10: each UID takes one message away, also one that has not been asked for yet."""
        if line.startswith(b"VANISHED (EARLIER)"):
            self.forget(numbers(line.split()[2]))
            return
        for uid in numbers(line.split()[1]):
            if uid not in self.uids:
                assert None in self.uids, f"{uid} was never there"
                self.uids.remove(None)
            self.forget([uid])

    def _fetch_uid(self, uid: int, got: dict) -> None:
        if uid not in self.uids:
            assert None in self.uids, f"{uid} was never announced"
            self.uids.remove(None)
            held = sorted([uid, *(one for one in self.uids if one is not None)])
            self.uids = [*held, *[None] * (len(self.uids) + 1 - len(held))]
        self._fetch(self.uids.index(uid), {**got, "UID": uid})

    def _fetch(self, at: int, got: dict) -> None:
        if "UID" in got:
            uid = int(got["UID"])
            assert self.uids[at] in (None, uid)
            self.uids[at] = uid
        uid = self.uids[at]
        if "FLAGS" in got and uid is not None:
            self.flags[uid] = flags_of(got["FLAGS"])
            assert self.flags[uid] <= self.known, "a keyword is announced before it is used"
        if "MODSEQ" in got and uid is not None:
            self.modseqs[uid] = int(got["MODSEQ"][0])

    async def learn(self) -> None:
        """Ask for messages that came, as a client does after EXISTS."""
        while None in self.uids:
            first = self.uids.index(None) + 1
            if self.by_uid:
                await self.say("UID FETCH 1:* (FLAGS)")
            else:
                await self.say(f"FETCH {first}:* (UID FLAGS)")
            if None in self.uids[first - 1 :]:
                # It went before it was told: EXPUNGE is due.
                await self.say("NOOP")


def numbers(octets: bytes) -> list[int]:
    """A set of numbers as the server writes it."""
    found: list[int] = []
    for piece in octets.decode().split(","):
        low, _, high = piece.partition(":")
        found += range(int(low), int(high or low) + 1)
    return found


def fetched(lines: Iterable[bytes]) -> Iterable[tuple[int, dict]]:
    """Number and items of each FETCH or UIDFETCH, the UID among them."""
    for line in lines:
        match = re.match(rb"(\d+) (UID)?FETCH ", line)
        if match:
            got = items(line[match.end() :])
            yield int(match[1]), {**got, "UID": match[1].decode()} if match[2] else got


async def truth(services, account, mailbox_id) -> dict[int, tuple[frozenset[str], int]]:
    """UID → flags and modseq, as the store has them."""
    _row, lines = await services.views._store.view(account.id, mailbox_id)
    names = await services.keywords.names(account.id)
    found = {}
    for line in lines:
        flags = {_IMAP.get(name, name) for name, bit in SYSTEM.items() if line.keywords.bits & bit}
        flags |= {names[number] for number in line.keywords.tags}
        found[line.uid] = (frozenset(flags | ({"\\deleted"} if line.deleted else set())), line.modseq)
    return found
