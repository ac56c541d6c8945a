"""Leak rules with their history, and incidents (ports.store_leaks.LeakStore)."""

import json
from collections.abc import Sequence
from typing import Any

from smartmail.adapters.sql.declared import every, executed, must_change, required
from smartmail.adapters.sql.epochs import newest_epoch, raise_epoch
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Row, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import in_change, in_read_aside
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import StateMismatch
from smartmail.domain.ids import OrganizationId
from smartmail.domain.leaks import IncidentQuery, IncidentRow, LeakAction, LeakExceptionRow, LeakRevision, LeakRule
from smartmail.domain.policy import Scope
from smartmail.ports.store_leaks import LeakStore

_RULE = "id, level, subject, body, stage, valid_until"
_RULES = f"select {_RULE} from leak_rule where until_epoch is null order by id"
_RULES_THEN = f"""select {_RULE} from leak_rule where since_epoch <= $1
    and (until_epoch is null or until_epoch > $1) order by id"""
_BEGIN = f"""insert into leak_rule (level, subject, body, stage, valid_until, since_epoch) values ($1, $2, $3, $4, $5, $6)
    returning {_RULE}"""
_END = "update leak_rule set until_epoch = $2 where id = $1 and until_epoch is null returning id"
_END_NEWER = "update leak_rule set until_epoch = $2 where until_epoch is null and since_epoch > $1"
_BEGIN_AGAIN = """insert into leak_rule (level, subject, body, stage, valid_until, since_epoch)
    select level, subject, body, stage, valid_until, $2 from leak_rule
    where since_epoch <= $1 and until_epoch > $1 order by id"""
_REVISIONS = """select epoch, at, actor, action from policy_revision where epoch in
    (select since_epoch from leak_rule union select until_epoch from leak_rule where until_epoch is not null)
    order by epoch desc limit $1"""
_TOUCHED = f"""select {_RULE}, since_epoch, until_epoch from leak_rule where since_epoch >= $1 or until_epoch >= $1
    order by id"""
_END_OF_GROUP = (
    """update leak_rule set until_epoch = $2 where level = 'group' and subject = $1 and until_epoch is null"""
)

_INCIDENT = Shape(
    IncidentRow,
    "id, organization_id, account_id, at, way, act, rule_id, epoch, state, sealed, sealed_values, reviewed_by",
)
_ADD = f"insert into leak_incident ({_INCIDENT}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
_INCIDENTS = f"""select {_INCIDENT} from leak_incident where organization_id = $1
    and ($2::bigint = 0 or account_id = $2) and ($3::bigint < 0 or rule_id = $3) and ($4::text = '' or act = $4)
    and ($5::text = '' or state = $5) and at >= $6 and at < $7 and ($8::bigint = 0 or id < $8)
    and ($10::text = '' or way = $10) order by id desc limit $9"""
_ONE = f"select {_INCIDENT} from leak_incident where organization_id = $1 and id = $2"
_REVIEW = (
    """update leak_incident set state = $3, reviewed_by = $4 where organization_id = $1 and id = $2 returning id"""
)
_EXCEPTION = Shape(
    LeakExceptionRow,
    "id, organization_id, incident_id, rule_id, mark, fingerprint, at, until_at, made_by, sealed, ended_at, ended_by",
)
_ADD_EXCEPTION = f"insert into leak_exception ({_EXCEPTION}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
_EXCEPTED = """select mark, fingerprint from leak_exception where organization_id = $1 and until_at > $2
    and ended_at is null"""
_EXCEPTIONS = f"""select {_EXCEPTION} from leak_exception where organization_id = $1
    and ($2::bigint = 0 or id < $2) order by id desc limit $3"""
_ONE_EXCEPTION = f"select {_EXCEPTION} from leak_exception where organization_id = $1 and id = $2"
_END_EXCEPTION = """update leak_exception set ended_at = $3, ended_by = $4
    where organization_id = $1 and id = $2 and ended_at is null returning id"""


async def add_incident(session: Session, row: IncidentRow) -> None:
    """Keep an incident, in the transaction of what it is about."""
    await session.run(_ADD, *_INCIDENT.dump(row))


async def return_leak_rules(session: Session, then: int, epoch: int) -> None:
    """Let the leak rules of a past epoch hold again from `epoch` on."""
    await session.run(_END_NEWER, then, epoch)
    await session.run(_BEGIN_AGAIN, then, epoch)


