"""Acts of `./smartmail key` that need the open node: a new master key, originals sealed anew, originals that two open."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, add_act, shown
from smartmail.app.cli.progress import Progress
from smartmail.app.node import Node
from smartmail.formats.seal import SUITE_NAMES
from smartmail.service.operations.keys.opening import OpeningView
from smartmail.service.operations.keys.resealing import ResealView
from smartmail.service.operations.keys.rotating import RotationView

_SUITES: Final = {"aes-256-gcm": 1, "chacha20-poly1305": 2}


def add_acts(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add them to those of the command."""
    rotate = add_act(acts, "rotate", "replace the master key while mail flows, on all nodes")
    rotate.add_argument("--reason", required=True, metavar="TEXT", help="why: ten characters at least, recorded")
    rotate.add_argument("--no-wait", action="store_true", help="begin only; the nodes that serve go on with it")
    add_act(acts, "rotate-cancel", "give up a rotation that nothing is wrapped for yet")
    add_act(acts, "rotations", "show how far rotations are, and what they wait for")
    reseal = add_act(acts, "reseal", "seal originals anew under another suite, while mail flows")
    reseal.add_argument("--suite", required=True, choices=sorted(_SUITES), help="the suite")
    reseal.add_argument("--cap-mb", type=float, default=0, metavar="N", help="at most N MB a second (no cap)")
    reseal.add_argument("--reason", required=True, metavar="TEXT", help="why: ten characters at least, recorded")
    add_act(acts, "reseals", "show how far such works are")
    for name, text in (("pause", "let it wait"), ("resume", "go on with it"), ("cancel", "give it up")):
        add_act(acts, f"reseal-{name}", f"{text}: the work that seals anew")
    cap = add_act(acts, "reseal-cap", "change its cap")
    cap.add_argument("cap_mb", type=float, metavar="MB", help="MB a second, 0 for none")
    ask = add_act(acts, "open", "ask that two persons may read somebody's originals for a time", "ADDRESS")
    ask.add_argument("--minutes", type=int, default=60, metavar="N", help="from the consent on (60)")
    ask.add_argument("--reason", required=True, metavar="TEXT", help="why: ten characters at least, recorded")
    add_act(acts, "openings", "show whose originals were opened, by whom, until when")
    end = add_act(acts, "opening-end", "end an opening before its time")
    end.add_argument("number", type=int, metavar="N")


async def _rotate(node: Node, options: argparse.Namespace) -> int:
    rotation = node.services.keys.rotation
    row = await rotation.begin(CLI, options.reason)
    if options.no_wait:
        return await _rotations(node, options)
    progress = Progress("master key", 100, shown=not options.json)
    while await rotation.current() is not None:
        await rotation.turn()
        view = await rotation.view((await node.store.rotations(1))[0])
        waits = ", ".join(view.waits_for) or view.row.state
        progress.told(view.percent, view.row.done, "keys", what=f"master key ({waits})")
        for name, problem in view.problems:
            opening.complain(f"{name}: {problem}")
        if view.row.ended_at is None:
            await asyncio.sleep(1)
    await rotation.turn()
    document = {"old": row.old_id, "new": row.new_id}
    lines = [
        f"Master key {row.new_id} is in use; {row.old_id} opens nothing any more.",
        "Copies of the key's file and recovery kits of before are void: make a new recovery kit (./smartmail key kit).",
    ]
    opening.show(options, document, lines)
    return 0


async def _rotate_cancel(node: Node, options: argparse.Namespace) -> int:
    await node.services.keys.rotation.cancel(CLI)
    await node.services.keys.rotation.turn()
    return await _rotations(node, options)


async def _rotations(node: Node, options: argparse.Namespace) -> int:
    views = await node.services.keys.rotation.views(CLI)
    opening.show(options, [_rotation(one) for one in views], [_rotation_line(one) for one in views] or ["none"])
    return 0


def _rotation(one: RotationView) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id, "state": row.state, "old": row.old_id, "new": row.new_id, "percent": one.percent,
        "begun": shown(row.started_at), "ended": shown(row.ended_at), "by": row.actor,
        "waits_for": list(one.waits_for), "problems": dict(one.problems),
    }  # fmt: skip


