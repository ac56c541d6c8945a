"""Shows and moves what waits to be delivered, by any mark: who, where to, how old, why.

Every act can be tried first with --dry-run and is in the audit. A deleted entry is reported to its sender with --report;
a sender of ours sees it in the webmail anyway.
"""

import argparse
import os
import re
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any, cast, get_args

from smartmail.app.cli import opening
from smartmail.app.cli.progress import Progress
from smartmail.app.cli.sizes import octets_of, size_text
from smartmail.app.node import Node
from smartmail.base.i18n import LANGUAGES, translate
from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.queue import HoldReason, QueueAct, QueueFilter
from smartmail.domain.queue_rules import DestinationRule, QueueRules
from smartmail.formats.reply_causes import CAUSES
from smartmail.service.flow.queue_control import Done, Found, Marks, Waiting

HELP = "what waits to be delivered: list, hold, retry, reroute, delete, pause, limit"
_ACTS: dict[str, tuple[str, str]] = {
    "hold": ("keep entries from moving", "held"),
    "release": ("let held entries go", "released"),
    "retry": ("try now instead of later", "tried now"),
    "reroute": ("send entries to another host or domain", "rerouted"),
    "delete": ("remove entries", "deleted"),
}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    listing = _act(acts, "list", "show the oldest entries and why they wait")
    _add_marks(listing)
    listing.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many (100)")
    listing.add_argument("--language", choices=LANGUAGES, default=_language(), help="of explained answers")
    show = _act(acts, "show", "show entries with everything that is known of them")
    show.add_argument("entries", nargs="+", metavar="ID", help="entries as list shows them")
    show.add_argument("--language", choices=LANGUAGES, default=_language(), help="of explained answers")
    _act(acts, "stats", "count the queue by state and destination")
    for name, (words, _done) in _ACTS.items():
        one = _act(acts, name, words)
        _add_marks(one)
        one.add_argument("--dry-run", action="store_true", help="only say what would be met")
        if name == "reroute":
            way = one.add_mutually_exclusive_group(required=True)
            way.add_argument("--via", metavar="HOST[:PORT]|DOMAIN", help="where they go instead")
            way.add_argument("--original", action="store_true", help="back to the domains of their addresses")
        if name == "delete":
            one.add_argument("--report", action="store_true", help="tell the senders")
    cancel = _act(acts, "cancel", "remove entries one by one, without a report")
    cancel.add_argument("entries", nargs="+", metavar="ID", help="entries as list shows them")
    for name, words in (("pause", "stop sending to a destination"), ("resume", "go on sending")):
        one = _act(acts, name, words)
        which = one.add_mutually_exclusive_group(required=True)
        which.add_argument("domain", nargs="?", metavar="DOMAIN", help="a destination")
        which.add_argument("--all", action="store_true", help="everything")
    _add_rules(acts)


def _add_rules(acts: Any) -> None:
    limit = _act(acts, "limit", "set how much a destination gets")
    limit.add_argument(
        "name", metavar="DOMAIN|.SUFFIX|*", help="a domain, a provider's hosts (.example.net) or all (*)"
    )
    limit.add_argument("--connections", type=int, metavar="N", help="at the same time, in each process")
    limit.add_argument("--per-minute", type=int, metavar="N", help="messages a minute in each process; 0: no limit")
    limit.add_argument("--source", metavar="ADDRESS", help="address of ours to connect from")
    limit.add_argument("--remove", action="store_true", help="take the limits away")
    _act(acts, "limits", "show limits, addresses and pauses")
    source = _act(acts, "source", "send a domain's mail from an address of ours")
    source.add_argument("domain", metavar="DOMAIN", help="the sender's domain")
    source.add_argument("address", nargs="?", default="", metavar="ADDRESS", help="none: whichever the system chooses")
    schedule = _act(acts, "schedule", "show or set the retry times")
    for name, words in (
        ("first", "the first wait"), ("longest", "the longest wait"), ("lifetime", "when to give up"),
        ("notice", "when to tell the sender of a delay"), ("grey", "the wait after a greylisting"),
    ):  # fmt: skip
        schedule.add_argument(f"--{name}", type=_duration, metavar="TIME", help=f"{words} (30s, 5m, 4h, 5d)")


