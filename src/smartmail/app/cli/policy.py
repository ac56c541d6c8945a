"""Sets and explains policy: what people and programs may do, for everyone or for some.

A knob is set for a scope: `system`, or `organization:NAME`, `domain:NAME`, `department:NAME`, `group:NAME`,
`account:ADDRESS`. The narrower scope wins, unless a wider one locks. A running server obeys within two seconds.

  ./smartmail policy set door.imap off                           close IMAP for everyone
  ./smartmail policy set door.imap on --scope group:sales        and open it for a group
  ./smartmail policy explain door.imap kim@example.com           why it is open or closed for a person
  ./smartmail policy rehearse door.imap=off                      for how many that would change something
  ./smartmail policy stage door.imap=off --at 2026-12-31T18:00 --reason "audit 12"   and have it done then
"""

import argparse
import json
from datetime import datetime
from typing import Any, cast

from smartmail.app.cli import opening, policy_staging
from smartmail.app.cli.acting import end_of, time_of
from smartmail.app.node import Node
from smartmail.base.i18n import translate
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import LEVELS, Level, PolicyRule, Value
from smartmail.domain.principal import Actor, Origin
from smartmail.service.kernel.policy import find_knob

HELP = "set and explain policy: doors, passwords, sessions, limits"

_CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    _act(acts, "knobs", "show what can be set, with defaults")
    listing = _act(acts, "list", "show what is set")
    listing.add_argument("--scope", help="of this scope only")
    get = _act(acts, "get", "show a knob's value for everyone, or for an account", knob=True)
    get.add_argument("address", metavar="ADDRESS", nargs="?", help="the account")
    change = _act(acts, "set", "set a knob for a scope", knob=True)
    change.add_argument("value", metavar="VALUE")
    _scope(change)
    change.add_argument("--lock", action="store_true", help="narrower scopes cannot set it otherwise")
    change.add_argument("--from", dest="begins", type=time_of, metavar="TIME", help="an exception begins then")
    change.add_argument("--until", type=end_of, metavar="TIME", help="an exception ends by itself: 2026-12-31[T18:00]")
    change.add_argument(
        "--authority", choices=LEVELS, help="level that grants the exception; holds against weaker locks"
    )
    _scope(_act(acts, "unset", "take back what a scope set", knob=True))
    explain = _act(acts, "explain", "say why a knob has its value for an account", knob=True)
    explain.add_argument("address", metavar="ADDRESS")
    preset = _act(acts, "preset", "start from the values of a kind of institution")
    preset.add_argument("name", metavar="NAME", nargs="?", help="general, finance or public; none shows them")
    _scope(preset)
    preset.add_argument("--clear", action="store_true", help="end rules of narrower scopes that say otherwise")
    _act(acts, "history", "show the newest changes").add_argument("--limit", type=int, default=20)
    _act(acts, "return", "begin the rules of a past epoch again").add_argument("epoch", type=int, metavar="EPOCH")
    policy_staging.add_arguments(acts)


def _act(
    acts: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str, *, knob: bool = False
) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=text, description=text)
    opening.add_arguments(parser)
    if knob:
        parser.add_argument("knob", metavar="KNOB", help="`knobs` shows all")
    return parser


