"""The chains of audit records (ports.store_audit)."""

from collections.abc import Sequence

from smartmail.adapters.sql.audit_search import search_links
from smartmail.adapters.sql.declared import every, first_column
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Row, Session
from smartmail.adapters.sql.transactions import change_by, in_change, in_read_aside, read_aside_by, read_by
from smartmail.domain.audit import (
    AuditHead,
    AuditLink,
    AuditQuery,
    AuditRecord,
    AuditRow,
    RecordFacts,
    RecordKind,
    Source,
    UntaggedEnd,
)
from smartmail.domain.errors import StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.ports.store_audit import AuditStore, RecordTagger

# Both kinds of record with the same columns, so that chains and lists need not know which it is.
_AUDIT = "'audit', a.id, a.account_id, a.at, a.actor, a.action, a.object, a.address, a.sealed_detail, a.door, a.tag"
_LOGIN = """'login', a.id, a.account_id, a.at,
    case when a.account_id is null then '' else 'account:' || cast(a.account_id as text) end,
    'login.' || a.result,
    'door:' || a.door
        || case when a.credential_id is null then '' else ' credential:' || cast(a.credential_id as text) end,
    a.address, null, '', a.tag"""
_RECORDS: dict[Source, tuple[str, str]] = {"audit": (_AUDIT, "audit"), "login": (_LOGIN, "login_attempt")}


def _on(source: Source) -> str:
    return f"l.source = '{source}' and l.record_id = a.id"


def _unchained(source: Source) -> str:
    columns, table = _RECORDS[source]
    return f"""select {columns} from {table} a where a.id > $1
        and not exists (select 1 from audit_link l where {_on(source)}) order by a.id limit $2"""


def _count(source: Source) -> str:
    table = _RECORDS[source][1]
    return f"""select count(*) from {table} a where a.at < $1
        and not exists (select 1 from audit_link l where {_on(source)})"""


_UNCHAINED: dict[Source, str] = {source: _unchained(source) for source in _RECORDS}
_COUNTS = [_count(source) for source in _RECORDS]
_FACTS = ("at", "kind", "actor", "account_id", "action", "door", "address", "country")
_LINK = "l.organization_id, l.seq, l.source, l.record_id, l.digest, l.seal, l.gone, " + ", ".join(
    f"l.{one}" for one in _FACTS
)
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
_ADD_LINK = f"""insert into audit_link (organization_id, seq, source, record_id, digest, seal, {", ".join(_FACTS)})
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"""
_OLD = f"""select {_LINK} from audit_link l where l.organization_id = $1 and l.kind = $2 and l.at < $3
    and (l.at > $4 or (l.at = $4 and l.seq > $5)) order by l.at, l.seq limit $6"""
_GONE = """update audit_link set gone = $3, at = 0, kind = '', actor = '', account_id = 0, action = '', door = '',
    address = '', country = '' where organization_id = $1 and seq = $2 and gone is null returning seq"""
_DROP: dict[Source, str] = {
    source: f"delete from {table} where id = $1" for source, (_columns, table) in _RECORDS.items()
}
_FACTS_OF = f"""select l.seq, {", ".join(f"l.{one}" for one in _FACTS)} from audit_link l
    where l.organization_id = $1 and l.at >= $2 and l.at < $3 and (l.at > $4 or (l.at = $4 and l.seq > $5))
    order by l.at, l.seq limit $6"""
_LAST_LOGIN = """select at from audit_link where organization_id = $1 and account_id = $2 and at < $3
    and action = 'login.ok' order by at desc limit 1"""
_COPIED = [
    f"select '{source}', max(id) from {table} where tag is not null group by tag having count(*) > 1"
    for source, (_columns, table) in _RECORDS.items()
]
_TAGGED: dict[Source, str] = {
    source: f"select 1 from {table} where id <= $1 and tag is not null limit 1"
    for source, (_columns, table) in _RECORDS.items()
}
_SEAL_UNTAGGED = "update audit_untagged set seal = $3 where source = $1 and last = $2 and seal is null returning source"
_HAS_LINK = "select 1 from audit_link where source = $1 and record_id = any($2) limit 1"
_NEW_HEAD = """insert into audit_head (organization_id, length, digest, seal) values ($1, $2, $3, $4)
    on conflict do nothing returning 1"""
_MOVE_HEAD = """update audit_head set length = $2, digest = $3, seal = $4
    where organization_id = $1 and length = $5 returning 1"""


def _row(row: Row) -> AuditRow:
    source, number, account, at, actor, action, thing, address, detail, door = row[:10]
    record = AuditRecord(at, actor, action, thing, address, None if detail is None else bytes(detail), door)
    tag = b"" if row[10] is None else bytes(row[10])
    return AuditRow(source, number, None if account is None else AccountId(account), record, tag)


def _link(row: Row) -> AuditLink:
    gone = None if row[6] is None else bytes(row[6])
    facts = RecordFacts(*row[7:15])
    return AuditLink(OrganizationId(row[0]), row[1], row[2], row[3], bytes(row[4]), bytes(row[5]), facts, gone)


