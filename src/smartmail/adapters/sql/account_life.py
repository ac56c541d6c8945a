"""States, leavers, kept addresses, sponsors, dormancy (ports.store_account_life.AccountLifeStore)."""

from dataclasses import astuple
from operator import attrgetter

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.declared import changed, every, executed, optional, whole_row
from smartmail.adapters.sql.left_addresses import (
    FREE_NOW,
    KEEP,
    LEFT,
    LEFT_ADDRESS,
    UNKEEP,
    free_address,
)  # fmt: skip
from smartmail.adapters.sql.organization import RAISE_DIRECTORY
from smartmail.adapters.sql.recorded import add_audit, recorded
from smartmail.adapters.sql.roles import guarded, refuse_last
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.sharing import GRANT, grant
from smartmail.adapters.sql.transactions import account_change_by, in_change, read_by
from smartmail.adapters.sql.work import Now
from smartmail.domain.account import STATES, Account, AccountState
from smartmail.domain.account_life import Idle, LeavingRow, Sponsorship
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.ports.store_account_life import AccountLifeStore

_SET = f"""update account set state = $2, state_since = $3, auth_epoch = auth_epoch + $4 where id = $1
    returning {rows.ACCOUNT}"""
_END = f"update account set ends_at = $2 where id = $1 returning {rows.ACCOUNT}"
_OWN = "select queue_id from submission where account_id = $1 and undo_status = 'pending'"
_HOLD = f"""update queue_recipient set state = 'held', hold_reason = 'account', line = 0
    where entry_id in ({_OWN}) and state = 'ready'"""
_RELEASE = f"""update queue_recipient set state = 'ready', hold_reason = null,
    due_at = case when due_at > $2 then due_at else $2 end
    where entry_id in ({_OWN}) and state = 'held' and hold_reason = 'account'"""
_PLANNED = "select id, queue_id from submission where account_id = $1 and undo_status = 'pending' order by id"

_LEAVING = Shape(LeavingRow)
_PLAN = f"insert into leaving ({_LEAVING}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
_UNPLAN = "delete from leaving where account_id = $1 and state = 'planned' returning account_id"
_ONE = f"select {_LEAVING} from leaving where account_id = $1"
_OF = f"select {_LEAVING} from leaving where organization_id = $1 order by account_id"
_DUE = f"""select {_LEAVING} from leaving where effective_at <= $1 and state in ('planned', 'running')
    order by effective_at, account_id"""
_OVER = f"select {_LEAVING} from leaving where destroy_at <= $1 and state = 'done' order by destroy_at"
_READ = f"""select {_LEAVING} from leaving where read_until <= $1 and read_until > 0 and state = 'done'
    order by read_until"""
_MOVE = "update leaving set state = $3 where account_id = $1 and state = $2 returning account_id"
_FORGET = (
    "delete from credential where account_id = $1",
    "delete from session where account_id = $1",
    "delete from push_subscription where account_id = $1",
    "delete from factor where account_id = $1",
    "delete from recovery_code where account_id = $1",
    "delete from known_device where account_id = $1",
    "delete from challenge where account_id = $1",
    "delete from oauth_code where account_id = $1",
    "delete from absence where account_id = $1",
)
_GRANTED = f"""select {GRANT} from share_grant
    where grantee_kind = 'account' and grantee_id = $1 order by account_id, mailbox_id"""

_SPONSOR = Shape(Sponsorship)
_PUT_SPONSOR = f"""insert into sponsorship ({_SPONSOR}) values ($1, $2, $3, $4, $5, $6, $7, $8)
    on conflict (account_id) do update set sponsor_id = excluded.sponsor_id, heir_id = excluded.heir_id,
    agreed_until = excluded.agreed_until, asked_until = excluded.asked_until, asked_by = excluded.asked_by,
    sealed = excluded.sealed"""
_SPONSORED = f"select {_SPONSOR} from sponsorship where account_id = $1"
_BY = {
    "organization": f"select {_SPONSOR} from sponsorship where organization_id = $1 order by account_id",
    "sponsor": f"select {_SPONSOR} from sponsorship where sponsor_id = $1 order by account_id",
    "heir": f"select {_SPONSOR} from sponsorship where heir_id = $1 and heir_id <> 0 order by account_id",
}

_PEOPLE = """select id, state_since from account where id > $1 and state = 'active' and kind = 'person' order by id
    limit $2"""
_LAST_LOGIN = """select at from login_attempt where account_id = $1 and at >= $2 and result = 'ok'
    order by at desc limit 1"""
_EARLIER = """select at from login_attempt where account_id = $1 and at < $2 and result = 'ok'
    order by at desc limit 1"""
_TOLD = "select told_first, told_last from dormancy where account_id = $1"
_TELL = """insert into dormancy (account_id, told_first, told_last) values ($1, $2, $3)
    on conflict (account_id) do update set told_first = excluded.told_first, told_last = excluded.told_last"""


async def set_state(session: Session, account_id: AccountId, state: AccountState, audit: AuditRecord) -> Account:
    """Move an account to a state, with all that follows from it. Raises NotFound, Forbidden (the last administrator)."""
    before = await guarded(session, account_id)
    lets_in = "login" in STATES[state]
    if not lets_in:
        await refuse_last(session, before)
    row = await row_of(session, _SET, account_id, state, audit.at, int(not lets_in))
    if "send" in STATES[state]:
        await session.run(_RELEASE, account_id, audit.at)
    else:
        await session.run(_HOLD, account_id)
    await session.run("delete from dormancy where account_id = $1", account_id)
    await session.run(RAISE_DIRECTORY, before.organization_id)
    await add_audit(session, audit, account_id)
    return rows.account(row)


