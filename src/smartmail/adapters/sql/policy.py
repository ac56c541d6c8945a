"""Policy rules with their history, groups, the record of logins, holds (ports.store_policy.PolicyStore)."""

import json
from collections.abc import Mapping, Sequence

from smartmail.adapters.sql.access import end_of_group, return_access
from smartmail.adapters.sql.declared import every, first_column
from smartmail.adapters.sql.epochs import raise_epoch
from smartmail.adapters.sql.leaks import end_leak_rules_of_group, return_leak_rules
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Row, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import account_change_by, change_by, in_change, read_aside_by, read_by
from smartmail.domain.account import Group, Hold, LoginAttempt
from smartmail.domain.audit import AuditRecord, login_row
from smartmail.domain.errors import AlreadyExists, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.policy import PolicyRevision, PolicyRule, Scope
from smartmail.domain.quota import QuotaStanding
from smartmail.ports.store_policy import GroupStore, HoldStore, PolicyStore

_EPOCH = "select epoch from policy_epoch where id = 1"
_RULE = "id, knob, level, subject, value, locked, authority, valid_from, valid_until"
_RULES = f"select {_RULE} from policy_rule where until_epoch is null order by id"
_RULES_THEN = f"""select {_RULE} from policy_rule where since_epoch <= $1 and (until_epoch is null or until_epoch > $1)
    order by id"""
