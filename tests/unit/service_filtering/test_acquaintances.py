"""The memory of who is known to whom: gathered, written at once, lost without harm."""

from types import SimpleNamespace

import pytest
from tests.unit.service_filtering.specimens import NOW, Clock, Memory, account, letter, line, specimen

from smartmail.domain.correspondents import Contact
from smartmail.domain.errors import Unavailable
from smartmail.service.protection.filtering import acquaintances as module
from smartmail.service.protection.filtering.acquaintances import (
    STRANGER_MS,
    AcquaintanceMemory,
    Acquaintances,
    has_no_part,
    is_known,
)


class Keys:
    """Hashes that can be read."""

    async def account(self, of):
        return SimpleNamespace(hash=lambda purpose, *words: b"%d:" % of.id + b":".join(words))

    async def organization(self, number):
        return SimpleNamespace(hash=lambda purpose, *words: b"org:" + b":".join(words))


class Store(Memory):
    down = False

    async def note_contacts(self, contacts):
        if self.down:
            raise Unavailable
        self.noted += contacts

    async def account(self, number):
        return account()

    async def correspondents(self, owner, keys):
        return {}


@pytest.fixture
def bench():
    store = Store()
    return SimpleNamespace(store=store, known=Acquaintances(store, Keys(), Clock()))


async def test_many_messages_of_a_sender_are_one_line_each(bench):
    for _ in range(3):
        one = specimen(letter())
        one.findings.aligned = True
        await AcquaintanceMemory(bench.known).examine(one)
    await bench.known.wrote(1, ["Lee@Partner.example"])
    await bench.known.settle()
    assert bench.store.noted == [
        Contact(1, b"1:address:lee@partner.example", NOW, 3, 1, NOW),
        Contact(-1, b"org:address:lee@partner.example", NOW, 3, 1, NOW),
        Contact(-1, b"org:domain:partner.example", NOW, 3, 1, NOW),
        Contact(1, b"1:domain:partner.example", NOW, 0, 1),
    ]


@pytest.mark.parametrize(
    ("written", "by_person", "by_company"),
    [
        ([], False, False),
        ([(1, b"1:domain:partner.example")], True, True),
        ([(1, b"1:address:lee@partner.example")], True, True),
        ([(-1, b"org:domain:partner.example")], False, True),
        ([(-1, b"org:domain:other.example")], False, False),
    ],
)
async def test_the_first_mail_of_a_person_and_of_the_company_to_a_domain_differ(bench, written, by_person, by_company):
    async def correspondents(owner, keys):
        return {key: line(sent=1) for place, key in written if place == owner and key in keys}

    bench.store.correspondents = correspondents
    assert await bench.known.has_written(account(), "lee@partner.example") == (by_person, by_company)


@pytest.mark.parametrize(
    ("act", "nature"), [("junk", "spam"), ("quarantine", "malware"), ("deliver", "phishing"), ("deliver", "suspect")]
)
async def test_only_wanted_mail_teaches(bench, act, nature):
    one = specimen(letter())
    one.findings.act, one.findings.nature = act, nature
    await AcquaintanceMemory(bench.known).examine(one)
    await bench.known.settle()
    assert bench.store.noted == []


async def test_what_waits_is_bounded_and_what_is_lost_is_lost(bench, monkeypatch):
    monkeypatch.setattr(module, "MOST", 4)
    await bench.known.wrote(1, [f"a{number}@x.example" for number in range(20)])
    assert len(bench.known._waiting) == 4
    bench.store.down = True
    await bench.known.settle()
    bench.store.down = False
    await bench.known.settle()
    assert bench.store.noted == []


async def test_who_was_written_to_is_known_before_it_is_written(bench):
    """Else the report of a fast mail server was judged as a stranger's letter."""
    await bench.known.wrote(1, ["lee@partner.example"])
    standing = await bench.known.standing(account(), "lee@partner.example")
    assert [one.sent for one in (standing.person, standing.house, standing.domain)] == [1, 1, 1]
    assert is_known(standing.person, NOW)


async def test_sending_never_fails_for_it(bench):
    async def fails(number):
        raise Unavailable

    bench.store.account = fails
    await bench.known.wrote(1, ["a@x.example"])


def test_strangers_of_the_last_hour_stay_strangers():
    hour = STRANGER_MS / 86_400_000
    assert not is_known(None, NOW)
    assert not is_known(line(since_days=hour * 0.9), NOW)
    assert is_known(line(since_days=hour * 1.1), NOW)
    assert is_known(line(since_days=0, sent=1), NOW)


def _said(sender: str, *to: str) -> SimpleNamespace:
    people = [SimpleNamespace(address=one) for one in to]
    return SimpleNamespace(from_=[SimpleNamespace(address=sender)], to=people, cc=[], reply_to=[])


@pytest.mark.parametrize(
    ("conversation", "strange"),
    [
        ([_said("lee@partner.example", "kim@innotab.com")], True),
        ([_said("kim@innotab.com", "lee@partner.example")], True),
        ([_said("kim@innotab.com", "lee@partner.example", "boss@new.example")], False),
        ([_said("a@new.example", "kim@innotab.com")], False),
        ([_said("lee@partner.example", "kim@innotab.com"), _said("a@new.example", "kim@innotab.com")], True),
        ([], False),
    ],
    ids=["a partner's", "ours", "addressed there", "their own", "an attack's second letter", "all of it deleted"],
)
def test_who_has_a_part_in_a_conversation(conversation, strange):
    assert has_no_part("x@mail.new.example", conversation) is strange
