"""Companies, domains' claims, departments, titles, planned changes (ports.store_organization); people are in people.py."""

from collections.abc import Sequence

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.declared import every, first_column, integer, required
from smartmail.adapters.sql.epochs import renew_epoch
from smartmail.adapters.sql.recorded import add_audit, recorded
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import change_by
from smartmail.domain.account import Account, DomainRow, Organization
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, Invalid, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import LAST, Department, DomainClaim, Entry, PlannedChange, Title, check_move
from smartmail.ports.store_organization import OrganizationStore

_DOMAIN_CLAIM = Shape(DomainClaim)
_ENTRY = Shape(Entry)
RAISE_DIRECTORY = """insert into directory_epoch (organization_id, epoch) values ($1, 1)
    on conflict (organization_id) do update set epoch = directory_epoch.epoch + 1"""
_EPOCH = "select epoch from directory_epoch where organization_id = $1"
_ENTRIES = f"""select a.id, a.organization_id, a.kind, a.login, a.name, a.department, a.title,
    coalesce(p.employee_number, ''), coalesce(t.position, {LAST}) from account a
    left join person p on p.account_id = a.id left join title t on t.id = p.position_id
    where a.organization_id = $1 and a.state in ({rows.states("shown")}) and a.id > $2 order by a.id limit $3"""

_COMPANY = Shape(Organization)
_RENAME = f"update organization set name = $2 where id = $1 returning {_COMPANY}"
_CLOSE_DOMAIN = "update domain set state = 'closed' where name = $1 and organization_id = $2 returning name"
_OPEN_INSIDE = """select login from account where organization_id = $2 and login like '%@' || $1 and state <> 'closed'
    order by login limit 1"""
_DROP_INSIDE = (
    "delete from list_member where list in (select address from stand_in where address like '%@' || $1)",
    "delete from stand_in where address like '%@' || $1",
)
_CLOSE_ACCOUNTS = f"""update account set state = 'closed', auth_epoch = auth_epoch + 1
    where organization_id = $1 and state <> 'closed' returning {rows.ACCOUNT}"""
_SEE = "insert into directory_sight (organization_id, seen_by) values ($1, $2) on conflict do nothing"
_UNSEE = "delete from directory_sight where organization_id = $1 and seen_by = $2"
_SIGHTS = "select organization_id from directory_sight where seen_by = $1 order by organization_id"

_CLAIM = """insert into domain_claim (name, organization_id, created_at) values ($1, $2, $3)
    on conflict do nothing"""
_CLAIMS = "select name, organization_id, created_at from domain_claim order by name, organization_id"
_UNCLAIM = "delete from domain_claim where name = $1 and organization_id = $2 returning name"
_ADD_DOMAIN = """insert into domain (name, organization_id, state) values ($1, $2, $3)
    on conflict (name) do nothing returning name"""

_DEPARTMENT = Shape(Department)
_DEPARTMENTS = f"select {_DEPARTMENT} from department where organization_id = $1 order by id"
_BY_CODE = f"select {_DEPARTMENT} from department where organization_id = $1 and code = $2"
_ADD = f"""insert into department (organization_id, code, name, parent_id, position) values ($1, $2, $3, $4, $5)
    on conflict do nothing returning {_DEPARTMENT}"""
_SET = f"""update department set name = $3, parent_id = $4, position = $5
    where id = $1 and organization_id = $2 returning {_DEPARTMENT}"""
_RETEXT = "update account set department = $3 where organization_id = $1 and department_id = $2"
_USED = """select 1 from department where parent_id = $1 union all select 1 from seat where department_id = $1
    union all select 1 from post where department_id = $1 limit 1"""

_TITLE = Shape(Title)
_TITLES = f"select {_TITLE} from title where organization_id = $1 order by kind, position, name"
_ONE_TITLE = f"select {_TITLE} from title where id = $1"
_FIND_TITLE = "select id from title where organization_id = $1 and kind = $2 and name = $3"
_ADD_TITLE = "insert into title (organization_id, kind, name, position) values ($1, $2, $3, $4) returning id"
_RETITLE = "update account set title = $3 where organization_id = $1 and title = $2"
_TITLED = """select 1 from person where organization_id = $2
    and (position_id = $1 or grade_id = $1 or honorific_id = $1)
    union all select 1 from seat a join department d on d.id = a.department_id
    where d.organization_id = $2 and a.duty_id = $1
    union all select 1 from post where organization_id = $2 and duty_id = $1 limit 1"""
_SIT = """insert into seat (account_id, department_id, duty_id, is_primary) values ($1, $2, 0, 1)
    on conflict do nothing"""
_PERSON = """insert into person (account_id, organization_id, position_id, grade_id, honorific_id)
    values ($1, $2, $3, 0, 0) on conflict do nothing"""
_SEATED = "update account set department_id = $2, department = $3 where id = $1"

