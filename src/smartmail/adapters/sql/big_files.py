"""Big files, their links and downloads (ports.store_big_files.BigFileStore)."""

from collections.abc import Sequence

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.declared import changed, every, executed, optional
from smartmail.adapters.sql.queue import count_blob
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import change_by, in_change
from smartmail.adapters.sql.work import DROP_BLOB
from smartmail.domain.audit import AuditRecord
from smartmail.domain.big_files import BigDownload, BigFile, BigLink, BigPart
from smartmail.domain.errors import NotFound, OverQuota, StateMismatch
from smartmail.domain.ids import AccountId, BlobId
from smartmail.ports.store_big_files import BigFileStore

_FILE = Shape(BigFile)
_ADD_FILE = f"insert into big_file ({_FILE}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
_SUM = "select coalesce(sum(size), 0)::bigint from big_file where account_id = $1"
_ONE_FILE = f"select {_FILE} from big_file where id = $1"
_FILES = f"select {_FILE} from big_file where account_id = $1 order by created_at desc, id desc"
_LOCK_FILE = f"{_ONE_FILE} for update"
_GROW = (
    f"""update big_file set received = $2, parts = $3, state = $4, expires_at = $5 where id = $1 returning {_FILE}"""
)
_ADD_PART = "insert into big_part (file_id, number, start, size, blob_id, wrapped_key) values ($1, $2, $3, $4, $5, $6)"
_PARTS = """select p.number, p.start, p.wrapped_key, b.id, b.volume_id, b.location, b.size, b.newer_key
    from big_part p join blob b on b.id = p.blob_id
    where p.file_id = $1 and p.start < $3 and p.start + p.size > $2 order by p.number"""
_CHANGE_FILE = """update big_file set state = $3, sealed = $4, checked_at = $5 where id = $1 and state = any($2)
    returning id"""
_HAND_FILE = "update big_file set account_id = $3, wrapped_key = $4 where id = $1 and account_id = $2 returning id"
_IN = f"select {_FILE} from big_file where state = $1 and checked_at < $2 order by checked_at, id limit $3"
_HELD = "exists (select 1 from hold h where h.account_id = big_file.account_id)"
_OVER = f"""select {_FILE} from big_file where expires_at <= $1 and not {_HELD}
    and not exists (select 1 from big_link l where l.file_id = big_file.id and l.revoked_at = 0 and l.expires_at > $1)
    order by expires_at limit $2"""
_DROP_FILE = f"delete from big_file where id = $1 and not {_HELD} returning account_id"
_DROP_PARTS = "delete from big_part where file_id = $1 returning blob_id"

_LINK = Shape(BigLink)
_ADD_LINK = f"insert into big_link ({_LINK}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
_BY_TOKEN = f"select {_LINK} from big_link where token_hash = $1"
_LINKS = f"select {_LINK} from big_link where account_id = $1 order by created_at desc, id desc"
_CHANGE_LINK = """update big_link set expires_at = $2, most = $3, revoked_at = $4, sealed = $5, reminded_at = case when
    expires_at < $2 then 0 else reminded_at end where id = $1 returning id"""
_SEAL_LINK = "update big_link set sealed = $3 where id = $1 and sealed = $2 returning id"
_TRY = """update big_link set tries = case when tried_at <= $4 then 1 else tries + 1 end, tried_at = $2
    where id = $1 and (tries < $3 or tried_at <= $4) returning id"""
_TAKE = """update big_link set taken = taken + 1, tries = 0 where id = $1 and revoked_at = 0 and expires_at > $2
    and (most = 0 or taken < most) and exists
    (select 1 from big_file f where f.id = big_link.file_id and f.state = 'ready') returning id"""
_ENDING = f"""select {_LINK} from big_link where expires_at > $1 and expires_at <= $2 and revoked_at = 0
    and reminded_at = 0 order by expires_at limit $3"""
_REMIND = "update big_link set reminded_at = $2 where id = $1 and reminded_at = 0 returning id"

_DOWNLOAD = Shape(BigDownload)
_ADD_DOWNLOAD = f"insert into big_download ({_DOWNLOAD}) values ($1, $2, $3, $4, $5, $6, $7, $8)"
_BY_TICKET = f"select {_DOWNLOAD} from big_download where ticket_hash = $1"
_NOTE = """update big_download set octets = octets + $2, last_at = $3,
    complete = case when $4 = 1 then 1 else complete end where id = $1"""
_DOWNLOADS = f"select {_DOWNLOAD} from big_download where link_id = any($1) order by at desc, id limit $2"
_BLOBS = """select file_id, number, blob_id from big_part where (file_id, number) > ($1, $2)
    order by file_id, number limit $3"""
_FOREVER = 1 << 62