def _act(acts: Any, name: str, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = acts.add_parser(name, help=words, description=f"{words[0].upper()}{words[1:]}.")
    opening.add_arguments(parser)
    return parser


def _add_marks(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("entries", nargs="*", metavar="ID", help="entries as list shows them")
    parser.add_argument("--all", action="store_true", help="everything that waits")
    parser.add_argument("--from", dest="sender", metavar="ADDRESS", help="of this sender")
    parser.add_argument("--from-domain", metavar="DOMAIN", help="of senders in this domain")
    parser.add_argument("--to", dest="recipient", metavar="ADDRESS", help="to this recipient")
    parser.add_argument("--domain", metavar="DOMAIN", help="what waits for this destination")
    parser.add_argument("--state", choices=("held", "ready", "waiting", "leased"), help="in this state")
    parser.add_argument("--reason", choices=get_args(HoldReason), help="held for this reason")
    parser.add_argument("--cause", choices=CAUSES, help="whose last answer means this")
    parser.add_argument("--older", type=_duration, metavar="TIME", help="older than this (30s, 5m, 4h, 5d)")
    parser.add_argument("--newer", type=_duration, metavar="TIME", help="newer than this")
    parser.add_argument("--larger", type=octets_of, metavar="SIZE", help="larger than this (10M)")
    parser.add_argument("--smaller", type=octets_of, metavar="SIZE", help="smaller than this")
    parser.add_argument("--organization", type=int, metavar="NUMBER", help="of this organisation")
    parser.add_argument("--account", metavar="ADDRESS", help="of this account of ours")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {
        "list": _list, "show": _list, "stats": _stats, "cancel": _cancel, "pause": _pause, "resume": _pause,
        "limit": _limit, "limits": _limits, "source": _source, "schedule": _schedule,
    }.get(options.act, _change)  # fmt: skip
    return opening.perform(options, lambda node: act(node, options))


def _actor() -> Actor:
    return Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


async def _marks(node: Node, options: argparse.Namespace) -> Marks:
    now = node.clock.now()
    entries = tuple(_id(text) for text in options.entries)
    if options.act == "show":
        return Marks(QueueFilter(entries=entries))
    account = await opening.find_account(node, options.account) if options.account else None
    wanted = QueueFilter(
        entries=entries,
        organization_id=None if options.organization is None else OrganizationId(options.organization),
        account_id=None if account is None else account.id,
        sender_domain=(options.from_domain or "").lower(),
        domain=(options.domain or "").lower(),
        state=options.state or "",
        hold_reason=options.reason,
        created_before=None if options.older is None else now - options.older * 1000,
        created_after=None if options.newer is None else now - options.newer * 1000,
        larger=options.larger,
        smaller=options.smaller,
    )
    return Marks(wanted, options.sender or "", options.recipient or "", options.cause or "")


# --- show ---


async def _list(node: Node, options: argparse.Namespace) -> int:
    marks, now = await _marks(node, options), node.clock.now()
    found = await node.services.queue_control.find(marks, getattr(options, "limit", len(options.entries)))
    document = [_document(one, options.language) for one in found]
    lines = [line for one in found for line in _lines(one, now, options.language, full=options.act == "show")]
    rules = await node.services.queue_control.rules()
    if rules.paused_all or rules.paused:
        stopped = "everything" if rules.paused_all else ", ".join(sorted(rules.paused))
        lines.append(f"Paused: {stopped} (./smartmail queue resume)")
    opening.show(options, document, lines or ["Nothing waits."])
    return 0 if found or options.act == "list" else 1


def _document(one: Found, language: str) -> dict[str, Any]:
    return {
        "id": f"{one.entry.id:x}",
        "from": one.envelope.reverse_path,
        "size": one.entry.size,
        "created": _time(one.entry.created_at),
        "expires": _time(one.entry.expires_at),
        "organization": one.entry.organization_id,
        "recipients": [_recipient(each, language) for each in one.waiting],
    }


def _recipient(one: Waiting, language: str) -> dict[str, Any]:
    row, result = one.row, one.result
    reply = None if result is None else " ".join(f"{result.code or ''} {result.enhanced} {result.text}".split())
    return {
        "address": one.recipient.address,
        "destination": row.domain,
        "state": row.state,
        "held": row.hold_reason,
        "attempts": row.attempts,
        "next": _time(row.next_at),
        "host": None if result is None else result.host or None,
        "tls": None
        if result is None or not result.tls
        else f"{result.tls} {result.cipher}, proven by {result.verified}",
        "reply": reply,
        "cause": one.cause,
        "explained": None if one.cause is None else translate(language, f"reply.{one.cause}"),
    }


def _lines(one: Found, now: int, language: str, *, full: bool) -> list[str]:
    age = _age((now - one.entry.created_at) // 1000)
    lines = [f"{one.entry.id:x}  from <{one.envelope.reverse_path}>  {size_text(one.entry.size)}, {age} old"]
    if full:
        lines.append(f"  expires {_time(one.entry.expires_at)}, organisation {one.entry.organization_id}")
    for each in one.waiting:
        lines += _recipient_lines(_recipient(each, language), each.row.next_at, now)
    return lines


def _recipient_lines(one: dict[str, Any], next_at: int, now: int) -> list[str]:
    wait = (next_at - now) // 1000
    when = f"next in {_age(wait)}" if wait > 0 else "due"
    state = f"held: {one['held']}" if one["state"] == "held" else f"{one['state']}, {when}"
    tried = f"{one['attempts']} tries" if one["attempts"] else "not tried yet"
    lines = [f"  to <{one['address']}>  {state}, {tried}"]
    if one["reply"]:
        lines += [f"     {one['host'] or ''} {one['reply']}".rstrip(), f"     → {one['explained']}"]
    return lines


async def _stats(node: Node, options: argparse.Namespace) -> int:
    totals = await node.services.queue_control.totals()
    lines = [f"{totals.entries} entries, {size_text(totals.octets)}"]
    lines += [f"  {count:>8}  {state}" for state, count in totals.states]
    lines += ["Destinations:"] if totals.destinations else []
    lines += [f"  {count:>8}  {domain}" for domain, count in totals.destinations]
    opening.show(options, asdict(totals), lines)
    return 0


# --- acts ---


async def _change(node: Node, options: argparse.Namespace) -> int:
    marks = await _marks(node, options)
    if marks == Marks() and not options.all:
        raise opening.CommandError("Name entries, or marks such as --domain DOMAIN, or --all.")
    act = cast("QueueAct", options.act)
    progress = Progress(f"queue {act}", 1.0, shown=not options.json)

    def told(done: Done) -> None:
        progress.told(0.5, done.recipients, "recipients")

    done = await node.services.queue_control.act(
        _actor(), act, marks, to=getattr(options, "via", None) or "", report=getattr(options, "report", False),
        dry_run=options.dry_run, progress=told,
    )  # fmt: skip
    progress.end()
    words = f"would be {_ACTS[act][1]}" if options.dry_run else f"are {_ACTS[act][1]}"
    text = f"{done.recipients} recipients of {done.entries} entries ({size_text(done.octets)}) {words}."
    opening.show(options, {"entries": done.entries, "recipients": done.recipients, "octets": done.octets}, [text])
    return 0


async def _cancel(node: Node, options: argparse.Namespace) -> int:
    outcomes = {}
    for text in options.entries:
        outcomes[text] = await node.services.administration.cancel(_actor(), _id(text))
    lines = [
        f"{text}: {'cancelled' if done else 'is gone, or on its way this moment'}" for text, done in outcomes.items()
    ]
    opening.show(options, {"cancelled": outcomes}, lines)
    return 0 if all(outcomes.values()) else 1


# --- rules ---


async def _pause(node: Node, options: argparse.Namespace) -> int:
    domain = None if options.all else options.domain
    rules = await node.services.queue_control.pause(_actor(), domain, paused=options.act == "pause")
    return _show_rules(options, rules)


async def _limit(node: Node, options: argparse.Namespace) -> int:
    control = node.services.queue_control
    known = (await control.rules()).destinations.get(options.name.lower(), DestinationRule())
    given = {
        name: value for name in ("connections", "per_minute", "source") if (value := getattr(options, name)) is not None
    }
    if not (given or options.remove):
        raise opening.CommandError("Say --connections N, --per-minute N, --source ADDRESS or --remove.")
    rule = None if options.remove else replace(known, **given)
    return _show_rules(options, await control.limit(_actor(), options.name.lower(), rule))


async def _limits(node: Node, options: argparse.Namespace) -> int:
    return _show_rules(options, await node.services.queue_control.rules())


async def _source(node: Node, options: argparse.Namespace) -> int:
    return _show_rules(options, await node.services.queue_control.source(_actor(), options.domain, options.address))


def _show_rules(options: argparse.Namespace, rules: QueueRules) -> int:
    document = {
        "paused": {"all": rules.paused_all, "destinations": sorted(rules.paused)},
        "destinations": {name: asdict(rule) for name, rule in rules.destinations.items()},
        "sources": dict(rules.sources),
    }
    lines = [f"paused: {'everything' if rules.paused_all else ', '.join(sorted(rules.paused)) or 'nothing'}"]
    for name, rule in sorted(rules.destinations.items()):
        rate = f"{rule.per_minute} messages a minute" if rule.per_minute else "any rate"
        lines.append(
            f"{name}: {rule.connections} connections, {rate}" + (f", from {rule.source}" if rule.source else "")
        )
    lines += [f"mail of {domain} leaves from {address}" for domain, address in sorted(rules.sources.items())]
    opening.show(options, document, lines)
    return 0


async def _schedule(node: Node, options: argparse.Namespace) -> int:
    control = node.services.queue_control
    known = await control.schedule(_actor(), None)
    names = ("first", "longest", "lifetime", "notice", "grey")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    kept = await control.schedule(_actor(), replace(known, **given)) if given else known
    lines = [f"{name}: {_age(getattr(kept, name))}" for name in names]
    opening.show(options, asdict(kept), lines)
    return 0


# --- words ---


def _id(text: str) -> QueueEntryId:
    try:
        return QueueEntryId(int(text, 16))
    except ValueError:
        raise opening.CommandError(f"{text} is no entry: ./smartmail queue list shows them.") from None


def _duration(text: str) -> int:
    match = re.fullmatch(r"(\d{1,6})([smhd])", text.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: 30s, 5m, 4h or 5d")
    return int(match[1]) * _SECONDS[match[2]]


def _age(seconds: int) -> str:
    for unit in "dhm":
        if seconds >= _SECONDS[unit]:
            return f"{seconds / _SECONDS[unit]:.1f} {unit}".replace(".0 ", " ")
    return f"{max(0, seconds)} s"


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="seconds")


def _language() -> str:
    """Return the language of the terminal, if we speak it."""
    told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "en"
    short = told.split(".")[0].replace("_", "-")
    if short.startswith("zh"):
        return "zh-Hant" if short in {"zh-TW", "zh-HK"} else "zh-Hans"
    return next((one for one in LANGUAGES if short.split("-")[0] == one), "en")
