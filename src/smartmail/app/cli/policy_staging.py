"""The acts of `policy` on staged changes, rehearsals, acknowledgements, what is full and what retention would delete."""

import argparse
from datetime import datetime
from typing import Any, TypeAlias

from smartmail.app.cli import opening
from smartmail.app.cli.acting import time_of
from smartmail.app.node import Node
from smartmail.base.i18n import translate
from smartmail.domain.errors import Invalid
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope, Value
from smartmail.domain.policy_changes import CHANGE_STATES, Ack, ChangeState, PolicyChange, Rehearsal, Replay, Unset
from smartmail.domain.principal import Actor, Origin
from smartmail.policy.knobs import KNOBS
from smartmail.service.governance.emptying import ROLES, Role

_CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
Acts: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 -- the only name that its type has


def add_arguments(acts: Acts) -> None:
    """Add the acts."""
    for name, text in (
        ("stage", "make a draft of several settings, applied together"),
        ("rehearse", "say what settings would do, and change nothing"),
    ):
        parser = _act(acts, name, text)
        parser.add_argument("settings", metavar="KNOB=VALUE", nargs="*", help="what to set")
        parser.add_argument("--unset", metavar="KNOB", action="append", default=[], help="what to take back")
        parser.add_argument("--preset", metavar="NAME", help="everything that a preset sets")
        parser.add_argument("--scope", default="system", help="whom it is for (system)")
        if name == "stage":
            parser.add_argument("--reason", required=True, help="why; it is kept sealed")
            parser.add_argument("--at", type=time_of, metavar="TIME", help="apply it then: 2026-12-31T18:00")
        else:
            parser.add_argument("--change", type=int, metavar="N", help="a staged change instead")
    _act(acts, "changes", "show staged changes").add_argument("--state", choices=CHANGE_STATES)
    show = _act(acts, "change", "show a staged change: what it changes, why, and for whom")
    submit = _act(acts, "submit", "let a draft go on to its time")
    submit.add_argument("--ask", action="store_true", help="let another administrator agree first")
    for parser in (
        show, submit, _act(acts, "approve", "agree to a proposed change"), _act(acts, "refuse", "refuse a proposed change"),
        _act(acts, "withdraw", "take a change back that is not in force yet"),
    ):  # fmt: skip
        parser.add_argument("number", metavar="N", type=int)
    _act(acts, "effective", "show everything that holds for an account, and why").add_argument("address")
    _act(acts, "acks", "show which process obeys which epoch")
    near = _act(acts, "near", "show accounts that are nearly full")
    near.add_argument("--percent", type=int, default=80)
    retention = _act(acts, "retention", "show what retention would delete, and delete nothing")
    for role in ROLES:
        retention.add_argument(f"--{role}", type=int, metavar="DAYS", help=f"as if {role}.days were that")


def _act(acts: Acts, name: str, text: str) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=text, description=text)
    opening.add_arguments(parser)
    return parser


async def _wanted(node: Node, options: argparse.Namespace) -> tuple[list[PolicyRule], list[Unset]]:
    governing = node.services.governing
    scope = await governing.scope(options.scope)
    begin, unset = [], [Unset(knob, scope) for knob in options.unset]
    if options.preset is not None:
        preset = governing.presets().get(options.preset)
        if preset is None:
            raise Invalid(f"there is no preset {options.preset!r}: {', '.join(governing.presets())}")
        begin += [PolicyRule(knob, scope, one.value) for knob, one in preset.items()]
        _, rules = await governing.rules()
        kept = {rule.knob for rule in begin}
        unset += [Unset(rule.knob, scope) for rule in rules if rule.scope == scope and rule.knob not in kept]
    for setting in options.settings:
        knob, equals, text = setting.partition("=")
        if not equals:
            raise Invalid(f"{setting!r} is not KNOB=VALUE")
        begin.append(PolicyRule(knob, scope, governing.read_value(knob, text)))
    if not begin and not unset:
        raise Invalid("name what to change: KNOB=VALUE, --unset KNOB or --preset NAME")
    return begin, list(dict.fromkeys(unset))


async def _stage(node: Node, options: argparse.Namespace) -> int:
    begin, unset = await _wanted(node, options)
    change = await node.services.policy_changes.stage(_CLI, begin, unset, options.reason, options.at)
    lines = [
        f"Change {change.id} is a draft. `policy change {change.id}` shows it, `policy submit {change.id}` goes on."
    ]
    opening.show(options, await _document(node, change), lines)
    return 0