async def _set_end(session: Session, account_id: AccountId, ends_at: int | None) -> Account:
    row = await row_of(session, _END, account_id, ends_at)
    found = rows.account(row)
    await session.run(RAISE_DIRECTORY, found.organization_id)
    return found


async def _plan(session: Session, row: LeavingRow, audit: AuditRecord) -> None:
    await session.run("delete from leaving where account_id = $1 and state = 'restored'", row.account_id)
    if await session.row(_ONE, row.account_id) is not None:
        raise AlreadyExists("they are leaving already", reason="leaving.already")
    await session.run(_PLAN, *astuple(row))
    await add_audit(session, audit, row.account_id)


async def put_leaving(session: Session, row: LeavingRow) -> None:
    """Keep somebody as a leaver, whatever was planned for them; who is away is so no more."""
    await session.run("delete from leaving where account_id = $1", row.account_id)
    await session.run("delete from absence where account_id = $1", row.account_id)
    await session.run(_PLAN, *astuple(row))


async def _begin(session: Session, account_id: AccountId, kept_until: int, audit: AuditRecord) -> Account:
    if await session.row(_MOVE, account_id, "planned", "running") is None:
        return await guarded(session, account_id)
    account = await set_state(session, account_id, "leaving", audit)
    for sql in _FORGET:
        await session.run(sql, account_id)
    await session.run(KEEP, account_id, account.organization_id, kept_until)
    return account


async def _restore(session: Session, account_id: AccountId, audit: AuditRecord) -> Account:
    if (await guarded(session, account_id)).state != "leaving":
        raise StateMismatch
    account = await set_state(session, account_id, "active", audit)
    await session.run(UNKEEP, account_id)
    for state in ("running", "done"):
        await session.row(_MOVE, account_id, state, "restored")
    return account


async def _sponsor(session: Session, row: Sponsorship, ends_at: int, audit: AuditRecord) -> Account:
    account = await _set_end(session, row.account_id, ends_at)
    await session.run(_PUT_SPONSOR, *astuple(row))
    await add_audit(session, audit, row.account_id)
    return account


async def _idle(session: Session, before: int, after: AccountId, limit: int) -> list[Idle]:
    found: list[Idle] = []
    for number, since in await session.rows(_PEOPLE, after, limit):
        used = since
        if used < before:
            login = await session.row(_LAST_LOGIN, number, before) or await session.row(_EARLIER, number, before)
            seen = await session.row("select max(last_seen_at) from session where account_id = $1", number)
            used = max(used, login[0] if login else 0, (seen[0] if seen else None) or 0)
        told = await session.row(_TOLD, number) if used < before else None
        # Also those who are in use: the caller goes on behind the last one.
        found.append(Idle(AccountId(number), used, *(told or (None, None))))
    return found


class SqlAccountLife(OnDatabase):
    """ports.store_account_life.AccountLifeStore."""

    _now: Now

    set_account_state = account_change_by(set_state)
    plan_leaving = account_change_by(_plan)
    begin_leaving = account_change_by(_begin)
    leaving = optional(AccountLifeStore.leaving, _LEAVING, _ONE)
    leavings = every(AccountLifeStore.leavings, _LEAVING, _OF)
    due_leavings = every(AccountLifeStore.due_leavings, _LEAVING, _DUE)
    over_leavings = every(AccountLifeStore.over_leavings, _LEAVING, _OVER)
    read_leavings = every(AccountLifeStore.read_leavings, _LEAVING, _READ)
    move_leaving = changed(AccountLifeStore.move_leaving, _MOVE)
    end_reading = executed(AccountLifeStore.end_reading, "update leaving set read_until = 0 where account_id = $1")
    restore_leaver = account_change_by(_restore)

    async def drop_plan(self, account_id: AccountId, audit: AuditRecord) -> bool:
        return await self._db.change(0, lambda s: recorded(s, audit, account_id, _UNPLAN, account_id))

    left_addresses = every(AccountLifeStore.left_addresses, LEFT, LEFT_ADDRESS, some=True)

    @in_change
    async def free_addresses(self, session: Session, now: int, limit: int) -> int:
        gone = [LEFT.of(row) for row in await session.rows(FREE_NOW, now, limit)]
        for one in gone:
            await free_address(session, one)
        return len(gone)

    async def free_retired(self, organization_id: OrganizationId, before: int, limit: int) -> int:
        sql = """delete from stand_in where address in (select address from stand_in where organization_id = $1
            and kind = 'retired' and changed_at < $2 order by address limit $3) returning address"""
        return len(await self._db.change(0, lambda s: s.rows(sql, organization_id, before, limit)))

    planned_mail = every(AccountLifeStore.planned_mail, whole_row, _PLANNED)
    granted_to = every(AccountLifeStore.granted_to, grant, _GRANTED)
    put_sponsorship = account_change_by(_sponsor)
    sponsorship = optional(AccountLifeStore.sponsorship, _SPONSOR, _SPONSORED)

    async def sponsorships(
        self, organization_id: OrganizationId, *, sponsor: AccountId | None = None, heir: AccountId | None = None
    ) -> list[Sponsorship]:
        by, subject = "organization", int(organization_id)
        if sponsor is not None:
            by, subject = "sponsor", int(sponsor)
        elif heir is not None:
            by, subject = "heir", int(heir)
        return [_SPONSOR.of(row) for row in await self._db.rows(_BY[by], subject)]

    idle_accounts = read_by(_idle)
    note_idle = executed(AccountLifeStore.note_idle, _TELL, row=attrgetter("account_id", "told_first", "told_last"))
