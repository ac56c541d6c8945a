"""A model tells mail of its kind from other mail in the same language, and decides about the first alone."""

import pytest

from smartmail.formats.spam.familiar import HOME, MAX_PAIRS, SIZE, STRANGE, Familiar, pair_numbers
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
    assert company.familiar.hearing(advert.pairs) == 1
    assert company.familiar.hearing(office.pairs) < 0.2
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
    known.note(range(100))
    assert known.share(list(range(100))) > 0.98
    assert known.hearing(list(range(90, 200))) == 0
    assert 0 < known.hearing(list(range(50, 150))) < 1
    assert STRANGE < known.share([]) < HOME, "a letter without words is neither"


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
    before.note([1, 2, 3])
    assert before.familiar is None
    assert Weights.unpack(before.pack()).familiar is None


def test_a_click_makes_acquainted():
    company, own = Weights(), Own()
    [letter] = readings([OFFICE])
    student = Student(company, own)
    student.learn(letter.numbers, letter.script, spam=True, pairs=letter.pairs)
    student.end()
    assert company.familiar is not None
    assert company.familiar.hearing(letter.pairs) == 1
    assert len(company.familiar.pack()) < SIZE // 4
