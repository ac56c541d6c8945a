"""The calendar of recurring mail: each turn after the one before, at its hour there, on its days, whatever clocks do."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain.holidays import Holidays, public
from smartmail.domain.recurring import Rule, fault, newest_due, put_off_to, turn_after
from smartmail.policy.kinds import Days

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
holidays = st.builds(
    Holidays,
    st.lists(st.sampled_from(("KR", "JP")), max_size=2, unique=True).map(tuple),
    st.lists(
        st.dates(date(2027, 1, 1), date(2028, 12, 31)).flatmap(lambda day: st.sampled_from((str(day), str(day)[5:]))),
        max_size=60, unique=True,
    ).map(tuple),
)  # fmt: skip
near = st.integers(1_790_000_000_000, 1_850_000_000_000)
"""2026 to 2028."""


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


@given(rules, near, holidays, st.sampled_from(("before", "after")))
def test_a_turn_of_a_holiday_is_sent_on_the_working_day_next_to_it(rule, begin, calendar, wish):
    moved, zone = replace(rule, on_holiday=wish), ZoneInfo(rule.zone)
    step, begin_day = (-1 if wish == "before" else 1), datetime.fromtimestamp(begin / 1000, zone).date()
    # Each day of the rule, moved by hand; of those that come to the same day there is one.
    expected, day = set(), begin_day - timedelta(days=40)
    while day < begin_day + timedelta(days=150):
        if _falls(rule, day):
            to = day
            while calendar.has(to) and abs((to - day).days) <= 31:
                to += timedelta(days=step)
            expected.add(day if calendar.has(to) else to)
        day += timedelta(days=1)
    before = begin
    for _ in range(12):
        at = turn_after(moved, before, calendar)
        assert at is not None and at > before
        assert turn_after(moved, at - 1, calendar) == at == turn_after(moved, (before + at) // 2, calendar)
        there, was = (datetime.fromtimestamp(one / 1000, zone).date() for one in (at, before))
        if there > begin_day + timedelta(days=90):
            break
        assert there in expected
        assert not [one for one in expected if was < one < there and one > begin_day], "none is left out"
        assert put_off_to(moved, at, calendar) >= at
        before = at
    first = turn_after(moved, begin, calendar)
    second = turn_after(moved, first, calendar)
    assert newest_due(moved, first, second, calendar) == (second, 1)


@given(rules, near, holidays)
def test_who_keeps_to_the_day_is_not_moved_by_holidays(rule, begin, calendar):
    at = turn_after(rule, begin)
    assert turn_after(rule, begin, calendar) == at == put_off_to(rule, at, calendar)


def _falls(rule: Rule, day: date) -> bool:
    ends = (day + timedelta(days=1)).month != day.month
    return {
        "day": True, "weekday": day.isoweekday() <= 5, "week": day.isoweekday() in rule.days,
        "month": day.day == rule.day or (ends and day.day < rule.day),
    }[rule.every]  # fmt: skip


def test_the_last_day_is_of_the_rule_and_a_closed_month_moves_nothing():
    rule = Rule("month", 540, "Asia/Seoul", day=31, until=date(2027, 1, 31), on_holiday="after")
    found = [
        turn_after(rule, moment("Asia/Seoul", 2027, 1, 5), Holidays()),
        turn_after(rule, moment("Asia/Seoul", 2027, 2, 1, 9), Holidays()),
    ]
    # A Sunday, and so the Monday after it.
    assert found == [moment("Asia/Seoul", 2027, 2, 1, 9), None]
    closed = Holidays(own=tuple(f"{month:02}-{day:02}" for month in (6, 7) for day in range(1, 32)))
    rule = Rule("month", 540, "Asia/Seoul", day=16, on_holiday="before")
    assert turn_after(rule, moment("Asia/Seoul", 2027, 7, 1), closed) == moment("Asia/Seoul", 2027, 7, 16, 9)


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


KOREA = {
    2026: "0101 0216 0217 0218 0301 0302 0501 0505 0524 0525 0603 0606 0717 0815 0817 0924 0925 0926 1003 1005 1009 1225",
    2027: "0101 0206 0207 0208 0209 0301 0501 0503 0505 0513 0606 0717 0719 0815 0816 0914 0915 0916 1003 1004 1009 1011 "
    "1225 1227",
    2028: "0101 0126 0127 0128 0301 0412 0501 0502 0505 0606 0717 0815 1002 1003 1004 1005 1009 1225",
    2029: "0101 0212 0213 0214 0301 0501 0505 0507 0520 0521 0606 0717 0815 0921 0922 0923 0924 1003 1009 1225",
}  # fmt: skip
"""As the calendars of those years have them."""


@pytest.mark.parametrize("year", KOREA)
def test_public_holidays_of_korea_with_those_in_place_of_others(year):
    assert " ".join(f"{day:%m%d}" for day in sorted(public("KR", year))) == KOREA[year]


def test_public_holidays_of_japan():
    shown = " ".join(f"{day:%m%d}" for day in sorted(public("JP", 2026)))
    # A Sunday's on the Wednesday after Golden Week; a day between two of September.
    assert shown == "0101 0112 0211 0223 0320 0429 0503 0504 0505 0506 0720 0811 0921 0922 0923 1012 1103 1123"
    assert date(2030, 8, 12) in public("JP", 2030) and date(2032, 9, 21) in public("JP", 2032)


def test_beyond_the_table_the_fixed_days_remain():
    assert date(2040, 3, 1) in public("KR", 2040) and public("XX", 2027) == frozenset()
    assert Holidays(("KR",)).has(date(2027, 5, 13)) and not Holidays().has(date(2027, 5, 13))
    assert Holidays(own=("05-03",)).has(date(2029, 5, 3)) and not Holidays(own=("2027-05-03",)).has(date(2029, 5, 3))


def test_days_are_typed_as_people_write_them_and_kept_in_order():
    kind = Days()
    assert kind.read("2027-05-06, 05-01 2027-05-06") == ("05-01", "2027-05-06")
    assert kind.read("none") == () and kind.accept(["02-29"]) == ("02-29",)
    assert kind.stricter(("05-01",), ("05-01", "06-01")) == ("05-01", "06-01")
    for wrong in ("", "2027-13-01", "02-30", "2027-02-29", "5-1", "tomorrow", "2027-05-01T00:00"):
        with pytest.raises(ValueError, match="days such as"):
            kind.read(wrong)
    for value in ("05-01", [1], [f"2027-{month:02}-{day:02}" for month in range(1, 9) for day in range(1, 27)]):
        with pytest.raises(ValueError, match="days such as"):
            kind.accept(value)
