"""People who are away for a while, and leavers who come back as somebody new (ports.store_absences.AbsenceStore)."""

from smartmail.adapters.sql.account_life import set_state
from smartmail.adapters.sql.declared import every, optional
from smartmail.adapters.sql.left_addresses import LEFT, LEFT_ADDRESS, LEFT_OF, free_address
from smartmail.adapters.sql.organization import RAISE_DIRECTORY, take_planned
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.roles import guarded
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import account_change_by
from smartmail.domain.absence import Absence
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import StateMismatch
from smartmail.domain.ids import AccountId
from smartmail.ports.store_absences import AbsenceStore

_COLUMNS = Shape(Absence)
_PUT = f"""insert into absence ({_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (account_id) do update set kind = excluded.kind, since = excluded.since, until = excluded.until,
    mail = excluded.mail, substitute_id = excluded.substitute_id, shut = excluded.shut, author = excluded.author,
    sealed = excluded.sealed"""
_ONE = f"select {_COLUMNS} from absence where account_id = $1"
_OF = f"select {_COLUMNS} from absence where organization_id = $1 order by account_id"
_OVER = f"select {_COLUMNS} from absence where until > 0 and until <= $1 order by until, account_id limit $2"
_BY = f"select {_COLUMNS} from absence where substitute_id = $1 and substitute_id <> 0 order by account_id"
_GOES = frozenset({"active", "dormant"})


async def _put(session: Session, row: Absence, audit: AuditRecord, *, planned: int = 0) -> Account:
    before = await guarded(session, row.account_id)
    known = await session.row(_ONE, row.account_id)
    # A suspension by hand has reasons of its own and does not end with an absence: nobody who is suspended goes away.
    shut = known is not None and _COLUMNS.of(known).shut and before.state == "suspended"
    if (before.state not in _GOES and not shut) or not await take_planned(session, planned, audit):
        raise StateMismatch
    await session.run(_PUT, *_COLUMNS.dump(row))
    if row.shut:
        return await set_state(session, row.account_id, "suspended", audit)
    if shut:
        return await set_state(session, row.account_id, "active", audit)
    await _noted(session, before, audit)
    return before


async def _end(session: Session, account_id: AccountId, audit: AuditRecord, *, planned: int = 0) -> Account:
    before = await guarded(session, account_id)
    known = await row_of(session, _ONE, account_id)
    if not await take_planned(session, planned, audit):
        raise StateMismatch
    await session.run("delete from absence where account_id = $1", account_id)
    if _COLUMNS.of(known).shut and before.state == "suspended":
        return await set_state(session, account_id, "active", audit)
    await _noted(session, before, audit)
    return before


async def _noted(session: Session, account: Account, audit: AuditRecord) -> None:
    await session.run(RAISE_DIRECTORY, account.organization_id)
    await add_audit(session, audit, account.id)


async def _release(session: Session, account_id: AccountId, audit: AuditRecord) -> list[str]:
    account = await guarded(session, account_id)
    if account.state != "closed" or account.wrapped_key:
        raise StateMismatch
    kept = [row[0] for row in await session.rows(LEFT_OF, account_id)]
    for row in await session.rows(LEFT_ADDRESS, kept) if kept else ():
        await free_address(session, LEFT.of(row))
    await _noted(session, account, audit)
    return kept


class SqlAbsences(OnDatabase):
    """ports.store_absences.AbsenceStore."""

    put_absence = account_change_by(_put)
    end_absence = account_change_by(_end)
    absence = optional(AbsenceStore.absence, _COLUMNS, _ONE)
    absences = every(AbsenceStore.absences, _COLUMNS, _OF)
    over_absences = every(AbsenceStore.over_absences, _COLUMNS, _OVER)
    substituted = every(AbsenceStore.substituted, _COLUMNS, _BY)
    release_leaver = account_change_by(_release)
