"""Known devices: browsers that an account was opened from keep a cookie, of which we keep the hash.

A known device is never shut out for what strangers do elsewhere, and a new one is told to the owner.
"""

from dataclasses import dataclass
from typing import Final

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound
from smartmail.domain.factors import KnownDevice
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.service.identity.auth.base import token_hash
from smartmail.service.identity.auth.logins import DEVICE_MS
from smartmail.service.identity.auth.sessions import MAX_DEVICE
from smartmail.service.identity.factors.challenges import ID_OCTETS, Page
from smartmail.service.identity.factors.store import Store
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring

MOST: Final = 50


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A device as its owner sees it. `id` is no secret. Milliseconds."""

    id: str
    name: str
    address: str
    first_at: int
    last_at: int


class Devices:
    """Keeps them."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock, authority: Authority) -> None:
        self._authority = authority
        self._store = store
        self._keyring = keyring
        self._clock = clock

    async def knows(self, account: Account, token: str) -> bool:
        """Say whether an account knows the device that has this cookie."""
        if not token:
            return False
        row = await self._store.known_device(token_hash(token))
        return row is not None and row.account_id == account.id and self._clock.now() - row.last_at <= DEVICE_MS

    async def seen(self, account: Account, page: Page) -> tuple[str, bool]:
        """Note a login; return the cookie's value and whether the device is new to an account that had others."""
        known = await self.knows(account, page.device)
        token = page.device if known else self._clock.random(32).hex()
        hashed, now = token_hash(token), self._clock.now()
        others = not known and bool(await self._store.known_devices(account.id))
        sealer = await self._keyring.account(account)
        name = page.agent.encode("utf-8", "replace").decode()[:MAX_DEVICE]
        sealed = sealer.seal_text(Kind.DEVICE, name, hashed[:ID_OCTETS])
        await self._store.put_known_device(KnownDevice(hashed, account.id, now, now, page.origin.address, sealed), MOST)
        return token, others

    async def list(self, actor: Actor) -> list[DeviceInfo]:
        """Return the actor's own devices, last used first."""
        account = await self._store.account(actor.account_id)
        sealer = await self._keyring.account(account)
        found = []
        for row in await self._store.known_devices(account.id):
            try:
                name = sealer.open_text(Kind.DEVICE, row.sealed_name, row.token_hash[:ID_OCTETS])
            except SealError:
                name = ""
            found.append(DeviceInfo(row.token_hash.hex(), name, row.address, row.first_at, row.last_at))
        return found

    async def forget_all(self, actor: Actor, account_id: AccountId) -> int:
        """Forget every device of another account, as who administers its sessions; return how many.

        Raises Forbidden, NotFound.
        """
        await self._authority.require(actor, "account.sessions", Scope("account", str(account_id)))
        gone = await self._store.drop_known_devices(account_id, None)
        record = AuditRecord(
            self._clock.now(), actor.named, "device.forget", f"account:{account_id}", actor.origin.address,
            door=actor.origin.door,
        )  # fmt: skip
        await self._store.audit(record)
        return gone

    async def forget(self, actor: Actor, device_id: str) -> None:
        """Forget one, or `all`. Raises NotFound."""
        try:
            hashes = None if device_id == "all" else [bytes.fromhex(device_id)]
        except ValueError:
            raise NotFound from None
        if not await self._store.drop_known_devices(actor.account_id, hashes) and hashes is not None:
            raise NotFound
