"""The calendar of recurring mail: each turn after the one before, at its hour there, on its days, whatever clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain.recurring import Rule, fault, newest_due, turn_after

ZONES = ("Asia/Seoul", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "UTC")
days = st.lists(st.integers(1, 7), min_size=1, max_size=7).map(tuple)
rules = st.builds(
    lambda every, minute, zone, days, day: Rule(
        every, minute, zone, days if every == "week" else (), day if every == "month" else 0
    ),
    st.sampled_from(("day", "weekday", "week", "month")), st.integers(0, 1439), st.sampled_from(ZONES), days,
    st.integers(1, 31),
)  # fmt: skip
moments = st.integers(1_200_000_000_000, 2_500_000_000_000)


def moment(zone: str, *parts: int) -> int:
    return int(datetime(*parts, tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def turns(rule: Rule, begin: int, count: int) -> list[datetime]:
    found = []
    for _ in range(count):
        at = turn_after(rule, begin)
        if at is None:
            break
        begin = at
        found.append(datetime.fromtimestamp(at / 1000, ZoneInfo(rule.zone)))
    return found


@given(rules, moments)
def test_each_turn_is_later_and_falls_where_it_should(rule, begin):
    assert fault(rule) is None
    before = begin
    for _ in range(40):
        at = turn_after(rule, before)
        assert at is not None and at > before, "there is always one, after the one before"
        there = datetime.fromtimestamp(at / 1000, ZoneInfo(rule.zone))
        # Looking from anywhere between two turns finds the same one.
        assert turn_after(rule, at - 1) == at and turn_after(rule, (before + at) // 2) == at
        back = there.astimezone(UTC).astimezone(there.tzinfo)
        is_left_out = back.hour * 60 + back.minute != rule.minute
        if not is_left_out:
            assert rule.every != "weekday" or there.isoweekday() <= 5
            assert rule.every != "week" or there.isoweekday() in rule.days
            ends = (there + timedelta(days=1)).month != there.month
            assert rule.every != "month" or there.day == rule.day or (ends and there.day < rule.day)
        before = at


@given(rules, moments, st.integers(0, 40))
def test_the_newest_that_is_due_and_how_many_were_missed(rule, begin, later):
    first = turn_after(rule, begin)
    all_due = [first]
    for _ in range(later):
        all_due.append(turn_after(rule, all_due[-1]))
    assert newest_due(rule, first, all_due[-1]) == (all_due[-1], later)
    assert newest_due(rule, first, turn_after(rule, all_due[-1]) - 1) == (all_due[-1], later)


def test_nine_stays_nine_when_clocks_are_changed():
    rule = Rule("day", 9 * 60, "America/New_York")
    found = turns(rule, moment("America/New_York", 2027, 3, 12, 12), 3)
    assert [(one.day, one.hour) for one in found] == [(13, 9), (14, 9), (15, 9)]
    assert found[1].timestamp() - found[0].timestamp() == 23 * 3600
    found = turns(rule, moment("America/New_York", 2027, 11, 5, 12), 2)
    assert found[1].timestamp() - found[0].timestamp() == 25 * 3600


def test_an_hour_that_is_left_out_and_one_that_comes_twice():
    rule = Rule("day", 2 * 60 + 30, "America/New_York")
    found = turns(rule, moment("America/New_York", 2027, 3, 13, 12), 2)
    assert [(one.day, one.hour, one.minute) for one in found] == [(14, 3, 30), (15, 2, 30)]
    rule = Rule("day", 60 + 30, "America/New_York")
    found = turns(rule, moment("America/New_York", 2027, 11, 6, 12), 2)
    assert [(one.day, one.hour, one.fold) for one in found] == [(7, 1, 0), (8, 1, 0)], "the first of the two, once"


def test_the_thirty_first_is_the_last_day_of_shorter_months():
    found = turns(Rule("month", 540, "Asia/Seoul", day=31), moment("Asia/Seoul", 2027, 12, 1), 5)
    assert [(one.month, one.day) for one in found] == [(12, 31), (1, 31), (2, 29), (3, 31), (4, 30)]
    found = turns(Rule("month", 540, "Asia/Seoul", day=1), moment("Asia/Seoul", 2027, 12, 1, 9), 2)
    assert [(one.month, one.day) for one in found] == [(1, 1), (2, 1)], "later than the moment, not at it"


def test_workdays_and_the_last_day():
    friday = moment("Asia/Seoul", 2027, 1, 8, 10)
    assert [one.day for one in turns(Rule("weekday", 540, "Asia/Seoul"), friday, 6)] == [11, 12, 13, 14, 15, 18]
    assert [one.day for one in turns(Rule("week", 540, "Asia/Seoul", (1, 3)), friday, 4)] == [11, 13, 18, 20]
    rule = Rule("day", 540, "Asia/Seoul", until=date(2027, 1, 10))
    assert [one.day for one in turns(rule, friday, 9)] == [9, 10]


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (Rule("day", 1440, "UTC"), "time"),
        (Rule("day", 0, "../etc/passwd"), "timeZone"),
        (Rule("week", 0, "UTC"), "days"),
        (Rule("week", 0, "UTC", (8,)), "days"),
        (Rule("month", 0, "UTC"), "day"),
        (Rule("month", 0, "UTC", day=32), "day"),
        (Rule("day", 0, "UTC", day=1), "day"),
        (Rule("day", 0, "UTC", count=-1), "count"),
    ],
)
def test_what_cannot_be_is_named(rule, named):
    assert fault(rule) == named
