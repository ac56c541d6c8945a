"""Who may have the next slot: shares of senders, classes and destinations; what administrators set."""

from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.queue import CLASSES, class_of, lane_of, lanes_of
from smartmail.domain.queue_rules import DestinationRule, RetrySchedule, read_rules
from smartmail.domain.queue_shares import Shares

BULK = lane_of("bulk", OrganizationId(1), AccountId(1))


def fill(shares: Shares, lane: int, destination: str, limit: int, most: int = 1000) -> int:
    count = 0
    while count < most and shares.admits(lane, destination, limit):
        shares.begin(lane, destination)
        count += 1
    return count


def test_lanes_keep_classes_and_senders_apart():
    made = {
        lane_of(kind, OrganizationId(number), account)
        for kind in CLASSES
        for number in (1, 2)
        for account in (None, AccountId(1), AccountId(2))
    }
    # Accounts are unique in the installation; what comes from outside is one lane per organisation.
    assert len(made) == 3 * (2 + 2)
    for kind in CLASSES:
        first, end = lanes_of(kind)
        lane = lane_of(kind, OrganizationId(7), None)
        assert first <= lane < end <= 1 << 62
        assert class_of(lane) == kind


def test_the_last_fifth_is_for_who_has_nothing_under_way():
    shares = Shares(100)
    assert fill(shares, 1, "a", 1000) == 80
    assert fill(shares, 2, "b", 1000) == 1
    assert [shares.admits(lane, "c", 1000) for lane in (1, 2, 3)] == [False, False, True]
    assert fill(shares, 3, "c", 1000) == 1
    for lane in range(4, 22):
        assert fill(shares, lane, "c", 1000) == 1
    assert shares.free == 0
    assert not shares.admits(99, "d", 1000)


def test_the_last_connections_of_a_destination_are_for_newcomers_too():
    shares = Shares(100)
    assert fill(shares, 1, "a", 10) == 8
    assert fill(shares, 2, "a", 10) == 1
    assert fill(shares, 3, "a", 10) == 1
    assert not shares.admits(4, "a", 10)
    assert fill(Shares(100), 1, "a", 2) == 2


def test_bulk_has_half_of_everything():
    shares = Shares(100)
    assert fill(shares, BULK, "a", 20) == 10
    assert sum(fill(shares, BULK, f"d{n}", 20) for n in range(20)) == 40
    assert fill(shares, 1, "a", 20) > 0


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("abc"), st.booleans()), max_size=200), st.integers(1, 30))
def test_counting_never_drifts(steps, slots):
    shares, held = Shares(slots), []
    for lane, destination, begins in steps:
        if begins and shares.admits(lane, destination, 4):
            shares.begin(lane, destination)
            held.append((lane, destination))
        elif held and not begins:
            shares.end(*held.pop())
        assert shares.free == slots - len(held) >= 0
        for name in "abc":
            assert shares.under_way(name) == sum(one[1] == name for one in held) <= 4
    for one in held:
        shares.end(*one)
    assert shares.free == slots
    assert all(shares.admits(lane, name, 4) for lane in range(6) for name in "abc")


def test_rules_of_destinations():
    rules = read_rules(
        {
            "queue.destinations": {
                "*": {"connections": 5}, "b.test": {"connections": 1, "source": "192.0.2.1"},
                ".google.test": {"per_minute": 60}, ".test": {"connections": 3},
            },
            "queue.sources": {"a.example": "192.0.2.9"},
            "queue.paused": {"destinations": ["p.test"]},
        }
    )  # fmt: skip
    assert rules.rule("b.test").connections == 1
    assert rules.rule("sub.b.test").connections == 3
    assert rules.rule("x.example", ("mx1.google.test",)).per_minute == 60
    assert rules.rule("x.example", ("mx.other.example",)).connections == 5
    assert read_rules({}).rule("x.example") == DestinationRule()
    assert rules.source("a.example", rules.rule("b.test")) == "192.0.2.9"
    assert rules.source("c.example", rules.rule("b.test")) == "192.0.2.1"
    assert (rules.is_paused("p.test"), rules.is_paused("b.test")) == (True, False)
    assert read_rules({"queue.paused": {"all": True}}).is_paused("b.test")


def test_the_schedule_doubles_spreads_and_ends():
    schedule = RetrySchedule()
    waits = [schedule.next_at(0, attempts) // 1000 for attempts in range(8)]
    assert waits == [300, 600, 1200, 2400, 4800, 7200, 7200, 7200]
    assert schedule.next_at(0, 10**6) == 7_200_000
    assert schedule.next_at(0, 4, grey=True) == 300_000
    assert schedule.next_at(0, 6, grey=True) == 7_200_000
    assert 257_000 < schedule.next_at(0, 0, spread=-1) < 258_000 < 342_000 < schedule.next_at(0, 0, spread=1) < 343_000