def _link_values(one: AuditLink) -> tuple[object, ...]:
    facts = (getattr(one.facts, name) for name in _FACTS)
    return (one.organization_id, one.seq, one.source, one.record_id, one.digest, one.seal, *facts)


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
    await session.many(_ADD_LINK, [_link_values(one) for one in links])


async def _joined(session: Session, links: Sequence[AuditLink]) -> list[tuple[AuditLink, AuditRow | None]]:
    """Return links, each with its record."""
    found: dict[tuple[str, int], AuditRow] = {}
    for source, sql in _FOUND.items():
        ids = [link.record_id for link in links if link.source == source]
        rows = [_row(row) for row in await session.rows(sql, ids)] if ids else []
        found |= {(source, one.id): one for one in rows}
    return [(link, found.get((link.source, link.record_id))) for link in links]


async def _search(session: Session, organization_id: OrganizationId, query: AuditQuery) -> list[AuditLink]:
    return [_link(row) for row in await search_links(session, _LINK, organization_id, query)]


async def _drop(session: Session, gone: Sequence[AuditLink], audit: AuditRecord) -> int:
    dropped = 0
    for link in gone:
        if await session.row(_GONE, link.organization_id, link.seq, link.gone) is None:
            continue  # another process was quicker
        await session.run(_DROP[link.source], link.record_id)
        dropped += 1
    if dropped:
        await add_audit(session, audit)
    return dropped


class SqlAudit(OnDatabase):
    """ports.store_audit.AuditStore."""

    async def unchained_records(self, source: Source, after: int, limit: int) -> list[AuditRow]:
        # Aside: after 0 it looks through all records.
        rows = await self._db.read_aside(lambda session: session.rows(_UNCHAINED[source], after, limit))
        return [_row(row) for row in rows]

    def tag_records(self, tagger: RecordTagger) -> None:
        self._db.tags.tagger = tagger

    @in_read_aside
    async def copied_records(self, session: Session) -> list[tuple[Source, int]]:
        return [(row[0], row[1]) for sql in _COPIED for row in await session.rows(sql)]

    async def untagged_ends(self) -> list[UntaggedEnd]:
        rows = await self._db.rows("select source, last, seal from audit_untagged order by source")
        return [UntaggedEnd(row[0], row[1], None if row[2] is None else bytes(row[2])) for row in rows]

    async def has_tags(self, source: Source, last: int) -> bool:
        return await self._db.row(_TAGGED[source], last) is not None

    @in_change
    async def seal_untagged(self, session: Session, ends: Sequence[UntaggedEnd], audit: AuditRecord) -> None:
        for one in ends:
            if await session.row(_SEAL_UNTAGGED, one.source, one.last, one.seal) is None:
                return  # another process was quicker
        await add_audit(session, audit)

    async def newest_chained(self, source: Source) -> int:
        row = await self._db.row("select max(record_id) from audit_link where source = $1", source)
        return (row[0] if row else None) or 0

    @in_read_aside
    async def count_unchained(self, session: Session, before: int) -> int:
        counted = [await session.row(sql, before) for sql in _COUNTS]
        return sum(row[0] for row in counted if row)

    chain_records = change_by(_chain)
    audit_organizations = every(AuditStore.audit_organizations, first_column, _ORGANIZATIONS)

    async def audit_tip(self, organization_id: OrganizationId) -> tuple[AuditHead | None, AuditLink | None]:
        async def tip(session: Session) -> tuple[Row | None, Row | None]:
            return await session.row(_HEAD, organization_id), await session.row(_LAST, organization_id)

        head, last = await self._db.read(tip)
        return (
            None if head is None else AuditHead(OrganizationId(head[0]), head[1], bytes(head[2]), bytes(head[3])),
            None if last is None else _link(last),
        )

    @in_read_aside
    async def audit_links(
        self, session: Session, organization_id: OrganizationId, after: int, limit: int
    ) -> list[tuple[AuditLink, AuditRow | None]]:
        links = [_link(row) for row in await session.rows(_LINKS, organization_id, after, limit)]
        return await _joined(session, links)

    find_links = read_aside_by(_search)
    records_of = read_by(_joined)

    @in_read_aside
    async def old_links(
        self,
        session: Session,
        organization_id: OrganizationId,
        kind: RecordKind,
        before: int,
        after: tuple[int, int],
        limit: int,
    ) -> list[tuple[AuditLink, AuditRow | None]]:
        rows = await session.rows(_OLD, organization_id, kind, before, *after, limit)
        return await _joined(session, [_link(row) for row in rows])

    drop_records = change_by(_drop)

    async def link_facts(
        self, organization_id: OrganizationId, since: int, until: int, after: tuple[int, int], limit: int
    ) -> list[tuple[int, RecordFacts]]:
        rows = await self._db.read_aside(lambda s: s.rows(_FACTS_OF, organization_id, since, until, *after, limit))
        return [(row[0], RecordFacts(*row[1:])) for row in rows]

    async def last_login(self, organization_id: OrganizationId, account_id: AccountId, before: int) -> int | None:
        row = await self._db.row(_LAST_LOGIN, organization_id, account_id, before)
        return row[0] if row else None
