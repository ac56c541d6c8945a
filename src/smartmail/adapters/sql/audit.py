"""The chains of audit records (ports.store_audit)."""

# ruff: noqa: S608 (statements are made of this package's own column lists only)

from collections.abc import Sequence

from smartmail.adapters.sql.session import Database, Row, Session
from smartmail.domain.audit import AuditHead, AuditLink, AuditQuery, AuditRecord, AuditRow, Source
from smartmail.domain.errors import StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId

# Both kinds of record with the same columns, so that chains and lists need not know which it is.
_AUDIT = "'audit', a.id, a.account_id, a.at, a.actor, a.action, a.object, a.address, a.sealed_detail"
_LOGIN = """'login', a.id, a.account_id, a.at,
    case when a.account_id is null then '' else 'account:' || cast(a.account_id as text) end,
    'login.' || a.result,
    'door:' || a.door
        || case when a.credential_id is null then '' else ' credential:' || cast(a.credential_id as text) end,
    a.address, null"""
_RECORDS: dict[Source, tuple[str, str]] = {"audit": (_AUDIT, "audit"), "login": (_LOGIN, "login_attempt")}


def _on(source: Source) -> str:
    return f"l.source = '{source}' and l.record_id = a.id"


def _unchained(source: Source) -> str:
    columns, table = _RECORDS[source]
    return f"""select {columns} from {table} a where a.id > $1
        and not exists (select 1 from audit_link l where {_on(source)}) order by a.id limit $2"""


def _listed(source: Source, kind: str, where: str) -> str:
    columns, table = _RECORDS[source]
    return f"""select {columns}, l.organization_id, l.seq from {table} a {kind} audit_link l on {_on(source)}
        where {where} order by a.id desc limit {{limit}}"""


def _count(source: Source) -> str:
    table = _RECORDS[source][1]
    return f"""select count(*) from {table} a where a.at < $1
        and not exists (select 1 from audit_link l where {_on(source)})"""


_UNCHAINED: dict[Source, str] = {source: _unchained(source) for source in _RECORDS}
_COUNTS = [_count(source) for source in _RECORDS]
_LINK = "l.organization_id, l.seq, l.source, l.record_id, l.digest, l.seal"
_LINKS = f"select {_LINK} from audit_link l where l.organization_id = $1 and l.seq > $2 order by l.seq limit $3"
_LAST = f"select {_LINK} from audit_link l where l.organization_id = $1 order by l.seq desc limit 1"
_FOUND: dict[Source, str] = {
    source: f"select {columns} from {table} a where a.id = any($1)" for source, (columns, table) in _RECORDS.items()
}
_HEAD = "select organization_id, length, digest, seal from audit_head where organization_id = $1"
# From one chain to the next by the key: links are many, chains are few.
_ORGANIZATIONS = """with recursive chain(number) as (
        select min(organization_id) from audit_link
        union all
        select (select min(organization_id) from audit_link where organization_id > number) from chain
        where number is not null)
    select number from chain where number is not null union select organization_id from audit_head order by 1"""
_NEWEST = "select max(record_id) from audit_link where source = $1"
_NEWEST_LOGIN = "select max(id) from login_attempt where at < $1"
_ADD_LINK = """insert into audit_link (organization_id, seq, source, record_id, digest, seal)
    values ($1, $2, $3, $4, $5, $6)"""
_HAS_LINK = "select 1 from audit_link where source = $1 and record_id = any($2) limit 1"
_NEW_HEAD = """insert into audit_head (organization_id, length, digest, seal) values ($1, $2, $3, $4)
    on conflict do nothing returning 1"""
_MOVE_HEAD = """update audit_head set length = $2, digest = $3, seal = $4
    where organization_id = $1 and length = $5 returning 1"""


def _row(row: Row) -> AuditRow:
    source, number, account, at, actor, action, thing, address, detail = row[:9]
    record = AuditRecord(at, actor, action, thing, address, None if detail is None else bytes(detail))
    return AuditRow(source, number, None if account is None else AccountId(account), record)


def _link(row: Row) -> AuditLink:
    return AuditLink(OrganizationId(row[0]), row[1], row[2], row[3], bytes(row[4]), bytes(row[5]))


