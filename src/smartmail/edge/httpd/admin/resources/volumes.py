"""/volumes: places that hold sealed blobs, the works on them, and where old mail goes by itself."""

import json
from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import VolumeId
from smartmail.domain.policy import Scope
from smartmail.domain.volumes import TierRule, VolumeWork
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Asked, Count, Id, Page, Time, Told, part, time_of, time_or_none
from smartmail.service.volumes.administering import NewVolume, VolumeView

SYSTEM = Scope("system")
Weight = Annotated[int, Meta(ge=0, le=1000, description="Share of new mail; 0: none.")]
Text = Annotated[str, Meta(max_length=1000)]
Cap = Annotated[int, Meta(ge=0, le=1 << 40, description="Octets a second at most; 0: as fast as it can.")]


class VolumeWorkTold(Told, frozen=True):
    """A work on a volume. `octets`: moved or read; `total`: what lay there at its beginning; `cap` 0: no bound."""

    kind: Literal["drain", "rebalance", "tier", "scan"]
    state: Literal["running", "paused", "done", "cancelled"]
    percent: Count
    blobs: Count
    octets: Count
    total: Count
    unreadable: Count
    cap: Count
    started_at: Time
    ended_at: Time | None


class VolumeTold(Told, frozen=True):
    """A volume. `place` "": the one of the node file. `away`: it does not answer; `total`, `free` null: no bound."""

    id: Id
    kind: Literal["local", "s3"]
    state: str
    read_only: bool
    weight: Count
    place: str
    blobs: Count
    octets: Count
    away: bool
    total: Count | None
    free: Count | None
    days_to_full: float | None
    unreadable: Count
    work: VolumeWorkTold | None


class VolumeNew(Asked, frozen=True):
    """A place for blobs: a directory of its own (`path`) or a bucket. The keys of a bucket are kept sealed."""

    kind: Literal["local", "s3"] = "local"
    path: Text = ""
    bucket: Text = ""
    endpoint: Text = ""
    region: Text = "us-east-1"
    prefix: Text = ""
    access_key: Text = ""
    secret_key: Text = ""
    weight: Weight = 1


class ProbeTold(Told, frozen=True):
    """What a place is good for: octets written a second, how long a small write takes to be durable, free octets."""

    octets_per_second: float
    sync_ms: float
    free: Count | None


class VolumeMade(Told, frozen=True):
    """A volume that takes mail from now on, and what was measured."""

    id: Id
    measured: ProbeTold


class VolumePatch(Asked, frozen=True):
    """What changes; null stays."""

    weight: Weight | None = None
    read_only: bool | None = None


class Pace(Asked, frozen=True):
    """How fast a work may be."""

    cap: Cap = 0


class VolumeFindingTold(Told, frozen=True):
    """A blob that cannot be read where it should lie."""

    blob: str
    what: str
    location: str
    at: Time


class TierTold(Told, frozen=True):
    """Where old mail goes: the volume, from how many days on, from how many octets on. `volumeId` null: it stays."""

    volume_id: Id | None
    days: Count
    least: Count


class TierWanted(Asked, frozen=True):
    """The rule for old mail; `volumeId` null ends it."""

    volume_id: Id | None = None
    days: Annotated[int, Meta(ge=0, le=36500)] = 180
    least: Annotated[int, Meta(ge=0, le=1 << 40)] = 0


def _work(one: VolumeWork) -> VolumeWorkTold:
    return VolumeWorkTold(
        one.kind, one.state, one.percent, one.blobs, one.octets, one.total, one.failed, one.cap, time_of(one.started_at),
        time_or_none(one.ended_at),
    )  # fmt: skip


def _told(one: VolumeView) -> VolumeTold:
    row, room = one.row, one.room
    return VolumeTold(
        str(row.id), row.kind, row.state, row.read_only, row.weight, one.place, one.use.blobs, one.use.octets,
        room is None, room.total if room else None, room.free if room else None, one.days_to_full, one.findings,
        None if one.work is None else _work(one.work),
    )  # fmt: skip


def _new(body: VolumeNew) -> NewVolume:
    if body.kind == "local":
        if not body.path.startswith("/") or "\0" in body.path:
            raise Invalid("path is that of a directory, from / on")
        return NewVolume("local", {"path": body.path}, weight=body.weight)
    place = {"bucket": body.bucket, "endpoint": body.endpoint, "region": body.region, "prefix": body.prefix}
    secret = json.dumps({"access": body.access_key, "secret": body.secret_key})
    return NewVolume("s3", place, secret, body.weight)


async def _list(call: Call) -> Page[VolumeTold]:
    await call.may(SYSTEM)
    return part(await call.services.volumes.admin.views(call.actor), lambda one: int(one.row.id), call.page, _told)


async def _get(call: Call) -> VolumeTold:
    await call.may(SYSTEM)
    wanted = call.number()
    found = [one for one in await call.services.volumes.admin.views(call.actor) if one.row.id == wanted]
    if not found:
        raise NotFound(f"there is no volume {wanted}")
    return _told(found[0])


async def _probe(call: Call) -> ProbeTold:
    await call.may(SYSTEM)
    one = await call.services.volumes.admin.probe(call.actor, _new(call.body))
    return ProbeTold(one.octets_s, round(one.sync_ms, 2), one.free)


