"""Tables of addresses and histories of senders (ports.store_route.RouteStore)."""

from collections.abc import Sequence

from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.transactions import in_account_change, in_change
from smartmail.domain.ids import AccountId
from smartmail.domain.route import MAX_SENDERS, MONTHS, SenderCountry

_TABLE = "select octets from geo_table where kind = $1 and version = $2 order by piece"
_PUT_PIECE = "insert into geo_table (kind, version, piece, octets) values ($1, $2, $3, $4)"
_PUT_COUNTER = """insert into setting (scope, name, value) values ('geo', $1, $2)
    on conflict (scope, name) do update set value = excluded.value"""
_COUNTRIES = """select country, first_month, last_month from sender_country
    where account_id = $1 and sender_hash = $2 order by country"""
_NOTE = """insert into sender_country (account_id, sender_hash, country, first_month, last_month)
    values ($1, $2, $3, $4, $4)
    on conflict (account_id, sender_hash, country) do update set
    first_month = case when excluded.last_month - sender_country.last_month >= $5
        then excluded.first_month else sender_country.first_month end,
    last_month = case when excluded.last_month > sender_country.last_month
        then excluded.last_month else sender_country.last_month end"""
_FORGET = "delete from sender_country where account_id = $1 and last_month <= $2"
_OLDEST = """select sender_hash, country from sender_country where account_id = $1
    order by last_month, sender_hash limit $2"""
_DROP_LINE = "delete from sender_country where account_id = $1 and sender_hash = $2 and country = $3"
_TIDY_BELOW = 8
"""A note whose sender's hash begins with a smaller octet tidies up: one of 32, so that tidying costs little."""
_SPARE = MAX_SENDERS // 20


class SqlRoute(OnDatabase):
    """ports.store_route.RouteStore."""

    async def geo_versions(self) -> dict[str, int]:
        return {row[0]: row[1] for row in await self._db.rows("select kind, max(version) from geo_table group by kind")}

    async def geo_table(self, kind: str) -> bytes | None:
        newest = await self._db.row("select max(version) from geo_table where kind = $1", kind)
        if newest is None or newest[0] is None:
            return None
        rows = await self._db.rows(_TABLE, kind, newest[0])
        # Replaced between the two reads: the next look finds the new one.
        return b"".join([bytes(row[0]) for row in rows]) if rows else None

    @in_change
    async def put_geo_table(self, session: Session, kind: str, pieces: Sequence[bytes]) -> int:
        counter = await session.row("select value from setting where scope = 'geo' and name = $1", kind)
        version = 1 if counter is None else int(counter[0]) + 1
        await session.run(_PUT_COUNTER, kind, str(version))
        await session.run("delete from geo_table where kind = $1", kind)
        for number, piece in enumerate(pieces):
            await session.run(_PUT_PIECE, kind, version, number, piece)
        return version

    async def sender_countries(self, account_id: AccountId, sender_hash: bytes) -> list[SenderCountry]:
        rows = await self._db.rows(_COUNTRIES, account_id, sender_hash)
        return [SenderCountry(row[0], row[1], row[2]) for row in rows]

    @in_account_change
    async def note_sender_country(
        self, session: Session, account_id: AccountId, sender_hash: bytes, country: str, month: int
    ) -> None:
        await session.run(_NOTE, account_id, sender_hash, country, month, MONTHS)
        if sender_hash[0] < _TIDY_BELOW:
            await _tidy(session, account_id, month)


async def _tidy(session: Session, account_id: AccountId, month: int) -> None:
    await session.run(_FORGET, account_id, month - MONTHS)
    row = await session.row("select count(*) from sender_country where account_id = $1", account_id)
    over = row[0] - MAX_SENDERS if row else 0
    if over > 0:
        oldest = await session.rows(_OLDEST, account_id, over + _SPARE)
        await session.many(_DROP_LINE, [(account_id, bytes(one[0]), one[1]) for one in oldest])
