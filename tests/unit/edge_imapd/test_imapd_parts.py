"""Parts of the IMAP edge by themselves: kept answers, flag texts, plans, the rounds of idling sessions."""

import asyncio
from typing import get_args

from smartmail.domain import keywords as kw
from smartmail.domain.errors import CATALOGUE, Forbidden
from smartmail.domain.keywords import Keywords
from smartmail.domain.message import ViewEntry
from smartmail.edge.imapd import flags
from smartmail.edge.imapd.caches import Rendered
from smartmail.edge.imapd.errors import HasChildrenError, answer_of
from smartmail.edge.imapd.fetch_plan import head_of, plan_of
from smartmail.edge.imapd.idling import _Rounds
from smartmail.edge.imapd.names import path_of
from smartmail.edge.imapd.sections import PIECE_OCTETS, MessageSections
from smartmail.edge.imapd.session import COMMANDS
from smartmail.edge.imapd.tree import VERBS
from smartmail.proto.imap import commands
from smartmail.proto.imap.commands import Fetch
from smartmail.proto.imap.engine import Status
from smartmail.proto.imap.fetch_items import BodySection, Item, Text
from smartmail.proto.imap.numbers import NumberSet


def line(uid=1, bits=0, tags=(), *, deleted=False, modseq=1):
    return ViewEntry(uid, uid, Keywords(bits, tags), deleted, modseq)


def plan(*items, condstore=False, since=None):
    return plan_of(Fetch(NumberSet(((1, 1),)), items, changed_since=since), condstore=condstore)


# -- kept answers ------------------------------------------------------------------------------------------------------


def test_kept_answers_stay_within_their_bound_and_old_tables_go_first():
    rendered = Rendered(bound=10_000)
    old, new = rendered.table(1, (Item.ENVELOPE,)), rendered.table(1, (Item.BODY,))
    rendered.keep(old, {n: b"x" * 870 for n in range(5)})
    rendered.keep(new, {n: b"x" * 870 for n in range(5)})
    assert rendered.table(1, (Item.ENVELOPE,)) is old
    rendered.keep(old, {9: b"y" * 870})
    # The other table had to go; the one in use stays and has the new answer.
    assert rendered.table(1, (Item.BODY,)) is not new
    assert old.texts[9] == b"y" * 870


def test_a_table_that_had_to_go_takes_nothing_any_more():
    rendered = Rendered(bound=2_000)
    gone = rendered.table(1, (Item.ENVELOPE,))
    rendered.keep(gone, {1: b"x" * 1_000})
    rendered.keep(rendered.table(2, (Item.ENVELOPE,)), {1: b"x" * 1_500})
    rendered.keep(gone, {2: b"x" * 100})
    assert 2 not in gone.texts


def test_what_alone_exceeds_the_bound_is_not_kept():
    rendered = Rendered(bound=1_000)
    table = rendered.table(1, (Item.ENVELOPE,))
    rendered.keep(table, {1: b"x" * 2_000})
    assert not table.texts


# -- flags -------------------------------------------------------------------------------------------------------------


def test_flag_texts_follow_the_names_that_are_learnt():
    texts = flags.FlagTexts()
    tagged = line(bits=kw.SEEN, tags=(1, 2), deleted=True)
    texts.learn({1: "work"}, 1)
    assert texts.one(tagged) == "\\Seen \\Deleted work"
    texts.learn({1: "work", 2: "home"}, 2)
    assert texts.one(tagged) == "\\Seen \\Deleted work home"
    assert texts.octets(tagged) == b"\\Seen \\Deleted work home"
    assert texts.many([line(), tagged]) == ["", "\\Seen \\Deleted work home"]
    assert texts.highest == 2


def test_flags_are_split_into_keywords_and_deleted():
    assert flags.split(["\\SEEN", "\\Deleted", "$junk", "Own", "\\Recent"]) == (("$seen", "$junk", "Own"), True)


def test_every_error_has_an_answer():
    for error in CATALOGUE:
        status, words, _code = answer_of(error())
        assert status is Status.NO and words
    assert answer_of(HasChildrenError())[2] == b"HASCHILDREN"
    assert answer_of(Forbidden())[2] == b"NOPERM"


def test_a_delimiter_at_the_end_says_only_that_children_follow():
    assert path_of("A/B/") == ("A", "B") and path_of("A//B") == ("A", "", "B")


