"""Sets and explains policy: what people and programs may do, for everyone or for some.

A knob is set for a scope: `system`, or `organization:NAME`, `domain:NAME`, `department:NAME`, `group:NAME`,
`account:ADDRESS`. The narrower scope wins, unless a wider one locks. A running server obeys within two seconds.

  ./smartmail policy set door.imap off                           close IMAP for everyone
  ./smartmail policy set door.imap on --scope group:sales        and open it for a group
  ./smartmail policy explain kim@example.com door.imap           why it is open or closed for a person
  ./smartmail policy rehearse door.imap=off                      for how many that would change something
  ./smartmail policy stage door.imap=off --at 2026-12-31T18:00 --reason "audit 12"   and have it done then
"""

import argparse

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, shown, time_of
from smartmail.app.cli.operations import running
from smartmail.app.node import Node
from smartmail.domain.errors import Invalid
from smartmail.domain.policy import PolicyRule
from smartmail.domain.policy_changes import Unset
from smartmail.service.governance.emptying import ROLES, Role

HELP = "set and explain policy: doors, passwords, sessions, limits"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    running.add_acts(acts, "policy")
    stage = add_act(acts, "stage", "make a draft of several settings, applied together")
    stage.add_argument("--reason", required=True, help="why; it is kept sealed")
    stage.add_argument("--at", type=time_of, metavar="TIME", help="apply it then: 2026-12-31T18:00")
    rehearse = add_act(acts, "rehearse", "say what settings would do, and change nothing")
    rehearse.add_argument("--change", type=int, metavar="ID", help="a staged change instead")
    for act in (stage, rehearse):
        act.add_argument("settings", metavar="KNOB=VALUE", nargs="*", help="what to set")
        act.add_argument("--unset", metavar="KNOB", action="append", default=[], help="what to take back")
        act.add_argument("--preset", metavar="NAME", help="everything that a preset sets")
        act.add_argument("--scope", default="system", help="whom it is for (system)")
    near = add_act(acts, "near", "show accounts that are nearly full")
    near.add_argument("--percent", type=int, default=80)
    retention = add_act(acts, "retention", "show what retention would delete, and delete nothing")
    for role in ROLES:
        retention.add_argument(f"--{role}", type=int, metavar="DAYS", help=f"as if {role}.days were that")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = _ACTS.get(options.act)
    return running.run(options) if act is None else opening.perform(options, lambda node: act(node, options))


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
    change = await node.services.policy_changes.stage(CLI, begin, unset, options.reason, options.at)
    hint = (
        f"Change {change.id} is a draft. `policy difference {change.id}` shows it, `policy submit {change.id}` goes on."
    )
    opening.show(options, {"id": str(change.id), "state": change.state}, [hint])
    return 0


async def _rehearse(node: Node, options: argparse.Namespace) -> int:
    at = None
    if options.change is not None:
        change = await node.services.policy_changes.change(CLI, options.change)
        begin, unset, at = list(change.begin), list(change.unset), change.apply_at
    else:
        begin, unset = await _wanted(node, options)
    told = await node.services.rehearsals.rehearse(begin, unset, at=at)
    past = await node.services.rehearsals.replay(begin, unset)
    examples = [(one.login, one.knob, str(one.before), str(one.after)) for one in told.examples]
    lines = [f"{told.changed} of {told.asked} accounts would change."]
    lines += opening.table(("ACCOUNT", "KNOB", "NOW", "THEN"), examples) if examples else []
    lines.append(f"{past.differently} of the last {past.looked_at} decisions would have come out differently.")
    lines += [f"  {knob}: {count}" for knob, count in sorted(past.by_knob.items())]
    document = {
        "accounts": told.asked, "changed": told.changed, "byKnob": dict(told.by_knob),
        "examples": [dict(zip(("login", "knob", "before", "after"), one, strict=True)) for one in examples],
        "decisions": past.looked_at, "differently": past.differently,
    }  # fmt: skip
    opening.show(options, document, lines)
    return 0


async def _near(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.quotas.near(options.percent)
    rows = [(one.account.login, f"{one.percent} %", shown(one.over_since)) for one in found]
    document = [{"login": one.account.login, "percent": one.percent, "overSince": one.over_since} for one in found]
    lines = opening.table(("ACCOUNT", "FULL", "FULL SINCE"), rows) if rows else [f"Nobody is {options.percent} % full."]
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


_ACTS = {"stage": _stage, "rehearse": _rehearse, "near": _near, "retention": _retention}
