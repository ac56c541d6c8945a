"""Contract of the store: acts that wait for consent (ports/store_proposals.py), on both drivers."""

import asyncio
from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench, Lease

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.policy import Scope
from smartmail.domain.proposals import ProposalRow


def new(bench: Bench, key: int, **facts: object) -> ProposalRow:
    scope = Scope("account", str(bench.account.id))
    row = ProposalRow(
        0, key, bench.organization_id, "account.destroy", scope, "waiting", bench.account.id, "account:1", b"sealed",
        START, START + 100,
    )  # fmt: skip
    return replace(row, **facts)


def by(who: str, at: int) -> AuditRecord:
    return AuditRecord(at, who, "proposal.confirmed", "proposal:1")


async def test_it_is_kept_under_its_key(bench: Bench):
    store = bench.store
    made = await store.add_proposal(new(bench, 7, due_at=START + 50), by("a", START))
    assert made == new(bench, 7, due_at=START + 50, id=made.id)
    assert await store.proposal(made.id) == made
    with pytest.raises(AlreadyExists):
        await store.add_proposal(new(bench, 7), by("a", START))
    with pytest.raises(NotFound):
        await store.proposal(made.id + 1)
    second = await store.add_proposal(new(bench, 8), by("a", START))
    assert await store.proposals() == [second, made]
    assert await store.proposals(bench.organization_id, limit=1) == [second]
    assert await store.proposals(bench.organization_id + 1) == []
    assert await store.proposals(state="waiting") == [second, made]
    assert await store.proposals(bench.organization_id, "done") == []


async def test_it_is_decided_once(bench: Bench):
    store = bench.store
    made = await store.add_proposal(new(bench, 7), by("a", START))
    outcomes = await asyncio.gather(*(
        store.decide_proposal(made.id, "running", by(f"account:{number}", START + 1), lease_until=START + 60)
        for number in range(4)
    ))  # fmt: skip
    assert sorted(outcomes) == [False, False, False, True]
    row = await store.proposal(made.id)
    assert (row.state, row.decided_at, row.lease_until) == ("running", START + 1, START + 60)
    assert row.decider.startswith("account:")
    assert await store.end_proposal(made.id, "done", b"result", by("b", START + 2))
    assert not await store.end_proposal(made.id, "failed", b"other", by("b", START + 2))
    row = await store.proposal(made.id)
    assert (row.state, row.sealed_result, row.lease_until) == ("done", b"result", None)


async def test_late_is_too_late_but_for_its_end(bench: Bench):
    store = bench.store
    made = await store.add_proposal(new(bench, 7), by("a", START))
    assert not await store.decide_proposal(made.id, "running", by("b", START + 100), lease_until=START + 200)
    assert await store.decide_proposal(made.id, "expired", by("system", START + 100))
    assert (await store.proposal(made.id)).state == "expired"


async def test_what_is_due(bench: Bench):
    store = bench.store
    due = await store.add_proposal(new(bench, 1, due_at=START + 10), by("a", START))
    late = await store.add_proposal(new(bench, 2, expires_at=START + 20), by("a", START))
    await store.add_proposal(new(bench, 3), by("a", START))
    left = await store.add_proposal(new(bench, 4), by("a", START))
    await store.decide_proposal(left.id, "running", by("b", START), lease_until=START + 15)
    assert [one.id for one in await store.due_proposals(START + 9)] == []
    assert [one.id for one in await store.due_proposals(START + 10)] == [due.id]
    assert [one.id for one in await store.due_proposals(START + 20)] == [due.id, late.id, left.id]
    taken = await asyncio.gather(*(store.lease_proposal(left.id, START + 15, START + 90, "w") for _ in range(3)))
    assert sorted(taken) == [False, False, True]
    assert [one.id for one in await store.due_proposals(START + 20)] == [due.id, late.id]


async def leased_proposal(bench: Bench) -> Lease:
    row = await bench.store.add_proposal(new(bench, 7), by("a", START))
    decided = by("b", START)
    assert await bench.store.decide_proposal(row.id, "running", decided, lease_until=START - 1)
    return lambda worker, now, until: bench.store.lease_proposal(row.id, now, until, worker)


LEASED = {"proposals": leased_proposal}
