"""People of companies: where they stand, what is known of them, their logins, posts (ports.store_organization)."""

from collections.abc import Sequence

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.account_life import put_leaving
from smartmail.adapters.sql.addressing import is_stand_in
from smartmail.adapters.sql.declared import every, first_column, whole_row
from smartmail.adapters.sql.epochs import renew_epoch
from smartmail.adapters.sql.left_addresses import take_address
from smartmail.adapters.sql.organization import RAISE_DIRECTORY, take_planned
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import change_by, read_by
from smartmail.domain.account import Account
from smartmail.domain.account_life import LeavingRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import (
    LAST,
    MAX_DEPTH,
    TOP,
    PersonRow,
    PersonWrite,
    Post,
    Renaming,
    Seat,
    Standing,
)
from smartmail.ports.store_organization import OrganizationStore

_POST_ROW = Shape(Post)
_SEAT_ROW = Shape(Seat)
_UP = f"""with recursive up(id, parent_id, code, distance) as (
    select d.id, d.parent_id, d.code, 0 from seat a join department d on d.id = a.department_id
    where a.account_id = $1
    union select d.id, d.parent_id, d.code, up.distance + 1 from up join department d on d.id = up.parent_id
    where up.distance < {MAX_DEPTH})
    select code, min(distance) from up group by code"""
_HELD = """select p.account_id from seat a join post p
    on p.department_id = a.department_id and p.duty_id = a.duty_id where a.account_id = $1 order by p.account_id"""
_DOWN = f"""with recursive down(id, depth) as (select $1::bigint, 0
    union select d.id, down.depth + 1 from down join department d on d.parent_id = down.id
    where down.depth < {MAX_DEPTH})
    select distinct a.account_id from down join seat a on a.department_id = down.id"""
_HERE = "select account_id from seat where department_id = $1"
_SIZES = f"""with recursive up(id, above, depth) as (select id, id, 0 from department where organization_id = $1
    union select up.id, d.parent_id, up.depth + 1 from up join department d on d.id = up.above
    where d.parent_id <> {TOP} and up.depth < {MAX_DEPTH})
    select up.above, count(distinct a.account_id) from up join seat a on a.department_id = up.id
    join account on account.id = a.account_id and account.state in ({rows.states("shown")})
    group by up.above order by up.above"""
_ACTIVE = f"""select coalesce((select t.position from person p join title t on t.id = p.position_id
    where p.account_id = account.id), {LAST}), {rows.ACCOUNT} from account where id = any($1)
    and state in ({rows.states("counted")})"""

_PERSON = Shape(
    PersonRow, "account_id, organization_id, coalesce(employee_number, ''), position_id, grade_id, honorific_id, sealed"
)
_PEOPLE = f"select {_PERSON} from person where organization_id = $1 order by account_id"
_ONE = f"select {_PERSON} from person where organization_id = $1 and account_id = $2"
_SEATS = """select a.account_id, a.department_id, a.duty_id, a.is_primary from seat a
    join department d on d.id = a.department_id where d.organization_id = $1
    order by a.account_id, a.is_primary desc, a.department_id"""
_OWN_SEATS = """select account_id, department_id, duty_id, is_primary from seat where account_id = $1
    order by is_primary desc, department_id"""
_KNOWN = "select count(*) from account where id = any($1) and organization_id = $2"
_CLEAR = "update person set employee_number = null where account_id = $1"
_NUMBERED = "select account_id from person where organization_id = $1 and employee_number = any($2) limit 1"
_PUT = """insert into person (account_id, organization_id, employee_number, position_id, grade_id, honorific_id, sealed)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (account_id) do update set
    organization_id = excluded.organization_id, employee_number = excluded.employee_number,
    position_id = excluded.position_id, grade_id = excluded.grade_id, honorific_id = excluded.honorific_id,
    sealed = excluded.sealed"""
_SET = "update account set name = $2, department_id = $3, department = $4, title = $5 where id = $1"
_STAND = "delete from seat where account_id = $1"
_SIT = "insert into seat (account_id, department_id, duty_id, is_primary) values ($1, $2, $3, $4)"

_OWNER = "select account_id from address where address = $1"
_DROP_ADDRESS = "delete from address where address = $1"
_LOGIN = "update account set login = $2 where id = $1 and login = $3 returning organization_id"
_ENDS = """insert into address_end (address, ends_at) values ($1, $2)
    on conflict (address) do update set ends_at = excluded.ends_at"""
