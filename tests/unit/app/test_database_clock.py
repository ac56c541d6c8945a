"""The database's clock as a node knows it: nobody's setting of the node's own clock moves a lease."""

from smartmail.adapters.clock import MOST_SKEW_MS, DatabaseClock

START = 1_700_000_000_000


class Machine:
    """A wall clock that may be set, and time that passes."""

    def __init__(self, ahead: int = 0, trip: int = 0) -> None:
        self.passed = 5_000
        self.ahead = ahead
        self.trip = trip
        self.clock = DatabaseClock(lambda: START + self.passed + self.ahead, lambda: self.passed, far=True)

    async def ask(self) -> int:
        """Return the database's time, the question and the answer on their way as long as each other."""
        self.passed += self.trip
        told = START + self.passed
        self.passed += self.trip
        return told


async def test_a_node_ten_minutes_ahead_works_by_the_time_of_the_database_and_takes_no_leases():
    machine = Machine(ahead=600_000)
    assert machine.clock.fault()
    assert await machine.clock.measure(machine.ask) == 600_000
    assert machine.clock.now() == START + machine.passed
    assert "600.0 s ahead" in machine.clock.fault()
    machine.ahead = 0
    assert machine.clock.fault() == ""
    assert machine.clock.new_id() >> 22 == START + machine.passed


async def test_a_clock_that_is_set_between_two_questions_is_noticed_at_once_and_moves_no_lease():
    machine = Machine(trip=40)
    assert await machine.clock.measure(machine.ask) == 0
    before = machine.clock.now()
    machine.ahead = -3 * MOST_SKEW_MS
    machine.passed += 7
    assert machine.clock.now() == before + 7
    assert "behind" in machine.clock.fault()


async def test_a_small_difference_is_no_fault():
    machine = Machine(ahead=MOST_SKEW_MS)
    await machine.clock.measure(machine.ask)
    assert machine.clock.fault() == ""
    machine.ahead += 1
    assert machine.clock.fault()


async def test_an_answer_that_took_long_says_nothing():
    machine = Machine(trip=600)
    assert await machine.clock.measure(machine.ask) is None
    assert "not told its time" in machine.clock.fault()
    machine.trip = 1
    assert await machine.clock.measure(machine.ask) == 0
    machine.trip = 600
    assert await machine.clock.measure(machine.ask) is None
    assert machine.clock.fault() == ""


def test_where_the_database_is_a_file_the_clock_is_the_machine_s():
    clock = DatabaseClock(lambda: START, lambda: 1)
    assert (clock.now(), clock.skew(), clock.fault()) == (START, 0, "")