def _rotation_line(one: RotationView) -> str:
    row = one.row
    waits = f", waits for {', '.join(one.waits_for)}" if one.waits_for else ""
    problems = "".join(f"; {node}: {text}" for node, text in one.problems)
    return f"{shown(row.started_at)}  {row.old_id} → {row.new_id}  {row.state} {one.percent} %{waits}{problems}"


async def _reseal(node: Node, options: argparse.Namespace) -> int:
    work = node.services.keys.resealing
    await work.begin(CLI, _SUITES[options.suite], options.reason, int(options.cap_mb * 1_000_000))
    return await _reseals(node, options)


async def _reseals(node: Node, options: argparse.Namespace) -> int:
    views = await node.services.keys.resealing.views(CLI)
    opening.show(options, [_work(one) for one in views], [_work_line(one) for one in views] or ["none"])
    return 0


def _work(one: ResealView) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id, "state": row.state, "suite": SUITE_NAMES[row.suite], "percent": row.percent, "blobs": row.blobs,
        "octets": row.octets, "failed": row.failed, "cap": row.cap, "seconds_left": one.seconds_left,
        "begun": shown(row.started_at), "ended": shown(row.ended_at),
    }  # fmt: skip


def _work_line(one: ResealView) -> str:
    row = one.row
    left = f", about {one.seconds_left // 60} min left" if one.seconds_left is not None else ""
    failed = f", {row.failed:,} do not open" if row.failed else ""
    return f"{shown(row.started_at)}  {SUITE_NAMES[row.suite]}  {row.state} {row.percent} %  {row.blobs:,} originals{failed}{left}"


def _turned(state: Any) -> Callable[[Node, argparse.Namespace], Awaitable[int]]:
    async def act(node: Node, options: argparse.Namespace) -> int:
        await node.services.keys.resealing.turn_to(CLI, state)
        return await _reseals(node, options)

    return act


async def _cap(node: Node, options: argparse.Namespace) -> int:
    await node.services.keys.resealing.cap(CLI, int(options.cap_mb * 1_000_000))
    return await _reseals(node, options)


async def _open(node: Node, options: argparse.Namespace) -> int:
    account = await node.services.directory.account_by_login(options.address)
    asked = await node.services.keys.openings.propose(CLI, account.id, options.minutes, options.reason)
    document = {"proposal": asked.row.id}
    opening.show(options, document, [f"Proposal {asked.row.id} waits for another administrator's consent."])
    return 0


async def _openings(node: Node, options: argparse.Namespace) -> int:
    views = await node.services.keys.openings.views(CLI)
    opening.show(options, [_opening(one) for one in views], [_opening_line(one) for one in views] or ["none"])
    return 0


def _opening(one: OpeningView) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id, "address": one.login, "open": one.is_open, "by": row.proposed_by, "with": row.confirmed_by,
        "begun": shown(row.begun_at), "until": shown(row.ended_at or row.until), "reason": one.reason,
    }  # fmt: skip


def _opening_line(one: OpeningView) -> str:
    row = one.row
    state = "open" if one.is_open else "over"
    until = shown(row.ended_at or row.until)
    return f"{row.id}  {one.login}  {state} until {until}  {row.proposed_by} with {row.confirmed_by}  {one.reason}"


async def _end(node: Node, options: argparse.Namespace) -> int:
    await node.services.keys.openings.end(CLI, options.number)
    return await _openings(node, options)


ACTS: Final[dict[str, Callable[[Node, argparse.Namespace], Awaitable[int]]]] = {
    "rotate": _rotate, "rotate-cancel": _rotate_cancel, "rotations": _rotations, "reseal": _reseal, "reseals": _reseals,
    "reseal-pause": _turned("paused"), "reseal-resume": _turned("running"), "reseal-cancel": _turned("cancelled"),
    "reseal-cap": _cap, "open": _open, "openings": _openings, "opening-end": _end,
}  # fmt: skip
