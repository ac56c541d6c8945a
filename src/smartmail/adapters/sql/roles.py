"""Administrative roles and who holds them (ports.store_roles.RoleStore).

Every change writes the row of its organisation in admin_guard first: PostgreSQL lets the second one wait there until
the first is committed, and SQLite has one writer anyway.
"""

from collections.abc import Collection

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.declared import counted, every
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import WORD_SET, Parts, Shape
from smartmail.adapters.sql.transactions import account_change_by, change_by
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.authority import COMPANY, AdminRoleRow, Appointment
from smartmail.domain.errors import AlreadyExists, Forbidden, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.ports.store_roles import RoleStore

_GUARD = """insert into admin_guard (organization_id, turn) values ($1, 1)
    on conflict (organization_id) do update set turn = admin_guard.turn + 1"""
_ROLE = Shape(AdminRoleRow, permissions=WORD_SET, masks=WORD_SET)
_ROLES = f"select {_ROLE} from admin_role where organization_id = $1 order by id"
_ADD_ROLE = f"""insert into admin_role (organization_id, sealed_name, permissions, masks, author, changed_at)
    values ($1, $2, $3, $4, $5, $6) returning {_ROLE}"""
_SET_ROLE = f"""update admin_role set sealed_name = $3, permissions = $4, masks = $5, author = $6, changed_at = $7
    where id = $1 and organization_id = $2 returning {_ROLE}"""
_DROP_ROLE = "delete from admin_role where id = $1 and organization_id = $2 returning id"
_HAS_ROLE = "select id from admin_role where id = $1 and organization_id = $2"
_HELD = "select id from appointment where organization_id = $1 and role = $2 limit 1"
_APPOINTMENT = Shape(Appointment, scope=Parts(Scope, "level, subject"))
_ALL = f"select {_APPOINTMENT} from appointment order by id"
_OF = f"select {_APPOINTMENT} from appointment where organization_id = $1 order by id"
_OF_ACCOUNT = f"select {_APPOINTMENT} from appointment where account_id = $1 order by id"
_APPOINT = f"""insert into appointment (organization_id, account_id, role, level, subject, author, begun_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8) returning {_APPOINTMENT}"""
_DISMISS = f"delete from appointment where id = $1 returning {_APPOINTMENT}"
_FORGET = "delete from appointment where expires_at < $1 returning id"
_ACCOUNT = f"select {rows.ACCOUNT} from account where id = $1"
_OTHER = """select id from account where organization_id = $1 and is_admin = 1 and state = 'active' and id <> $2
    limit 1"""
_MARK = f"update account set is_admin = $2 where id = $1 returning {rows.ACCOUNT}"


async def guarded(session: Session, account_id: AccountId) -> Account:
    """Return an account after waiting for the turn of its organisation. Raises NotFound."""
    row = await row_of(session, _ACCOUNT, account_id)
    await session.run(_GUARD, rows.account(row).organization_id)
    row = await row_of(session, _ACCOUNT, account_id)
    return rows.account(row)


async def _refuse_excluded(session: Session, account: Account, excluded: Collection[str], now: int) -> None:
    held = [_APPOINTMENT.of(row) for row in await session.rows(_OF_ACCOUNT, account.id)]
    if (account.is_admin and COMPANY in excluded) or any(one.role in excluded and one.in_force(now) for one in held):
        raise Forbidden("this account holds a role that excludes the other one", reason="role.excludes")


async def refuse_last(session: Session, account: Account) -> None:
    """Raise Forbidden where nobody else could administer the company."""
    if not account.is_admin or account.state != "active":
        return
    if await session.row(_OTHER, account.organization_id, account.id) is None:
        raise Forbidden("the last administrator cannot be closed, nor become none", reason="admin.last")


async def _appoint(session: Session, new: Appointment, excluded: Collection[str], audit: AuditRecord) -> Appointment:
    account = await guarded(session, new.account_id)
    if new.role.isdecimal() and await session.row(_HAS_ROLE, int(new.role), account.organization_id) is None:
        raise NotFound
    await _refuse_excluded(session, account, excluded, new.begun_at)
    held = [_APPOINTMENT.of(row) for row in await session.rows(_OF_ACCOUNT, account.id)]
    if any((one.role, one.scope) == (new.role, new.scope) and one.in_force(new.begun_at) for one in held):
        raise AlreadyExists
    values = (new.role, new.scope.level, new.scope.subject, new.author, new.begun_at, new.expires_at)
    row = await row_of(session, _APPOINT, account.organization_id, account.id, *values)
    await add_audit(session, audit, account.id)
    return _APPOINTMENT.of(row)


async def _dismiss(session: Session, appointment_id: int, audit: AuditRecord) -> Appointment:
    row = await row_of(session, _DISMISS, appointment_id)
    gone = _APPOINTMENT.of(row)
    await session.run(_GUARD, gone.organization_id)
    await add_audit(session, audit, gone.account_id)
    return gone


async def _set_administrator(
    session: Session, account_id: AccountId, excluded: Collection[str], audit: AuditRecord, *, administrator: bool
) -> Account:
    account = await guarded(session, account_id)
    if administrator:
        await _refuse_excluded(session, account, set(excluded) - {COMPANY}, audit.at)
    else:
        await refuse_last(session, account)
    row = await row_of(session, _MARK, account_id, int(administrator))
    await add_audit(session, audit, account_id)
    return rows.account(row)


async def _put_role(session: Session, row: AdminRoleRow, audit: AuditRecord) -> AdminRoleRow:
    words = (" ".join(sorted(row.permissions)), " ".join(sorted(row.masks)))
    values = (row.sealed_name, *words, row.author, row.changed_at)
    if row.id:
        found = await session.row(_SET_ROLE, row.id, row.organization_id, *values)
    else:
        found = await session.row(_ADD_ROLE, row.organization_id, *values)
    if found is None:
        raise NotFound
    await session.run(_GUARD, row.organization_id)
    await add_audit(session, audit)
    return _ROLE.of(found)


async def _drop_role(session: Session, organization_id: OrganizationId, role_id: int, audit: AuditRecord) -> None:
    await session.run(_GUARD, organization_id)
    if await session.row(_HELD, organization_id, str(role_id)) is not None:
        raise StateMismatch("somebody holds this role", reason="role.held")
    await row_of(session, _DROP_ROLE, role_id, organization_id)
    await add_audit(session, audit)


class SqlRoles(OnDatabase):
    """ports.store_roles.RoleStore."""

    admin_roles = every(RoleStore.admin_roles, _ROLE, _ROLES)
    put_admin_role = change_by(_put_role)
    drop_admin_role = change_by(_drop_role)

    async def appointments(
        self, organization_id: OrganizationId | None = None, account_id: AccountId | None = None
    ) -> list[Appointment]:
        if account_id is not None:
            found = [_APPOINTMENT.of(row) for row in await self._db.rows(_OF_ACCOUNT, account_id)]
            return [one for one in found if organization_id in {None, one.organization_id}]
        if organization_id is None:
            return [_APPOINTMENT.of(row) for row in await self._db.rows(_ALL)]
        return [_APPOINTMENT.of(row) for row in await self._db.rows(_OF, organization_id)]

    appoint = change_by(_appoint)
    dismiss = change_by(_dismiss)
    set_administrator = account_change_by(_set_administrator)
    forget_appointments = counted(RoleStore.forget_appointments, _FORGET)
