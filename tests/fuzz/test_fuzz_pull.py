"""Whatever a server says: the client engines raise nothing, go on or break, and keep no more than they may."""

import random

import pytest

from smartmail.proto.imap import client as imap
from smartmail.proto.imap import client_answers as answers
from smartmail.proto.pop3 import client as pop3

WORDS = [
    b"+OK", b"-ERR", b"+", b".", b"..", b"\r\n", b"\n", b"* ", b"s1 OK", b"s1 NO [X] y", b"s2 OK", b"{3}", b"{99999999999}",
    b"{0}", b"FETCH (UID 1 BODY[] ", b"FETCH (UID 4 RFC822.SIZE 9 INTERNALDATE \" 1-Jan-2026 00:00:00 +0900\")", b")",
    b"SEARCH 1 2 999999999999", b"LIST (\\Noselect) NIL \"a\\\"b\"", b"LIST () \"/\" &-", b"OK [UIDVALIDITY 7]", b"* BYE x",
    b"\0", b"\xff\xfe", b" ", b"[AUTH] ", b"1 abc", b"x" * 300,
]  # fmt: skip
ROUNDS = 3_000


def _noise(rolls: random.Random) -> bytes:
    return b"".join(rolls.choice(WORDS) for _ in range(rolls.randrange(1, 25)))


@pytest.mark.parametrize("seed", range(4))
def test_pop3(seed):
    rolls = random.Random(seed)
    for _ in range(ROUNDS):
        engine = pop3.ClientEngine()
        engine.receive_data(rolls.choice([b"+OK hi\r\n", b""]))
        engine.next_event()
        if engine._await == "idle":
            rolls.choice([lambda e: e.ask("NOOP"), lambda e: e.list_("UIDL"), lambda e: e.retrieve(1),
                          lambda e: e.starttls()])(engine)  # fmt: skip
        noise = _noise(rolls)
        for at in range(0, len(noise), 9):
            engine.receive_data(noise[at : at + 9])
            for _event in range(100):
                event = engine.next_event()
                if event is None:
                    break
                if isinstance(event, pop3.Listed):
                    pop3.unique_ids(event.lines)
                    pop3.sizes(event.lines)
            else:
                pytest.fail("no end of events")


@pytest.mark.parametrize("seed", range(4))
def test_imap(seed):
    rolls = random.Random(seed)
    for _ in range(ROUNDS):
        engine = imap.ClientEngine()
        engine.receive_data(rolls.choice([b"* OK hi\r\n", b""]))
        engine.next_event()
        if engine._state == "idle":
            if rolls.random() < 0.2:
                engine.starttls()
            else:
                engine.command("NOOP", streams=rolls.random() < 0.5)
        noise = _noise(rolls)
        for at in range(0, len(noise), 9):
            engine.receive_data(noise[at : at + 9])
            for _event in range(100):
                event = engine.next_event()
                if event is None:
                    break
                if isinstance(event, imap.Untagged):
                    answers.capabilities(event.pieces)
                    answers.listed(event.pieces)
                    answers.searched(event.pieces)
                    answers.fetched(event.pieces)
                    answers.validity(answers.code_of(event.pieces))
            else:
                pytest.fail("no end of events")


def test_a_line_without_an_end_is_no_answer():
    engine = pop3.ClientEngine()
    engine.receive_data(b"+OK " + b"x" * 10_000)
    assert isinstance(engine.next_event(), pop3.Broken)
    other = imap.ClientEngine()
    other.receive_data(b"* OK " + b"x" * (imap.LINE + 10))
    assert isinstance(other.next_event(), imap.Broken)
