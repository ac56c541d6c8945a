"""NAME
    administering: what administrators do with volumes

STRATEGIES
    Adding tries the place first and returns the numbers; it becomes a volume only when the trial was good. Every act is one
    transaction with its record and a hint, after which all processes follow.

FAILURE
    A place that is added while the process dies is a volume's directory without a row: its mark names no volume of ours, so
    that it is refused until the mark is removed by hand.

SECURITY
    Permissions `node.read` and `node.change` over the whole installation: volumes belong to no company. Paths and names of
    buckets lie open; what opens a bucket is sealed and never shown again.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from smartmail.domain.audit import AuditRecord
from smartmail.domain.cluster import SILENT_MS, VolumeKind, VolumeRow
from smartmail.domain.errors import AlreadyExists, Invalid, NotFound, StateMismatch, Unavailable
from smartmail.domain.ids import BlobId, VolumeId
from smartmail.domain.principal import Actor
from smartmail.domain.volumes import (
    FORECAST_DAYS,
    TierRule,
    VolumeFinding,
    VolumeUse,
    VolumeWork,
    WorkKind,
    days_to_full,
    excess,
    takes_blobs,
)
from smartmail.ports.blobs import Probe, Room, VolumeError, VolumeHost
from smartmail.ports.clock import Clock
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.places import SYSTEM
from smartmail.service.kernel.volumes.book import VolumeBook
from smartmail.service.kernel.volumes.store import Store
from smartmail.service.kernel.volumes.watching import SETTINGS, TIER, tier_rule, tier_work

LEAST_FREE: Final = 256 << 20
MAX_WEIGHT: Final = 1000
MAX_FINDINGS: Final = 1000


@dataclass(frozen=True, slots=True)
class VolumeView:
    """A volume as it is shown. `place` is a path or a bucket, "" for the one of the node file. `room` is None while the
    volume does not answer.
    """

    row: VolumeRow
    place: str
    use: VolumeUse
    room: Room | None
    work: VolumeWork | None
    days_to_full: float | None
    findings: int


@dataclass(frozen=True, slots=True)
class NewVolume:
    """A volume to be added. `config` and `secret`: as the host takes them (ports.blobs.VolumeHost)."""

    kind: VolumeKind
    config: Mapping[str, str]
    secret: str = field(default="", repr=False)
    weight: int = 1


class VolumeService:
    """Adds volumes, weighs, empties and takes them out."""

    def __init__(self, store: Store, authority: Authority, book: VolumeBook, clock: Clock, node: str = "node1") -> None:
        """`node`: the name of the node that this process is of."""
        self._node = node
        self._store = store
        self._authority = authority
        self._book = book
        self._clock = clock

    # --- looking ---

    async def views(self, actor: Actor) -> list[VolumeView]:
        """Return all volumes that were not taken out. Raises Forbidden."""
        await self._authority.require(actor, "node.read", SYSTEM)
        await self._book.refresh()
        use = {one.volume_id: one for one in await self._store.volume_use()}
        works = {one.volume_id: one for one in await self._store.volume_works(["done"])}
        works |= {one.volume_id: one for one in await self._store.volume_works(["running", "paused"])}
        return [
            await self._view(row, use.get(row.id, VolumeUse(row.id, 0, 0)), works.get(row.id))
            for row in self._book.rows.values()
            if row.state != "removed"
        ]

    async def _view(self, row: VolumeRow, use: VolumeUse, work: VolumeWork | None) -> VolumeView:
        volume, room = self._book.get(row.id), None
        if volume is not None:
            try:
                room = await volume.room()
            except VolumeError:
                room = None
        config = json.loads(row.config)
        samples = await self._store.volume_samples(row.id, self._clock.now() // DAY - FORECAST_DAYS)
        findings = await self._store.volume_findings(row.id, MAX_FINDINGS)
        place = config.get("path") or config.get("bucket", "")
        return VolumeView(row, place, use, room, work, days_to_full(samples), len(findings))

    async def findings(self, actor: Actor, volume_id: VolumeId) -> list[VolumeFinding]:
        """Return what works could not read in a volume. Raises NotFound, Forbidden."""
        await self._authority.require(actor, "node.read", SYSTEM)
        await self._row(volume_id)
        return await self._store.volume_findings(volume_id, MAX_FINDINGS)

    async def tier(self, actor: Actor) -> TierRule | None:
        """Return the rule for old mail. Raises Forbidden."""
        await self._authority.require(actor, "node.read", SYSTEM)
        return tier_rule(await self._store.setting(SETTINGS, TIER))

    # --- adding and changing ---

    async def probe(self, actor: Actor, new: NewVolume) -> Probe:
        """Try a place and return what it is good for. Raises Invalid with the reason, AlreadyExists, Forbidden."""
        await self._authority.require(actor, "node.change", SYSTEM)
        if not new.config.get("path" if new.kind == "local" else "bucket"):
            raise Invalid("a volume needs a path, or the name of a bucket", reason="volume.place")
        if new.kind == "local":
            await self._require_one_node()
        try:
            probe = await self._host().probe(new.kind, new.config, new.secret)
        except VolumeError as error:
            raise Invalid(str(error), reason="volume.unreachable") from error
        if probe.identity is not None:
            known = {json.loads(row.config).get("identity") for row in await self._store.volumes()}
            if probe.identity in known:
                raise AlreadyExists("this place is a volume already", reason="volume.taken")
            raise Invalid(
                "a volume of another installation lies there; only if nobody needs it, remove its file `volume`",
                reason="volume.foreign",
            )
        if probe.free is not None and probe.free < LEAST_FREE:
            raise Invalid(
                f"only {probe.free >> 20} MB are free there; a volume needs {LEAST_FREE >> 20} MB at least",
                reason="volume.room",
                free=probe.free >> 20,
                least=LEAST_FREE >> 20,
            )
        return probe

    async def add(self, actor: Actor, new: NewVolume) -> tuple[VolumeRow, Probe]:
        """Try a place, make a volume there and put it to use. Raises as `probe`."""
        if not 0 <= new.weight <= MAX_WEIGHT:
            raise Invalid(
                f"a weight is a number from 0 to {MAX_WEIGHT}", reason="number.range", least=0, most=MAX_WEIGHT
            )
        probe = await self.probe(actor, new)
        secrets = self._book.secrets
        if new.secret and secrets is None:
            raise Unavailable(detail="no keys to seal with")
        try:
            identity = await self._host().make(new.kind, new.config, new.secret)
        except VolumeError as error:
            raise Invalid(str(error), reason="volume.unreachable") from error
        config = json.dumps({"identity": identity, **new.config})
        sealed = secrets.seal(identity, new.secret) if secrets else b""
        row = await self._store.register_volume(
            VolumeRow(VolumeId(0), new.kind, "online", config, new.weight, sealed=sealed),
            self._record(actor, "volume.add", VolumeId(0), identity),
        )
        await self._told()
        return row, probe

    async def change(
        self, actor: Actor, volume_id: VolumeId, *, weight: int | None = None, read_only: bool | None = None
    ) -> VolumeRow:
        """Weigh a volume, or close it for new blobs. Raises NotFound, Invalid (none would be left), Forbidden."""
        await self._authority.require(actor, "node.change", SYSTEM)
        row = await self._row(volume_id)
        if weight is not None and not 0 <= weight <= MAX_WEIGHT:
            raise Invalid(
                f"a weight is a number from 0 to {MAX_WEIGHT}", reason="number.range", least=0, most=MAX_WEIGHT
            )
        after = replace(
            row, weight=row.weight if weight is None else weight,
            read_only=row.read_only if read_only is None else read_only,
        )  # fmt: skip
        if not takes_blobs(after):
            await self._require_others(volume_id)
        audit = self._record(actor, "volume.change", volume_id)
        await self._store.change_volume(volume_id, weight=weight, read_only=read_only, audit=audit)
        await self._told()
        return after

    # --- works ---

    async def drain(self, actor: Actor, volume_id: VolumeId, cap: int = 0) -> VolumeWork:
        """Empty a volume into the others, at most `cap` octets per second. Raises NotFound, Invalid, AlreadyExists
        (another work), StateMismatch, Forbidden.
        """
        await self._authority.require(actor, "node.change", SYSTEM)
        row = await self._row(volume_id)
        await self._require_others(volume_id)
        work = await self._begin(actor, volume_id, "drain", cap)
        audit = self._record(actor, "volume.drain", volume_id)
        if not await self._store.turn_volume(row.id, ["online", "full", "draining"], "draining", audit):
            await self._store.turn_work(volume_id, ["running"], "cancelled", audit)
            raise StateMismatch(f"volume {volume_id} is {row.state}", reason="volume.state")
        await self._told()
        return work

    async def keep(self, actor: Actor, volume_id: VolumeId) -> None:
        """Stop emptying: what has moved stays where it is. Raises NotFound, StateMismatch, Forbidden."""
        await self._authority.require(actor, "node.change", SYSTEM)
        await self._row(volume_id)
        audit = self._record(actor, "volume.keep", volume_id)
        await self._store.turn_work(volume_id, ["running", "paused"], "cancelled", audit)
        if not await self._store.turn_volume(volume_id, ["draining", "empty"], "online", audit):
            raise StateMismatch(f"volume {volume_id} is not being emptied", reason="volume.notemptied")
        await self._told()

    async def scan(self, actor: Actor, volume_id: VolumeId, cap: int = 0) -> VolumeWork:
        """Read everything in a volume and compare checksums. Raises NotFound, AlreadyExists, Forbidden."""
        await self._authority.require(actor, "node.change", SYSTEM)
        await self._row(volume_id)
        work = await self._begin(actor, volume_id, "scan", cap)
        await self._store.drop_findings(volume_id)
        return work

    async def rebalance(self, actor: Actor, cap: int = 0) -> list[VolumeWork]:
        """Move what volumes hold above their share by weight; return the works. Raises AlreadyExists, Forbidden."""
        await self._authority.require(actor, "node.change", SYSTEM)
        await self._book.refresh()
        use = {one.volume_id: one.octets for one in await self._store.volume_use()}
        weights = {row.id: row.weight for row in self._book.rows.values() if takes_blobs(row)}
        return [
            await self._begin(actor, volume_id, "rebalance", cap, octets)
            for volume_id, octets in excess(use, weights).items()
        ]

    async def set_tier(self, actor: Actor, rule: TierRule | None) -> None:
        """Set or end the rule for old mail; the day's run begins at once. Raises NotFound, Invalid, Forbidden."""
        await self._authority.require(actor, "node.change", SYSTEM)
        target = VolumeId(0)
        text = None
        if rule is not None:
            target = (await self._row(rule.target_id)).id
            if rule.days < 0 or rule.least < 0:
                raise Invalid("days and octets are numbers from 0", reason="number.zero")
            text = json.dumps({"target": target, "days": rule.days, "least": rule.least})
        await self._store.put_setting(SETTINGS, TIER, text, audit=self._record(actor, "volume.tier", target))
        if rule is not None:
            now = self._clock.now()
            for row in self._book.rows.values():
                if row.id != target and row.state in {"online", "full"}:
                    work = tier_work(rule, row.id, now, await self._lying(row.id))
                    # A volume with another work has its turn on another day.
                    with suppress(AlreadyExists):
                        await self._store.begin_work(work, self._record(actor, "volume.tier", row.id))

    async def pause(self, actor: Actor, volume_id: VolumeId) -> None:
        """Let a volume's work wait. Raises StateMismatch, Forbidden."""
        await self._turn_work(actor, volume_id, "volume.pause")

    async def resume(self, actor: Actor, volume_id: VolumeId) -> None:
        """Let it go on. Raises StateMismatch, Forbidden."""
        await self._turn_work(actor, volume_id, "volume.resume")

    async def cap(self, actor: Actor, volume_id: VolumeId, cap: int) -> None:
        """Change how many octets per second a work may move, 0 for any. Raises NotFound, Invalid, Forbidden."""
        await self._authority.require(actor, "node.change", SYSTEM)
        if cap < 0:
            raise Invalid("a cap is a number of octets from 0", reason="number.zero")
        if not await self._store.cap_work(volume_id, cap, self._record(actor, "volume.cap", volume_id)):
            raise NotFound(f"no work is open on volume {volume_id}")

    async def detach(self, actor: Actor, volume_id: VolumeId) -> None:
        """Take an empty volume out. Raises NotFound, StateMismatch (not empty), Forbidden."""
        await self._authority.require(actor, "node.change", SYSTEM)
        row = await self._row(volume_id)
        audit = self._record(actor, "volume.detach", volume_id)
        if await self._store.holds_blobs(volume_id) or not await self._store.turn_volume(
            volume_id, ["empty"], "removed", audit
        ):
            raise StateMismatch(
                f"volume {volume_id} is {row.state}: only an empty volume can be detached", reason="volume.notempty"
            )
        await self._told()
        config = json.loads(row.config)
        if ("path" in config or "bucket" in config) and self._book.secrets is not None:
            try:
                await self._host().release(row, self._book.secrets.open(row))
            except VolumeError as error:
                raise Unavailable(detail=f"detached, but its mark could not be removed: {error}") from error

    # --- parts ---

    async def _require_one_node(self) -> None:
        """Raise Invalid while other nodes serve: a directory is of the machine that it was tried on."""
        claims = await self._store.node_claims(self._clock.now() - SILENT_MS)
        if others := sorted({one.name for one in claims} - {self._node}):
            raise Invalid(
                f"other nodes serve ({', '.join(others)}) and would not see a directory of this one: add a bucket. For a "
                "directory that all of them mount (NFS), stop the other nodes, add it, and start them again: each proves "
                "at its start that it sees the same one",
                reason="volume.othernodes",
            )

    async def _begin(self, actor: Actor, volume_id: VolumeId, kind: WorkKind, cap: int, bound: int = 0) -> VolumeWork:
        if cap < 0:
            raise Invalid("a cap is a number of octets from 0", reason="number.zero")
        work = VolumeWork(
            0, volume_id, kind, "running", VolumeId(0), cap, bound, 0, BlobId(b""), 0, 0, 0, 0,
            await self._lying(volume_id), self._clock.now(),
        )  # fmt: skip
        try:
            return await self._store.begin_work(work, self._record(actor, f"volume.{kind}", volume_id))
        except AlreadyExists:
            raise AlreadyExists(f"another work is open on volume {volume_id}", reason="volume.busy") from None

    async def _lying(self, volume_id: VolumeId) -> int:
        return sum(one.octets for one in await self._store.volume_use() if one.volume_id == volume_id)

    async def _turn_work(self, actor: Actor, volume_id: VolumeId, action: str) -> None:
        await self._authority.require(actor, "node.change", SYSTEM)
        audit = self._record(actor, action, volume_id)
        pausing = action == "volume.pause"
        turned = (
            await self._store.turn_work(volume_id, ["running"], "paused", audit)
            if pausing
            else await self._store.turn_work(volume_id, ["paused"], "running", audit)
        )
        if not turned:
            raise StateMismatch(
                f"no work on volume {volume_id} {'runs' if pausing else 'is paused'}", reason="volume.state"
            )

    async def _row(self, volume_id: VolumeId) -> VolumeRow:
        await self._book.refresh()
        row = self._book.rows.get(volume_id)
        if row is None or row.state == "removed":
            raise NotFound(f"there is no volume {volume_id}")
        return row

    async def _require_others(self, volume_id: VolumeId) -> None:
        if not any(takes_blobs(row) for row in self._book.rows.values() if row.id != volume_id):
            raise Invalid("no other volume would take mail: add one first", reason="volume.last")

    def _host(self) -> VolumeHost:
        if self._book.host is None:
            raise Unavailable(detail="this process opens no volumes")
        return self._book.host

    async def _told(self) -> None:
        self._book.tell()
        await self._book.refresh()

    def _record(self, actor: Actor, action: str, volume_id: VolumeId, identity: str = "") -> AuditRecord:
        thing = f"volume:{identity or volume_id}"
        return AuditRecord(self._clock.now(), actor.named, action, thing, actor.origin.address, None, actor.origin.door)