async def _chain(session: Session, links: Sequence[AuditLink], heads: Sequence[tuple[AuditHead, int]]) -> None:
    for head, before in heads:
        values = (head.organization_id, head.length, head.digest, head.seal)
        moved = session.row(_MOVE_HEAD, *values, before) if before else session.row(_NEW_HEAD, *values)
        if await moved is None:
            raise StateMismatch
    for source in _RECORDS:
        ids = [link.record_id for link in links if link.source == source]
        if ids and await session.row(_HAS_LINK, source, ids) is not None:
            raise StateMismatch
    await session.many(
        _ADD_LINK,
        [(one.organization_id, one.seq, one.source, one.record_id, one.digest, one.seal) for one in links],
    )


class SqlAudit:
    """ports.store_audit.AuditStore."""

    _db: Database

    async def unchained_records(self, source: Source, after: int, limit: int) -> list[AuditRow]:
        # Aside: after 0 it looks through all records.
        rows = await self._db.read_aside(lambda session: session.rows(_UNCHAINED[source], after, limit))
        return [_row(row) for row in rows]

    async def newest_chained(self, source: Source) -> int:
        row = await self._db.row(_NEWEST, source)
        return (row[0] if row else None) or 0

    async def newest_login(self, before: int) -> int:
        row = await self._db.row(_NEWEST_LOGIN, before)
        return (row[0] if row else None) or 0

    async def count_unchained(self, before: int) -> int:
        async def count(session: Session) -> int:
            counted = [await session.row(sql, before) for sql in _COUNTS]
            return sum(row[0] for row in counted if row)

        return await self._db.read_aside(count)

    async def chain_records(self, links: Sequence[AuditLink], heads: Sequence[tuple[AuditHead, int]]) -> None:
        await self._db.change(0, lambda session: _chain(session, links, heads))

    async def audit_organizations(self) -> list[OrganizationId]:
        return [OrganizationId(row[0]) for row in await self._db.rows(_ORGANIZATIONS)]

    async def audit_tip(self, organization_id: OrganizationId) -> tuple[AuditHead | None, AuditLink | None]:
        async def tip(session: Session) -> tuple[Row | None, Row | None]:
            return await session.row(_HEAD, organization_id), await session.row(_LAST, organization_id)

        head, last = await self._db.read(tip)
        return (
            None if head is None else AuditHead(OrganizationId(head[0]), head[1], bytes(head[2]), bytes(head[3])),
            None if last is None else _link(last),
        )

    async def audit_links(
        self, organization_id: OrganizationId, after: int, limit: int
    ) -> list[tuple[AuditLink, AuditRow | None]]:
        async def page(session: Session) -> list[tuple[AuditLink, AuditRow | None]]:
            links = [_link(row) for row in await session.rows(_LINKS, organization_id, after, limit)]
            found: dict[tuple[str, int], AuditRow] = {}
            for source, sql in _FOUND.items():
                ids = [link.record_id for link in links if link.source == source]
                rows = [_row(row) for row in await session.rows(sql, ids)] if ids else []
                found |= {(source, one.id): one for one in rows}
            return [(link, found.get((link.source, link.record_id))) for link in links]

        return await self._db.read_aside(page)

    async def audit_records(self, query: AuditQuery) -> list[tuple[AuditRow, OrganizationId | None, int | None]]:
        found: list[tuple[AuditRow, OrganizationId | None, int | None]] = []
        for source in _RECORDS:
            sql, arguments = _listing(source, query)
            found += [
                (_row(row), None if row[9] is None else OrganizationId(row[9]), row[10])
                for row in await self._db.rows(sql, *arguments)
            ]
        found.sort(key=lambda one: (one[0].record.at, one[0].id), reverse=True)
        return found[: query.limit]


def _listing(source: Source, query: AuditQuery) -> tuple[str, list[object]]:
    """Return the statement of one kind of record and its arguments."""
    wanted = (
        ("l.organization_id = ", query.organization_id),
        ("a.account_id = ", query.account_id),
        ("a.at >= ", query.since),
        ("a.at < ", query.until),
    )
    conditions, arguments = ["a.id > 0"], list[object]()
    for condition, value in wanted:
        if value is not None:
            arguments.append(value)
            conditions.append(f"{condition}${len(arguments)}")
    arguments.append(query.limit)
    join = "left join" if query.organization_id is None else "join"
    sql = _listed(source, join, " and ".join(conditions))
    return sql.format(limit=f"${len(arguments)}"), arguments
