"""/volumes: locations of sealed blobs, work on them, and tiering of old messages."""

import json
from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain import volumes
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import VolumeId
from smartmail.domain.policy import Scope
from smartmail.domain.volumes import TierRule
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, part
from smartmail.service.kernel.volumes.administering import NewVolume, VolumeView

SYSTEM = Scope("system")
Weight = Annotated[int, Meta(ge=0, le=1000, description="Share of new mail; 0: none.")]
Text = Annotated[str, Meta(max_length=1000)]
Cap = Annotated[
    int, Meta(ge=0, le=1 << 40, description="Bytes per second at most; 0: unlimited.", extra={"unit": "bytes"})
]


class VolumeWork(Output, frozen=True):
    """Work on a volume. `octets`: moved or read; `total`: stored when it began; `cap` 0: unlimited."""

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


class Volume(Output, frozen=True):
    """A volume. `place` "": the one of the node file. `away`: unreachable; `total`, `free` null: unlimited."""

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
    work: VolumeWork | None


class VolumeCreate(Input, frozen=True):
    """A location for blobs: a directory of its own (`path`) or a bucket. The keys of a bucket are stored encrypted."""

    kind: Literal["local", "s3"] = "local"
    path: Text = ""
    bucket: Text = ""
    endpoint: Text = ""
    region: Text = "us-east-1"
    prefix: Text = ""
    access_key: Text = ""
    secret_key: Text = ""
    weight: Weight = 1


class VolumeProbe(Output, frozen=True):
    """Measured speed of a location: bytes written per second, milliseconds until a small write is durable, free bytes."""

    octets_per_second: float
    sync_ms: float
    free: Count | None


class VolumeCreated(Output, frozen=True):
    """A volume in use for new messages, and its measured speed."""

    id: Id
    measured: VolumeProbe


class VolumeUpdate(Input, frozen=True):
    """Changed fields; null: unchanged."""

    weight: Weight | None = None
    read_only: bool | None = None


class VolumeWorkUpdate(Input, frozen=True):
    """Speed limit of the work."""

    cap: Cap = 0


class VolumeFinding(Output, frozen=True):
    """A blob that cannot be read at its location."""

    blob: str
    what: str
    location: str
    at: Time


class TieringRule(Output, frozen=True):
    """Tiering of old messages: the target volume, minimum age in days, minimum size in bytes. `volumeId` null: none."""

    volume_id: Id | None
    days: Count
    least: Count


class TieringRuleUpdate(Input, frozen=True):
    """The tiering rule; `volumeId` null removes it."""

    volume_id: Id | None = None
    days: Annotated[int, Meta(ge=0, le=36500)] = 180
    least: Annotated[int, Meta(ge=0, le=1 << 40, extra={"unit": "bytes"})] = 0


api = Resource(asks="system")


def _work(one: volumes.VolumeWork) -> VolumeWork:
    return VolumeWork.from_row(one, unreadable=one.failed)


def _told(one: VolumeView) -> Volume:
    row, room = one.row, one.room
    return Volume(
        str(row.id), row.kind, row.state, row.read_only, row.weight, one.place, one.use.blobs, one.use.octets,
        room is None, room.total if room else None, room.free if room else None, one.days_to_full, one.findings,
        None if one.work is None else _work(one.work),
    )  # fmt: skip


def _new(body: VolumeCreate) -> NewVolume:
    if body.kind == "local":
        if not body.path.startswith("/") or "\0" in body.path:
            raise Invalid("path is that of a directory, from / on", reason="path.form")
        return NewVolume("local", {"path": body.path}, weight=body.weight)
    place = {"bucket": body.bucket, "endpoint": body.endpoint, "region": body.region, "prefix": body.prefix}
    secret = json.dumps({"access": body.access_key, "secret": body.secret_key})
    return NewVolume("s3", place, secret, body.weight)


@api.get(
    "/volumes", "Volumes.", "node.read", cli="volume list",
    columns="id kind state readOnly weight blobs octets free daysToFull unreadable place",
)  # fmt: skip
async def _list(call: Call) -> Page[Volume]:
    return part(await call.services.volumes.admin.views(call.actor), lambda one: int(one.row.id), call.page, _told)


@api.post(
    "/volumes", "Probe a location and add it as a volume.", "node.change", VolumeCreate, status=201, fresh=True,
    cli="volume add path",
)  # fmt: skip
async def _add(call: Call) -> VolumeCreated:
    row, one = await call.services.volumes.admin.add(call.actor, _new(call.body))
    return VolumeCreated(str(row.id), VolumeProbe(one.octets_s, round(one.sync_ms, 2), one.free))


