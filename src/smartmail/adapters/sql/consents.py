"""Known devices, old passwords, consents (the rest of ports.store_factors.FactorStore)."""

from collections.abc import Sequence

from smartmail.adapters.sql.declared import changed, every, first_column, optional
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import in_account_change, in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists
from smartmail.domain.factors import Consent, ConsentText, KnownDevice
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.ports.store_factors import FactorStore

_KNOWN = Shape(KnownDevice)
_DEVICE = """select token_hash, account_id, first_at, last_at, address, sealed_name from known_device where token_hash
    = $1"""
_DEVICES = """select token_hash, account_id, first_at, last_at, address, sealed_name from known_device
    where account_id = $1 order by last_at desc, token_hash"""
_PUT_DEVICE = """insert into known_device (token_hash, account_id, first_at, last_at, address, sealed_name)
    values ($1, $2, $3, $4, $5, $6) on conflict (token_hash) do update set last_at = excluded.last_at,
    address = excluded.address, sealed_name = excluded.sealed_name"""
_EXTRA = """select token_hash from known_device where account_id = $1 order by last_at desc, token_hash limit 1000
    offset $2"""
_DROP_DEVICE = "delete from known_device where account_id = $1 and token_hash = $2 returning token_hash"
_DROP_DEVICES = "delete from known_device where account_id = $1 returning token_hash"
_OLD = "select verifier from old_password where account_id = $1 order by at desc limit $2"
_KEEP = """insert into old_password (account_id, at, verifier) values ($1, $2, $3)
    on conflict (account_id, at) do update set verifier = excluded.verifier"""
_RENEW = """update credential set verifier = $3, sealed_hash = null, expires_at = null
    where account_id = $1 and id = $2 and kind = 'password' and sealed_hash is not null returning id"""
_OLDER = "select at from old_password where account_id = $1 order by at desc limit 1000 offset $2"
_PUT_TEXT = """insert into consent_text (organization_id, name, version, language, sealed, at)
    values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning version"""
_TEXTS = """select organization_id, name, version, language, sealed, at from consent_text where organization_id = $1
    order by name, version desc, language"""
_GIVE = """insert into consent (account_id, name, version, at, address) values ($1, $2, $3, $4, $5)
    on conflict do nothing returning version"""
_GIVEN = "select account_id, name, version, at, address from consent where account_id = $1 order by name, version"
_ALL_GIVEN = """select c.account_id, c.name, c.version, c.at, c.address from account a
    join consent c on c.account_id = a.id where a.organization_id = $1
    and (c.account_id > $2 or (c.account_id = $2 and (c.name > $3 or (c.name = $3 and c.version > $4))))
    order by c.account_id, c.name, c.version limit $5"""


class SqlConsents(OnDatabase):
    """Devices, passwords and consents."""

    known_device = optional(FactorStore.known_device, _KNOWN, _DEVICE)

    async def put_known_device(self, device: KnownDevice, most: int) -> None:
        values = _KNOWN.dump(device)

        async def work(session: Session) -> None:
            await session.run(_PUT_DEVICE, *values)
            for row in await session.rows(_EXTRA, device.account_id, most):
                await session.run(_DROP_DEVICE, device.account_id, bytes(row[0]))

        await self._db.change(device.account_id, work)

    known_devices = every(FactorStore.known_devices, _KNOWN, _DEVICES)

    @in_account_change
    async def drop_known_devices(
        self, session: Session, account_id: AccountId, token_hashes: Sequence[bytes] | None
    ) -> int:
        if token_hashes is None:
            return len(await session.rows(_DROP_DEVICES, account_id))
        return sum([await session.row(_DROP_DEVICE, account_id, one) is not None for one in token_hashes])

    old_passwords = every(FactorStore.old_passwords, first_column, _OLD)

    @in_account_change
    async def keep_old_password(
        self, session: Session, account_id: AccountId, verifier: str, at: int, most: int
    ) -> None:
        await session.run(_KEEP, account_id, at, verifier)
        for row in await session.rows(_OLDER, account_id, most):
            await session.run("delete from old_password where account_id = $1 and at = $2", account_id, row[0])

    renew_imported = changed(FactorStore.renew_imported, _RENEW, by_account=True)

    @in_change
    async def put_consent_text(self, session: Session, row: ConsentText, audit: AuditRecord) -> None:
        values = (row.organization_id, row.name, row.version, row.language, row.sealed, row.at)
        if await session.row(_PUT_TEXT, *values) is None:
            raise AlreadyExists
        await add_audit(session, audit)

    async def consent_texts(self, organization_id: OrganizationId) -> list[ConsentText]:
        rows = await self._db.rows(_TEXTS, organization_id)
        return [ConsentText(row[0], row[1], row[2], row[3], bytes(row[4]), row[5]) for row in rows]

    @in_account_change
    async def give_consent(self, session: Session, row: Consent, audit: AuditRecord) -> None:
        if await session.row(_GIVE, row.account_id, row.name, row.version, row.at, row.address) is not None:
            await add_audit(session, audit, row.account_id)

    consents = every(FactorStore.consents, Shape(Consent), _GIVEN)

    async def consents_of(
        self, organization_id: OrganizationId, after: tuple[int, str, int], limit: int
    ) -> list[Consent]:
        rows = await self._db.rows(_ALL_GIVEN, organization_id, *after, limit)
        return [Consent(AccountId(row[0]), *row[1:]) for row in rows]