async def _grow(session: Session, file_id: bytes, received: int, parts: Sequence[BigPart], expires_at: int) -> BigFile:
    row = await session.row(_LOCK_FILE, file_id)
    file = None if row is None else _FILE.of(row)
    if file is None or file.state != "coming":
        raise NotFound
    if file.received != received:
        raise StateMismatch
    end = received + sum(one.blob.size for one in parts)
    for one in parts:
        await count_blob(session, one.blob)
        await session.run(_ADD_PART, file_id, one.number, one.start, one.blob.size, one.blob.id, one.wrapped_key)
    state = "checking" if end == file.size else "coming"
    return _FILE.of(await row_of(session, _GROW, file_id, end, file.parts + len(parts), state, expires_at))


async def _drop(session: Session, file_id: bytes, now: int, audit: AuditRecord | None = None) -> bool:
    if await session.row(_DROP_FILE, file_id) is None:
        return False
    blobs = sorted(bytes(row[0]) for row in await session.rows(_DROP_PARTS, file_id))
    await session.many(DROP_BLOB, [(one, 1, now) for one in blobs])
    links = await session.rows("delete from big_link where file_id = $1 returning id", file_id)
    await session.many("delete from big_download where link_id = $1", [(bytes(row[0]),) for row in links])
    await add_audit(session, audit)
    return True


class SqlBigFiles(OnDatabase):
    """ports.store_big_files.BigFileStore."""

    @in_change
    async def add_big_file(self, session: Session, row: BigFile, most_octets: int, audit: AuditRecord) -> None:
        await session.row("select id from account where id = $1 for update", row.account_id)
        held = await session.row(_SUM, row.account_id)
        if most_octets and held is not None and held[0] + row.size > most_octets:
            raise OverQuota("there is no room for so much in big files")
        await session.run(_ADD_FILE, *_FILE.dump(row))
        await add_audit(session, audit)

    big_file = optional(BigFileStore.big_file, _FILE, _ONE_FILE)
    big_files = every(BigFileStore.big_files, _FILE, _FILES)
    add_big_parts = change_by(_grow)

    async def big_parts(self, file_id: bytes, start: int = 0, end: int | None = None) -> list[BigPart]:
        found = await self._db.rows(_PARTS, file_id, start, _FOREVER if end is None else end)
        return [BigPart(row[0], row[1], rows.blob(row[3:]), bytes(row[2])) for row in found]

    change_big_file = changed(BigFileStore.change_big_file, _CHANGE_FILE)

    @in_change
    async def hand_big_file(
        self, session: Session, file_id: bytes, old: AccountId, new: AccountId, wrapped_key: bytes
    ) -> bool:
        if await session.row(_HAND_FILE, file_id, old, new, wrapped_key) is None:
            return False
        await session.run("update big_link set account_id = $2 where file_id = $1", file_id, new)
        return True

    big_files_in = every(BigFileStore.big_files_in, _FILE, _IN)
    big_files_over = every(BigFileStore.big_files_over, _FILE, _OVER)
    drop_big_file = change_by(_drop)

    @in_change
    async def add_big_links(self, session: Session, links: Sequence[BigLink], audit: AuditRecord) -> None:
        await session.many(_ADD_LINK, [_LINK.dump(one) for one in links])
        await add_audit(session, audit)

    big_link = optional(BigFileStore.big_link, _LINK, f"select {_LINK} from big_link where id = $1")
    big_link_by_token = optional(BigFileStore.big_link_by_token, _LINK, _BY_TOKEN)
    big_links = every(BigFileStore.big_links, _LINK, _LINKS)

    change_big_link = changed(BigFileStore.change_big_link, _CHANGE_LINK)
    seal_big_link = changed(BigFileStore.seal_big_link, _SEAL_LINK)

    async def try_big_link(self, link_id: bytes, now: int, most: int, pause: int) -> bool:
        since = now - pause
        return await self._db.change(0, lambda session: session.row(_TRY, link_id, now, most, since)) is not None

    @in_change
    async def take_big_link(self, session: Session, link_id: bytes, now: int, download: BigDownload) -> bool:
        if await session.row(_TAKE, link_id, now) is None:
            return False
        await session.run(_ADD_DOWNLOAD, *_DOWNLOAD.dump(download))
        return True

    big_download = optional(BigFileStore.big_download, _DOWNLOAD, _BY_TICKET)
    note_big_download = executed(BigFileStore.note_big_download, _NOTE)
    big_downloads = every(BigFileStore.big_downloads, _DOWNLOAD, _DOWNLOADS)
    big_links_ending = every(BigFileStore.big_links_ending, _LINK, _ENDING)
    remind_big_link = changed(BigFileStore.remind_big_link, _REMIND)

    async def big_blobs(self, after: tuple[bytes, int], limit: int) -> list[tuple[bytes, int, BlobId]]:
        return [(bytes(row[0]), row[1], BlobId(bytes(row[2]))) for row in await self._db.rows(_BLOBS, *after, limit)]
