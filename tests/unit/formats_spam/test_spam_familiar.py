"""A model tells mail of its kind from other mail in the same language, and decides about the first alone."""

import random

import pytest

from smartmail.formats.spam.familiar import (
    HOME,
    LEAN_MOST,
    LEAST_SIDED,
    MAX_PAIRS,
    SIZE,
    STRANGE,
    Familiar,
    pair_numbers,
)
from smartmail.formats.spam.judging import JUNK_Z, Beside, Judges, z_of
from smartmail.formats.spam.model import Own, Student, Weights, train
from smartmail.formats.spam.scripts import read
from smartmail.service.protection.filtering.learning import message_tokens

LIST = [
    f"{name} wrote: the patch for the kernel module {verb} on my box, try the {tree} tree and rebuild it"
    for name in ("alan", "linus", "greta", "matz", "guido") for verb in ("works", "breaks", "compiles", "hangs")
    for tree in ("stable", "unstable", "testing")
]  # fmt: skip
ADVERTS = [
    f"order your invoice software {when}, payment by {how}, we offer free delivery and a {price} discount on every purchase"
    for when in ("today", "now", "this week", "tonight", "at once") for how in ("card", "cheque", "transfer", "cash")
    for price in ("ten percent", "huge", "special")
]  # fmt: skip
OFFICE = "please find attached our invoice for the delivery last week, payment is due with the usual discount on your purchase order"


HEAD = (
    "From: a@far.example\r\nTo: kim@office.test\r\nSubject: letter\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
)


def readings(texts):
    return [read(message_tokens(f"{HEAD}{one}\r\n".encode())) for one in texts]


def taught():
    company = Weights()
    lessons = [(one, False) for one in readings(LIST)] + [(one, True) for one in readings(ADVERTS)]
    for _ in range(4):  # enough of each sort to decide alone
        for one, spam in lessons:
            company.counts.add(one.script, 1, spam=spam)
    for _ in train(
        company, [(one.numbers, spam) for one, spam in lessons], pairs=[one.pairs for one, _spam in lessons]
    ):
        pass
    return company


def test_lessons_of_another_trade_do_not_decide_about_an_office():
    company, [office] = taught(), readings([OFFICE])
    [advert] = readings([ADVERTS[7]])
    assert z_of(Judges(None, company), advert) >= JUNK_Z, "what it was taught it knows"
    assert company.familiar.hearing(advert.pairs, "latin") == 1
    assert company.familiar.hearing(office.pairs, "latin") < 0.2
    assert z_of(Judges(None, company), office) < 0.5
    deaf, company.familiar = company.familiar, None
    assert z_of(Judges(None, company), office) >= JUNK_Z, "which is what the words alone would say"
    company.familiar = deaf
    assert z_of(Judges(None, company), office, Beside(hides=True)) >= JUNK_Z, "of somebody who hides it is heard whole"


def test_pairs_are_words_side_by_side_and_characters_in_twos():
    tokens = ["word", "two words", "two_words", "two__words", "s:in subject", "piec", "대출", "\x011.2\x013.4", "a b"]
    assert len(pair_numbers(tokens)) == 2
    assert len(pair_numbers(f"word {number}" for number in range(9_000))) <= MAX_PAIRS


def test_the_share_of_what_was_met_goes_from_deaf_to_whole():
    known = Familiar()
    known.meet(range(100))
    assert known.share(list(range(100))) > 0.98
    assert known.hearing(list(range(90, 200)), "latin") == 0
    assert 0 < known.hearing(list(range(50, 150)), "latin") < 1
    assert STRANGE < known.share([]) < HOME, "a letter without words is neither"


def sided(good: int, bad: int) -> Familiar:
    """Return what such lessons leave: some pairs are of spam alone, some of good mail alone, and the rest of both."""
    known, chance = Familiar(), random.Random(14)
    sides = [True] * bad + [False] * good
    chance.shuffle(sides)
    for spam in sides:
        own = range(500) if spam else range(500, 1000)
        known.note([*chance.sample(own, 30), *chance.sample(range(1000, 1200), 60)], "latin", spam=spam)
    return known


SPAM, GOOD, BOTH, NEITHER = (list(range(*one)) for one in ((0, 80), (600, 680), (1000, 1080), (5000, 5080)))


@pytest.mark.parametrize(("good", "bad"), [(300, 300), (300, 60), (60, 300)])
def test_a_message_leans_to_the_side_whose_lessons_held_its_pairs(good, bad):
    known = sided(good, bad)
    assert known.leaning(SPAM, "latin") == LEAN_MOST
    assert known.leaning(GOOD, "latin") == -LEAN_MOST
    assert known.leaning(BOTH, "latin") == pytest.approx(known.leaning(NEITHER, "latin"), abs=0.1)
    assert known.leaning(BOTH, "latin") < 0, "what both hold speaks for nobody, and spam has to be shown"
    assert known.hearing(SPAM[:40] + NEITHER[:60], "latin") > 0.9, "the sides say more than that it was met"


def test_too_few_lessons_of_a_script_and_clicks_take_no_side():
    assert sided(300, LEAST_SIDED - 1).leaning(SPAM, "latin") == 0
    known = sided(300, 300)
    assert known.leaning(SPAM, "hangul") == 0
    before = [known.leaning(one, "latin") for one in (SPAM, GOOD, NEITHER)]
    for one in (SPAM, GOOD, NEITHER):
        known.meet(one)
    assert [known.leaning(one, "latin") for one in (SPAM, GOOD, NEITHER)] == before


def test_sides_are_kept_and_what_was_kept_before_has_none():
    known = sided(300, 300)
    again, rest = Familiar.unpack(known.pack() + b"rest")
    assert rest == b"rest"
    assert all(again.leaning(one, "latin") == known.leaning(one, "latin") for one in (SPAM, GOOD, BOTH))
    before = Familiar()
    before.meet(SPAM)
    again, _rest = Familiar.unpack(before.pack())
    assert again.share(SPAM) == before.share(SPAM)
    assert again.leaning(SPAM, "latin") == 0


def test_sides_decide_between_mails_that_the_weights_do_not_tell_apart():
    company = taught()
    [advert], [talk] = readings([ADVERTS[7]]), readings([LIST[7]])
    quiet = Weights(None, 300, 300, company.counts)
    quiet.familiar = company.familiar
    assert z_of(Judges(None, quiet), advert) == company.familiar.leaning(advert.pairs, "latin") > 1
    assert z_of(Judges(None, quiet), talk) < -1
    assert z_of(Judges(None, quiet), talk, Beside(hides=True)) == 0, "nothing in favour of a stranger who hides"


def test_acquaintance_is_kept_with_the_model():
    company = taught()
    again = Weights.unpack(company.pack())
    [advert] = readings([ADVERTS[7]])
    assert again.familiar is not None
    assert again.familiar.share(advert.pairs) == company.familiar.share(advert.pairs)
    assert again.values == company.values
    with pytest.raises(ValueError, match="cut"):
        Weights.unpack(company.pack()[:60])


def test_a_model_of_before_is_heard_as_before():
    before = Weights(good=300, bad=300)
    before.meet([1, 2, 3])
    assert before.familiar is None
    assert Weights.unpack(before.pack()).familiar is None


def test_a_click_makes_acquainted():
    company, own = Weights(), Own()
    [letter] = readings([OFFICE])
    student = Student(company, own)
    student.learn(letter.numbers, letter.script, spam=True, pairs=letter.pairs)
    student.end()
    assert company.familiar is not None
    assert company.familiar.hearing(letter.pairs, "latin") == 1
    assert len(company.familiar.pack()) < SIZE // 4