# -- plans -------------------------------------------------------------------------------------------------------------


def test_a_plan_sorts_items_by_where_they_come_from():
    fields = BodySection(text=Text.FIELDS, fields=("SUBJECT",))
    nested = BodySection(part=(1,), text=Text.FIELDS, fields=("SUBJECT",))
    whole = BodySection()
    found = plan(Item.UID, Item.FLAGS, Item.ENVELOPE, fields, nested, whole)
    assert (found.uid, found.flags, found.modseq) == (True, True, False)
    assert found.fixed == (Item.ENVELOPE, fields) and found.sections == (nested, whole)
    assert plan(Item.UID).only_lines
    assert plan(Item.RFC822_SIZE, Item.INTERNALDATE).rows
    assert not plan(Item.RFC822_SIZE).summaries and not plan(Item.RFC822_SIZE, Item.ENVELOPE).rows


def test_modseq_is_told_with_flags_once_condstore_is_on_and_with_changedsince():
    assert plan(Item.FLAGS, condstore=True).modseq
    assert not plan(Item.UID, condstore=True).modseq
    assert plan(Item.UID, since=5).modseq


def test_heads_of_every_combination():
    texts = flags.FlagTexts()
    one = line(7, kw.SEEN, modseq=9)
    for uid in (False, True):
        for with_flags in (False, True):
            for modseq in (False, True):
                head = head_of(texts.octets, uid=uid, flags=with_flags, modseq=modseq)(3, one)
                expected = "* 3 FETCH (" + "UID 7 " * uid + "FLAGS (\\Seen) " * with_flags + "MODSEQ (9) " * modseq
                assert head == expected.encode()


# -- rounds ------------------------------------------------------------------------------------------------------------


class FakeLoop:
    """Collects timers; `turn` lets the next one fire."""

    def __init__(self):
        self.timers = []

    def call_later(self, delay, call):
        self.timers.append(call)
        return object()

    def turn(self):
        self.timers.pop(0)()


def test_every_idling_session_is_looked_after_once_in_a_round_and_the_timer_rests_without_any():
    loop = FakeLoop()
    rounds = _Rounds(loop)
    seen = []
    ends = [rounds.add(lambda number=number: seen.append(number)) for number in range(7)]
    for _ in range(5):
        loop.turn()
    assert sorted(seen) == list(range(7))
    for end in ends:
        end()
    loop.turn()
    assert not loop.timers
    ends = [rounds.add(lambda: seen.append("again"))]
    assert len(loop.timers) == 1


# -- turns -------------------------------------------------------------------------------------------------------------


class Reader:
    """OctetReader of a message that lies in memory: nothing ever waits."""

    def __init__(self, octets):
        self.octets = octets
        self.size = len(octets)

    async def read(self, start=0, length=None):
        return self.octets[start:] if length is None else self.octets[start : start + length]


async def prepared(octets, sections):
    """Return (the parts, turns that others had meanwhile)."""
    turns = 0

    async def others():
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.create_task(others())
    await asyncio.sleep(0)
    before = turns
    parts = await MessageSections(Reader(octets), None, sections).prepare()
    task.cancel()
    return parts, turns - before


async def test_many_sections_of_one_message_let_others_have_their_turn():
    sections = [BodySection(partial=(number, 1), label=b"x") for number in range(80)]
    parts, turns = await prepared(b"x" * 100, sections)
    assert len(parts) == 80 and turns >= 10


async def test_sections_that_are_long_together_are_read_when_they_are_sent():
    size = 400_000
    parts, _ = await prepared(b"x" * size, [BodySection(partial=(number, size), label=b"x") for number in range(10)])
    assert sum(len(text) for _, span, text in parts if span is None) <= PIECE_OCTETS + 1_000
    assert sum(span is not None for _, span, _ in parts) == 8


def test_every_command_has_one_runner():
    streamed_or_answered_by_the_engine = {
        commands.Capability, commands.Logout, commands.Enable, commands.AppendHead,
    }  # fmt: skip
    asked_of_the_session = {*get_args(commands.Command)} - streamed_or_answered_by_the_engine
    assert {*COMMANDS} | {*VERBS} == asked_of_the_session
    assert not {*COMMANDS} & {*VERBS}
