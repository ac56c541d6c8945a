"""Bulletins of companies and who read them (ports.store_bulletins.BulletinStore)."""

from typing import Final

from smartmail.adapters.sql.declared import every, optional
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import Parts, Shape
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.bulletins import Bulletin, BulletinMarks, Mark
from smartmail.domain.errors import OverQuota
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.ports.store_bulletins import BulletinStore

_COLUMNS = Shape(Bulletin, place=Parts(Scope, "level, place"))
_BULLETIN_VALUES = _COLUMNS.values(
    "id, organization_id, place.level, place.subject, author, sealed, shown_from, shown_until, pinned, popup, must_read, changed_at, "
    "at_sign_in"
)
_PUT = f"""insert into bulletin ({_COLUMNS}, spread) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0)
    on conflict (id) do update set level = excluded.level, place = excluded.place, sealed = excluded.sealed,
    shown_from = excluded.shown_from, shown_until = excluded.shown_until, pinned = excluded.pinned,
    popup = excluded.popup, must_read = excluded.must_read, changed_at = excluded.changed_at,
    at_sign_in = excluded.at_sign_in"""
_COUNT = "select count(*)::bigint from bulletin where organization_id = $1 and id <> $2"
_OF = f"select {_COLUMNS} from bulletin where organization_id = $1 order by id desc"
_AT_SIGN_IN = f"""select {_COLUMNS} from bulletin where organization_id = $1 and at_sign_in = 1 and shown_from <= $3
    and shown_until > $3 and (level = 'organization' or (level = 'domain' and place = $2))
    order by shown_from desc, id desc limit $4"""
_NEWS = f"""select {_COLUMNS} from bulletin where spread = 0 and shown_from <= $1 and shown_until > $1 order by
    shown_from"""
_FORGET = "delete from bulletin_mark where bulletin_id = $1"
_MARKS = Shape(BulletinMarks)
_MARKS_IN = f"select {_MARKS} from bulletin_mark where bulletin_id = $1 order by account_id"
_MARKS_OF = f"select {_MARKS} from bulletin_mark where account_id = $1 order by bulletin_id"


def _mark(column: str) -> str:
    return f"""insert into bulletin_mark (bulletin_id, account_id, {column})
        select id, $2::bigint, $3::bigint from bulletin where id = $1
        on conflict (bulletin_id, account_id) do update set {column} = excluded.{column}
        where bulletin_mark.{column} = 0 returning bulletin_id"""


_MARK: Final[dict[Mark, str]] = {
    "popped": _mark("popped_at"), "closed": _mark("closed_at"), "read": _mark("read_at"),
}  # fmt: skip


class SqlBulletins(OnDatabase):
    """ports.store_bulletins.BulletinStore."""

    @in_change
    async def put(self, session: Session, row: Bulletin, most: int, audit: AuditRecord, *, anew: bool = False) -> None:
        held = await session.row(_COUNT, row.organization_id, row.id)
        if held is not None and held[0] >= most:
            raise OverQuota(f"at most {most} bulletins in one company", reason="count.most", most=most)
        await session.run(_PUT, *_BULLETIN_VALUES(row))
        if anew:
            await session.run(_FORGET, row.id)
            await session.run("update bulletin set spread = 0 where id = $1", row.id)
        await add_audit(session, audit)

    one = optional(BulletinStore.one, _COLUMNS, f"select {_COLUMNS} from bulletin where id = $1")
    of_organization = every(BulletinStore.of_organization, _COLUMNS, _OF)
    at_sign_in = every(BulletinStore.at_sign_in, _COLUMNS, _AT_SIGN_IN)
    unspread = every(BulletinStore.unspread, _COLUMNS, _NEWS)

    @in_change
    async def drop(self, session: Session, bulletin_id: int, audit: AuditRecord) -> bool:
        if await session.row("delete from bulletin where id = $1 returning id", bulletin_id) is None:
            return False
        await session.run(_FORGET, bulletin_id)
        await session.run("delete from push_bulletin where bulletin_id = $1", bulletin_id)
        await add_audit(session, audit)
        return True

    @in_change
    async def mark(self, session: Session, bulletin_id: int, account_id: AccountId, mark: Mark, at: int) -> bool:
        return await session.row(_MARK[mark], bulletin_id, account_id, at) is not None

    marks = every(BulletinStore.marks, _MARKS, _MARKS_IN)
    marks_of = every(BulletinStore.marks_of, _MARKS, _MARKS_OF)
