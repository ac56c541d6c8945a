"""Contract of the store: approvals, their history, approval lines, deputies (ports/store_approvals.py), on both drivers."""

import asyncio
from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.addressing import ApprovalRow
from smartmail.domain.approving import ActRow, Approver, Deputy, LineRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, NotFound, StateMismatch
from smartmail.domain.ids import AccountId
from smartmail.domain.queue import NewRecipient
from smartmail.ports.store_approvals import Move

AUDIT = AuditRecord(1, "cli", "approval.approved", "approval:1")
KIM, LEE = AccountId(501), AccountId(502)


def recipient() -> NewRecipient:
    return NewRecipient("x.test", b"hash", b"sealed")


def held(bench: Bench):
    entry = bench.entry(recipient())
    recipients = tuple(replace(one, state="held", hold_reason="approval") for one in entry.recipients)
    return replace(entry, recipients=recipients)


def question(bench: Bench, entry_id: int, **facts) -> ApprovalRow:
    row = ApprovalRow(
        0, bench.organization_id, "leak", "kim@acme.test", bench.account.id, entry_id, "waiting", 1, 500, None, "", b"s",
        '{"name":"x"}', 0, 1, 400, False, 0, bytes(32),
    )  # fmt: skip
    return replace(row, **facts)


def act(what: str, account: AccountId = KIM, by: AccountId | None = None, step: int = 0, at: int = 7) -> ActRow:
    by = account if by is None else by
    return ActRow(0, 0, at, step, what, account, by, f"account:{by}", b"sealed" if what == "reject" else b"")


def ended(row: ApprovalRow, state: str = "approved") -> ApprovalRow:
    return replace(row, state=state, decided_at=9, decided_by="cli")


async def states(bench: Bench, entry_id: int) -> set[str]:
    return {row.state for found, rows in await bench.store.queue_entries(10) if found.id == entry_id for row in rows}


async def test_of_two_moves_from_one_version_one_is_made(bench: Bench):
    store, entry = bench.store.approving, held(bench)
    asked = await store.ask(
        question(bench, entry.id), entry, [bench.entry(recipient())], [Approver(0, 0, KIM)], [act("ask")]
    )
    assert await store.all(("waiting", "held")) == [asked] and await store.one(asked.id) == asked
    assert len(await bench.store.queue_entries(10)) == 2
    move = Move(ended(asked), (act("approve"),), hold="release", audit=AUDIT, enqueue=(bench.entry(recipient()),))
    assert sorted(await asyncio.gather(*(store.move(move) for _ in range(20)))) == [False] * 19 + [True]
    assert await states(bench, entry.id) == {"ready"}
    assert len(await bench.store.queue_entries(10)) == 3
    after = await store.one(asked.id)
    assert (after.state, after.decided_at, after.decided_by, after.version) == ("approved", 9, "cli", 1)
    assert await store.all(("approved",), organization_id=bench.organization_id) == [after]
    assert [one.act for one in await store.acts([asked.id])] == ["ask", "approve"]
    assert not await store.move(replace(move, row=replace(ended(asked), version=1))), "over is over"
    assert await store.all(("waiting",)) == [] and await store.all(("approved",), organization_id=99) == []
    with pytest.raises(NotFound):
        await store.one(asked.id + 1)


async def test_a_release_leaves_the_mail_time_to_be_tried_and_its_own_hour(bench: Bench):
    store, entry = bench.store.approving, held(bench)
    later = replace(entry, expires_at=100, recipients=tuple(replace(one, next_at=700) for one in entry.recipients))
    asked = await store.ask(question(bench, entry.id), later)
    assert await store.move(Move(ended(asked), (), hold="release", until=900))
    [(found, [row])] = await bench.store.queue_entries(10)
    assert (row.state, row.next_at, found.expires_at) == ("ready", 700, 900)