_ENDS_NOT = "delete from address_end where address = $1"
_ENDING = "select address from address_end where ends_at <= $1 order by ends_at limit $2"
_ENDS_OF = """select e.address, e.ends_at from address a join address_end e on e.address = a.address
    where a.account_id = $1 order by e.address"""
_HAND = "update address set account_id = $2 where account_id = $1 returning address"
_ACCOUNT = "select organization_id from account where id = $1"
_CLOSE = """update account set state = 'closed', auth_epoch = auth_epoch + 1 where id = $1
    returning organization_id"""
_RETIRE = """insert into stand_in (address, organization_id, kind, sealed, changed_at)
    values ($1, $2, 'retired', $3, $4) on conflict (address) do update set kind = 'retired', sealed = excluded.sealed,
    changed_at = excluded.changed_at"""

_PUT_POST = """insert into post (account_id, organization_id, department_id, duty_id) values ($1, $2, $3, $4)
    on conflict (account_id) do update set department_id = excluded.department_id, duty_id = excluded.duty_id"""
_POSTS = "select account_id, organization_id, department_id, duty_id from post where organization_id = $1"
_HOLDERS = """select a.account_id from post p join seat a
    on a.department_id = p.department_id and a.duty_id = p.duty_id where p.account_id = $1 order by a.account_id"""
_IN_COMPANY = "select id from department where id = $1 and organization_id = $2"


async def _standing(session: Session, account_id: AccountId) -> Standing:
    departments = {str(row[0]): int(row[1]) for row in await session.rows(_UP, account_id)}
    held = await session.rows(_HELD, account_id) if departments else ()
    return Standing(departments, tuple(AccountId(row[0]) for row in held))


async def _begin(session: Session, planned: int, audit: AuditRecord) -> None:
    """Take the lock that changes of standing follow one another by, and the planned change."""
    await renew_epoch(session, audit)
    if not await take_planned(session, planned, audit):
        raise StateMismatch


async def _write(
    session: Session,
    organization_id: OrganizationId,
    writes: Sequence[PersonWrite],
    audit: AuditRecord,
    *,
    planned: int = 0,
) -> None:
    await _begin(session, planned, audit)
    ids = sorted({one.row.account_id for one in writes})
    known = await session.row(_KNOWN, ids, organization_id)
    if known is None or known[0] != len(ids):
        raise NotFound
    await session.many(_CLEAR, [(one,) for one in ids])
    numbers = [one.row.employee_number for one in writes if one.row.employee_number]
    taken = len(set(numbers)) != len(numbers)
    if taken or (numbers and await session.row(_NUMBERED, organization_id, numbers) is not None):
        raise AlreadyExists("an employee number belongs to one person", reason="number.taken")
    # In the order in which deliveries lock accounts, so that neither waits for the other in a circle.
    writes = sorted(writes, key=lambda one: one.row.account_id)
    await session.many(_PUT, [_stored(one.row) for one in writes])
    await session.many(
        _SET, [(one.row.account_id, one.name, one.department_id, one.department, one.title) for one in writes]
    )
    seated = [one for one in writes if one.seats is not None]
    await session.many(_STAND, [(one.row.account_id,) for one in seated])
    await session.many(_SIT, [_seat(seat) for one in seated for seat in one.seats or ()])
    await session.run(RAISE_DIRECTORY, organization_id)


def _stored(row: PersonRow) -> tuple[object, ...]:
    return (
        row.account_id, row.organization_id, row.employee_number or None, row.position_id, row.grade_id,
        row.honorific_id, row.sealed,
    )  # fmt: skip


def _seat(one: Seat) -> tuple[object, ...]:
    return one.account_id, one.department_id, one.duty_id, int(one.primary)