_BEGIN = """insert into policy_rule (knob, level, subject, value, locked, authority, valid_from, valid_until,
    since_epoch) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""
_END = "update policy_rule set until_epoch = $2 where id = $1 and until_epoch is null returning id"
_END_OF_GROUP = """update policy_rule set until_epoch = $2 where level = 'group' and subject = $1
    and until_epoch is null"""
_REVISIONS = "select epoch, at, actor, action, address from policy_revision order by epoch desc limit $1"
_TOUCHED = f"""select {_RULE}, since_epoch, until_epoch from policy_rule where since_epoch >= $1 or until_epoch >= $1
    order by id"""
_GROUP = Shape(Group)
_GROUPS = f"select {_GROUP} from people_group order by name, id"
_GROUPS_IN = f"select {_GROUP} from people_group where organization_id = $1 order by name"
_GROUPS_OF = """select g.id, g.organization_id, g.name, g.priority from people_group_member m
    join people_group g on g.id = m.group_id where m.account_id = $1 order by g.id"""
_MEMBERS = "select account_id from people_group_member where group_id = $1 order by account_id"
_ADD_GROUP = f"""insert into people_group (organization_id, name, priority) values ($1, $2, $3)
    on conflict do nothing returning {_GROUP}"""
_NAMESAKE = "select id from people_group where organization_id = $1 and name = $2 and id <> $3"
_SET_GROUP = f"update people_group set name = $2, priority = $3 where id = $1 returning {_GROUP}"
_JOIN = "insert into people_group_member (group_id, account_id) values ($1, $2) on conflict do nothing"
_LEAVE = "delete from people_group_member where group_id = $1 and account_id = $2"
_NOTE = """insert into login_attempt (at, account_id, credential_id, door, address, result, country, tag)
    values ($1, $2, $3, $4, $5, $6, $7, $8)"""
_USED = """update credential set last_used_at = $2, last_used_door = $3, last_used_address = $4 where id = $1
    and (last_used_at is null or last_used_at <= $2)"""
_SEEN = "update session set last_seen_at = $2 where token_hash = $1 and last_seen_at < $2"
_ATTEMPT = Shape(LoginAttempt)
_LOGIN_ATTEMPT_VALUES = _ATTEMPT.values("at, account_id, credential_id, door, address, result, country")
_ATTEMPTS = f"""select {_ATTEMPT} from login_attempt where account_id = $1 and id < $2 order by id desc limit $3"""
_NOBODYS = f"""select {_ATTEMPT} from login_attempt where account_id is null and id < $1 order by id desc limit $2"""
_HOLD = Shape(Hold)
_PUT_HOLD = f"insert into hold ({_HOLD}) values ($1, $2, $3, $4, $5) on conflict do nothing"
_RELEASE = "delete from hold where account_id = $1 and message_id = $2 and matter = $3 returning at"
_HOLDS = f"select {_HOLD} from hold order by account_id, message_id, matter"
_HOLDS_OF = f"select {_HOLD} from hold where account_id = $1 order by message_id, matter"
_HELD = "select distinct message_id from hold where account_id = $1 and message_id = any($2)"

_QUOTAS = "select id, policy_quota from account order by id"
_SET_QUOTA = "update account set policy_quota = $2 where id = $1"

_STANDINGS = """select id, coalesce(quota, policy_quota), used, over_since, quota_told, lenient from account
    where $1 = 0 or used * 100 >= coalesce(quota, policy_quota) * $1 or over_since is not null or quota_told > 0
    order by id"""
_SET_STANDING = "update account set over_since = $2, quota_told = $3, lenient = $4 where id = $1"

_NEWEST = (1 << 63) - 1
_WHOLE_ACCOUNT = MessageId(0)


async def held(session: Session, account_id: AccountId, message_ids: Sequence[MessageId]) -> set[MessageId]:
    """Return those of the messages that a hold keeps, as this session sees it."""
    found = {row[0] for row in await session.rows(_HELD, account_id, [_WHOLE_ACCOUNT, *message_ids])}
    return set(message_ids) if _WHOLE_ACCOUNT in found else found & set(message_ids)


async def revise(
    session: Session,
    expected: int,
    begin: Sequence[PolicyRule],
    end: Sequence[int],
    audit: AuditRecord,
    returning: int | None = None,
) -> int:
    """Begin and end rules inside a transaction; return the new epoch. Raises StateMismatch, NotFound."""
    epoch = await raise_epoch(session, audit)
    if epoch != expected + 1:
        raise StateMismatch
    for number in end:
        await row_of(session, _END, number, epoch)
    if begin:
        await session.many(_BEGIN, [(*_stored(rule), epoch) for rule in begin])
    if returning is not None:
        await return_access(session, returning, epoch)
        await return_leak_rules(session, returning, epoch)
    return epoch


def _attempt_values(session: Session, one: LoginAttempt) -> tuple[object, ...]:
    return (*_LOGIN_ATTEMPT_VALUES(one), session.tags.of(login_row(one)))


async def _put_group(session: Session, group: Group, audit: AuditRecord) -> Group:
    if await session.row(_NAMESAKE, group.organization_id, group.name, group.id) is not None:
        raise AlreadyExists
    if group.id:
        row = await session.row(_SET_GROUP, group.id, group.name, group.priority)
    else:
        row = await session.row(_ADD_GROUP, group.organization_id, group.name, group.priority)
    if row is None:
        raise NotFound if group.id else AlreadyExists
    await raise_epoch(session, audit)
    return _GROUP.of(row)


async def _delete_group(session: Session, group_id: int, audit: AuditRecord) -> None:
    await row_of(session, "delete from people_group where id = $1 returning id", group_id)
    await session.run("delete from people_group_member where group_id = $1", group_id)
    epoch = await raise_epoch(session, audit)
    await session.run(_END_OF_GROUP, str(group_id), epoch)
    await end_of_group(session, group_id, epoch)
    await end_leak_rules_of_group(session, group_id, epoch)


async def _set_member(
    session: Session, group_id: int, account_id: AccountId, audit: AuditRecord, *, member: bool
) -> None:
    await row_of(session, "select id from people_group where id = $1", group_id)
    await session.run(_JOIN if member else _LEAVE, group_id, account_id)
    await raise_epoch(session, audit)


async def _put_hold(session: Session, hold: Hold, audit: AuditRecord) -> None:
    await row_of(session, "select id from account where id = $1", hold.account_id)
    await session.run(_PUT_HOLD, hold.account_id, hold.message_id, hold.matter, hold.at, hold.actor)
    await add_audit(session, audit, hold.account_id)


async def _release_hold(
    session: Session, account_id: AccountId, message_id: MessageId, matter: str, audit: AuditRecord
) -> None:
    await row_of(session, _RELEASE, account_id, message_id, matter)
    await add_audit(session, audit, account_id)


def _stored(rule: PolicyRule) -> tuple[object, ...]:
    return (
        rule.knob, rule.scope.level, rule.scope.subject, json.dumps(rule.value, ensure_ascii=False), int(rule.locked),
        rule.authority or "", rule.valid_from, rule.valid_until,
    )  # fmt: skip


def _rule(row: Row) -> PolicyRule:
    value = json.loads(row[4])
    return PolicyRule(
        row[1], Scope(row[2], row[3]), tuple(value) if isinstance(value, list) else value, bool(row[5]),
        row[6] or None, row[7], row[8], row[0],
    )  # fmt: skip


def _epoch(row: Row | None) -> int:
    return 0 if row is None else int(row[0])


async def _rules(session: Session, epoch: int | None = None) -> tuple[int, list[PolicyRule]]:
    newest = _epoch(await session.row(_EPOCH))
    if epoch is None or epoch == newest:
        return newest, [_rule(one) for one in await session.rows(_RULES)]
    return epoch, [_rule(one) for one in await session.rows(_RULES_THEN, epoch)]


async def _revisions(session: Session, limit: int) -> list[PolicyRevision]:
    found = await session.rows(_REVISIONS, limit)
    if not found:
        return []
    touched = [(_rule(row[:9]), row[9], row[10]) for row in await session.rows(_TOUCHED, found[-1][0])]
    return [
        PolicyRevision(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            tuple(rule for rule, since, _ in touched if since == row[0]),
            tuple(rule for rule, _, until in touched if until == row[0]),
        )
        for row in found
    ]


class SqlPolicy(OnDatabase):
    """ports.store_policy.PolicyStore."""

    async def policy_epoch(self) -> int:
        return _epoch(await self._db.row(_EPOCH))

    policy_rules = read_aside_by(_rules)

    async def revise_policy(
        self,
        expected: int,
        begin: Sequence[PolicyRule],
        end: Sequence[int],
        audit: AuditRecord,
        *,
        returning: int | None = None,
    ) -> int:
        return await self._db.change(0, lambda s: revise(s, expected, begin, end, audit, returning))

    policy_revisions = read_aside_by(_revisions)
    groups = every(GroupStore.groups, _GROUP, _GROUPS_IN, without=_GROUPS)
    groups_of = every(GroupStore.groups_of, _GROUP, _GROUPS_OF)
    group_members = every(GroupStore.group_members, first_column, _MEMBERS)
    put_group = change_by(_put_group)
    delete_group = change_by(_delete_group)
    set_member = change_by(_set_member)

    @in_change
    async def note_logins(
        self,
        session: Session,
        attempts: Sequence[LoginAttempt],
        used: Mapping[int, LoginAttempt] = {},
        seen: Mapping[bytes, int] = {},
    ) -> None:
        if attempts:
            await session.many(_NOTE, [_attempt_values(session, one) for one in attempts])
        # Sorted: two processes that note the same rows then wait for each other instead of deadlocking.
        if used:
            await session.many(_USED, [(n, a.at, a.door, a.address) for n, a in sorted(used.items())])
        if seen:
            await session.many(_SEEN, sorted(seen.items()))

    async def login_attempts(
        self, account_id: AccountId | None, *, before: int | None = None, limit: int = 100
    ) -> list[LoginAttempt]:
        newest = _NEWEST if before is None else before
        if account_id is None:
            return [_ATTEMPT.of(row) for row in await self._db.rows(_NOBODYS, newest, limit)]
        return [_ATTEMPT.of(row) for row in await self._db.rows(_ATTEMPTS, account_id, newest, limit)]

    async def policy_quotas(self) -> dict[AccountId, int | None]:
        return {AccountId(row[0]): row[1] for row in await self._db.rows(_QUOTAS)}

    async def set_policy_quotas(self, quotas: Mapping[AccountId, int | None]) -> None:
        # Sorted: two processes that write the same rows then wait for each other instead of deadlocking.
        await self._db.change(0, lambda s: s.many(_SET_QUOTA, sorted(quotas.items())))

    quota_standings = every(PolicyStore.quota_standings, Shape(QuotaStanding), _STANDINGS)

    async def set_quota_standings(self, standings: Sequence[QuotaStanding]) -> None:
        rows = sorted((one.account_id, one.over_since, one.told, int(one.lenient)) for one in standings)
        await self._db.change(0, lambda s: s.many(_SET_STANDING, rows))

    async def is_lenient(self, account_id: AccountId) -> bool:
        row = await self._db.row("select lenient from account where id = $1", account_id)
        return row is not None and bool(row[0])

    put_hold = account_change_by(_put_hold)
    release_hold = account_change_by(_release_hold)
    holds = every(HoldStore.holds, _HOLD, _HOLDS_OF, without=_HOLDS)
    held = read_by(held)
