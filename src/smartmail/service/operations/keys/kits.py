"""NAME
    kits: what is known of recovery kits: when one was made of which key, when it was rehearsed last

STRATEGIES
    The shares themselves are made by the keeper of the master key and given away at once: nothing of them is kept. Two notes
    are: the newest kit, and the newest rehearsal. A new master key makes a kit void, which shows by the key's id.

SECURITY
    Permission `key.change` over the installation, a reason, the record of acts before the shares exist.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, Unavailable
from smartmail.domain.principal import Actor
from smartmail.formats import shares
from smartmail.formats.shares import Share, ShareError
from smartmail.ports.clock import Clock
from smartmail.ports.keys import KeeperError, MasterKeeper
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.places import SYSTEM

SCOPE: Final = "recovery-kit"
MADE, REHEARSED = "made", "rehearsed"
REHEARSE_WITHIN: Final = 365 * DAY
_KIT_OCTETS: Final = 4


@dataclass(frozen=True, slots=True)
class KitState:
    """The key in use and its newest kit; `fits`: the kit is of this key. Times 0: never."""

    key_id: str
    kit: str
    need: int
    count: int
    made_at: int
    rehearsed_at: int
    fits: bool
    due: bool
    """It is time to make or to rehearse one."""


class KitService:
    """Makes shares, compares typed ones, tells."""

    def __init__(
        self, store: SettingStore, authority: Authority, texts: RecordTexts, clock: Clock, keeper: MasterKeeper | None
    ) -> None:
        self._store = store
        self._authority = authority
        self._texts = texts
        self._clock = clock
        self._keeper = keeper

    async def state(self, actor: Actor) -> KitState:
        """Return what is known. Raises Forbidden, Unavailable."""
        await self._authority.require(actor, "key.read", SYSTEM)
        used = self._used()
        made = json.loads(await self._store.setting(SCOPE, MADE) or "{}")
        tried = json.loads(await self._store.setting(SCOPE, REHEARSED) or "{}")
        fits = made.get("key") == used
        rehearsed = int(tried.get("at", 0)) if fits and tried.get("kit") == made.get("kit") else 0
        due = not fits or self._clock.now() - rehearsed > REHEARSE_WITHIN
        return KitState(
            used,
            made.get("kit", ""),
            made.get("need", 0),
            made.get("count", 0),
            made.get("at", 0),
            rehearsed,
            fits,
            due,
        )

    async def make(self, actor: Actor, need: int, count: int, reason: str) -> list[Share]:
        """Return the shares of a new kit. They are kept nowhere. Raises Forbidden, Invalid, Unavailable."""
        await self._authority.require(actor, "key.change", SYSTEM)
        if not 2 <= need <= count <= shares.MOST:
            raise Invalid(
                f"at least 2 shares are needed, and there are at most {shares.MOST}",
                reason="kit.shares",
                most=shares.MOST,
            )
        kit = self._clock.random(_KIT_OCTETS)
        await self.note_made(actor, self._used(), kit.hex(), need, count, given_reason(reason))
        keeper = self._needed()
        try:
            return keeper.shares(need, count, kit)
        except KeeperError as error:
            raise Unavailable(str(error), reason="kit.unwritten") from error

    async def note_made(self, actor: Actor, key_id: str, kit: str, need: int, count: int, reason: str = "") -> None:
        """Note a kit, with its record: before it exists, for a kit that nobody knows of must not be."""
        now, thing = self._clock.now(), f"key:{key_id} kit:{kit} shares:{need}/{count}"
        text = await self._texts.seal(None, "key.kit", thing, now, {"reason": reason}) if reason else None
        audit = AuditRecord(now, actor.named, "key.kit", thing, actor.origin.address, text, actor.origin.door)
        note = json.dumps({"key": key_id, "kit": kit, "need": need, "count": count, "at": now})
        await self._store.put_setting(SCOPE, MADE, note, audit=audit)

    async def rehearse(self, actor: Actor, typed: Sequence[str]) -> KitState:
        """Say that typed shares give the key in use. Raises Forbidden, Unavailable, Invalid (which share and line is wrong)."""
        await self._authority.require(actor, "key.change", SYSTEM)
        try:
            found, kit = self._needed().identity_of_shares(typed)
        except ShareError as error:
            raise Invalid(str(error), reason="kit.wrong") from error
        if found.id != self._used():
            raise Invalid(
                f"these shares give key {found.id}, this installation has {self._used()}: make a new kit",
                reason="kit.other",
            )
        await self.note_rehearsed(actor, found.id, kit)
        return await self.state(actor)

    async def note_rehearsed(self, actor: Actor, key_id: str, kit: str) -> None:
        """Note that shares were tried and gave the key."""
        now, thing = self._clock.now(), f"key:{key_id} kit:{kit}"
        audit = AuditRecord(now, actor.named, "key.kit-rehearsed", thing, actor.origin.address, None, actor.origin.door)
        await self._store.put_setting(SCOPE, REHEARSED, json.dumps({"kit": kit, "at": now}), audit=audit)

    def _used(self) -> str:
        try:
            return self._needed().identities()[0].id
        except KeeperError as error:
            raise Unavailable(str(error), reason="kit.unwritten") from error

    def _needed(self) -> MasterKeeper:
        if self._keeper is None:
            raise Unavailable(detail="this process has no keeper of the master key")
        return self._keeper