async def _rename(session: Session, renamings: Sequence[Renaming], audit: AuditRecord, *, planned: int = 0) -> None:
    await _begin(session, planned, audit)
    touched = set()
    for one in sorted(renamings, key=lambda one: one.account_id):
        await take_address(session, one.new, audit.at)
        owner = await session.row(_OWNER, one.new)
        if await is_stand_in(session, one.new) or (owner is not None and owner[0] != one.account_id):
            raise AlreadyExists(f"{one.new} is, or was, somebody's", reason="login.taken", login=one.new)
        if owner is None:
            await session.run("insert into address (address, account_id) values ($1, $2)", one.new, one.account_id)
        row = await row_of(session, _LOGIN, one.account_id, one.new, one.old)
        await session.run(_ENDS_NOT, one.new)
        if one.ends_at is None:
            await session.run(_DROP_ADDRESS, one.old)
            await session.run(_RETIRE, one.old, row[0], b"", audit.at)
        else:
            await session.run(_ENDS, one.old, one.ends_at)
        touched.add(row[0])
    for organization_id in sorted(touched):
        await session.run(RAISE_DIRECTORY, organization_id)


async def _hand(
    session: Session, source: AccountId, target: AccountId, ends_at: int, audit: AuditRecord, *, planned: int = 0,
    leaving: LeavingRow | None = None,
) -> list[str]:  # fmt: skip
    await _begin(session, planned, audit)
    old, new = await session.row(_CLOSE, source), await session.row(_ACCOUNT, target)
    if old is None or new is None:
        raise NotFound
    moved = sorted(row[0] for row in await session.rows(_HAND, source, target))
    await session.many(_ENDS, [(address, ends_at) for address in moved])
    await session.run(_STAND, source)
    await session.run(_CLEAR, source)
    if leaving is not None:
        await put_leaving(session, leaving)
    for organization_id in sorted({old[0], new[0]}):
        await session.run(RAISE_DIRECTORY, organization_id)
    return moved


async def _end(session: Session, now: int, limit: int) -> list[str]:
    ended = [row[0] for row in await session.rows(_ENDING, now, limit)]
    for address in ended:
        owner = await session.row(_OWNER, address)
        if owner is not None:
            account = await session.row(_ACCOUNT, owner[0])
            await session.run(_DROP_ADDRESS, address)
            await session.run(_RETIRE, address, account[0] if account else 0, b"", now)
        await session.run(_ENDS_NOT, address)
    return ended


async def _put_post(session: Session, post: Post, audit: AuditRecord) -> None:
    await renew_epoch(session, audit)
    await row_of(session, _IN_COMPANY, post.department_id, post.organization_id)
    await session.run(_PUT_POST, post.account_id, post.organization_id, post.department_id, post.duty_id)


async def _drop_post(session: Session, account_id: AccountId, audit: AuditRecord) -> None:
    await renew_epoch(session, audit)
    await row_of(session, "delete from post where account_id = $1 returning organization_id", account_id)


async def _department_people(session: Session, department_id: int, *, below: bool) -> list[Account]:
    ids = [row[0] for row in await session.rows(_DOWN if below else _HERE, department_id)]
    found = [(int(row[0]), rows.account(row[1:])) for row in await session.rows(_ACTIVE, ids)]
    # Sorted here: databases disagree about the order of texts.
    return [one for _, one in sorted(found, key=lambda pair: (pair[0], pair[1].name, pair[1].login))]


class SqlPeople(OnDatabase):
    """ports.store_organization.OrganizationStore, the people of it."""

    standing = read_by(_standing)

    async def people(self, organization_id: OrganizationId, account_id: AccountId | None = None) -> list[PersonRow]:
        if account_id is not None:
            return [_PERSON.of(row) for row in await self._db.rows(_ONE, organization_id, account_id)]
        return [_PERSON.of(row) for row in await self._db.rows(_PEOPLE, organization_id)]

    async def seats(self, organization_id: OrganizationId, account_id: AccountId | None = None) -> list[Seat]:
        if account_id is not None:
            return [_SEAT_ROW.of(row) for row in await self._db.rows(_OWN_SEATS, account_id)]
        return [_SEAT_ROW.of(row) for row in await self._db.rows(_SEATS, organization_id)]

    department_people = read_by(_department_people)
    department_sizes = every(OrganizationStore.department_sizes, whole_row, _SIZES)
    write_people = change_by(_write)
    rename_accounts = change_by(_rename)
    hand_addresses = change_by(_hand)
    end_addresses = change_by(_end)
    address_ends = every(OrganizationStore.address_ends, whole_row, _ENDS_OF)
    put_post = change_by(_put_post)
    drop_post = change_by(_drop_post)
    posts = every(OrganizationStore.posts, _POST_ROW, _POSTS)
    post_holders = every(OrganizationStore.post_holders, first_column, _HOLDERS)
