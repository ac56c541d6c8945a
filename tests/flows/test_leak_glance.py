"""A letter that leaves is looked at in a glance first: the verdict is that of a letter that is read for everything."""

import random

import pytest
from tests.flows.house import open_house
from tests.flows.test_big_attachments import CLI
from tests.flows.test_leak_changes import letter
from tests.unit.formats_leaks import corpus

from smartmail.domain.leaks import LeakAction, LeakRule
from smartmail.domain.policy import Scope
from smartmail.formats import summary as summaries
from smartmail.formats.mime.scanner import scan
from smartmail.service.protection.leaks import OutgoingLetter

FACTS = [
    {"fact": "finding", "in": ["kr.rrn", "kr.frn"]}, {"fact": "finding", "in": ["card"], "confidence": "high"},
    {"fact": "finding", "in": ["kr.mobile", "email"], "confidence": "low", "least": 2, "distinct": True},
    {"fact": "finding", "in": ["kr.brn"], "confidence": "high", "least": 2}, {"fact": "score", "weights": {"kr.account": 2, "card": 3}, "least": 3},
    {"fact": "words", "in": ["단가", "계약"], "least": 2}, {"fact": "pattern", "in": ["Q-[0-9]{4}"]}, {"fact": "recipient", "in": ["free"]},
    {"fact": "recipient_domain", "in": ["b.example"]}, {"fact": "octets", "least": 3000}, {"fact": "file_kind", "in": ["png"]},
    {"fact": "extension", "in": ["csv"]}, {"fact": "uninspectable", "is": True}, {"fact": "attachments", "least": 2},
    {"fact": "exit", "in": ["jmap"]}, {"fact": "outside", "least": 2},
]  # fmt: skip


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person("kim@a.example")
        yield opened


def condition(chance: random.Random, depth: int = 0):
    if depth > 2 or chance.random() < 0.5:
        return chance.choice(FACTS)
    word = chance.choice(["all", "any", "not"])
    below = [condition(chance, depth + 1) for _ in range(chance.randrange(1, 4))]
    return {"not": below[0]} if word == "not" else {word: below}


def written(chance: random.Random) -> bytes:
    make = chance.choice([corpus.planted, corpus.clean])
    mail = make(chance.randrange(1 << 30))
    files = [(f"a{n}.csv", make(chance.randrange(1 << 30)).text) for n in range(chance.randrange(3))]
    return letter("hello" if mail.html else mail.text, mail.text if mail.html else "", *files)


async def test_the_verdict_is_the_same_as_when_everything_is_read(house):
    judge, rules = house.services.leaks.judge, house.services.leaks.rules
    kim, chance = house.accounts["kim@a.example"], random.Random(29)
    glanced = 0
    for _ in range(25):
        made = await rules.new(CLI, *(
            LeakRule(Scope("system"), f"rule {n}", condition(chance), (LeakAction(chance.choice(["approve", "log"])),), stage="on")
            for n in range(chance.randrange(1, 4))
        ))  # fmt: skip
        for _ in range(8):
            octets = written(chance)

            async def read(start: int, length: int, octets: bytes = octets) -> bytes:
                return octets[start : start + length]

            to = chance.choice([["x@b.example"], ["x@gmail.com"], ["x@b.example", "y@naver.com"], ["kim@a.example"]])
            sent = OutgoingLetter(kim.id, "smtp", "kim@a.example", to, summaries.build(scan(octets)), read)
            whole, quick = await judge.judge(sent), await judge.leaving(sent)
            if whole.matched or whole.action is not None:
                assert quick == whole
            else:
                glanced += 1
                assert (quick.matched, quick.action, quick.hits, quick.changes) == ((), None, (), ())
        for one in made:
            await rules.end(CLI, one.id)
    assert glanced > 40
