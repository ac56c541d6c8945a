"""What the server acknowledged, written down the moment the reply was read, and the proof of it over IMAP.

acked: exactly one copy, byte for byte; unknown (the reply was lost): none or one; refused: none.
"""

import asyncio
import base64
import hashlib
import random
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Literal

from tests.peers.mail_clients import Imap, Refused, Response

State = Literal["acked", "unknown", "refused"]
_MESSAGE_ID = re.compile(rb"^Message-ID: <([^>]+)>", re.M | re.I)
# What we put before a message: Return-Path, what was found out about it, and one Received field, folded.
_TRACE = re.compile(
    rb"(Return-Path: [^\r\n]*\r\n)?((?:Authentication-Results|X-SmartMail-[A-Za-z-]+): [^\r\n]*\r\n([ \t][^\r\n]*\r\n)*)*"
    rb"(Received: [^\r\n]*\r\n([ \t][^\r\n]*\r\n)*)?"
)


@dataclass(frozen=True)
class Sent:
    """One message as it was sent."""

    id: str
    digest: bytes
    size: int


@dataclass
class Ledger:
    """(message id, recipient) → state."""

    sent: dict[str, Sent] = field(default_factory=dict)
    states: dict[tuple[str, str], State] = field(default_factory=dict)
    codes: Counter[int] = field(default_factory=Counter)
    """Final reply codes, one for each recipient; 0 for a lost reply."""
    acks: int = 0

    def note(self, message_id: str, octets: bytes, recipient: str, code: int) -> None:
        """Write down a reply; code 0: none came."""
        self.codes[code] += 1
        state: State = "unknown" if code == 0 else "acked" if code // 100 == 2 else "refused"
        key = (message_id, recipient)
        # Once acknowledged it is the server's; a doubtful one that is refused when repeated stays doubtful.
        before = self.states.get(key)
        if before == "acked" or (before == "unknown" and state == "refused"):
            return
        self.sent[message_id] = Sent(message_id, hashlib.sha256(octets).digest(), len(octets))
        self.states[key] = state
        if state == "acked":
            self.acks += 1

    def of(self, recipient: str) -> dict[str, State]:
        """Return message id → state for one recipient."""
        return {message_id: state for (message_id, who), state in self.states.items() if who == recipient}

    @property
    def recipients(self) -> list[str]:
        """Everybody that mail was sent to."""
        return sorted({recipient for _, recipient in self.states})

    def counts(self) -> Counter[str]:
        """Return how many pairs are in each state."""
        return Counter(self.states.values())


