"""Identities: the addresses, names and signatures that an account sends as (RFC 8621 §6)."""

from dataclasses import dataclass

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId, IdentityId
from smartmail.domain.principal import Actor
from smartmail.domain.submission import IdentityRow
from smartmail.formats.address import normalize
from smartmail.formats.seal import Kind
from smartmail.ports.store import MailTx, Store
from smartmail.service import rights
from smartmail.service.keyring import Keyring
from smartmail.service.push import Hints


class IdentityText(msgspec.Struct, frozen=True, array_like=True):
    """What of an identity is sealed. `reply_to` and `bcc` hold (name, address)."""

    name: str
    reply_to: tuple[tuple[str, str], ...] = ()
    bcc: tuple[tuple[str, str], ...] = ()
    text_signature: str = ""
    html_signature: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity, opened."""

    row: IdentityRow
    text: IdentityText


class IdentityService:
    """Reads and changes identities. An identity's address is one of the account's own."""

    def __init__(self, store: Store, keyring: Keyring, hints: Hints) -> None:
        self._store = store
        self._keyring = keyring
        self._hints = hints

    async def list_all(self, actor: Actor, account_id: AccountId) -> list[Identity]:
        """Return all identities of an account."""
        rights.require(actor, account_id, "r")
        keys = await self._keyring.account_by_id(account_id)
        rows = await self._store.identities(account_id)
        return [Identity(row, _open(keys.open(Kind.IDENTITY, row.sealed))) for row in rows]

    async def get(self, actor: Actor, account_id: AccountId, identity_id: IdentityId) -> Identity:
        """Return one. Raises NotFound."""
        for identity in await self.list_all(actor, account_id):
            if identity.row.id == identity_id:
                return identity
        raise NotFound

    async def put(
        self, actor: Actor, account_id: AccountId, identity_id: IdentityId | None, address: str, text: IdentityText
    ) -> IdentityRow:
        """Make (None) or change one. Raises Invalid for an address that is not the account's, NotFound."""
        rights.require(actor, account_id, "w")
        if normalize(address) not in await self._store.addresses(account_id):
            raise Invalid(f"{address} is not an address of this account")
        row = await self._write(account_id, identity_id, address, text)
        self._hints.account_changed(account_id)
        return row

    async def create_default(self, account: Account) -> IdentityRow:
        """Make the identity that every account starts with: its login and name."""
        return await self._write(account.id, None, account.login, IdentityText(account.name))

    async def destroy(self, actor: Actor, account_id: AccountId, identity_id: IdentityId) -> None:
        """Remove one. Raises NotFound."""
        rights.require(actor, account_id, "w")

        async def body(tx: MailTx) -> None:
            await tx.destroy_identity(identity_id)

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)

    async def _write(
        self, account_id: AccountId, identity_id: IdentityId | None, address: str, text: IdentityText
    ) -> IdentityRow:
        keys = await self._keyring.account_by_id(account_id)
        sealed = keys.seal(Kind.IDENTITY, msgspec.msgpack.encode(text))

        async def body(tx: MailTx) -> IdentityRow:
            return await tx.put_identity(identity_id, address, sealed)

        return await self._store.write(account_id, body)


def _open(octets: bytes) -> IdentityText:
    return msgspec.msgpack.decode(octets, type=IdentityText)