def _scope(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scope", default="system", help="whom it is for (system)")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = _ACTS[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _knobs(node: Node, options: argparse.Namespace) -> int:
    knobs = node.services.governing.knobs()
    rows = [(one.name, shown(one.default), one.kind.describe(), translate("en", one.help_key)) for one in knobs]
    document = [
        {"knob": one.name, "default": one.default, "values": one.kind.describe(), "levels": list(one.levels)}
        for one in knobs
    ]
    opening.show(options, document, opening.table(("KNOB", "DEFAULT", "VALUES", ""), rows))
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    governing = node.services.governing
    wanted = None if options.scope is None else await governing.scope(options.scope)
    epoch, rules = await governing.rules()
    found = [rule for rule in rules if wanted is None or rule.scope == wanted]
    documents = [await _document(node, rule) for rule in found]
    rows = [
        (one["knob"], one["scope"], shown(one["value"]), _marks(rule))
        for one, rule in zip(documents, found, strict=True)
    ]
    lines = opening.table(("KNOB", "SCOPE", "VALUE", ""), rows) if rows else ["Nothing is set: the defaults hold."]
    opening.show(options, {"epoch": epoch, "rules": documents}, lines)
    return 0


async def _get(node: Node, options: argparse.Namespace) -> int:
    governing = node.services.governing
    value: Value
    if options.address is None:
        value = await node.services.policy.value_at_large(find_knob(options.knob))
    else:
        account = await opening.find_account(node, options.address)
        value = (await node.services.policy.explain(account.id, options.knob)).value
    epoch, _ = await governing.rules()
    opening.show(options, {"knob": options.knob, "value": value, "epoch": epoch}, [shown(value)])
    return 0


async def _set(node: Node, options: argparse.Namespace) -> int:
    governing = node.services.governing
    value = governing.read_value(options.knob, options.value)
    rule = PolicyRule(
        options.knob, await governing.scope(options.scope), value, locked=options.lock,
        authority=cast("Level | None", options.authority), valid_from=options.begins, valid_until=options.until,
    )  # fmt: skip
    epoch = await governing.set_knob(_CLI, rule)
    shadows = [] if rule.dated else await governing.shadowing(rule.scope, {rule.knob: rule.value})
    shadowed = [await _document(node, one) for one in shadows]
    document = {"knob": options.knob, "scope": options.scope, "value": value, "epoch": epoch, "shadowed": shadowed}
    lines = [f"{options.knob} is {shown(value)} for {options.scope} (epoch {epoch})."]
    opening.show(options, document, lines + _shadow_lines(shadowed, "`unset` ends them, --lock voids them."))
    return 0


def _shadow_lines(shadowed: list[dict[str, Any]], remedy: str) -> list[str]:
    """Say which narrower rules say otherwise."""
    if not shadowed:
        return []
    rows = [(one["knob"], one["scope"], shown(one["value"])) for one in shadowed]
    return [
        f"{len(rows)} rules of narrower scopes say otherwise, and hold there. {remedy}",
        *opening.table(("KNOB", "SCOPE", "VALUE"), rows),
    ]


async def _unset(node: Node, options: argparse.Namespace) -> int:
    governing = node.services.governing
    epoch = await governing.unset_knob(_CLI, options.knob, await governing.scope(options.scope))
    opening.show(
        options, {"knob": options.knob, "scope": options.scope, "epoch": epoch},
        [f"{options.knob} is not set for {options.scope} any more (epoch {epoch})."],
    )  # fmt: skip
    return 0


async def _explain(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    told = await node.services.policy.explain(account.id, options.knob)
    rules = [{**await _document(node, rule), "why": why} for rule, why in told.rules]
    lines = [f"{options.knob} is {shown(told.value)} for {account.login} (epoch {told.epoch})."]
    if told.rule is None:
        lines.append("Nobody has set it: that is the default.")
    if rules:
        rows = [
            (one["why"], one["scope"], shown(one["value"]), _marks(rule))
            for one, (rule, _) in zip(rules, told.rules, strict=True)
        ]
        lines += opening.table(("", "SCOPE", "VALUE", ""), rows)
    document = {"knob": told.knob, "value": told.value, "epoch": told.epoch, "rules": rules}
    opening.show(options, document, lines)
    return 0


async def _preset(node: Node, options: argparse.Namespace) -> int:
    governing = node.services.governing
    presets = governing.presets()
    if options.name is None:
        rows = [
            (name, knob, shown(one.value), translate("en", one.reason))
            for name, preset in presets.items()
            for knob, one in preset.items()
        ]
        document = {name: {knob: one.value for knob, one in preset.items()} for name, preset in presets.items()}
        opening.show(options, document, opening.table(("PRESET", "KNOB", "VALUE", "WHY"), rows))
        return 0
    scope = await governing.scope(options.scope)
    epoch = await governing.apply_preset(_CLI, options.name, scope, clear=options.clear)
    shadowed = [await _document(node, one) for one in await governing.preset_shadows(options.name, scope)]
    lines = [f"{options.scope} starts from {options.name} (epoch {epoch}). `policy return {epoch - 1}` undoes it."]
    opening.show(
        options, {"preset": options.name, "scope": options.scope, "epoch": epoch, "shadowed": shadowed},
        lines + _shadow_lines(shadowed, "--clear ends them, but for exceptions with an end."),
    )  # fmt: skip
    return 0


async def _history(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.governing.revisions(options.limit)
    rows = [
        (str(one.epoch), _when(one.at), one.actor, one.action, f"+{len(one.begun)} −{len(one.ended)}") for one in found
    ]
    document = [
        {
            "epoch": one.epoch, "at": one.at, "actor": one.actor, "action": one.action,
            "begun": [await _document(node, rule) for rule in one.begun],
            "ended": [await _document(node, rule) for rule in one.ended],
        }
        for one in found
    ]  # fmt: skip
    opening.show(options, document, opening.table(("EPOCH", "AT", "WHO", "WHAT", "RULES"), rows))
    return 0


async def _return(node: Node, options: argparse.Namespace) -> int:
    epoch = await node.services.governing.return_to(_CLI, options.epoch)
    opening.show(options, {"epoch": epoch}, [f"The rules of epoch {options.epoch} hold again, as epoch {epoch}."])
    return 0


async def _document(node: Node, rule: PolicyRule) -> dict[str, Any]:
    return {
        "id": rule.id, "knob": rule.knob, "scope": await node.services.governing.scope_text(rule.scope),
        "value": rule.value, "locked": rule.locked, "authority": rule.authority, "validFrom": rule.valid_from,
        "validUntil": rule.valid_until,
    }  # fmt: skip


def shown(value: Value) -> str:
    """Return a value as it is typed."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return " ".join(value) or "none"
    return value if isinstance(value, str) else json.dumps(value)


def _marks(rule: PolicyRule) -> str:
    marks = ["locked"] if rule.locked else []
    marks += [f"from {_when(rule.valid_from)}"] if rule.valid_from is not None else []
    marks += [f"until {_when(rule.valid_until)}"] if rule.valid_until is not None else []
    return ", ".join(marks)


def _when(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006 -- shown in the place's own time


_ACTS = {
    "knobs": _knobs, "list": _list, "get": _get, "set": _set, "unset": _unset, "explain": _explain, "preset": _preset,
    "history": _history, "return": _return, **policy_staging.ACTS,
}  # fmt: skip
