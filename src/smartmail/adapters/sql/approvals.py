"""Approvals of mail, approval lines, deputies (ports.store_approvals)."""

from collections.abc import Sequence
from dataclasses import replace

from smartmail.adapters.sql.declared import every, required
from smartmail.adapters.sql.leaks import add_incident
from smartmail.adapters.sql.queue import add_entry
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import OR_EMPTY, Shape
from smartmail.adapters.sql.task_tables import Look, Tasks
from smartmail.adapters.sql.trace import tally, tally_rest
from smartmail.adapters.sql.transactions import in_change
from smartmail.adapters.sql.work import DROP_BLOB
from smartmail.domain.addressing import ApprovalRow
from smartmail.domain.approving import Act, ActRow, Approver, Deputy, LineRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.queue import NewQueueEntry
from smartmail.ports.store_approvals import ApprovalCounts, ApprovalStore, Asking, Move

_ROW = Shape(ApprovalRow, digest=OR_EMPTY)
_ACT = Shape(ActRow, sealed=OR_EMPTY)
_APPROVER = Shape(Approver)
_LINE = Shape(LineRow)
_DEPUTY = Shape(Deputy)
_COUNTS = Shape(ApprovalCounts)
_OPEN = "state in ('waiting', 'held')"
_ALL = f"""select {_ROW} from approval where state = any($1) and ($2::bigint is null or organization_id = $2)
    order by id limit $3"""
_ONE = f"select {_ROW} from approval where id = $1"
_LETTER = "select sealed_letter from approval where id = $1"
_ABOUT = f"select {_ROW} from approval where entry_id = any($1) order by id"
_OF_SENDER = f"select {_ROW} from approval where account_id = $1 order by id desc limit $2"
_WAITS = """a.state = 'waiting' and exists (select 1 from approval_approver p where p.approval_id = a.id and p.step = a.step
    and p.account_id = any($1) and not exists (select 1 from approval_act v where v.approval_id = a.id and v.step = a.step
    and v.account_id = p.account_id and v.act in ('approve', 'reject')))"""
_NAMES = ", ".join(f"a.{name.strip()}" for name in str(_ROW).split(","))
_TO_DECIDE = f"select {_NAMES} from approval a where {_WAITS} order by a.id limit $2"
_DECIDED = f"""select {_ROW} from approval where id in (select v.approval_id from approval_act v
    where v.account_id = any($1) and v.act in ('approve', 'reject')) order by id desc limit $2"""
# The line is JSON as msgspec writes it: inside a name the quotation marks would be escaped.
_IS_OWN_LOOK = """(a.step = 0 and a.line like '%"steps":[{"who":{"kind":"sender"%')"""
_MAY_BE_OWN = f"""case when {_IS_OWN_LOOK} then a.account_id = $2
    else coalesce(a.account_id, 0) <> $2 or a.line like '%"afterwards":true%' end"""
_COUNT = f"""select (select count(*) from approval a where {_WAITS} and {_MAY_BE_OWN}),
    (select count(*) from approval where account_id = $2 and {_OPEN}),
    case when exists (select 1 from approval where account_id = $2)
        or exists (select 1 from approval_approver where account_id = any($1)) then 1 else 0 end"""
_DUE = f"select {_ROW} from approval where {_OPEN} and due_at <= $1 order by due_at, id limit $2"
_ACTS = f"select {_ACT} from approval_act where approval_id = any($1) order by approval_id, number"
_APPROVERS = (
    f"select {_APPROVER} from approval_approver where approval_id = any($1) order by approval_id, step, account_id"
)
_ASK_VALUES = _ROW.values(
    "organization_id, kind, subject, account_id, entry_id, state, asked_at, expires_at, decided_by, sealed, line, step, "
    "step_at, due_at, escalated, version, digest"
)
_ASK = """insert into approval (organization_id, kind, subject, account_id, entry_id, state, asked_at, expires_at,
    decided_by, sealed, line, step, step_at, due_at, escalated, version, digest, sealed_letter)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
    on conflict (entry_id) do nothing returning id"""
_MOVE_VALUES = _ROW.values("id, version, state, expires_at, decided_at, decided_by, step, step_at, due_at, escalated")
_MOVE = f"""update approval set version = version + 1, state = $3, expires_at = $4, decided_at = $5, decided_by = $6, step = $7,
    step_at = $8, due_at = $9, escalated = $10,
    sealed_letter = case when $3 in ('waiting', 'held') then sealed_letter else null end where id = $1 and version = $2 and {_OPEN} returning entry_id"""
