"""Rules against spam by signed file: show, check, apply, back, make.

`rules check` says what a pack would change, and changes nothing. `rules apply` puts it in force in every process within
seconds, without a restart; `rules back` goes back to what was before, at once. The key is the vendor's that is pinned with
`update trust`. `rules make` is for who makes packs, out of a JSON file.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, shown
from smartmail.app.node import Node
from smartmail.formats.rule_pack import MAX_OCTETS, RulePack, RulePackError, sign
from smartmail.service.operations.rule_packs import PackPreview, RuleChange

HELP = "rules against spam by signed file: show, check, apply, back"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add_act(acts, "show", "show the pack in force and the one before")
    add_act(acts, "check", "say what a pack would change", "FILE")
    add_act(acts, "apply", "put a pack in force", "FILE")
    add_act(acts, "back", "go back to what was before")
    make = add_act(acts, "make", "make a pack out of a JSON file", "SOURCE", "FILE")
    make.add_argument("--signing-key", required=True, metavar="FILE", help="the vendor's private key (PEM)")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    if options.act == "make":
        try:
            return _make(options)
        except (opening.CommandError, RulePackError, msgspec.MsgspecError, OSError, ValueError) as error:
            opening.complain(str(error))
            return opening.FAILED
    act = {"show": _show, "check": _check, "apply": _apply, "back": _back}[options.act]
    return opening.perform(options, lambda node: act(node, options))


def _make(options: argparse.Namespace) -> int:
    key = load_pem_private_key(Path(options.signing_key).read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise opening.CommandError(f"{options.signing_key} is no Ed25519 key.")
    source = msgspec.json.decode(Path(options.source).read_bytes())
    if not isinstance(source, dict):
        raise opening.CommandError(f"{options.source} is no JSON object.")
    source.setdefault("madeAt", int(time.time() * 1000))
    file = sign(msgspec.convert(source, RulePack), key)
    Path(options.file).write_bytes(file)
    opening.show(options, {"octets": len(file)}, [f"{options.file}: {len(file):,} octets"])
    return 0


def _pack(one: RulePack | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "id": one.id,
        "made_at": one.made_at,
        "rules": len(one.rules),
        "weights": len(one.weights),
        "notes": one.notes,
    }


def _line(word: str, one: RulePack | None) -> str:
    if one is None:
        return f"{word}: none"
    return f"{word}: {one.id} of {shown(one.made_at)}, {len(one.rules)} rules, {len(one.weights)} weights"


async def _show(node: Node, options: argparse.Namespace) -> int:
    state = await node.services.rule_packs.state(CLI)
    document = {"current": _pack(state.current), "before": _pack(state.before), "trusted": state.trusted}
    lines = [_line("in force", state.current), _line("before", state.before)]
    if not state.trusted:
        lines.append("No key of the vendor is pinned: ./smartmail update trust PUBLIC")
    opening.show(options, document, lines)
    return 0


async def _check(node: Node, options: argparse.Namespace) -> int:
    octets = opening.octets_of(options.file, MAX_OCTETS + 1)
    return _told(options, await node.services.rule_packs.preview(CLI, octets))


async def _apply(node: Node, options: argparse.Namespace) -> int:
    octets = opening.octets_of(options.file, MAX_OCTETS + 1)
    return _told(options, await node.services.rule_packs.apply(CLI, octets))


async def _back(node: Node, options: argparse.Namespace) -> int:
    name = await node.services.rule_packs.back(CLI)
    opening.show(options, {"id": name}, [f"In force: {name or 'no pack'}"])
    return 0


def _told(options: argparse.Namespace, seen: PackPreview) -> int:
    rows = [(one.change, one.rule, _weight(one.before), _weight(one.after), _note(one)) for one in seen.changes]
    document = {
        "pack": _pack(seen.pack),
        "changes": [
            {"rule": one.rule, "title": one.title, "change": one.change, "before": one.before, "after": one.after, "own": one.own}
            for one in seen.changes
        ],
    }  # fmt: skip
    table = opening.table(("CHANGE", "RULE", "BEFORE", "AFTER", ""), rows) if rows else ["It changes nothing."]
    opening.show(options, document, [_line("pack", seen.pack), *table])
    return 0


def _weight(weight: float | None) -> str:
    return "–" if weight is None else f"{weight:+g}"


def _note(one: RuleChange) -> str:
    return f"{one.title}{' (a weight of your own goes before it)' if one.own else ''}".strip()