async def test_a_refusal_removes_the_entry_and_tells(bench: Bench):
    store, entry, notice = bench.store.approving, held(bench), bench.entry(recipient())
    asked = await store.ask(question(bench, entry.id), entry)
    assert await store.move(Move(ended(asked, "rejected"), (act("reject"),), hold="remove", enqueue=(notice,)))
    assert [found.id for found, _rows in await bench.store.queue_entries(10)] == [notice.id]
    [said] = await store.acts([asked.id])
    assert (said.sealed, said.number, said.account_id) == (b"sealed", 1, KIM)


async def test_about_an_entry_somebody_is_asked_once(bench: Bench):
    store, entry = bench.store.approving, held(bench)
    asked = await store.ask(question(bench, entry.id), entry)
    for enqueue in ([], [bench.entry(recipient())]):
        with pytest.raises(AlreadyExists):
            await store.ask(question(bench, entry.id), entry, enqueue)
    assert await store.about([entry.id]) == [asked] and await store.about([]) == []
    assert len(await bench.store.queue_entries(10)) == 1


async def test_who_has_to_decide(bench: Bench):
    store, entry = bench.store.approving, held(bench)
    people = [Approver(0, 0, KIM), Approver(0, 0, LEE, above=True)]
    asked = await store.ask(question(bench, entry.id), entry, approvers=people)
    assert await store.to_decide([KIM], 10) == await store.to_decide([LEE, KIM], 10) == [asked]
    assert await store.to_decide([], 10) == await store.to_decide([AccountId(9)], 10) == []
    assert await store.move(Move(asked, (act("approve", KIM, by=LEE),)))
    assert await store.to_decide([KIM], 10) == [], "their right is used"
    [now] = await store.to_decide([LEE], 10)
    assert await store.decided([KIM], 10) == [now] and await store.decided([LEE], 10) == []
    second = replace(now, step=1, due_at=450)
    assert await store.move(Move(second, (), (Approver(0, 1, LEE),)))
    assert await store.to_decide([KIM], 10) == []
    [now] = await store.to_decide([LEE], 10)
    assert [one.step for one in await store.approvers([asked.id])] == [0, 0, 1]
    assert await store.move(Move(replace(now, state="held"), (), ()))
    assert await store.to_decide([LEE], 10) == []
    assert [one.step for one in await store.approvers([asked.id])] == [0, 0]
    [mine] = await store.of_sender(bench.account.id, 10)
    assert (mine.state, mine.step) == ("held", 1)


async def test_counts_for_a_badge(bench: Bench):
    store, entry, second = bench.store.approving, held(bench), held(bench)
    me = bench.account.id

    async def counts(*rights: AccountId, account: AccountId = KIM) -> tuple[int, int, int]:
        found = await store.counts([account, *rights], account)
        return found.to_decide, found.own, found.concerns

    assert await counts() == await counts(account=me) == (0, 0, 0)
    asked = await store.ask(question(bench, entry.id), entry, approvers=[Approver(0, 0, KIM)])
    assert (await counts(), await counts(KIM, account=LEE), await counts(account=LEE)) == (
        (1, 0, 1),
        (1, 0, 1),
        (0, 0, 0),
    )
    assert await counts(KIM, account=me) == (0, 1, 1), "nobody decides on their own mail as a deputy"
    assert await store.move(Move(ended(asked), (act("approve"),), hold="release"))
    assert (await counts(), await counts(account=me)) == ((0, 0, 1), (0, 0, 1)), "it was theirs"
    first = question(bench, second.id, line='{"name":"x","afterwards":true}')
    await store.ask(first, second, approvers=[Approver(0, 0, me)])
    assert await counts(account=me) == (1, 1, 1)


async def test_what_is_due(bench: Bench):
    store, first, second = bench.store.approving, held(bench), held(bench)
    one = await store.ask(question(bench, first.id), first)
    two = await store.ask(question(bench, second.id, state="held", due_at=300), second)
    assert (
        await store.due(299, 10) == [] and await store.due(400, 10) == [two, one] and await store.due(400, 1) == [two]
    )
    assert "approvals" not in await bench.store.tasks.due(299)
    assert "approvals" in await bench.store.tasks.due(300)
    assert await store.move(Move(ended(two), ()))
    assert await store.due(400, 10) == [one]