async def _rehearse(node: Node, options: argparse.Namespace) -> int:
    at = None
    if options.change is not None:
        change = await node.services.policy_changes.change(_CLI, options.change)
        begin, unset, at = list(change.begin), list(change.unset), change.apply_at
    else:
        begin, unset = await _wanted(node, options)
    told = await node.services.rehearsals.rehearse(begin, unset, at=at)
    past = await node.services.rehearsals.replay(begin, unset)
    opening.show(options, {**_rehearsed(told), **_replayed(past)}, _rehearsal_lines(told) + _replay_lines(past))
    return 0


def _rehearsed(told: Rehearsal) -> dict[str, Any]:
    return {
        "accounts": told.asked, "changed": told.changed, "byKnob": dict(told.by_knob),
        "examples": [
            {"login": one.login, "knob": one.knob, "before": one.before, "after": one.after} for one in told.examples
        ],
    }  # fmt: skip


def _rehearsal_lines(told: Rehearsal) -> list[str]:
    lines = [f"{told.changed} of {told.asked} accounts would change."]
    if told.examples:
        rows = [(one.login, one.knob, _shown(one.before), _shown(one.after)) for one in told.examples]
        lines += opening.table(("ACCOUNT", "KNOB", "NOW", "THEN"), rows)
    return lines


def _replayed(past: Replay) -> dict[str, Any]:
    return {"pastDecisions": past.looked_at, "differently": past.differently, "pastByKnob": dict(past.by_knob)}


def _replay_lines(past: Replay) -> list[str]:
    lines = [f"{past.differently} of the last {past.looked_at} decisions would have come out differently."]
    return lines + [f"  {knob}: {count}" for knob, count in sorted(past.by_knob.items())]


async def _changes(node: Node, options: argparse.Namespace) -> int:
    states: tuple[ChangeState, ...] = (options.state,) if options.state else ()
    found = await node.services.policy_changes.changes(_CLI, states)
    rows = [
        (str(one.id), one.state, one.author, _when(one.made_at), "" if one.apply_at is None else _when(one.apply_at),
         str(len(one.begin) + len(one.unset))) for one in found
    ]  # fmt: skip
    lines = opening.table(("N", "STATE", "WHO", "MADE", "APPLIES", "RULES"), rows) if rows else ["Nothing is staged."]
    opening.show(options, [await _document(node, one) for one in found], lines)
    return 0


async def _change(node: Node, options: argparse.Namespace) -> int:
    changes = node.services.policy_changes
    change = await changes.change(_CLI, options.number)
    rows = [
        (line.knob, await node.services.governing.scope_text(line.scope), _shown(line.before), _shown(line.after),
         "" if line.until is None else f"until {_when(line.until)}")
        for line in await changes.difference(change)
    ]  # fmt: skip
    lines = [f"Change {change.id}, {change.state}, by {change.author}: {changes.reason(change)}"]
    if change.apply_at is not None:
        lines.append(f"Applies at {_when(change.apply_at)}.")
    lines += opening.table(("KNOB", "SCOPE", "NOW", "THEN", ""), rows)
    opening.show(options, await _document(node, change), lines)
    return 0


async def _submit(node: Node, options: argparse.Namespace) -> int:
    return await _told(node, options, await node.services.policy_changes.submit(_CLI, options.number, ask=options.ask))


async def _approve(node: Node, options: argparse.Namespace) -> int:
    return await _told(node, options, await node.services.policy_changes.approve(_CLI, options.number))


async def _refuse(node: Node, options: argparse.Namespace) -> int:
    await node.services.policy_changes.refuse(_CLI, options.number)
    return await _told(node, options, await node.services.policy_changes.change(_CLI, options.number))


async def _withdraw(node: Node, options: argparse.Namespace) -> int:
    await node.services.policy_changes.withdraw(_CLI, options.number)
    return await _told(node, options, await node.services.policy_changes.change(_CLI, options.number))