def make_message(rng: random.Random, message_id: str, sender: str, recipient: str, size: int | None = None) -> bytes:
    """Return a message with awkward lines: leading dots, long ones, 8-bit, Korean."""
    if size is None:
        kind = rng.random()
        large, middle = rng.randrange(1_100_000, 1_900_000), rng.randrange(30_000, 200_000)
        size = large if kind < 0.01 else middle if kind < 0.1 else rng.randrange(200, 12_000)
    header = (
        f"From: <{sender}>\r\nTo: <{recipient}>\r\nSubject: =?utf-8?b?{base64.b64encode('보고서'.encode()).decode()}?= "
        f"{rng.randrange(10**9)}\r\nDate: Tue, 24 Nov 2026 10:00:00 +0900\r\nMessage-ID: <{message_id}>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f".\r\n..\r\n. 점으로 시작하는 줄\r\n{'긴 ' * rng.randrange(1, 200)}\r\n"
    ).encode()
    body = base64.encodebytes(rng.randbytes(max(1, size * 3 // 4))).replace(b"\n", b"\r\n")
    return header + body + (b"" if rng.random() < 0.5 else b".\r\n")


@dataclass
class Found:
    """What one account holds."""

    copies: Counter[str] = field(default_factory=Counter)
    altered: list[str] = field(default_factory=list)
    uids: dict[str, dict[int, str]] = field(default_factory=dict)
    """Mailbox → UID → message id."""
    miscounted: list[str] = field(default_factory=list)


async def collect(session: Imap, ledger: Ledger) -> Found:
    """Fetch every message of every mailbox of the session's account, whole."""
    found = Found()
    for response in await session.ok('LIST "" "*"'):
        name = re.search(rb'(?:"([^"]*)"|(\S+))$', response.text)
        assert name is not None
        mailbox = (name[1] or name[2]).decode()
        await _collect_mailbox(session, ledger, mailbox, found)
    return found


async def _collect_mailbox(session: Imap, ledger: Ledger, mailbox: str, found: Found) -> None:
    told = await session.select(mailbox, examine=True)
    uids = await session.search("ALL")
    unseen = await session.search("UNSEEN")
    counted = await session.status(mailbox, "MESSAGES UNSEEN UIDNEXT")
    if (len(uids), len(unseen), told["EXISTS"]) != (counted["MESSAGES"], counted["UNSEEN"], len(uids)):
        found.miscounted.append(f"{mailbox}: {counted} told, {len(uids)} and {len(unseen)} unseen there")
    if uids and max(uids) >= counted["UIDNEXT"]:
        found.miscounted.append(f"{mailbox}: UID {max(uids)} and UIDNEXT {counted['UIDNEXT']}")
    by_uid = found.uids.setdefault(mailbox, {})
    for start in range(0, len(uids), 40):
        part = ",".join(map(str, uids[start : start + 40]))
        for response in await fetch_whole(session, part, found, mailbox):
            uid = re.search(rb"UID (\d+)", response.text)
            if uid is None:
                continue
            if not response.literals:
                found.miscounted.append(f"{mailbox}: UID {uid[1].decode()} has no body")
                continue
            by_uid[int(uid[1])] = _judge(response.literals[0], ledger, found)


async def fetch_whole(session: Imap, uids: str, found: Found, mailbox: str) -> list[Response]:
    """FETCH bodies; what the server cannot read is a finding, not the end of the proof."""
    try:
        return await session.ok(f"UID FETCH {uids} (UID BODY.PEEK[])")
    except Refused as error:
        if "," not in uids:
            found.miscounted.append(f"{mailbox}: UID {uids} cannot be read: {error}")
            return []
    return [one for uid in uids.split(",") for one in await fetch_whole(session, uid, found, mailbox)]


def _judge(octets: bytes, ledger: Ledger, found: Found) -> str:
    """Count one stored copy and compare it with what was sent."""
    named = _MESSAGE_ID.search(octets)
    message_id = named[1].decode() if named else "?"
    found.copies[message_id] += 1
    sent = ledger.sent.get(message_id)
    if sent is not None:
        cut = len(octets) - sent.size
        is_same = cut >= 0 and hashlib.sha256(octets[cut:]).digest() == sent.digest
        if not is_same or _TRACE.fullmatch(octets[:cut]) is None:
            found.altered.append(message_id)
    return message_id


def compare(recipient: str, found: Found, ledger: Ledger) -> list[str]:
    """Return what contradicts the ledger for one recipient."""
    problems = [f"{recipient}: altered {one}" for one in found.altered]
    problems += [f"{recipient}: {one}" for one in found.miscounted]
    expected = ledger.of(recipient)
    allowed = {"acked": (1,), "unknown": (0, 1), "refused": (0,)}
    for message_id, state in expected.items():
        count = found.copies.get(message_id, 0)
        if count not in allowed[state]:
            problems.append(f"{recipient}: {message_id} is {state} and stored {count} times")
    problems += [f"{recipient}: {one} was never sent to it" for one in found.copies.keys() - expected.keys()]
    return problems


async def prove(open_session: object, ledger: Ledger, *, at_once: int = 4) -> tuple[list[str], dict[str, Found]]:
    """Compare every recipient's account with the ledger; `open_session(login)` gives a logged-in session."""
    gate = asyncio.Semaphore(at_once)
    found: dict[str, Found] = {}
    problems: dict[str, list[str]] = defaultdict(list)

    async def one(recipient: str) -> None:
        async with gate:
            session = await open_session(recipient)  # type: ignore[operator]
            try:
                found[recipient] = await collect(session, ledger)
            finally:
                session.close()
            problems[recipient] = compare(recipient, found[recipient], ledger)

    await asyncio.gather(*(one(recipient) for recipient in ledger.recipients))
    return [problem for recipient in sorted(problems) for problem in problems[recipient]], found