_ADD_ACT = """insert into approval_act (approval_id, number, at, step, act, account_id, by_id, actor, sealed)
    select $1, coalesce((select max(number) from approval_act where approval_id = $1), 0) + 1, $2, $3, $4, $5, $6, $7, $8"""
_NO_APPROVERS = "delete from approval_approver where approval_id = $1 and step = $2"
_ADD_APPROVER = """insert into approval_approver (approval_id, step, account_id, above) values ($1, $2, $3, $4)
    on conflict (approval_id, step, account_id) do nothing"""
_RELEASE = """update queue_recipient set state = 'ready', hold_reason = null,
    due_at = case when due_at > $2 then due_at else $2 end
    where entry_id = $1 and state = 'held' and hold_reason = 'approval'"""
_DROP = """delete from queue_recipient where entry_id = $1 and number = $2 and state = 'held' and hold_reason = 'approval'
    returning number"""
_LONGER = "update queue_entry set expires_at = $2 where id = $1 and expires_at < $2"
_LINES = f"select {_LINE} from approval_line where organization_id = $1 order by id"
_END_NAMED = """update approval_line set ended_at = $3 where organization_id = $1 and name = $2 and ended_at is null"""
_ADD_LINE = """insert into approval_line (organization_id, name, line, created_at, author) values ($1, $2, $3, $4, $5)
    returning id"""
_END_LINE = """update approval_line set ended_at = $3 where id = $1 and organization_id = $2 and ended_at is null
    returning id"""
_DEPUTIES = f"select {_DEPUTY} from approval_deputy where account_id = any($1) order by account_id"
_DEPUTY_OF = f"select {_DEPUTY} from approval_deputy where deputy_id = $1 order by account_id"
_PUT_DEPUTY = f"""insert into approval_deputy ({_DEPUTY}) values ($1, $2, $3, $4, $5) on conflict (account_id) do update set
    organization_id = excluded.organization_id, deputy_id = excluded.deputy_id, since = excluded.since, until = excluded.until"""
_CLOSE = f"""update approval set state = $2, decided_at = $3, decided_by = $4, version = version + 1, sealed_letter = null
    where id = $1 and {_OPEN} returning step"""
_WAITING_ABOUT = f"select id from approval where entry_id = $1 and {_OPEN}"


async def note_question(session: Session, asking: Asking) -> ApprovalRow:
    """Note a new question with what tells of it. Raises AlreadyExists: it was asked before."""
    made = await session.row(_ASK, *_ASK_VALUES(asking.row), asking.kept or None)
    if made is None:
        raise AlreadyExists
    for one in asking.letters:
        await add_entry(session, one)
    await _add_approvers(session, made[0], asking.approvers)
    await _add_acts(session, made[0], asking.acts)
    return replace(asking.row, id=made[0])


async def close_question(session: Session, approval_id: int, state: str, act: Act, now: int, actor: str) -> bool:
    """Close an approval whose mail is dealt with by another act, with a line in its history; False when it was over."""
    row = await session.row(_CLOSE, approval_id, state, now, actor)
    if row is None:
        return False
    await session.run(_ADD_ACT, approval_id, now, row[0], act, 0, 0, actor, None)
    return True


async def withdraw_about(session: Session, entry_id: int, now: int, actor: str) -> int | None:
    """Close the approval about an entry that its sender takes back; return its id, None where none waits."""
    row = await session.row(_WAITING_ABOUT, entry_id)
    if row is None or not await close_question(session, row[0], "withdrawn", "withdraw", now, actor):
        return None
    return int(row[0])


async def _add_acts(session: Session, approval_id: int, acts: Sequence[ActRow]) -> None:
    for one in acts:
        values = (one.at, one.step, one.act, one.account_id, one.by_id, one.actor, one.sealed or None)
        await session.run(_ADD_ACT, approval_id, *values)


async def _add_approvers(session: Session, approval_id: int, approvers: Sequence[Approver]) -> None:
    await session.many(_ADD_APPROVER, [(approval_id, one.step, one.account_id, int(one.above)) for one in approvers])


async def _end_hold(session: Session, entry_id: int, now: int, until: int, *, release: bool) -> None:
    """Let a held entry go, or remove it. One that is gone, by an administrator's hand, is nobody's business here."""
    entry = await session.row("select blob_id from queue_entry where id = $1 for update", entry_id)
    if entry is None:
        return
    if release:
        await session.run(_RELEASE, entry_id, now)
        await session.run(_LONGER, entry_id, until)
        return
    await tally_rest(session, entry_id, "unapproved")
    await session.run("delete from queue_recipient where entry_id = $1", entry_id)
    await session.run("delete from queue_entry where id = $1", entry_id)
    await session.run(DROP_BLOB, bytes(entry[0]), 1, now)


