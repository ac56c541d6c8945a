"""A client that believes what it is told: it replays untagged responses and never asks twice."""

import re

from tests.flows.imap_client import Answer, Client, items

from smartmail.domain.keywords import SYSTEM

_IMAP = {"$seen": "\\seen", "$flagged": "\\flagged", "$answered": "\\answered", "$draft": "\\draft"}
QUIET = ("FETCH", "STORE", "SEARCH")


def flags_of(names) -> frozenset[str]:
    return frozenset(name.lower() for name in names)


class Replay:
    """One session's picture of the selected mailbox: UID (None: not asked yet), flags and modseq by place."""

    def __init__(self, client: Client):
        self.client = client
        self.uids: list[int | None] = []
        self.flags: dict[int, frozenset[str]] = {}
        self.modseqs: dict[int, int] = {}
        self.known: set[str] = set()

    async def select(self, box: str, extra: str = "") -> int:
        self.uids, self.flags, self.modseqs = [], {}, {}
        answer = await self.client.cmd(f"SELECT {box}{extra}")
        assert answer
        self.feed(answer)
        await self.learn()
        return int(answer.codes()["HIGHESTMODSEQ"])

    async def cmd(self, text: str, *literals: bytes) -> Answer:
        answer = await self.client.cmd(text, *literals)
        if text.split(maxsplit=1)[0] in QUIET:
            assert not any(line.endswith(b"EXPUNGE") for line in answer.lines), "RFC 3501 §7.4.1"
        return answer

    async def say(self, text: str, *literals: bytes) -> Answer:
        answer = await self.cmd(text, *literals)
        self.feed(answer)
        return answer

    def feed(self, answer: Answer | list[bytes]) -> None:
        for line in answer.lines if isinstance(answer, Answer) else answer:
            if line.startswith(b"FLAGS"):
                self.known = set(flags_of(line[7:-1].decode().split()))
                continue
            match = re.match(rb"(\d+) (EXISTS|EXPUNGE|FETCH)", line)
            if match is None:
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
            await self.say(f"FETCH {first}:* (UID FLAGS)")
            if None in self.uids[first - 1 :]:
                # It went before it was told: EXPUNGE is due.
                await self.say("NOOP")


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