async def _told(node: Node, options: argparse.Namespace, change: PolicyChange) -> int:
    text = {
        "active": f"is in force (epoch {change.epoch}). `policy return {(change.epoch or 1) - 1}` undoes it",
        "proposed": "waits for another administrator: `policy approve` or `policy refuse`",
        "scheduled": f"applies at {_when(change.apply_at or 0)}",
        "superseded": "was not applied: what it touches was changed meanwhile. Stage it anew",
    }.get(change.state, f"is {change.state}")
    opening.show(options, await _document(node, change), [f"Change {change.id} {text}."])
    return 0


async def _effective(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    told = await node.services.policy.effective(account.id)
    levels = {name: "default" if one.rule is None else one.rule.scope.level for name, one in told.knobs.items()}
    document = {
        "epoch": told.epoch,
        "knobs": {name: {"value": one.value, "from": levels[name]} for name, one in told.knobs.items()},
    }
    rows = [(name, _shown(told.knobs[name].value), levels[name], translate("en", KNOBS[name].help_key))
            for name in sorted(told.knobs)]  # fmt: skip
    opening.show(options, document, opening.table(("KNOB", "VALUE", "FROM", ""), rows))
    return 0


async def _acks(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.policy_acks.obedience()
    obeying = len(found.living) - len(found.lagging)
    took = "" if found.took_ms is None else f" · {found.took_ms / 1000:.1f} s"
    lines = [f"Epoch {found.epoch}: {obeying}/{len(found.living)}{took}"]
    if found.living:
        rows = [(one.node, one.process, str(one.epoch), _ack_words(one, found.epoch)) for one in found.living]
        lines += opening.table(("NODE", "PROCESS", "EPOCH", ""), rows)
    document = {
        "epoch": found.epoch, "tookMs": found.took_ms,
        "processes": [
            {"node": one.node, "process": one.process, "epoch": one.epoch, "appliedAt": one.applied_at, "error": one.error}
            for one in found.living
        ],
    }  # fmt: skip
    opening.show(options, document, lines)
    return 1 if found.lagging else 0


def _ack_words(ack: Ack, epoch: int) -> str:
    return ack.error or ("behind" if ack.epoch < epoch else "")


async def _near(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.quotas.near(options.percent)
    rows = [
        (one.account.login, f"{one.percent} %", "" if one.over_since is None else f"full since {_when(one.over_since)}")
        for one in found
    ]
    document = [{"login": one.account.login, "percent": one.percent, "overSince": one.over_since} for one in found]
    lines = opening.table(("ACCOUNT", "FULL", ""), rows) if rows else [f"Nobody is {options.percent} % full."]
    opening.show(options, document, lines)
    return 0


async def _retention(node: Node, options: argparse.Namespace) -> int:
    asked: dict[Role, int] = {role: getattr(options, role) for role in ROLES if getattr(options, role)}
    found = await node.services.emptying.forecast(asked or None)
    rows = [(one.account.login, one.role, str(one.messages)) for one in found]
    total = sum(one.messages for one in found)
    lines = [f"{total} messages of {len({one.account.id for one in found})} accounts would go."]
    lines += opening.table(("ACCOUNT", "MAILBOX", "MESSAGES"), rows) if rows else []
    document = [{"login": one.account.login, "role": one.role, "messages": one.messages} for one in found]
    opening.show(options, document, lines)
    return 0


async def _document(node: Node, change: PolicyChange) -> dict[str, Any]:
    async def words(scope: Scope) -> str:
        return await node.services.governing.scope_text(scope)

    return {
        "id": change.id, "state": change.state, "author": change.author, "madeAt": change.made_at,
        "baseEpoch": change.base_epoch, "applyAt": change.apply_at, "decider": change.decider, "epoch": change.epoch,
        "begin": [
            {"knob": one.knob, "scope": await words(one.scope), "value": one.value, "locked": one.locked}
            for one in change.begin
        ],
        "unset": [{"knob": one.knob, "scope": await words(one.scope)} for one in change.unset],
    }  # fmt: skip


def _shown(value: Value | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "on" if value else "off"
    return (" ".join(value) or "none") if isinstance(value, tuple) else str(value)


def _when(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006 -- shown in the place's own time


ACTS = {
    "stage": _stage, "rehearse": _rehearse, "changes": _changes, "change": _change, "submit": _submit,
    "approve": _approve, "refuse": _refuse, "withdraw": _withdraw, "effective": _effective, "acks": _acks,
    "near": _near, "retention": _retention,
}  # fmt: skip
