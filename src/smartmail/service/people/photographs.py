"""Photographs of people: put there by themselves or by who administers them, seen by colleagues only.

STRATEGIES  A picture is read and written anew in a killable child (ports.portraits), in two sizes, and sealed under its
            account's key, so that it ends with the account. A version (`changed_at`) is part of every address of a picture,
            so that browsers may keep it.
SECURITY    Policy `photographs` says who may put one: `own` people their own, `administrators` only these, `off` nobody, and
            none is shown. Administrators need account.change. Other companies' people do not exist here.
Must not know how a picture is shown.
"""

from typing import Final, Literal, Protocol

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound, TooLarge, Unavailable
from smartmail.domain.ids import AccountId
from smartmail.domain.photographs import PhotographRow, PhotoSize
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind, SealError
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.portraits import PortraitMaker
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_photographs import PhotographStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService


class _Store(AccountStore, PhotographStore, Protocol): ...


MAX_OCTETS: Final = 12 << 20
SLOTS: Final[dict[PhotoSize, int]] = {"small": 0, "large": 1}

Permitted = Literal["own", "administrators", "off"]


class PhotographService:
    """Keeps, shows and removes them."""

    def __init__(
        self,
        store: _Store,
        keyring: Keyring,
        authority: Authority,
        policy: PolicyService,
        clock: Clock,
        maker: PortraitMaker | None,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._authority = authority
        self._policy = policy
        self._clock = clock
        self.maker = maker

    async def may_own(self, actor: Actor) -> bool:
        """Say whether somebody may put the own photograph there."""
        return await self._policy.value_of_id(actor.account_id, knobs.PHOTOGRAPHS) == "own"

    async def version(self, actor: Actor) -> int:
        """Return the version of the own photograph, 0 where there is none."""
        row = await self._store.photograph(actor.account_id)
        return 0 if row is None else row.changed_at

    async def put(self, actor: Actor, account_id: AccountId, octets: bytes) -> int:
        """Keep somebody's photograph; return its version.

        Raises Forbidden, NotFound, TooLarge, Invalid (no picture), Unavailable (no child).
        """
        account = await self._subject(actor, account_id)
        if len(octets) > MAX_OCTETS:
            raise TooLarge(
                f"a photograph has at most {MAX_OCTETS >> 20} MiB", reason="file.large", mib=MAX_OCTETS >> 20
            )
        if self.maker is None:
            raise Unavailable("this process reads no pictures", reason="photograph.later")
        made = await self.maker.portrait_of(octets)
        if made is None:
            raise Invalid(
                "this is no picture that can be used: a JPEG, PNG, WebP or GIF of at most 24 megapixels",
                reason="photograph.form",
            )
        keys, now = await self._keyring.account(account), self._clock.now()
        small, large = (
            keys.seal(Kind.PHOTOGRAPH, one, now, slot) for one, slot in zip(made, SLOTS.values(), strict=True)
        )
        row = PhotographRow(account.id, account.organization_id, now, small, large)
        await self._store.put_photograph(row, self._record(actor, "photograph.put", account_id))
        return now

    async def drop(self, actor: Actor, account_id: AccountId) -> None:
        """Remove somebody's photograph; their own they may remove whatever policy says. Raises Forbidden, NotFound."""
        if account_id != actor.account_id:
            await self._subject(actor, account_id)
        if not await self._store.drop_photograph(account_id, self._record(actor, "photograph.drop", account_id)):
            raise NotFound

    async def seen_by(self, actor: Actor, account_id: AccountId, size: PhotoSize) -> tuple[bytes, int]:
        """Return a colleague's photograph (JPEG) and its version. Raises NotFound."""
        account = await self._store.account(account_id)
        # Whoever is not in the directory has no face there either; to oneself one is always there.
        shown = account.may("shown") or account.id == actor.account_id
        if account.organization_id != actor.organization_id or not shown:
            raise NotFound
        if await self._policy.value(account, knobs.PHOTOGRAPHS) == "off":
            raise NotFound
        return await self._opened(account, size)

    async def administered(self, actor: Actor, account_id: AccountId) -> tuple[bytes, int]:
        """Return somebody's photograph, large, and its version, for who administers them. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "account.read", Scope("account", str(int(account_id))))
        return await self._opened(await self._store.account(account_id), "large")

    async def _opened(self, account: Account, size: PhotoSize) -> tuple[bytes, int]:
        row = await self._store.photograph(account.id)
        if row is None:
            raise NotFound
        sealed = row.sealed_small if size == "small" else row.sealed_large
        try:
            keys = await self._keyring.account(account)
            return keys.open(Kind.PHOTOGRAPH, sealed, row.changed_at, SLOTS[size]), row.changed_at
        except SealError:
            raise NotFound from None

    async def _subject(self, actor: Actor, account_id: AccountId) -> Account:
        """Return whose photograph an actor may put there. Raises Forbidden, NotFound."""
        if account_id != actor.account_id:
            await self._authority.require(actor, "account.change", Scope("account", str(int(account_id))))
        account = await self._store.account(account_id)
        permitted: Permitted = await self._policy.value(account, knobs.PHOTOGRAPHS)
        if permitted == "off" or (account_id == actor.account_id and permitted != "own"):
            raise Forbidden("policy allows no photograph here", reason="photograph.forbidden")
        return account

    def _record(self, actor: Actor, action: str, account_id: AccountId) -> AuditRecord:
        place = f"account:{account_id}"
        return AuditRecord(self._clock.now(), actor.named, action, place, actor.origin.address, door=actor.origin.door)