async def test_its_sender_takes_it_back(bench: Bench):
    store, entry = bench.store.approving, held(bench)
    asked = await store.ask(question(bench, entry.id), entry)
    withdraw = lambda tx: tx.end_question(entry.id, "account:1")  # noqa: E731
    assert await bench.store.write(bench.account.id, withdraw) == asked.id
    assert await bench.store.write(bench.account.id, withdraw) is None
    assert (await store.one(asked.id)).state == "withdrawn"
    assert [one.act for one in await store.acts([asked.id])] == ["withdraw"]
    assert not await store.move(Move(ended(asked), (), hold="release")), "who decides now is late"


async def test_lines(bench: Bench):
    store, home = bench.store.approving, bench.organization_id
    row = LineRow(0, home, "팀장", "{}", 5, None, "cli")
    first = await store.put_line(row, AUDIT)
    second = await store.put_line(replace(row, line='{"a":1}', created_at=6), AUDIT)
    other = await store.put_line(replace(row, name="본부장"), AUDIT)
    assert await store.lines(home) == [replace(first, ended_at=6), second, other]
    assert not await store.end_line(second.id, AccountId(99), AUDIT) and not await store.end_line(first.id, home, AUDIT)
    assert await store.end_line(second.id, home, AUDIT) and not await store.end_line(second.id, home, AUDIT)
    assert [one.id for one in await store.lines(home) if one.ended_at is None] == [other.id]


async def test_a_deputy_stays_while_mail_waits(bench: Bench):
    store, entry = bench.store.approving, held(bench)
    deputy = Deputy(KIM, bench.organization_id, LEE, 10, 20)
    await store.put_deputy(deputy, AUDIT)
    assert await store.deputies([KIM, LEE]) == await store.deputy_of(LEE) == [deputy]
    asked = await store.ask(question(bench, entry.id), entry, approvers=[Approver(0, 0, KIM)])
    for change in (store.put_deputy(replace(deputy, until=30), AUDIT), store.drop_deputy(KIM, AUDIT)):
        with pytest.raises(StateMismatch):
            await change
    await store.put_deputy(Deputy(LEE, bench.organization_id, KIM, 1, 2), AUDIT)
    assert await store.move(Move(ended(asked), ()))
    await store.put_deputy(replace(deputy, deputy_id=AccountId(9)), AUDIT)
    assert [one.deputy_id for one in await store.deputies([KIM])] == [9], "exactly one"
    assert await store.drop_deputy(KIM, AUDIT) and not await store.drop_deputy(KIM, AUDIT)


async def test_recipients_are_taken_off_in_the_commit_that_lets_the_others_go(bench: Bench):
    store, entry = bench.store.approving, held(bench)
    entry = replace(entry, recipients=entry.recipients * 2)
    asked = await store.ask(question(bench, entry.id), entry)
    move = Move(ended(asked), (act("approve"),), hold="release", dropped=(1,))
    assert [await store.move(move), await store.move(move)] == [True, False]
    [left] = [row for found, rows in await bench.store.queue_entries(10) if found.id == entry.id for row in rows]
    assert (left.number, left.state) == (0, "ready")


async def test_what_a_sender_looks_at_is_counted_for_nobody_else(bench: Bench):
    store, entry, me = bench.store.approving, held(bench), bench.account.id
    line = (
        '{"name":"misdelivery","steps":[{"who":{"kind":"sender"},"escalate_after":0,"decide_after":24}],"clock":true}'
    )
    await store.ask(question(bench, entry.id, kind="misdelivery", line=line), entry, (), [Approver(0, 0, me)])
    assert (await store.counts([me], me)).to_decide == 1
    assert (await store.counts([KIM, me], KIM)).to_decide == 0
    # A deputy has no part in it, so one may be named meanwhile.
    await store.put_deputy(Deputy(me, bench.organization_id, KIM, 1, 9), AUDIT)
