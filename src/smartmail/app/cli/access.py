"""Rules of place and time: from where, when and at which doors people may come in; travel passes.

A rule is for a scope (`system`, `organization:NAME`, `domain:NAME`, `department:NAME`, `group:NAME`, `account:ADDRESS`) and
the doors that it names. A running server obeys within two seconds, and ends what is open.

  ./smartmail access new deny --allow-list KR                              nobody comes in from outside of Korea
  ./smartmail access new deny --doors imap,pop3 --deny-list CN,RU --networks 198.51.100.0/24
  ./smartmail access new deny --scope group:shift --hours 22:00-06:00      not at night
  ./smartmail access test deny --allow-list KR,JP                          which past logins that would have refused
  ./smartmail access why kim@example.com imap 198.51.100.9                 what holds there, and which rule says so
  ./smartmail access ask kim@example.com JP 2026-12-01 2026-12-05 trade fair
  ./smartmail access grant 3
  ./smartmail access break-glass boss@example.com 60 queue stands still, on call abroad
"""

import argparse
import json
from typing import Any, cast

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, end_of, organizations, shown, time_of
from smartmail.app.node import Node
from smartmail.domain.access import ACTIONS, CHANNELS, AccessRule, Login, Window
from smartmail.domain.policy import LEVELS
from smartmail.domain.principal import Door
from smartmail.policy.conditions import DAYS, ConditionError, window_data, window_of

HELP = "from where and when people may come in; travel passes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    add_act(acts, "list", "show the rules").add_argument("--epoch", type=int, help="of a past epoch of the policy")
    _rule(add_act(acts, "new", "begin a rule"))
    _rule(add_act(acts, "test", "show which past logins a rule would decide otherwise; nothing is changed"))
    add_act(acts, "end", "end a rule", "NUMBER")
    why = add_act(acts, "why", "say what holds for a login and why", "ADDRESS")
    why.add_argument("door", metavar="DOOR", choices=CHANNELS)
    why.add_argument("place", metavar="FROM", help="address of the machine")
    why.add_argument("--at", type=time_of, metavar="TIME", help="then, not now: 2026-12-31T18:00")
    why.add_argument("--proof", choices=("password", "app", "token", "certificate", "session"), default="password")
    why.add_argument("--second-factor", action="store_true", help="one was shown")
    add_act(acts, "countries", "show the countries that an account has come in from", "ADDRESS")
    ask = add_act(acts, "ask", "ask for a travel pass for an account", "ADDRESS", "COUNTRY")
    ask.add_argument("begins", type=time_of, metavar="FROM", help="the first day, 2026-12-01")
    ask.add_argument("until", type=end_of, metavar="UNTIL", help="the last day, 2026-12-05")
    ask.add_argument("reason", metavar="REASON", nargs="+")
    glass = add_act(
        acts, "break-glass", "let an administrator with a hardware key in from anywhere for a while", "ADDRESS"
    )
    glass.add_argument("minutes", metavar="MINUTES", type=int)
    glass.add_argument("reason", metavar="REASON", nargs="+")
    add_act(acts, "close-glass", "end that before its time", "ADDRESS")
    glasses = add_act(acts, "glasses", "show who has come in so, and who may now")
    glasses.add_argument("--organization", metavar="NAME")
    add_act(acts, "passes", "show travel passes").add_argument("--organization", metavar="NAME")
    for name, text in (("grant", "grant a travel pass"), ("refuse", "refuse one"), ("withdraw", "take one back")):
        add_act(acts, name, text, "NUMBER")