async def end_leak_rules_of_group(session: Session, group_id: int, epoch: int) -> None:
    """End the leak rules for a group that is no more."""
    await session.run(_END_OF_GROUP, str(group_id), epoch)


def _stored(rule: LeakRule, epoch: int) -> tuple[object, ...]:
    body = {
        "name": rule.name, "condition": rule.condition, "direction": rule.direction, "exits": rule.exits,
        "actions": [[one.kind, one.line, one.minutes, one.address] for one in rule.actions], "priority": rule.priority,
        "message": rule.message, "locked": rule.locked, "authority": rule.authority, "valid_from": rule.valid_from,
    }  # fmt: skip
    return (
        rule.scope.level, rule.scope.subject, json.dumps(body, ensure_ascii=False), rule.stage, rule.valid_until, epoch,
    )  # fmt: skip


def _rule(row: Row) -> LeakRule:
    body: dict[str, Any] = json.loads(row[3])
    actions = tuple(LeakAction(*one) for one in body["actions"])
    return LeakRule(
        Scope(row[1], row[2]), body["name"], body["condition"], actions, body["direction"], tuple(body["exits"]),
        body["priority"], row[4], body["message"], body["locked"], body["authority"], body["valid_from"], row[5], row[0],
    )  # fmt: skip


def _pair(row: Row) -> tuple[bytes, bytes]:
    return bytes(row[0]), bytes(row[1])


class SqlLeaks(OnDatabase):
    """ports.store_leaks.LeakStore."""

    @in_read_aside
    async def rules(self, session: Session, epoch: int | None = None) -> tuple[int, list[LeakRule]]:
        newest = await newest_epoch(session)
        if epoch is None or epoch == newest:
            return newest, [_rule(one) for one in await session.rows(_RULES)]
        return epoch, [_rule(one) for one in await session.rows(_RULES_THEN, epoch)]

    @in_change
    async def revise(
        self, session: Session, expected: int, begin: Sequence[LeakRule], end: Sequence[int], audit: AuditRecord
    ) -> tuple[int, list[LeakRule]]:
        epoch = await raise_epoch(session, audit)
        if epoch != expected + 1:
            raise StateMismatch
        for number in end:
            await row_of(session, _END, number, epoch)
        return epoch, [_rule(await row_of(session, _BEGIN, *_stored(rule, epoch))) for rule in begin]

    @in_read_aside
    async def revisions(self, session: Session, limit: int) -> list[LeakRevision]:
        found = await session.rows(_REVISIONS, limit)
        if not found:
            return []
        touched = [(_rule(row), row[6], row[7]) for row in await session.rows(_TOUCHED, found[-1][0])]
        return [
            LeakRevision(
                row[0],
                row[1],
                row[2],
                row[3],
                tuple(rule for rule, since, _ in touched if since == row[0]),
                tuple(rule for rule, _, until in touched if until == row[0]),
            )
            for row in found
        ]

    async def incidents(self, organization_id: OrganizationId, query: IncidentQuery) -> list[IncidentRow]:
        rows = await self._db.rows(
            _INCIDENTS, organization_id, query.account_id, query.rule_id, query.action, query.state, query.since, query.until,
            query.before, query.limit, query.exit,
        )  # fmt: skip
        return [_INCIDENT.of(row) for row in rows]

    @in_change
    async def except_values(
        self, session: Session, rows: Sequence[LeakExceptionRow], by: str, audit: AuditRecord
    ) -> None:
        await row_of(session, _REVIEW, rows[0].organization_id, rows[0].incident_id, "false_positive", by)
        for row in rows:
            await session.run(_ADD_EXCEPTION, *_EXCEPTION.dump(row))
        await add_audit(session, audit)

    @in_change
    async def forget(self, session: Session, before: int, values_before: int) -> None:
        await session.run("delete from leak_incident where at < $1", before)
        await session.run("delete from leak_exception where until_at < $1", before)
        await session.run(
            "update leak_incident set sealed_values = null where at < $1 and sealed_values is not null", values_before
        )

    add = executed(LeakStore.add, _ADD, row=_INCIDENT.dump)
    incident = required(LeakStore.incident, _INCIDENT, _ONE)
    review = must_change(LeakStore.review, _REVIEW)
    excepted = every(LeakStore.excepted, _pair, _EXCEPTED)
    exceptions = every(LeakStore.exceptions, _EXCEPTION, _EXCEPTIONS)
    exception = required(LeakStore.exception, _EXCEPTION, _ONE_EXCEPTION)
    end_exception = must_change(LeakStore.end_exception, _END_EXCEPTION)
