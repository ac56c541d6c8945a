"""Staged changes of policy, acknowledgements, past decisions (ports.store_policy_changes.PolicyChangeStore)."""

import json
from collections.abc import Collection, Sequence
from operator import attrgetter
from typing import Any

from smartmail.adapters.sql.declared import every, executed, required
from smartmail.adapters.sql.policy import revise
from smartmail.adapters.sql.recorded import add_audit, recorded
from smartmail.adapters.sql.session import OnDatabase, Row, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.task_tables import Look, Tasks
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.account import LoginAttempt
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.policy_changes import Ack, ChangeState, PastDecision, PolicyChange, Unset
from smartmail.ports.store_policy_changes import PolicyChangeStore

_CHANGE = """id, organization_id, state, author, made_at, base_epoch, content, sealed_reason, apply_at, decider, changed_at,
    epoch"""
_ADD = f"""insert into policy_change (organization_id, state, author, made_at, base_epoch, content, sealed_reason, apply_at,
    decider, changed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning {_CHANGE}"""
_ALL = f"select {_CHANGE} from policy_change order by id desc limit $1"
_IN = f"select {_CHANGE} from policy_change where state = any($2) order by id desc limit $1"
_DUE = f"select {_CHANGE} from policy_change where state = 'scheduled' and apply_at <= $1 order by apply_at, id"
_MOVE = """update policy_change set state = $3, decider = $4, changed_at = $5, apply_at = coalesce($6, apply_at)
    where id = $1 and state = $2 returning id"""
_ACTIVE = """update policy_change set state = 'active', changed_at = $2 where id = $1 and state = 'scheduled'
    returning id"""
_PUT_ACK = """insert into policy_ack (node, process, epoch, applied_at, seen_at, error) values ($1, $2, $3, $4, $5, $6)
    on conflict (node, process) do update set epoch = $3, applied_at = $4, seen_at = $5, error = $6"""
_DROP_ACK = "delete from policy_ack where node = $1 and process = $2"
_ACKS = "select node, process, epoch, applied_at, seen_at, error from policy_ack order by node, process"
_NOTE = "insert into policy_decision (at, account_id, knob, allowed, number) values ($1, $2, $3, $4, $5)"
_TRIM = (
    """delete from policy_decision where id <= (select id from policy_decision order by id desc limit 1 offset $1)"""
)
_DECISIONS = "select at, account_id, knob, allowed, number, id from policy_decision order by id desc limit $1"
_LOGINS = """select at, account_id, credential_id, door, address, result, id from login_attempt
    where account_id is not null order by id desc limit $1"""


def _content(change: PolicyChange) -> str:
    document = {
        "begin": [_stored(rule) for rule in change.begin],
        "unset": [[one.knob, one.scope.level, one.scope.subject] for one in change.unset],
    }
    return json.dumps(document, ensure_ascii=False)


def _stored(rule: PolicyRule) -> list[Any]:
    return [
        rule.knob, rule.scope.level, rule.scope.subject, rule.value, rule.locked, rule.authority, rule.valid_from,
        rule.valid_until,
    ]  # fmt: skip


def _rule(one: list[Any]) -> PolicyRule:
    value = tuple(one[3]) if isinstance(one[3], list) else one[3]
    return PolicyRule(one[0], Scope(one[1], one[2]), value, one[4], one[5], one[6], one[7])


def _change(row: Row) -> PolicyChange:
    content = json.loads(row[6])
    return PolicyChange(
        row[0], OrganizationId(row[1]) if row[1] else None, row[2], row[3], row[4], row[5],
        tuple(_rule(one) for one in content["begin"]),
        tuple(Unset(knob, Scope(level, subject)) for knob, level, subject in content["unset"]),
        bytes(row[7]), row[8], row[9], row[10], row[11],
    )  # fmt: skip


class SqlPolicyChanges(OnDatabase):
    """ports.store_policy_changes.PolicyChangeStore."""

    TASKS: Tasks = (Look("policy-changes", "select 1 from policy_change where state = 'scheduled' and apply_at <= $1"),)

    @in_change
    async def add_policy_change(self, session: Session, change: PolicyChange, audit: AuditRecord) -> PolicyChange:
        row = await row_of(session, _ADD, change.organization_id or 0, change.state, change.author, change.made_at, change.base_epoch,
            _content(change), change.sealed_reason, change.apply_at, change.decider, change.changed_at,
        )  # fmt: skip
        await add_audit(session, audit)
        return _change(row)

    policy_change = required(
        PolicyChangeStore.policy_change, _change, f"select {_CHANGE} from policy_change where id = $1"
    )

    async def policy_changes(self, states: Collection[ChangeState] = (), limit: int = 100) -> list[PolicyChange]:
        rows = self._db.rows(_IN, limit, sorted(states)) if states else self._db.rows(_ALL, limit)
        return [_change(row) for row in await rows]

    due_policy_changes = every(PolicyChangeStore.due_policy_changes, _change, _DUE)

    async def move_policy_change(
        self,
        change_id: int,
        before: ChangeState,
        after: ChangeState,
        audit: AuditRecord,
        *,
        apply_at: int | None = None,
    ) -> bool:
        decider = "" if after == "proposed" else audit.actor

        return await self._db.change(
            0,
            lambda session: recorded(
                session, audit, None, _MOVE, change_id, before, after, decider, audit.at, apply_at
            ),
        )

    @in_change
    async def apply_policy_change(
        self,
        session: Session,
        change_id: int,
        expected: int,
        begin: Sequence[PolicyRule],
        end: Sequence[int],
        audit: AuditRecord,
    ) -> int | None:
        if await session.row(_ACTIVE, change_id, audit.at) is None:
            return None
        epoch = await revise(session, expected, begin, end, audit)
        await session.run("update policy_change set epoch = $2 where id = $1", change_id, epoch)
        return epoch

    put_ack = executed(
        PolicyChangeStore.put_ack,
        _PUT_ACK,
        row=attrgetter("node", "process", "epoch", "applied_at", "seen_at", "error"),
    )

    async def drop_acks(self, before: int, node: str = "", process: str = "") -> None:
        if process:
            await self._db.change(0, lambda s: s.run(_DROP_ACK, node, process))
        else:
            await self._db.change(0, lambda s: s.run("delete from policy_ack where seen_at < $1", before))

    acks = every(PolicyChangeStore.acks, Shape(Ack), _ACKS)

    async def revised_at(self, epoch: int) -> int | None:
        row = await self._db.row("select at from policy_revision where epoch = $1", epoch)
        return None if row is None else int(row[0])

    @in_change
    async def note_decisions(self, session: Session, decisions: Sequence[PastDecision], keep: int) -> None:
        rows = [(one.at, one.account_id, one.knob, int(one.allowed), one.number) for one in decisions]
        await session.many(_NOTE, rows)
        await session.run(_TRIM, keep)

    decisions = every(PolicyChangeStore.decisions, Shape(PastDecision), _DECISIONS)
    recent_logins = every(PolicyChangeStore.recent_logins, Shape(LoginAttempt), _LOGINS)