async def _add(call: Call) -> VolumeMade:
    await call.may(SYSTEM)
    row, one = await call.services.volumes.admin.add(call.actor, _new(call.body))
    return VolumeMade(str(row.id), ProbeTold(one.octets_s, round(one.sync_ms, 2), one.free))


async def _change(call: Call) -> VolumeTold:
    await call.may(SYSTEM)
    body: VolumePatch = call.body
    volume_id = VolumeId(call.number())
    await call.services.volumes.admin.change(call.actor, volume_id, weight=body.weight, read_only=body.read_only)
    return await _get(call)


async def _findings(call: Call) -> Page[VolumeFindingTold]:
    await call.may(SYSTEM)
    found = await call.services.volumes.admin.findings(call.actor, VolumeId(call.number()))
    return part(
        found, lambda one: one.blob_id.hex(), call.page,
        lambda one: VolumeFindingTold(one.blob_id.hex(), one.what, one.location, time_of(one.at)),
    )  # fmt: skip


async def _drain(call: Call) -> VolumeTold:
    await call.may(SYSTEM)
    await call.services.volumes.admin.drain(call.actor, VolumeId(call.number()), call.body.cap)
    return await _get(call)


async def _keep(call: Call) -> VolumeTold:
    await call.may(SYSTEM)
    await call.services.volumes.admin.keep(call.actor, VolumeId(call.number()))
    return await _get(call)


async def _scan(call: Call) -> VolumeTold:
    await call.may(SYSTEM)
    await call.services.volumes.admin.scan(call.actor, VolumeId(call.number()), call.body.cap)
    return await _get(call)


async def _pause(call: Call) -> VolumeTold:
    await call.may(SYSTEM)
    await call.services.volumes.admin.pause(call.actor, VolumeId(call.number()))
    return await _get(call)


async def _resume(call: Call) -> VolumeTold:
    await call.may(SYSTEM)
    await call.services.volumes.admin.resume(call.actor, VolumeId(call.number()))
    return await _get(call)


async def _cap(call: Call) -> VolumeTold:
    await call.may(SYSTEM)
    await call.services.volumes.admin.cap(call.actor, VolumeId(call.number()), call.body.cap)
    return await _get(call)


async def _detach(call: Call) -> None:
    await call.may(SYSTEM)
    await call.services.volumes.admin.detach(call.actor, VolumeId(call.number()))


async def _rebalance(call: Call) -> Page[VolumeTold]:
    await call.may(SYSTEM)
    works = await call.services.volumes.admin.rebalance(call.actor, call.body.cap)
    moved = {one.volume_id for one in works}
    views = [one for one in await call.services.volumes.admin.views(call.actor) if one.row.id in moved]
    return Page([_told(one) for one in views])


async def _tier(call: Call) -> TierTold:
    await call.may(SYSTEM, "node.read")
    rule = await call.services.volumes.admin.tier(call.actor)
    return TierTold(None, 0, 0) if rule is None else TierTold(str(rule.target_id), rule.days, rule.least)


async def _set_tier(call: Call) -> TierTold:
    await call.may(SYSTEM)
    body: TierWanted = call.body
    rule = None if body.volume_id is None else TierRule(VolumeId(int(body.volume_id)), body.days, body.least)
    await call.services.volumes.admin.set_tier(call.actor, rule)
    return await _tier(call)


OPERATIONS = (
    Operation("GET", "/volumes", "Volumes.", _list, "node.read", Page[VolumeTold], paged=True),
    Operation("POST", "/volumes", "Try a place and put it to use.", _add, "node.change", VolumeMade, VolumeNew,
              status=201, fresh=True),
    Operation("POST", "/volumes/probe", "Try a place and say what it is good for.", _probe, "node.change", ProbeTold,
              VolumeNew, fresh=True),
    Operation("POST", "/volumes/rebalance", "Bring volumes to their shares by weight.", _rebalance, "node.change",
              Page[VolumeTold], Pace),
    Operation("GET", "/volumes/tier", "Where old mail goes by itself.", _tier, "node.read", TierTold),
    Operation("PUT", "/volumes/tier", "Set or end the rule for old mail.", _set_tier, "node.change", TierTold, TierWanted),
    Operation("GET", "/volumes/{id}", "One volume.", _get, "node.read", VolumeTold),
    Operation("PATCH", "/volumes/{id}", "Weigh a volume, or close it for new mail.", _change, "node.change", VolumeTold,
              VolumePatch),
    Operation("DELETE", "/volumes/{id}", "Take an empty volume out.", _detach, "node.change", fresh=True),
    Operation("GET", "/volumes/{id}/findings", "What cannot be read in a volume.", _findings, "node.read",
              Page[VolumeFindingTold], paged=True),
    Operation("POST", "/volumes/{id}/drain", "Move everything to the other volumes.", _drain, "node.change", VolumeTold,
              Pace, fresh=True),
    Operation("POST", "/volumes/{id}/keep", "Stop a drain.", _keep, "node.change", VolumeTold),
    Operation("POST", "/volumes/{id}/scan", "Read everything and compare checksums.", _scan, "node.change", VolumeTold,
              Pace),
    Operation("POST", "/volumes/{id}/pause", "Let the work on a volume wait.", _pause, "node.change", VolumeTold),
    Operation("POST", "/volumes/{id}/resume", "Let it go on.", _resume, "node.change", VolumeTold),
    Operation("PUT", "/volumes/{id}/cap", "Change how fast the work may be.", _cap, "node.change", VolumeTold, Pace),
)  # fmt: skip