async def _nobody_waits(session: Session, account_id: AccountId) -> None:
    """Raise StateMismatch while mail waits for the decision of an account."""
    if (
        await session.row(f"select 1 from approval a where {_WAITS} and not {_IS_OWN_LOOK} limit 1", [account_id])
        is not None
    ):
        raise StateMismatch(
            "mail waits for a decision; the deputy changes when it is decided", reason="approval.deputy-waits"
        )


class SqlApprovals(OnDatabase):
    """ports.store_approvals.ApprovalStore."""

    TASKS: Tasks = (Look("approvals", f"select 1 from approval where {_OPEN} and due_at <= $1"),)

    all = every(ApprovalStore.all, _ROW, _ALL)
    one = required(ApprovalStore.one, _ROW, _ONE)
    letter = required(ApprovalStore.letter, lambda row: bytes(row[0] or b""), _LETTER)
    about = every(ApprovalStore.about, _ROW, _ABOUT, some=True)
    of_sender = every(ApprovalStore.of_sender, _ROW, _OF_SENDER)
    to_decide = every(ApprovalStore.to_decide, _ROW, _TO_DECIDE, some=True)
    counts = required(ApprovalStore.counts, _COUNTS, _COUNT)
    decided = every(ApprovalStore.decided, _ROW, _DECIDED, some=True)
    due = every(ApprovalStore.due, _ROW, _DUE)
    acts = every(ApprovalStore.acts, _ACT, _ACTS, some=True)
    approvers = every(ApprovalStore.approvers, _APPROVER, _APPROVERS, some=True)

    @in_change
    async def ask(
        self, session: Session, row: ApprovalRow, entry: NewQueueEntry | None, enqueue: Sequence[NewQueueEntry] = (),
        approvers: Sequence[Approver] = (), acts: Sequence[ActRow] = (), kept: bytes = b"",
    ) -> ApprovalRow:  # fmt: skip
        letters = (*([] if entry is None else [entry]), *enqueue)
        return await note_question(session, Asking(row, letters, tuple(approvers), tuple(acts), kept))

    @in_change
    async def move(self, session: Session, move: Move) -> bool:
        moved = await session.row(_MOVE, *_MOVE_VALUES(move.row))
        if moved is None:
            return False
        if move.approvers is not None:
            await session.run(_NO_APPROVERS, move.row.id, move.row.step)
            await _add_approvers(session, move.row.id, move.approvers)
        await _add_acts(session, move.row.id, move.acts)
        if move.dropped:
            gone = [await session.row(_DROP, moved[0], one) for one in move.dropped]
            await tally(session, moved[0], "removed", sum(one is not None for one in gone))
        if move.hold:
            now = move.row.decided_at or 0
            await _end_hold(session, moved[0], now, move.until, release=move.hold == "release")
        for one in move.enqueue:
            await add_entry(session, one)
        if move.incident is not None:
            await add_incident(session, move.incident)
        if move.audit is not None:
            await add_audit(session, move.audit)
        return True

    lines = every(ApprovalStore.lines, _LINE, _LINES)

    @in_change
    async def put_line(self, session: Session, row: LineRow, audit: AuditRecord) -> LineRow:
        await session.run(_END_NAMED, row.organization_id, row.name, row.created_at)
        made = await session.row(_ADD_LINE, row.organization_id, row.name, row.line, row.created_at, row.author)
        assert made is not None
        await add_audit(session, audit)
        return replace(row, id=made[0])

    @in_change
    async def end_line(
        self, session: Session, line_id: int, organization_id: OrganizationId, audit: AuditRecord
    ) -> bool:
        if await session.row(_END_LINE, line_id, organization_id, audit.at) is None:
            return False
        await add_audit(session, audit)
        return True

    deputies = every(ApprovalStore.deputies, _DEPUTY, _DEPUTIES, some=True)
    deputy_of = every(ApprovalStore.deputy_of, _DEPUTY, _DEPUTY_OF)

    @in_change
    async def put_deputy(self, session: Session, row: Deputy, audit: AuditRecord) -> None:
        await _nobody_waits(session, row.account_id)
        await session.run(_PUT_DEPUTY, *_DEPUTY.dump(row))
        await add_audit(session, audit)

    @in_change
    async def drop_deputy(self, session: Session, account_id: AccountId, audit: AuditRecord) -> bool:
        await _nobody_waits(session, account_id)
        if await session.row("delete from approval_deputy where account_id = $1 returning 1", account_id) is None:
            return False
        await add_audit(session, audit)
        return True
