"""Identities: the addresses, names and signatures that an account sends as (RFC 8621 §6).

Beside their own, a person's list shows the identities of accounts that they may send for:
under numbers that no account gives itself, to be read but not changed there. So do further addresses of the account for
which nobody has made an identity: an alias that an administrator gives can be written from at once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.ids import AccountId, IdentityId
from smartmail.domain.principal import Actor
from smartmail.domain.submission import IdentityRow
from smartmail.formats.address import normalize
from smartmail.formats.seal import Kind
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import Rights
from smartmail.service.mailbox.sharing.sending import Delegated, SendingService


class _Store(AccountStore, DirectoryStore, MailReads, Protocol): ...


DELEGATED_SHIFT = 32
"""The number of another account's identity in a person's list: the account above these bits, its own number below."""

_ALIAS: Final = 1 << 30
"""Numbers from here up to 1 << 31 are those of addresses without an identity; accounts count their own from 1."""


class IdentityText(msgspec.Struct, frozen=True, array_like=True):
    """What of an identity is sealed. `reply_to` and `bcc` hold (name, address)."""

    name: str
    reply_to: tuple[tuple[str, str], ...] = ()
    bcc: tuple[tuple[str, str], ...] = ()
    text_signature: str = ""
    html_signature: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity, opened. `owner`: the account whose it is, None for the one that was asked; `on_behalf`: what is sent
    with it names the person in Sender.
    """

    row: IdentityRow
    text: IdentityText
    owner: AccountId | None = None
    on_behalf: bool = False


class IdentityService:
    """Reads and changes identities. An identity's address is one of the account's own."""

    def __init__(self, store: _Store, rights: Rights, sending: SendingService, keyring: Keyring, hints: Hints) -> None:
        self._store = store
        self._rights = rights
        self._sending = sending
        self._keyring = keyring
        self._hints = hints

    async def list_all(self, actor: Actor, account_id: AccountId) -> list[Identity]:
        """Return all identities of an account; in the actor's own, also those of accounts that they may send for.
        Raises NotFound, Forbidden: an account that the actor may not send for.
        """
        await self._rights.require_kind(actor, account_id, "identity")
        found = await self._own(account_id)
        if actor.account_id == account_id:
            for one in await self._sending.delegations(actor):
                found += await self._delegated(one)
        return found

    async def _delegated(self, one: Delegated) -> list[Identity]:
        return [
            Identity(
                replace(identity.row, id=delegated_id(one.account_id, identity.row.id)), identity.text, one.account_id,
                one.on_behalf,
            )
            for identity in await self._own(one.account_id)
        ]  # fmt: skip

    async def _own(self, account_id: AccountId) -> list[Identity]:
        keys = await self._keyring.account_by_id(account_id)
        rows = await self._store.identities(account_id)
        found = [Identity(row, _open(keys.open(Kind.IDENTITY, row.sealed))) for row in rows]
        return found + _of_aliases(found, await self._store.addresses(account_id)) if found else found

    async def get(self, actor: Actor, account_id: AccountId, identity_id: IdentityId) -> Identity:
        """Return one. Raises NotFound, Forbidden."""
        await self._rights.require_kind(actor, account_id, "identity")
        if actor.account_id == account_id and identity_id >> DELEGATED_SHIFT:
            one = await self._sending.delegation(actor, AccountId(identity_id >> DELEGATED_SHIFT))
            found = await self._delegated(one) if one is not None else []
        else:
            found = await self._own(account_id)
        for identity in found:
            if identity.row.id == identity_id:
                return identity
        raise NotFound

    async def put(
        self, actor: Actor, account_id: AccountId, identity_id: IdentityId | None, address: str, text: IdentityText
    ) -> IdentityRow:
        """Make (None) or change one. Raises Invalid for an address that is not the account's, NotFound, Forbidden."""
        await self._require_change(actor, account_id, identity_id)
        if normalize(address) not in await self._store.addresses(account_id):
            raise Invalid(f"{address} is not an address of this account")
        row = await self._write(account_id, identity_id, address, text)
        self._hints.account_changed(account_id)
        return row

    async def create_default(self, account: Account) -> IdentityRow:
        """Make the identity that every account starts with: its login and name."""
        return await self._write(account.id, None, account.login, IdentityText(account.name))

    async def destroy(self, actor: Actor, account_id: AccountId, identity_id: IdentityId) -> None:
        """Remove one. Raises NotFound, Forbidden."""
        await self._require_change(actor, account_id, identity_id)

        async def body(tx: MailTx) -> None:
            await tx.destroy_identity(identity_id)

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)

    async def _require_change(self, actor: Actor, account_id: AccountId, identity_id: IdentityId | None) -> None:
        await self._rights.require_whole(actor, account_id, "a")
        if identity_id is not None and identity_id >> DELEGATED_SHIFT:
            raise Forbidden("this identity belongs to another account")
        if identity_id is not None and is_of_alias(identity_id):
            raise Forbidden("this address has no identity of its own yet: create one for it")

    async def _write(
        self, account_id: AccountId, identity_id: IdentityId | None, address: str, text: IdentityText
    ) -> IdentityRow:
        keys = await self._keyring.account_by_id(account_id)
        sealed = keys.seal(Kind.IDENTITY, msgspec.msgpack.encode(text))

        async def body(tx: MailTx) -> IdentityRow:
            return await tx.put_identity(identity_id, address, sealed)

        return await self._store.write(account_id, body)


def delegated_id(account_id: AccountId, identity_id: IdentityId) -> IdentityId:
    """Return the number under which another account's identity stands in a person's list."""
    return IdentityId(account_id << DELEGATED_SHIFT | identity_id)


def is_of_alias(identity_id: IdentityId) -> bool:
    """Whether it stands for an address for which nobody has made an identity."""
    return bool(identity_id & _ALIAS)


def _of_aliases(found: Sequence[Identity], addresses: Sequence[str]) -> list[Identity]:
    """Return identities for addresses that have none: called as the account's first, under numbers that stay."""
    taken, first = {normalize(one.row.address) for one in found}, found[0]
    return [
        Identity(replace(first.row, id=_alias_id(one), address=one, sealed=b""), IdentityText(first.text.name))
        for one in sorted(addresses)
        if normalize(one) not in taken
    ]


def _alias_id(address: str) -> IdentityId:
    digest = hashlib.sha256(normalize(address).encode()).digest()
    return IdentityId(_ALIAS | int.from_bytes(digest[:4], "big") & (_ALIAS - 1))


def _open(octets: bytes) -> IdentityText:
    return msgspec.msgpack.decode(octets, type=IdentityText)