_PLANNED = Shape(PlannedChange)
_PLANNED_CHANGE_VALUES = _PLANNED.values("organization_id, effective_at, created_at, actor, sealed")
_PLAN = f"""insert into planned_change (organization_id, effective_at, state, created_at, actor, sealed, detail)
    values ($1, $2, 'waiting', $3, $4, $5, '') returning {_PLANNED}"""
_PLANS = f"""select {_PLANNED} from planned_change where organization_id = $1 and ($2::text is null or state = $2)
    order by id limit $3"""
_DUE = f"""select {_PLANNED} from planned_change where state = 'waiting' and effective_at <= $1
    order by effective_at, id limit $2"""
_END = """update planned_change set state = $2, detail = $3, applied_at = $4 where id = $1 and state = 'waiting'
    returning id"""


async def seat_by_text(
    session: Session, organization_id: OrganizationId, account_id: AccountId, department: str, title: str
) -> None:
    """Give a new account the department and the position that texts name; what the company lacks is made."""
    if department:
        row = await session.row(_BY_CODE, organization_id, department)
        if row is None:
            found = [one for one in await session.rows(_DEPARTMENTS, organization_id) if one[3] == department]
            row = found[0] if len(found) == 1 else None
        row = row or await session.row(_ADD, organization_id, department, department, 0, 0)
        assert row is not None
        await session.run(_SIT, account_id, row[0])
        await session.run(_SEATED, account_id, row[0], row[3])
    if title:
        found_title = await session.row(_FIND_TITLE, organization_id, "position", title)
        made = found_title or await session.row(_ADD_TITLE, organization_id, "position", title, 0)
        assert made is not None
        await session.run(_PERSON, account_id, organization_id, made[0])
    await session.run(RAISE_DIRECTORY, organization_id)


async def take_planned(session: Session, planned: int, audit: AuditRecord) -> bool:
    """Take a planned change from those that wait; False when another one was faster."""
    return not planned or await session.row(_END, planned, "done", "", audit.at) is not None


async def _rename(session: Session, organization_id: OrganizationId, name: str, audit: AuditRecord) -> Organization:
    if await session.row("select id from organization where name = $1 and id <> $2", name, organization_id) is not None:
        raise AlreadyExists
    row = await row_of(session, _RENAME, organization_id, name)
    await session.run(RAISE_DIRECTORY, organization_id)
    await add_audit(session, audit)
    return _COMPANY.of(row)


async def _close(session: Session, organization_id: OrganizationId, audit: AuditRecord) -> list[Account]:
    await renew_epoch(session, audit)
    await row_of(session, "update organization set state = 'closed' where id = $1 returning id", organization_id)
    await session.run("update domain set state = 'closed' where organization_id = $1", organization_id)
    closed = [rows.account(row) for row in await session.rows(_CLOSE_ACCOUNTS, organization_id)]
    await session.run(RAISE_DIRECTORY, organization_id)
    return closed


async def _close_domain(session: Session, row: DomainRow, audit: AuditRecord) -> None:
    await renew_epoch(session, audit)
    used = await session.row(_OPEN_INSIDE, row.name, row.organization_id)
    if used is not None:
        raise Invalid(f"{used[0]} is still in use", reason="address.used", address=used[0])
    await row_of(session, _CLOSE_DOMAIN, row.name, row.organization_id)
    for sql in _DROP_INSIDE:
        await session.run(sql, row.name)
    await session.run(RAISE_DIRECTORY, row.organization_id)


async def _claim(session: Session, claim: DomainClaim, audit: AuditRecord) -> None:
    if await session.row("select name from domain where name = $1", claim.name) is not None:
        raise AlreadyExists
    await session.run(_CLAIM, claim.name, claim.organization_id, claim.created_at)
    await add_audit(session, audit)


async def _unclaim(session: Session, name: str, organization_id: OrganizationId, audit: AuditRecord) -> bool:
    return await recorded(session, audit, None, _UNCLAIM, name, organization_id)


async def _add_domains(session: Session, rows: Sequence[DomainRow], audit: AuditRecord) -> list[str]:
    made = []
    for one in rows:
        if await session.row(_ADD_DOMAIN, one.name, one.organization_id, one.state) is not None:
            made.append(one.name)
            await session.run("delete from domain_claim where name = $1", one.name)
    for organization_id in sorted({one.organization_id for one in rows if one.name in set(made)}):
        await session.run(RAISE_DIRECTORY, organization_id)
    if made:
        await add_audit(session, audit)
    return made


async def _put_department(session: Session, one: Department, audit: AuditRecord) -> Department:
    # First of all: the epoch's row is a lock, so that of two moves the second sees what the first has done.
    await renew_epoch(session, audit)
    known = {row[0]: _DEPARTMENT.of(row) for row in await session.rows(_DEPARTMENTS, one.organization_id)}
    if one.id and one.id not in known:
        raise NotFound
    check_move(known, one.id, one.parent_id)
    if one.id:
        row = await session.row(_SET, one.id, one.organization_id, one.name, one.parent_id, one.position)
        if known[one.id].name != one.name:
            await session.run(_RETEXT, one.organization_id, one.id, one.name)
    else:
        row = await session.row(_ADD, one.organization_id, one.code, one.name, one.parent_id, one.position)
    if row is None:
        raise AlreadyExists
    await session.run(RAISE_DIRECTORY, one.organization_id)
    return _DEPARTMENT.of(row)


