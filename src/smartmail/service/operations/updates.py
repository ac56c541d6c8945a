"""Updates without a network: bundles that the vendor has signed, checked before anything is unpacked, with a way back (BR-46).

NAME        updates
STATES      Of a version: installed beside what runs → chosen → healthy (it served) | failed (the one before runs again).
STRATEGIES  Switching replaces one small file; the supervisor sees it, ends its processes as at any stop, and whoever started
            it starts the chosen version. One that is not ready in time is taken back by itself (tools/launcher/guard.py).
            Mail of the meantime stays: both versions work on the same store. A bundle says from which schema on programs
            work after it (`floor`); one that would close the way back to what runs is told so and needs `--no-way-back`.
            What was applied last is kept in the store by the time at which the vendor made it: a bundle made earlier has holes
            that are closed since, however well it is signed. Back leads `update back` alone, to what ran before.
SECURITY    The key of the vendor is pinned. An installation that came as a package brought it; else the first one is taken
            by who has `node.change`. Another one in its place is an
            act of class `keys`, which another administrator consents to where policy asks for two. Every act is recorded.
FAILURE     A bundle that is refused leaves nothing behind. Must not know how versions lie on the disk.
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.update_bundle import KEY_OCTETS, BundleError, Manifest, verify
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_settings import SettingStore
from smartmail.ports.versions import VersionPlace, VersionState
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.proposals import Act, Outcome, ProposalService


class _Store(AuditLog, SettingStore, Protocol): ...


SYSTEM: Final = Scope("system")
SCOPE: Final = "updates"
VENDOR: Final = "vendor-key"
NEWEST: Final = "newest"
"""When the newest bundle that was ever applied was made (milliseconds), whichever node it was."""


class Trust(msgspec.Struct, frozen=True):
    """Another key of the vendor, as base64."""

    key: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A bundle that is what its vendor signed. `way_back`: what runs now can work on the store after it."""

    manifest: Manifest
    way_back: bool


