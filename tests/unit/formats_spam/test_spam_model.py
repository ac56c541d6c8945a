"""The arithmetic of the model: learning, taking back, and how little one person can do to others."""

import contextlib
import functools
import math
import random
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats.spam import model
from smartmail.formats.spam.judging import Judges, telling
from smartmail.formats.spam.model import MARGIN, REACH, Own, Weights

GOOD = [f"good {number}" for number in range(40)]
BAD = [f"bad {number}" for number in range(40)]
COMMON = [f"common {number}" for number in range(20)]


def some(words: list[str], chance: random.Random, count: int = 30) -> array:
    return model.numbers([*chance.sample(words, count), *chance.sample(COMMON, 10)])


def z_for(company: Weights, own: Own | None, features: array) -> float:
    """Return how a message stands by the plain sum of the models (judging.py bounds it by script)."""
    return company.z(features) + (0.0 if own is None else (1 - own.share) * own.z(features))


def taught() -> Weights:
    return Weights.unpack(_taught())


@functools.cache
def _taught() -> bytes:
    chance = random.Random(7)
    company = Weights()
    lessons = [(some(BAD if spam else GOOD, chance), spam) for spam in (True, False) * 60]
    list(model.train(company, lessons, scripts=["latin"] * len(lessons)))
    return company.pack()


def furthest(before: array, after: array) -> float:
    """Return how far two values lie apart at most; nearly all of the million are the same octets."""
    one, two, far = memoryview(before), memoryview(after), 0.0
    assert len(one) == len(two)
    for start in range(0, len(one), 1024):
        left, right = one[start : start + 1024], two[start : start + 1024]
        if left.tobytes() != right.tobytes():
            far = max(far, *(abs(a - b) for a, b in zip(left, right, strict=True)))
    return far


def test_training_tells_two_sorts_apart_and_counts():
    company, chance = taught(), random.Random(1)
    assert all(company.z(some(BAD, chance)) > 2 for _ in range(20))
    assert all(company.z(some(GOOD, chance)) < -2 for _ in range(20))
    assert (company.good, company.bad) == (60, 60)


def test_one_lesson_turns_the_verdict_for_its_person():
    company, own = taught(), Own()
    message = some(GOOD, random.Random(3))
    model.lesson(company, own, message, spam=True)
    assert z_for(company, own, message) >= MARGIN


def test_a_lesson_that_is_known_already_changes_nothing():
    company, own = taught(), Own()
    message = some(BAD, random.Random(3))
    model.lesson(company, own, message, spam=True)
    if z_for(company, None, message) >= MARGIN:
        assert own.part == {}
    before = company.z(message)
    assert model.lesson(company, own, message, spam=True) == 0
    assert company.z(message) == before


def test_a_hundred_wrong_clicks_of_one_do_not_change_others():
    company, own, chance = taught(), Own(), random.Random(5)
    watched = [(some(GOOD, chance), False) for _ in range(30)] + [(some(BAD, chance), True) for _ in range(30)]
    before = [company.z(features) for features, _spam in watched]
    for _ in range(100):
        model.lesson(company, own, some(GOOD, chance), spam=True)
    after = [company.z(features) for features, _spam in watched]
    assert all(abs(one - two) <= REACH + 1e-3 for one, two in zip(before, after, strict=True))
    assert all((z > 0) == spam for z, (_features, spam) in zip(after, watched, strict=True))
    # Their own mail is judged as they wish.
    assert z_for(company, own, some(GOOD, chance)) > z_for(company, None, some(GOOD, chance))


def test_what_several_people_say_alike_adds_up():
    company, chance = Weights(), random.Random(5)
    message = some(BAD, chance)
    for _person in range(8):
        model.lesson(company, Own(), message, spam=True)
    assert company.z(message) > 2.5


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1 << 30), st.booleans()), min_size=1, max_size=25), st.integers(0, 1 << 30))
def test_one_person_never_reaches_further_than_the_bound(clicks, seed):
    company, own = Weights(), Own()
    for number, spam in clicks:
        model.lesson(company, own, some([*GOOD, *BAD], random.Random(number)), spam=spam)
    assert abs(company.z(some([*GOOD, *BAD], random.Random(seed)))) <= REACH + 1e-3


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1 << 30), st.booleans()), min_size=1, max_size=12), st.randoms())
def test_lessons_taken_back_in_any_order_leave_nothing(clicks, chance):
    company, own = taught(), Own()
    before = array("f", company.values)
    learned = []
    for number, spam in clicks:
        features = some([*GOOD, *BAD], random.Random(number))
        learned.append((features, model.lesson(company, own, features, spam=spam), spam))
    chance.shuffle(learned)
    for features, step, spam in learned:
        model.forget(company, own, features, step, spam=spam)
    assert max(map(abs, own.part.values()), default=0) < 1e-6
    assert furthest(before, company.values) < 1e-4
    assert (own.good, own.bad, company.good, company.bad) == (0, 0, 60, 60)


def test_models_come_back_as_they_were_kept():
    company, own = taught(), Own()
    model.lesson(company, own, some(GOOD, random.Random(2)), spam=True)
    again = Weights.unpack(company.pack())
    assert again.values == company.values
    assert (again.good, again.bad) == (company.good, company.bad)
    back = Own.unpack(own.pack())
    assert (back.part, back.good, back.bad, back.share) == (own.part, own.good, own.bad, own.share)


def test_a_persons_part_is_bounded(monkeypatch):
    monkeypatch.setattr(model, "MAX_OWN", 100)
    own = Own()
    for start in range(0, 1000, 50):
        own.change(range(start, start + 50), 0.1 + start / 1000)
    assert len(own.part) <= 100
    assert 999 in own.part


@given(st.binary(max_size=300))
def test_damaged_models_raise_nothing_but_value_error(octets):
    for kind in (Weights, Own):
        for damaged in (octets, b"F1" + octets, b"F2" + octets):
            with contextlib.suppress(ValueError):
                kind.unpack(damaged)


@pytest.mark.parametrize("kept", [Weights().pack(), Own({1: 1.0, 2: 2.0}).pack()])
def test_a_model_that_was_cut_is_refused(kept):
    kind = Weights if len(kept) > 200 else Own
    for octets in (b"", kept[:1], kept[:9], kept[:-12], b"X" + kept[1:]):
        with pytest.raises(ValueError, match=r"."):
            kind.unpack(octets)


def test_a_part_with_a_number_that_there_is_not_is_refused():
    with pytest.raises(ValueError, match="number"):
        Own.unpack(Own({model.SIZE: 1.0}).pack())


def test_telling_words_come_loudest_first():
    company = taught()
    told = telling(Judges(None, company), [*BAD[:5], *GOOD[:1], *BAD[:2]], 6)
    assert {token for token, said in told if said > 0} == set(BAD[:5])
    assert [token for token, said in told if said < 0] == GOOD[:1]
    assert [abs(said) for _token, said in told] == sorted((abs(said) for _token, said in told), reverse=True)


def test_nothing_says_nothing():
    assert taught().z(array("I")) == 0
    assert z_for(Weights(), Own(), array("I")) == 0
    assert math.isclose(model.odds_of(0), 0.5)
    assert model.odds_of(1e9) == pytest.approx(1)