def _rule(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", metavar="ACTION", choices=ACTIONS, help=", ".join(ACTIONS))
    parser.add_argument("--scope", default="system", help="whom it is for (system)")
    lists = parser.add_mutually_exclusive_group()
    lists.add_argument("--allow-list", type=_words, metavar="KR,JP", help="acts outside of these countries")
    lists.add_argument("--deny-list", type=_words, metavar="CN,RU", help="acts within these countries")
    parser.add_argument("--doors", type=_words, default=(), metavar="DOORS", help=f"of {', '.join(CHANNELS)}; all")
    parser.add_argument(
        "--networks", type=_words, default=(), metavar="NETS", help="exceptions: networks let in always"
    )
    parser.add_argument("--hours", metavar="09:00-18:00", help="it holds at these hours only")
    parser.add_argument("--days", type=_words, default=(), metavar="mon,tue", help=f"of {', '.join(DAYS)}; every day")
    parser.add_argument("--zone", default="+09:00", help="offset from UTC of the hours (+09:00)")
    parser.add_argument("--if", dest="condition", type=_json, metavar="JSON", help='{"fact": "asn", "in": [64500]}')
    parser.add_argument("--private", action="store_true", help="private networks are foreign too")
    parser.add_argument(
        "--unknown", choices=ACTIONS, default="notify", help="what it does where no country is known (notify)"
    )
    parser.add_argument("--lock", action="store_true", help="narrower scopes cannot allow what it forbids")
    parser.add_argument("--from", dest="begins", type=time_of, metavar="TIME", help="an exception begins then")
    parser.add_argument("--until", type=end_of, metavar="TIME", help="it ends by itself: 2026-12-31[T18:00]")
    parser.add_argument("--authority", choices=LEVELS, help="level that grants an exception")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not JSON: {error}") from None


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = _ACTS[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _read_rule(node: Node, options: argparse.Namespace) -> AccessRule:
    countries = options.allow_list or options.deny_list or ()
    try:
        window = _window(options)
    except ConditionError as error:
        raise opening.CommandError(str(error)) from None
    return AccessRule(
        await node.services.governing.scope(options.scope), options.action,
        "outside" if options.allow_list else "within" if options.deny_list else "anywhere",
        countries, cast("tuple[Door, ...]", options.doors), options.networks, window, options.condition,
        options.private, options.unknown, options.lock, options.authority, options.begins, options.until,
    )  # fmt: skip


def _window(options: argparse.Namespace) -> Window | None:
    if options.hours is None:
        return None
    since, _, until = options.hours.partition("-")
    return window_of({"from": since, "to": until, "days": list(options.days), "zone": options.zone})


async def _list(node: Node, options: argparse.Namespace) -> int:
    epoch, rules = await node.services.access.rules.rules(CLI, options.epoch)
    documents = [await _document(node, rule) for rule in rules]
    rows = [
        (str(one["id"]), one["action"], one["scope"], _told(rule)) for one, rule in zip(documents, rules, strict=True)
    ]
    lines = opening.table(("NUMBER", "ACTION", "SCOPE", "WHERE AND WHEN"), rows)
    opening.show(options, {"epoch": epoch, "rules": documents}, lines if rows else ["There are no access rules."])
    return 0


async def _new(node: Node, options: argparse.Namespace) -> int:
    rule = await node.services.access.rules.new(CLI, await _read_rule(node, options))
    opening.show(options, await _document(node, rule), [f"Rule {rule.id} holds: {rule.action}, {_told(rule)}."])
    return 0


async def _test(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.access.rules.rehearse(CLI, await _read_rule(node, options))
    document = [
        {"account": one.login, "door": one.past.door, "address": one.past.address, "at": one.past.at,
         "country": one.past.country, "before": one.before, "after": one.after}
        for one in found
    ]  # fmt: skip
    rows = [
        (one.login, one.past.door, one.past.country or "-", one.past.address, shown(one.past.at), one.before, one.after)
        for one in found
    ]
    head = ("ACCOUNT", "DOOR", "COUNTRY", "ADDRESS", "AT", "NOW", "THEN")
    people = len({one.login for one in found})
    lines = [
        f"{len(found)} of the past logins, of {people} accounts, would come out otherwise.",
        *opening.table(head, rows),
    ]
    opening.show(options, document, lines if rows else ["No past login would come out otherwise."])
    return 0


async def _end(node: Node, options: argparse.Namespace) -> int:
    await node.services.access.rules.end(CLI, _number(options))
    opening.show(options, {"ended": _number(options)}, [f"Rule {options.number} has ended."])
    return 0


async def _why(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    login = Login(options.door, options.place, options.proof, options.second_factor)
    found = await node.services.access.rules.why(CLI, account.id, login, options.at)
    rules = [{**await _document(node, rule), "why": why} for rule, why in found.rules]
    document = {
        "action": found.decision.action, "recordedAs": found.decision.reason, "country": found.country,
        "place": found.place, "epoch": found.epoch, "rules": rules,
    }  # fmt: skip
    rows = [
        (str(rule.id), rule.action, str(told["scope"]), _told(rule), why)
        for (rule, why), told in zip(found.rules, rules, strict=True)
    ]
    place = f"in {found.country}" if found.country else f"a {found.place} place"
    lines = [f"{found.decision.action}: {options.place} is {place}."]
    lines += (
        opening.table(("NUMBER", "ACTION", "SCOPE", "WHERE AND WHEN", ""), rows) if rows else ["No rule is about that."]
    )
    opening.show(options, document, lines)
    return 0


async def _countries(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    found = await node.services.access.rules.countries(CLI, account.id)
    document = [{"country": one.country, "firstAt": one.first_at, "lastAt": one.last_at} for one in found]
    rows = [(one.country, shown(one.first_at), shown(one.last_at)) for one in found]
    lines = opening.table(("COUNTRY", "FIRST", "LAST"), rows) if rows else ["It has come in from no known country yet."]
    opening.show(options, document, lines)
    return 0


async def _ask(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    asked = await node.services.access.passes.ask(
        CLI, options.country, options.begins, options.until, " ".join(options.reason), account.id
    )
    lines = [f"Pass {asked.id} waits. Decide with: ./smartmail access grant {asked.id}"]
    opening.show(options, {"id": asked.id, "state": asked.state}, lines)
    return 0


async def _passes(node: Node, options: argparse.Namespace) -> int:
    found = []
    for organization in await organizations(node, options.organization):
        found += await node.services.access.passes.of(CLI, organization.id)
    document = [
        {"id": one.row.id, "account": one.login, "country": one.row.country, "from": one.row.valid_from,
         "until": one.row.valid_until, "state": one.row.state, "reason": one.reason, "decidedBy": one.row.decided_by}
        for one in found
    ]  # fmt: skip
    rows = [
        (str(one.row.id), one.row.state, one.login, one.row.country, shown(one.row.valid_from),
         shown(one.row.valid_until), one.reason)
        for one in found
    ]  # fmt: skip
    head = ("NUMBER", "STATE", "ACCOUNT", "COUNTRY", "FROM", "UNTIL", "REASON")
    opening.show(options, document, opening.table(head, rows) if rows else ["There are no travel passes."])
    return 0


async def _decide(node: Node, options: argparse.Namespace) -> int:
    passes, number = node.services.access.passes, _number(options)
    if options.act == "withdraw":
        decided = await passes.withdraw(CLI, number)
    else:
        decided = await passes.decide(CLI, number, granted=options.act == "grant")
    opening.show(options, {"id": decided.id, "state": decided.state}, [f"Pass {decided.id} is {decided.state}."])
    return 0


async def _break(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    until = await node.services.access.glass.open(CLI, account.id, options.minutes, " ".join(options.reason))
    lines = [f"{account.login} can come in with a hardware key until {shown(until)}; all administrators are told."]
    opening.show(options, {"account": account.login, "until": until}, lines)
    return 0


async def _close(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    await node.services.access.glass.close(CLI, account.id)
    opening.show(options, {"account": account.login}, [f"Break-glass access of {account.login} has ended."])
    return 0


async def _glasses(node: Node, options: argparse.Namespace) -> int:
    found = []
    for organization in await organizations(node, options.organization):
        found += await node.services.access.glass.book.views(CLI, organization.id)
    document = [
        {"id": one.glass.id, "account": one.login, "open": one.is_open, "by": one.by, "door": one.glass.door,
         "address": one.glass.address, "from": one.glass.opened_at, "until": one.glass.end(), "reason": one.reason}
        for one in found
    ]  # fmt: skip
    rows = [
        (str(one.glass.id), "open" if one.is_open else "ended", one.login, one.by, shown(one.glass.opened_at),
         shown(one.glass.end()), one.reason)
        for one in found
    ]  # fmt: skip
    head = ("NUMBER", "STATE", "ACCOUNT", "BY", "FROM", "UNTIL", "REASON")
    opening.show(options, document, opening.table(head, rows) if rows else ["There was no break-glass access."])
    return 0


def _number(options: argparse.Namespace) -> int:
    if not options.number.isdecimal():
        raise opening.CommandError(f"{options.number} is no number: `list` and `passes` show them.")
    return int(options.number)


def _told(rule: AccessRule) -> str:
    """Return where and when a rule acts, in words."""
    words = (
        []
        if not rule.countries
        else [("outside of " if rule.mode == "outside" else "within ") + ",".join(rule.countries)]
    )
    words += [f"doors {','.join(rule.channels)}"] if rule.channels else []
    words += [f"not {','.join(rule.networks)}"] if rule.networks else []
    if rule.window is not None:
        hours = window_data(rule.window)
        words.append(f"{','.join(hours['days'])} {hours['from']}-{hours['to']} {hours['zone']}".strip())
    words += ["if " + json.dumps(rule.condition, ensure_ascii=False)] if rule.condition is not None else []
    if rule.countries and rule.action != "allow":
        words.append(f"country unknown: {rule.unknown}")
    words += ["locked"] if rule.locked else []
    words += [f"until {shown(rule.valid_until)}"] if rule.dated else []
    return "; ".join(words) or "everywhere"


async def _document(node: Node, rule: AccessRule) -> dict[str, Any]:
    return {
        "id": rule.id, "action": rule.action, "scope": await node.services.governing.scope_text(rule.scope),
        "mode": rule.mode, "countries": list(rule.countries), "doors": list(rule.channels),
        "networks": list(rule.networks), "hours": None if rule.window is None else window_data(rule.window),
        "if": rule.condition, "private": rule.private, "unknown": rule.unknown, "locked": rule.locked,
        "authority": rule.authority, "from": rule.valid_from, "until": rule.valid_until,
    }  # fmt: skip


_ACTS = {
    "list": _list, "new": _new, "test": _test, "end": _end, "why": _why, "countries": _countries, "ask": _ask,
    "passes": _passes, "grant": _decide, "refuse": _decide, "withdraw": _decide,
    "break-glass": _break, "close-glass": _close, "glasses": _glasses,
}  # fmt: skip