async def _drop_department(session: Session, department_id: int, audit: AuditRecord) -> None:
    await renew_epoch(session, audit)
    if await session.row(_USED, department_id) is not None:
        raise Invalid("there are departments, people or a post in it", reason="department.full")
    row = await row_of(session, "delete from department where id = $1 returning organization_id", department_id)
    await session.run(RAISE_DIRECTORY, OrganizationId(row[0]))


async def _put_titles(session: Session, titles: Sequence[Title], audit: AuditRecord) -> list[Title]:
    await renew_epoch(session, audit)
    for one in titles:
        namesake = await session.row(_FIND_TITLE, one.organization_id, one.kind, one.name)
        if namesake is not None and namesake[0] != one.id:
            raise AlreadyExists
        if not one.id:
            await session.row(_ADD_TITLE, one.organization_id, one.kind, one.name, one.position)
            continue
        old = await session.row(_ONE_TITLE, one.id)
        if old is None or old[1] != one.organization_id:
            raise NotFound
        await session.run("update title set name = $2, position = $3 where id = $1", one.id, one.name, one.position)
        if old[3] != one.name:
            await session.run(_RETITLE, one.organization_id, old[3], one.name)
    organization_id = titles[0].organization_id
    await session.run(RAISE_DIRECTORY, organization_id)
    return [_TITLE.of(row) for row in await session.rows(_TITLES, organization_id)]


async def _drop_title(session: Session, title_id: int, audit: AuditRecord) -> None:
    await renew_epoch(session, audit)
    row = await row_of(session, _ONE_TITLE, title_id)
    if await session.row(_TITLED, title_id, row[1]) is not None:
        raise Invalid("somebody has this title", reason="title.held")
    await session.run("delete from title where id = $1", title_id)
    await session.run(RAISE_DIRECTORY, OrganizationId(row[1]))


async def _plan(session: Session, change: PlannedChange, audit: AuditRecord) -> PlannedChange:
    row = await row_of(session, _PLAN, *_PLANNED_CHANGE_VALUES(change))
    await add_audit(session, audit)
    return _PLANNED.of(row)


async def _end_change(session: Session, change_id: int, state: str, detail: str, audit: AuditRecord) -> bool:
    return await recorded(session, audit, None, _END, change_id, state, detail, audit.at)


async def _sight(
    session: Session, organization_id: OrganizationId, seen_by: OrganizationId, audit: AuditRecord, *, on: bool
) -> None:
    await session.run(_SEE if on else _UNSEE, organization_id, seen_by)
    await session.run(RAISE_DIRECTORY, seen_by)
    await add_audit(session, audit)


class SqlOrganization(OnDatabase):
    """ports.store_organization.OrganizationStore, but for people."""

    rename_organization = change_by(_rename)
    close_organization = change_by(_close)
    set_sight = change_by(_sight)
    sights = every(OrganizationStore.sights, first_column, _SIGHTS)
    directory_epoch = integer(OrganizationStore.directory_epoch, _EPOCH)
    entries = every(OrganizationStore.entries, _ENTRY, _ENTRIES)
    claim_domain = change_by(_claim)

    async def domain_claims(self, organization_id: OrganizationId | None = None) -> list[DomainClaim]:
        found = [_DOMAIN_CLAIM.of(row) for row in await self._db.rows(_CLAIMS)]
        return [one for one in found if organization_id in {None, one.organization_id}]

    drop_claim = change_by(_unclaim)
    add_domains = change_by(_add_domains)
    close_domain = change_by(_close_domain)
    departments = every(OrganizationStore.departments, _DEPARTMENT, _DEPARTMENTS)
    department = required(
        OrganizationStore.department, _DEPARTMENT, f"select {_DEPARTMENT} from department where id = $1"
    )

    async def put_department(self, row: Department, audit: AuditRecord) -> Department:
        return await self._db.change(0, lambda s: _put_department(s, row, audit))

    drop_department = change_by(_drop_department)
    titles = every(OrganizationStore.titles, _TITLE, _TITLES)

    async def put_titles(self, rows: Sequence[Title], audit: AuditRecord) -> list[Title]:
        return await self._db.change(0, lambda s: _put_titles(s, rows, audit)) if rows else []

    drop_title = change_by(_drop_title)
    plan_change = change_by(_plan)
    planned_changes = every(OrganizationStore.planned_changes, _PLANNED, _PLANS)
    due_changes = every(OrganizationStore.due_changes, _PLANNED, _DUE)
    end_change = change_by(_end_change)