class UpdateService:
    """Checks, installs, switches."""

    def __init__(
        self,
        store: _Store,
        authority: Authority,
        proposals: ProposalService,
        place: VersionPlace,
        clock: Clock,
        *,
        schema: int = 0,
        brought: str = "",
    ) -> None:
        """`schema`: the newest that this program knows. `brought`: the vendor's key that came with the installation."""
        self._store = store
        self._authority = authority
        self._proposals = proposals
        self._place = place
        self._clock = clock
        self._schema = schema
        self._brought = brought
        proposals.add(
            Act("update.trust", "keys", "node.change", Trust, lambda _: SYSTEM, self._trust, True, self._check_trust)
        )

    async def states(self, actor: Actor) -> list[VersionState]:
        """Return the versions there are. Raises Forbidden."""
        await self._authority.require(actor, "node.read", SYSTEM)
        return await asyncio.to_thread(self._place.states)

    async def vendor_key(self, actor: Actor) -> str:
        """Return the pinned key as base64, "" for none. Raises Forbidden."""
        await self._authority.require(actor, "node.read", SYSTEM)
        return await self._pinned()

    async def trust(self, actor: Actor, key: str, reason: str = "") -> Outcome | None:
        """Pin the key of the vendor: None where it is the first one and done; else what came of the proposal.

        Raises Forbidden, Invalid.
        """
        await self._authority.require(actor, "node.change", SYSTEM)
        await self._check_trust(actor, Trust(key))
        if await self._pinned():
            return await self._proposals.do(actor, "update.trust", Trust(key), reason)
        await self._trust(actor, Trust(key), 0)
        return None

    async def check(self, actor: Actor, path: str) -> Checked:
        """Check the signature and every file of a bundle on this node's disk. Raises Forbidden, Invalid."""
        await self._authority.require(actor, "node.read", SYSTEM)
        return (await self._checked(path))[1]

    async def apply(self, actor: Actor, path: str, *, no_way_back: bool = False) -> Checked:
        """Install a bundle and let it run. Raises Forbidden, Invalid."""
        await self._authority.require(actor, "node.change", SYSTEM)
        head, checked = await self._checked(path)
        manifest = checked.manifest
        if manifest.schema < self._schema:
            raise Invalid("it is older than what runs; the way back is: update back", reason="update.older")
        await self._refuse_older(manifest)
        if not checked.way_back and not no_way_back:
            raise Invalid(
                "there is no way back from it but by a backup; say that you want it all the same", reason="update.noway"
            )
        try:
            await asyncio.to_thread(self._place.install, path, head, manifest)
        except (BundleError, OSError) as error:
            raise Invalid(f"refused: {error}", reason="vendor.refused") from error
        await self._store.put_setting(SCOPE, NEWEST, str(max(manifest.made_at, await self._newest())))
        await self._choose(actor, "update.apply", manifest.id)
        return checked

    async def _refuse_older(self, manifest: Manifest) -> None:
        """Raise Invalid for a bundle made before one that was applied, here or on another node."""
        if manifest.made_at < await self._newest():
            raise Invalid(
                "a newer one was applied before: an older one opens again what that closed; see: update back",
                reason="update.replaced",
            )

    async def _newest(self) -> int:
        kept = int(await self._store.setting(SCOPE, NEWEST) or 0)
        states = await asyncio.to_thread(self._place.states)
        # Applied before times were kept: what ran here says it by its own manifest.
        return max([kept, *(one.made_at for one in states if one.chosen or one.running or one.healthy)])

    async def check_octets(self, actor: Actor, octets: bytes) -> Checked:
        """The same as `check` for a bundle that came by the network. Raises Forbidden, Invalid."""
        await self._authority.require(actor, "node.read", SYSTEM)
        async with self._kept(octets) as path:
            return await self.check(actor, path)

    async def apply_octets(self, actor: Actor, octets: bytes, *, no_way_back: bool = False) -> Checked:
        """The same as `apply` for a bundle that came by the network. Raises Forbidden, Invalid."""
        await self._authority.require(actor, "node.change", SYSTEM)
        async with self._kept(octets) as path:
            return await self.apply(actor, path, no_way_back=no_way_back)

    @asynccontextmanager
    async def _kept(self, octets: bytes) -> AsyncIterator[str]:
        try:
            path = await asyncio.to_thread(self._place.keep, octets)
        except OSError as error:
            raise Invalid("there is no place for it on this node", reason="update.noplace") from error
        try:
            yield path
        finally:
            await asyncio.to_thread(self._place.forget, path)

    async def back(self, actor: Actor) -> str:
        """Let the version before run again; return its id ("": the one that came with the installation).

        Raises Forbidden, NotFound (there is none).
        """
        await self._authority.require(actor, "node.change", SYSTEM)
        states = await asyncio.to_thread(self._place.states)
        before = next((one for one in states if one.previous), None)
        if before is None:
            raise NotFound("there is no version before")
        await self._choose(actor, "update.back", before.id)
        return before.id

    async def _choose(self, actor: Actor, action: str, version_id: str) -> None:
        # On record before it happens: afterwards another program runs.
        await self._record(actor, action, f"version:{version_id or 'installed'}")
        try:
            await asyncio.to_thread(self._place.choose, version_id)
        except (BundleError, OSError) as error:
            raise Invalid(f"refused: {error}", reason="vendor.refused") from error

    async def _checked(self, path: str) -> tuple[int, Checked]:
        kept = await self._pinned()
        if not kept:
            raise Invalid("no key of the vendor is pinned: update trust PUBLIC", reason="vendor.nokey")
        try:
            head = await asyncio.to_thread(self._place.head, path)
            manifest = verify(head, base64.b64decode(kept))
            await asyncio.to_thread(self._place.check, path, len(head), manifest)
        except (BundleError, OSError) as error:
            raise Invalid(f"refused: {error}", reason="vendor.refused") from error
        return len(head), Checked(manifest, manifest.floor <= self._schema)

    async def _pinned(self) -> str:
        return await self._store.setting(SCOPE, VENDOR) or self._brought

    async def _check_trust(self, _actor: Actor, asked: Trust) -> None:
        try:
            octets = base64.b64decode(asked.key, validate=True)
        except ValueError:
            octets = b""
        if len(octets) != KEY_OCTETS:
            raise Invalid("a key of the vendor has 32 octets, written as base64", reason="vendor.form")

    async def _trust(self, actor: Actor, asked: Trust, _key: int) -> str:
        record = AuditRecord(
            self._clock.now(), actor.named, "update.trust", f"key:{asked.key}", actor.origin.address, None,
            actor.origin.door,
        )  # fmt: skip
        await self._store.put_setting(SCOPE, VENDOR, asked.key, audit=record)
        return asked.key

    async def _record(self, actor: Actor, action: str, thing: str) -> None:
        await self._store.audit(
            AuditRecord(self._clock.now(), actor.named, action, thing, actor.origin.address, None, actor.origin.door)
        )
