"""Engines that scan mail, and rules that judge it.

`engine add` takes clamd (socket or host:port), icap (icap://host:1344/service), rspamd (host:port) or yara (the name of
rules that `yara put` brought; the server needs the Python package yara-x for it). Mail that an engine
could not scan is held, or passes where `--on-failure pass` says so. `status` ends with 1 when an engine does not answer or
has signatures older than three days.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.ports.scan import EngineSettings, ScanVerdict
from smartmail.service.protection.filtering.engines import EngineStatus
from smartmail.service.protection.filtering.rule_files import MAX_OCTETS
from smartmail.service.protection.filtering.rules.table import WEIGHTS
from smartmail.service.protection.filtering.settings import DnsList

HELP = "engines that scan mail, DNS lists, weights of rules"
_ACTOR = "cli"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    _engine(acts)
    _list(acts)
    opening.add_arguments(_act(acts, "status", "ask engines and lists how they are"))
    opening.add_arguments(_act(acts, "rules", "show all rules with their weights"))
    rule = _act(acts, "rule", "switch a rule off or on, or give it a weight")
    rule.add_argument("name", metavar="RULE")
    rule.add_argument("weight", metavar="off|on|WEIGHT")
    opening.add_arguments(rule)
    partner = _act(acts, "partner", "watch for senders who imitate a partner's domain")
    partner.add_argument("verb", choices=("add", "remove"))
    partner.add_argument("domain", metavar="DOMAIN")
    opening.add_arguments(partner)
    brands = _act(acts, "brands", "watch for senders who imitate well-known names")
    brands.add_argument("state", choices=("on", "off"))
    opening.add_arguments(brands)
    _yara(acts)
    file = _act(acts, "file", "give a file to all engines")
    file.add_argument("path", metavar="FILE", type=Path)
    opening.add_arguments(file)


def _act(acts: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str) -> argparse.ArgumentParser:
    return acts.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")


def _engine(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verbs = _act(acts, "engine", "add or remove an engine").add_subparsers(dest="verb", required=True, metavar="VERB")
    add = _act(verbs, "add", "add an engine behind the others")
    add.add_argument("name", metavar="NAME")
    add.add_argument("kind", choices=("clamd", "icap", "rspamd", "yara"))
    add.add_argument("address", metavar="ADDRESS")
    add.add_argument(
        "--on-failure", choices=("hold", "pass"), default="hold", help="mail that it could not scan (hold)"
    )
    add.add_argument("--seconds", type=float, default=10.0, metavar="S", help="longest wait for a verdict (10)")
    add.add_argument("--max-mb", type=int, default=25, metavar="N", help="larger mail is not given to it (25)")
    opening.add_arguments(add)
    remove = _act(verbs, "remove", "remove an engine")
    remove.add_argument("name", metavar="NAME")
    opening.add_arguments(remove)


def _yara(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verbs = _act(acts, "yara", "bring YARA rules").add_subparsers(dest="verb", required=True, metavar="VERB")
    put = _act(verbs, "put", "bring rules, in place of older ones of the name")
    put.add_argument("name", metavar="NAME")
    put.add_argument("path", metavar="FILE", type=Path)
    remove = _act(verbs, "remove", "forget rules")
    remove.add_argument("name", metavar="NAME")
    for one in (put, remove, _act(verbs, "list", "show which rules there are")):
        opening.add_arguments(one)


def _list(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verbs = _act(acts, "list", "add or remove a DNS list").add_subparsers(dest="verb", required=True, metavar="VERB")
    add = _act(verbs, "add", "ask a DNS list (RFC 5782)")
    add.add_argument("name", metavar="NAME")
    add.add_argument("kind", choices=("address", "domain", "link", "welcome"))
    add.add_argument("zone", metavar="ZONE")
    opening.add_arguments(add)
    remove = _act(verbs, "remove", "ask a DNS list no more")
    remove.add_argument("name", metavar="NAME")
    opening.add_arguments(remove)


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {
        "engine": _do_engine, "list": _do_list, "status": _status, "rules": _rules, "rule": _rule, "partner": _partner,
        "brands": _brands, "file": _file, "yara": _do_yara,
    }[options.act]  # fmt: skip
    return opening.perform(options, lambda node: act(node, options))


async def _do_engine(node: Node, options: argparse.Namespace) -> int:
    if options.verb == "add":
        engine = EngineSettings(
            options.name, options.kind, options.address, options.on_failure, options.seconds, options.max_mb << 20
        )
        await node.services.scanning.add_engine(engine, _ACTOR)
    else:
        await node.services.scanning.remove_engine(options.name, _ACTOR)
    return _done(options, f"Engine {options.name}: {options.verb}.")


async def _do_yara(node: Node, options: argparse.Namespace) -> int:
    files = node.services.scanning.files
    if options.verb == "list":
        kept = await files.all()
        rows = [(name, one.day, str(one.count)) for name, one in kept.items()]
        document = [{"name": name, "day": one.day, "rules": one.count} for name, one in kept.items()]
        opening.show(options, document, opening.table(("NAME", "OF", "RULES"), rows) if rows else ["No rules."])
        return 0
    if options.verb == "remove":
        await files.remove(options.name, _ACTOR)
        return _done(options, f"Rules {options.name}: removed.")
    rules = await files.put(options.name, opening.octets_of(str(options.path), MAX_OCTETS + 1), _ACTOR)
    return _done(options, f"Rules {options.name}: {rules.count} of {rules.day}.")


async def _do_list(node: Node, options: argparse.Namespace) -> int:
    if options.verb == "add":
        added = DnsList(options.name, options.kind, options.zone)
        await node.services.scanning.add_list(added, _ACTOR)
        if not await node.services.scanning.fit(added):
            opening.complain(f"{added.zone} does not have its test entries (RFC 5782 §5): it is not used until it has.")
    else:
        await node.services.scanning.remove_list(options.name, _ACTOR)
    return _done(options, f"List {options.name}: {options.verb}.")


async def _status(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.scanning.status()
    settings = await node.services.scanning.settings()
    lists = [(one, await node.services.scanning.fit(one)) for one in settings.lists]
    rows = [
        (one.engine.name, one.engine.kind, one.engine.on_failure, _state(one), _day(one), _version(one))
        for one in found
    ]
    document = {
        "engines": [
            {"name": one.engine.name, "kind": one.engine.kind, "address": one.engine.address, "state": _state(one),
             "signaturesAt": one.signatures_at, "version": _version(one), "onFailure": one.engine.on_failure}
            for one in found
        ],
        "lists": [{"name": one.name, "kind": one.kind, "zone": one.zone, "fit": fit} for one, fit in lists],
        "partners": list(settings.partners), "brands": settings.brands,
    }  # fmt: skip
    lines = (
        opening.table(("ENGINE", "KIND", "FAILURE", "STATE", "SIGNATURES", "VERSION"), rows)
        if rows
        else ["No engines."]
    )
    if lists:
        shown = [(one.name, one.kind, one.zone, "in use" if fit else "UNFIT") for one, fit in lists]
        lines += ["", *opening.table(("LIST", "KIND", "ZONE", "STATE"), shown)]
    opening.show(options, document, lines)
    return opening.FAILED if any(one.stale or one.info is None for one in found) else 0


def _state(one: EngineStatus) -> str:
    if one.info is None:
        return f"DOES NOT ANSWER: {one.problem}"
    return "STALE: older than 3 days" if one.stale else "ok"


def _day(one: EngineStatus) -> str:
    return (
        datetime.fromtimestamp(one.signatures_at / 1000, UTC).strftime("%Y-%m-%d") if one.signatures_at else "unknown"
    )


def _version(one: EngineStatus) -> str:
    return "" if one.info is None else one.info.version


async def _rules(node: Node, options: argparse.Namespace) -> int:
    changed = (await node.services.scanning.settings()).weights
    document = {rule: changed.get(rule, weight) for rule, weight in WEIGHTS.items()}
    rows = [
        (rule, "off" if weight is None else f"{weight:+g}", f"{WEIGHTS[rule]:+g}" if rule in changed else "")
        for rule, weight in document.items()
    ]
    opening.show(options, document, opening.table(("RULE", "WEIGHT", "BEFORE"), rows))
    return 0


async def _rule(node: Node, options: argparse.Namespace) -> int:
    try:
        weight = {"off": None, "on": "on"}[options.weight] if options.weight in {"off", "on"} else float(options.weight)
    except ValueError:
        raise opening.CommandError(f"A weight is off, on or a number, not {options.weight!r}.") from None
    await node.services.scanning.weigh(options.name, weight, _ACTOR)
    return _done(options, f"Rule {options.name}: {options.weight}.")


async def _partner(node: Node, options: argparse.Namespace) -> int:
    await node.services.scanning.set_partner(options.domain, _ACTOR, watched=options.verb == "add")
    return _done(options, f"Partner {options.domain}: {options.verb}.")


async def _brands(node: Node, options: argparse.Namespace) -> int:
    await node.services.scanning.set_brands(_ACTOR, watched=options.state == "on")
    return _done(options, f"Well-known names: {options.state}.")


async def _file(node: Node, options: argparse.Namespace) -> int:
    try:
        octets = options.path.read_bytes()
    except OSError as error:
        raise opening.CommandError(f"{options.path}: {error.strerror}") from None
    results = await node.services.scanning.try_file(octets)
    rows = [(engine.name, _result(verdict)) for engine, verdict in results]
    opening.show(options, dict(rows), opening.table(("ENGINE", "RESULT"), rows) if rows else ["No engines."])
    return opening.FAILED if any(isinstance(verdict, str) or verdict.infected for _, verdict in results) else 0


def _result(verdict: ScanVerdict | str) -> str:
    if isinstance(verdict, str):
        return f"NO VERDICT: {verdict}"
    if verdict.infected:
        return f"INFECTED: {verdict.virus}"
    return f"clean{f' (score {verdict.score:g})' if verdict.score else ''}"


def _done(options: argparse.Namespace, text: str) -> int:
    opening.show(options, {"done": text}, [text])
    return 0
