"""What the relay knows of destinations and of its own pace, with a clock of the test's own."""

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.queue import lane_of
from smartmail.domain.queue_rules import DestinationRule, QueueRules, RetrySchedule
from smartmail.domain.queue_shares import Shares
from smartmail.edge.relay.destinations import DEAD_SECONDS, LONGEST_DEAD, REMEMBERED, Destination, Destinations
from smartmail.edge.relay.pace import Pace
from smartmail.service.flow.routing import Host, Route
from smartmail.service.kernel.envelope import Result

DOWN = Result(0, "4.4.1", "connect to mx.b.test: TimeoutError")
BULK = lane_of("bulk", OrganizationId(1), AccountId(9))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def book() -> tuple[Destinations, Clock]:
    clock = Clock()
    return Destinations(Shares(1000), clock), clock


def take(destinations: Destinations, domain: str, rules: QueueRules, lanes=range(1000)) -> int:
    """Admit one message of each lane until one is refused."""
    count = 0
    for lane in lanes:
        if not destinations.admit(lane, domain, rules):
            break
        count += 1
    return count


def test_the_window_opens_with_success_and_falls_with_failure():
    one = Destination()
    assert [one.went_well(4) or one.window for _ in range(4)] == [3, 4, 4, 4]
    one.failed_once(0.0, DOWN)
    assert one.window == 4 and one.dead_until == 0
    for _ in range(3):
        one.failed_once(0.0, DOWN)
    assert (one.window, one.dead_until, one.last) == (1, DEAD_SECONDS, DOWN)
    assert one.went_well(4)
    assert (one.window, one.dead_until, one.last) == (2, 0, None)
    assert not one.went_well(4)


def test_it_is_not_left_alone_for_longer_than_a_message_waits():
    one, schedule = Destination(), RetrySchedule(first=1, longest=3)
    found = []
    for _ in range(6):
        one.failed_once(100.0, DOWN, schedule)
        found.append(one.dead_until)
    assert found == [0.0, 101.0, 102.0, 103.0, 103.0, 103.0]


def test_a_wide_destination_is_found_dead_after_five():
    one = Destination(window=20)
    for _ in range(4):
        one.failed_once(0.0, DOWN)
    assert one.dead_until == 0
    one.failed_once(0.0, DOWN)
    assert one.dead_until > 0


def test_death_lasts_longer_each_time_up_to_a_bound():
    one, ends = Destination(window=1), []
    for _ in range(20):
        one.failed_once(0.0, DOWN)
        ends.append(one.dead_until)
    assert ends[:4] == [60, 120, 240, 480]
    assert ends[-1] == LONGEST_DEAD


def test_a_success_between_failures_counts_from_the_start():
    one = Destination(window=3)
    for _ in range(10):
        one.failed_once(0.0, DOWN)
        one.went_well(3)
    assert one.dead_until == 0


def test_what_was_seen_of_a_domain_goes_on_when_its_hosts_are_known():
    destinations, _clock = book()
    rules = QueueRules({"*": DestinationRule(per_minute=12)})
    assert take(destinations, "b.test", rules) == 2
    route = Route("hosts", (Host("MX.b.test", 25), Host("mx2.b.test", 25)))
    key = destinations.learn("b.test", route)
    assert key == "hosts mx.b.test:25 mx2.b.test:25"
    assert take(destinations, "b.test", rules) == 0
    assert destinations.learn("c.test", route) == key
    assert take(destinations, "c.test", rules) == 0


def test_a_rate_fills_with_time_and_bulk_leaves_some():
    destinations, clock = book()
    rules = QueueRules({"*": DestinationRule(connections=500, per_minute=60)})
    destinations.state("b.test").window = 500.0
    assert take(destinations, "b.test", rules) == 10
    clock.now += 3
    assert take(destinations, "b.test", rules, range(100, 200)) == 3
    clock.now += 3600
    assert take(destinations, "b.test", rules, [BULK] * 100) == 8
    assert take(destinations, "b.test", rules, range(300, 400)) == 2


def test_what_was_admitted_for_nothing_is_taken_back():
    destinations, _clock = book()
    rules = QueueRules({"*": DestinationRule(per_minute=12)})
    for _ in range(10):
        assert destinations.admit(1, "b.test", rules)
        destinations.untake(1, "b.test", rules)


def test_a_dead_destination_takes_what_is_to_be_put_off():
    destinations, clock = book()
    rules = QueueRules({"*": DestinationRule(connections=7)})
    state = destinations.state("b.test")
    state.failed_once(clock.now, DOWN)
    state.failed_once(clock.now, DOWN)
    assert destinations.is_dead("b.test")
    assert take(destinations, "b.test", rules) == 7
    clock.now += DEAD_SECONDS + 1
    assert not destinations.is_dead("b.test")
    assert destinations.limit("b.test", rules) == 1


def test_work_moves_to_the_destination_that_its_domain_has_or_goes_back():
    destinations, _clock = book()
    rules = QueueRules({"*": DestinationRule(connections=2)})
    assert destinations.admit(1, "b.test", rules)
    route = Route("hosts", (Host("mx.big.test", 25),))
    key = destinations.learn("big.test", route)
    assert take(destinations, "big.test", rules) == 2
    destinations.learn("b.test", route)
    assert destinations.move(1, "b.test", "b.test", rules) is None
    destinations._shares.end(0, key)
    assert destinations.move(1, "b.test", "b.test", rules) == key


def test_hosts_that_failed_are_passed_over_for_a_while():
    destinations, clock = book()
    destinations.host_failed("192.0.2.1:25")
    assert destinations.host_dead("192.0.2.1:25")
    assert not destinations.host_dead("192.0.2.2:25")
    clock.now += 121
    assert not destinations.host_dead("192.0.2.1:25")
    destinations.host_failed("192.0.2.1:25")
    destinations.host_works("192.0.2.1:25")
    assert not destinations.host_dead("192.0.2.1:25")


def test_what_is_remembered_is_bounded():
    destinations, _clock = book()
    for number in range(REMEMBERED + 50):
        destinations.learn(f"d{number}.test", Route("hosts", (Host(f"mx{number}.test", 25),)))
        destinations.host_failed(f"{number}")
    for table in (destinations._known, destinations._keys, destinations._hosts, destinations._dead_hosts):
        assert len(table) <= REMEMBERED


def test_heavy_senders_alone_have_everything_and_in_company_what_is_left():
    clock = Clock()
    pace = Pace(100, clock)
    for number in range(10):
        pace.begin(1, number)
    assert pace.is_heavy(1) and not pace.is_heavy(2)
    # It began like everybody, and is no company for itself.
    assert pace.limit == 100
    assert not pace.begin(2, 0)
    assert pace.limit == 4
    for _ in range(3):
        pace.measured(0.0, 0.1)
    assert pace.limit == 7
    for _ in range(20):
        pace.measured(0.05, 0.1)
    assert pace.limit == 1
    clock.now += 31
    assert pace.limit == 100
    assert not pace.is_heavy(1)
    assert pace.is_heavy(BULK)


def test_what_ends_makes_room():
    pace = Pace(10, Clock())
    pace.begin(2, 0)
    held = [pace.begin(BULK, number) for number in range(4)]
    assert pace.room == 0
    for heavy in held:
        pace.end(heavy=heavy)
    assert pace.room == 4
