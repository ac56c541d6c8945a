"""Places that hold sealed blobs: added, weighed, read through, emptied and taken out while mail runs.

Adding tries the place first and shows what it is good for. A drain moves everything to the other volumes; when it is done and
nobody can be reading the old octets any more (some minutes) the volume is empty and can be detached.
"""

import argparse
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.app.settings import SettingsError, secret
from smartmail.domain.ids import AccountId, OrganizationId, VolumeId
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.volumes import TierRule, VolumeWork
from smartmail.ports.blobs import Probe
from smartmail.service.kernel.volumes.administering import NewVolume, VolumeView

HELP = "volumes: list, add, change, drain, rebalance, tier, scan, detach"
ROOT = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
MIB: Final = 1 << 20
SLOW_SYNC_MS: Final = 30.0

_ON_ONE = {
    "show": "show what cannot be read in a volume",
    "drain": "move everything to the other volumes",
    "keep": "stop a drain: the volume takes mail again",
    "scan": "read everything and compare checksums",
    "pause": "let the work on a volume wait",
    "resume": "let it go on",
    "cap": "change how fast the work on a volume may be",
    "detach": "take an empty volume out",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    opening.add_arguments(acts.add_parser("list", help="show volumes, how they fill, and the work on them"))
    for name, help_ in (("try", "try a place and show what it is good for"), ("add", "try a place and put it to use")):
        act = acts.add_parser(name, help=help_)
        opening.add_arguments(act)
        act.add_argument("place", metavar="PATH|s3://BUCKET/PREFIX", help="a directory of its own, or a bucket")
        act.add_argument("--endpoint", default="", metavar="URL", help="address of the S3 service")
        act.add_argument("--region", default="us-east-1", metavar="NAME", help="us-east-1 (default)")
        act.add_argument("--access-key", default="env:AWS_ACCESS_KEY_ID", metavar="KEY", help="or env:NAME, file:PATH")
        act.add_argument(
            "--secret-key", default="env:AWS_SECRET_ACCESS_KEY", metavar="KEY", help="or env:NAME, file:PATH"
        )
        if name == "add":
            act.add_argument("--weight", type=int, default=1, metavar="N", help="its share of new mail; 0: none")
    change = acts.add_parser("change", help="weigh a volume, or close it for new mail")
    _numbered(change)
    change.add_argument("--weight", type=int, metavar="N", help="its share of new mail; 0: none")
    change.add_argument("--read-only", choices=("yes", "no"), help="whether it takes no new mail")
    for name, help_ in _ON_ONE.items():
        act = acts.add_parser(name, help=help_)
        _numbered(act)
        if name in {"drain", "scan"}:
            _capped(act)
        if name == "cap":
            act.add_argument("cap", type=int, metavar="MB/S", help="0: as fast as it can")
    rebalance = acts.add_parser("rebalance", help="bring volumes to their shares by weight")
    opening.add_arguments(rebalance)
    _capped(rebalance)
    tier = acts.add_parser("tier", help="show or set where old mail goes by itself")
    opening.add_arguments(tier)
    tier.add_argument("--to", type=int, metavar="N", help="the volume for old mail")
    tier.add_argument("--days", type=int, default=180, metavar="D", help="180 (default)")
    tier.add_argument("--least", type=int, default=0, metavar="KB", help="smaller messages stay")
    tier.add_argument("--off", action="store_true", help="old mail stays from now on")


def _numbered(parser: argparse.ArgumentParser) -> None:
    opening.add_arguments(parser)
    parser.add_argument("volume", type=int, metavar="N", help="the number that `volume list` shows")


def _capped(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cap", type=int, default=0, metavar="MB/S", help="0 (default): as fast as it can")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    acts: dict[str, Callable[[Node, argparse.Namespace], Awaitable[int]]] = {
        "list": _list, "try": _try, "add": _add, "change": _change, "show": _show, "rebalance": _rebalance, "tier": _tier,
    }  # fmt: skip
    work = acts.get(options.act, _on_one)
    return opening.perform(options, lambda node: work(node, options))


# --- looking ---


async def _list(node: Node, options: argparse.Namespace) -> int:
    views = await node.services.volumes.admin.views(ROOT)
    head = (
        "volume",
        "kind",
        "state",
        "weight",
        "blobs",
        "MB",
        "free MB",
        "days to full",
        "unreadable",
        "work",
        "place",
    )
    rows = [_line(one) for one in views]
    opening.show(options, [_document(one) for one in views], opening.table(head, rows))
    return 0


def _line(view: VolumeView) -> tuple[str, ...]:
    row, room = view.row, view.room
    free = "away" if room is None else "no bound" if room.free is None else f"{room.free >> 20:,}"
    days = "-" if view.days_to_full is None else f"{view.days_to_full:.0f}"
    state = f"{row.state} (read-only)" if row.read_only else row.state
    return (
        str(row.id), row.kind, state, str(row.weight), f"{view.use.blobs:,}", f"{view.use.octets >> 20:,}", free, days,
        str(view.findings), _told(view.work), view.place or "(node file)",
    )  # fmt: skip


def _told(work: VolumeWork | None) -> str:
    if work is None:
        return "-"
    failed = f", {work.failed} unreadable" if work.failed else ""
    return f"{work.kind} {work.state} {work.percent} %{failed}"


def _document(view: VolumeView) -> dict[str, Any]:
    row, room, work = view.row, view.room, view.work
    return {
        "volume": row.id, "kind": row.kind, "state": row.state, "weight": row.weight, "readOnly": row.read_only,
        "place": view.place, "blobs": view.use.blobs, "octets": view.use.octets, "away": room is None,
        "total": room.total if room else None, "free": room.free if room else None,
        "daysToFull": view.days_to_full, "unreadable": view.findings,
        "work": None if work is None else {
            "kind": work.kind, "state": work.state, "percent": work.percent, "blobs": work.blobs, "octets": work.octets,
            "unreadable": work.failed, "cap": work.cap, "startedAt": work.started_at, "endedAt": work.ended_at,
        },
    }  # fmt: skip


async def _show(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.volumes.admin.findings(ROOT, VolumeId(options.volume))
    document = [{"blob": one.blob_id.hex(), "location": one.location, "what": one.what, "at": one.at} for one in found]
    lines = opening.table(("blob", "what", "location"), [(one.blob_id.hex(), one.what, one.location) for one in found])
    opening.show(options, document, lines if found else ["Nothing that cannot be read is known there."])
    return 1 if found else 0


# --- adding ---


def _new(options: argparse.Namespace) -> NewVolume:
    if not options.place.startswith("s3://"):
        path = os.path.abspath(options.place)
        return NewVolume("local", {"path": path}, weight=getattr(options, "weight", 1))
    bucket, _, prefix = options.place.removeprefix("s3://").partition("/")
    place = {"bucket": bucket, "endpoint": options.endpoint, "region": options.region, "prefix": prefix}
    try:
        keys = {"access": secret(options.access_key), "secret": secret(options.secret_key)}
    except SettingsError as error:
        raise opening.CommandError(str(error)) from error
    return NewVolume("s3", place, json.dumps(keys), getattr(options, "weight", 1))


async def _try(node: Node, options: argparse.Namespace) -> int:
    probe = await node.services.volumes.admin.probe(ROOT, _new(options))
    opening.show(options, _numbers(probe), _measured(probe))
    return 0


async def _add(node: Node, options: argparse.Namespace) -> int:
    row, probe = await node.services.volumes.admin.add(ROOT, _new(options))
    lines = [*_measured(probe), f"Volume {row.id} takes new mail with weight {row.weight} from now on."]
    opening.show(options, {"volume": row.id, **_numbers(probe)}, lines)
    return 0


def _numbers(probe: Probe) -> dict[str, Any]:
    return {"octetsPerSecond": probe.octets_s, "syncMs": round(probe.sync_ms, 2), "free": probe.free}


def _measured(probe: Probe) -> list[str]:
    free = "no bound" if probe.free is None else f"{probe.free >> 20:,} MB free"
    lines = [f"Writes {probe.octets_s / MIB:.0f} MB/s, a small write is durable in {probe.sync_ms:.2f} ms; {free}."]
    if probe.sync_ms > SLOW_SYNC_MS:
        lines.append(
            "That is slow: mail waits so long for each commit. Better use it for old mail only (weight 0, tier)."
        )
    return lines


# --- changing ---


async def _change(node: Node, options: argparse.Namespace) -> int:
    if options.weight is None and options.read_only is None:
        raise opening.CommandError("Say what shall change: --weight N, --read-only yes or no.")
    read_only = None if options.read_only is None else options.read_only == "yes"
    row = await node.services.volumes.admin.change(
        ROOT, VolumeId(options.volume), weight=options.weight, read_only=read_only
    )
    words = "takes no new mail" if row.read_only or row.weight == 0 else f"takes new mail with weight {row.weight}"
    opening.show(
        options, {"volume": row.id, "weight": row.weight, "readOnly": row.read_only}, [f"Volume {row.id} {words}."]
    )
    return 0


async def _on_one(node: Node, options: argparse.Namespace) -> int:
    admin, volume = node.services.volumes.admin, VolumeId(options.volume)
    cap = getattr(options, "cap", 0) * MIB
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        "drain": lambda: admin.drain(ROOT, volume, cap), "keep": lambda: admin.keep(ROOT, volume),
        "scan": lambda: admin.scan(ROOT, volume, cap), "pause": lambda: admin.pause(ROOT, volume),
        "resume": lambda: admin.resume(ROOT, volume), "cap": lambda: admin.cap(ROOT, volume, cap),
        "detach": lambda: admin.detach(ROOT, volume),
    }  # fmt: skip
    words = {
        "drain": "is being emptied. ./smartmail volume list shows how far it is.",
        "keep": "keeps what it has and takes mail again.", "scan": "is being read through.",
        "pause": "waits.", "resume": "goes on.", "cap": "goes at its new pace within half a minute.",
        "detach": "is taken out; its disk may be removed in some seconds.",
    }  # fmt: skip
    await acts[options.act]()
    if options.act in {"drain", "scan"} and not options.json:
        print("The jobs role of the running server does the work.", file=sys.stderr)
    opening.show(options, {"volume": volume, "act": options.act}, [f"Volume {volume} {words[options.act]}"])
    return 0


async def _rebalance(node: Node, options: argparse.Namespace) -> int:
    works = await node.services.volumes.admin.rebalance(ROOT, options.cap * MIB)
    lines = [f"{work.bound >> 20:,} MB leave volume {work.volume_id}." for work in works]
    document = [{"volume": work.volume_id, "octets": work.bound} for work in works]
    opening.show(options, document, lines or ["No volume holds more than its share."])
    return 0


async def _tier(node: Node, options: argparse.Namespace) -> int:
    admin = node.services.volumes.admin
    if options.off:
        await admin.set_tier(ROOT, None)
    elif options.to is not None:
        await admin.set_tier(ROOT, TierRule(VolumeId(options.to), options.days, options.least << 10))
    rule = await admin.tier(ROOT)
    if rule is None:
        opening.show(options, None, ["Old mail stays where it is. Set a rule with --to N --days D."])
        return 0
    line = f"Mail older than {rule.days} days and of at least {rule.least >> 10} KB goes to volume {rule.target_id}."
    opening.show(options, {"volume": rule.target_id, "days": rule.days, "least": rule.least}, [line])
    return 0