@api.post(
    "/volumes/probe", "Measure the speed of a location.", "node.change", VolumeCreate, fresh=True,
    cli="volume probe path",
)  # fmt: skip
async def _probe(call: Call) -> VolumeProbe:
    one = await call.services.volumes.admin.probe(call.actor, _new(call.body))
    return VolumeProbe(one.octets_s, round(one.sync_ms, 2), one.free)


@api.post("/volumes/rebalance", "Rebalance volumes by weight.", "node.change", VolumeWorkUpdate, cli="volume rebalance")
async def _rebalance(call: Call) -> Page[Volume]:
    works = await call.services.volumes.admin.rebalance(call.actor, call.body.cap)
    moved = {one.volume_id for one in works}
    views = [one for one in await call.services.volumes.admin.views(call.actor) if one.row.id in moved]
    return Page([_told(one) for one in views])


@api.get("/volumes/tier", "The tiering rule.", "node.read", cli="volume tier", asks="handler")
async def _tier(call: Call) -> TieringRule:
    await call.may(SYSTEM, "node.read")
    rule = await call.services.volumes.admin.tier(call.actor)
    return TieringRule(None, 0, 0) if rule is None else TieringRule(str(rule.target_id), rule.days, rule.least)


@api.put(
    "/volumes/tier", "Set or remove the tiering rule.", "node.change", TieringRuleUpdate,
    cli=("volume set-tier volumeId", "volume remove-tier volumeId=null"),
)  # fmt: skip
async def _set_tier(call: Call) -> TieringRule:
    body: TieringRuleUpdate = call.body
    rule = None if body.volume_id is None else TierRule(VolumeId(int(body.volume_id)), body.days, body.least)
    await call.services.volumes.admin.set_tier(call.actor, rule)
    return await _tier(call)


@api.get("/volumes/{id}", "One volume.", "node.read", cli="volume show")
async def _get(call: Call) -> Volume:
    wanted = call.number()
    found = [one for one in await call.services.volumes.admin.views(call.actor) if one.row.id == wanted]
    if not found:
        raise NotFound(f"there is no volume {wanted}")
    return _told(found[0])


@api.patch(
    "/volumes/{id}", "Change the weight of a volume, or make it read-only.", "node.change", VolumeUpdate,
    cli="volume change",
)  # fmt: skip
async def _change(call: Call) -> Volume:
    body: VolumeUpdate = call.body
    volume_id = VolumeId(call.number())
    await call.services.volumes.admin.change(call.actor, volume_id, weight=body.weight, read_only=body.read_only)
    return await _get(call)


@api.delete("/volumes/{id}", "Remove an empty volume.", "node.change", fresh=True, cli="volume detach")
async def _detach(call: Call) -> None:
    await call.services.volumes.admin.detach(call.actor, VolumeId(call.number()))


@api.get("/volumes/{id}/findings", "Unreadable blobs of a volume.", "node.read", cli="volume findings")
async def _findings(call: Call) -> Page[VolumeFinding]:
    found = await call.services.volumes.admin.findings(call.actor, VolumeId(call.number()))
    return part(
        found, lambda one: one.blob_id.hex(), call.page,
        lambda one: VolumeFinding.from_row(one, blob=one.blob_id.hex()),
    )  # fmt: skip


@api.post("/volumes/{id}/drain", "Drain a volume.", "node.change", VolumeWorkUpdate, fresh=True, cli="volume drain")
async def _drain(call: Call) -> Volume:
    await call.services.volumes.admin.drain(call.actor, VolumeId(call.number()), call.body.cap)
    return await _get(call)


@api.post("/volumes/{id}/cancel-drain", "Cancel a drain.", "node.change", cli="volume cancel-drain")
async def _keep(call: Call) -> Volume:
    await call.services.volumes.admin.keep(call.actor, VolumeId(call.number()))
    return await _get(call)


@api.post("/volumes/{id}/scan", "Verify the checksums of a volume.", "node.change", VolumeWorkUpdate, cli="volume scan")
async def _scan(call: Call) -> Volume:
    await call.services.volumes.admin.scan(call.actor, VolumeId(call.number()), call.body.cap)
    return await _get(call)


@api.post("/volumes/{id}/pause", "Pause the work on a volume.", "node.change", cli="volume pause")
async def _pause(call: Call) -> Volume:
    await call.services.volumes.admin.pause(call.actor, VolumeId(call.number()))
    return await _get(call)


@api.post("/volumes/{id}/resume", "Resume the work on a volume.", "node.change", cli="volume resume")
async def _resume(call: Call) -> Volume:
    await call.services.volumes.admin.resume(call.actor, VolumeId(call.number()))
    return await _get(call)


@api.put(
    "/volumes/{id}/cap", "Change the speed limit of the work.", "node.change", VolumeWorkUpdate, cli="volume cap cap"
)
async def _cap(call: Call) -> Volume:
    await call.services.volumes.admin.cap(call.actor, VolumeId(call.number()), call.body.cap)
    return await _get(call)
