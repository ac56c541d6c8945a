"""A process that could not tell for long that it lives ends no delivery, before another node takes over (ADR 74)."""

import pytest

from smartmail.app.cluster.node_lease import NodeLease
from smartmail.domain.cluster import LEASE_MS, SILENT_MS, home_of, workers_of


class Elapsed:
    """What has passed."""

    def __init__(self) -> None:
        self.ms = 1_000_000

    def __call__(self) -> int:
        return self.ms


def test_a_term_is_one_uninterrupted_stretch():
    passed = Elapsed()
    lease = NodeLease(passed)
    before = lease.term()
    lease.renewed(lease.begin())
    first = lease.term()
    assert first != before
    for _ in range(5):
        passed.ms += LEASE_MS - 1
        assert lease.term() == first
        lease.renewed(lease.begin())
    passed.ms += LEASE_MS
    lapsed = lease.term()
    assert lapsed != first
    lease.renewed(lease.begin())
    # Somebody else may have had its work meanwhile, so it is not what it was, nor what was begun without a lease.
    assert len({before, first, lapsed, lease.term()}) == 4


def test_a_sign_of_life_counts_from_when_it_was_begun():
    passed = Elapsed()
    lease = NodeLease(passed)
    lease.renewed(lease.begin())
    began = lease.begin()
    passed.ms += LEASE_MS - 1
    lease.renewed(began)
    term = lease.term()
    passed.ms += 1
    assert lease.term() != term, "the database may have noted it at once and answered late"


def test_others_take_over_later_than_the_lease_ends():
    assert SILENT_MS - LEASE_MS >= 5_000


def test_where_the_database_is_a_file_it_is_always_held():
    passed = Elapsed()
    lease = NodeLease(passed, alone=True)
    term = lease.term()
    passed.ms += 100 * LEASE_MS
    assert lease.term() == term


@pytest.mark.parametrize("node", ["n1", "a/b"])
def test_a_name_in_leases_tells_node_and_place(node: str):
    assert home_of(workers_of(node, "background-1", "aabb.1f") + "17-3") == (node, "aabb.1f")
    assert home_of("w") is None
