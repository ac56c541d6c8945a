"""Who is shut out, and why: list, add, release, allow, disallow, set.

Addresses and networks that guess passwords, try unknown recipients or break the protocol are shut out for a time by
themselves. `ban release` lets one in again at once, on every node; `ban allow` makes an exception with an end, with
--partner also from greylisting. `ban set` shows or changes the settings of defence.
"""

import argparse
import re
from datetime import UTC, datetime

import msgspec

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.defence import Allow, Ban
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.clock import DAY, HOUR, MINUTE
from smartmail.service.defence.places import shown

HELP = "addresses that are shut out: why, until when; release, exceptions"

_CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    _act(acts, "list", "show bans and exceptions").add_argument(
        "--all", action="store_true", help="also those that have ended"
    )
    add = _act(acts, "add", "shut out an address or network")
    add.add_argument("subject", metavar="NETWORK", help="such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/48")
    add.add_argument("--for", dest="span", type=span, default=DAY, metavar="TIME", help="such as 30m, 6h, 7d (1d)")
    add.add_argument("--note", default="", help="why; kept sealed")
    _act(acts, "release", "let one in again at once").add_argument("subject", metavar="NETWORK|NUMBER")
    allow = _act(acts, "allow", "never shut out an address or network, until a day")
    allow.add_argument("subject", metavar="NETWORK")
    allow.add_argument("--for", dest="span", type=span, default=90 * DAY, metavar="TIME", help="such as 12h, 90d (90d)")
    allow.add_argument("--partner", action="store_true", help="its mail is not put off either")
    allow.add_argument("--note", default="", help="why; kept sealed")
    _act(acts, "disallow", "take an exception back").add_argument("subject", metavar="NETWORK")
    change = _act(acts, "set", "show the settings, or change one")
    change.add_argument("name", nargs="?", metavar="NAME")
    change.add_argument("value", nargs="?", metavar="VALUE")


def _act(acts: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=text, description=text)
    opening.add_arguments(parser)
    return parser


def span(text: str) -> int:
    """Return a time such as 30m, 6h or 7d in milliseconds. Raises ArgumentTypeError."""
    match = re.fullmatch(r"(\d{1,4})([mhd])", text.strip().lower())
    if match is None or int(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"not a time: {text!r} (such as 30m, 6h, 7d)")
    return int(match[1]) * _UNITS[match[2]]


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = _ACTS[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _list(node: Node, options: argparse.Namespace) -> int:
    defence = node.services.defence
    bans = await (defence.history() if options.all else defence.bans())
    allows, now = await defence.allows(), node.clock.now()
    rows = [
        (
            str(ban.id),
            shown(ban.subject),
            ban.reason,
            _when(ban.since),
            _ends(ban, now),
            _counts(ban),
            defence.note(ban),
        )
        for ban in bans
    ]
    lines = opening.table(("NUMBER", "NETWORK", "REASON", "SINCE", "ENDS", "EVIDENCE", "NOTE"), rows)
    if not rows:
        lines = ["Nobody is shut out."]
    if allows:
        exceptions = [(shown(one.subject), one.kind, _when(one.until), one.by, defence.note(one)) for one in allows]
        lines += ["", *opening.table(("EXCEPTION", "KIND", "UNTIL", "BY", "NOTE"), exceptions)]
    opening.show(
        options,
        {"bans": [_ban(defence.note(ban), ban) for ban in bans], "allows": [_allow(one) for one in allows]},
        lines,
    )
    return 0


async def _add(node: Node, options: argparse.Namespace) -> int:
    until = node.clock.now() + options.span
    ban = await node.services.defence.ban(_CLI, options.subject, until, options.note)
    text = f"{shown(ban.subject)} is shut out until {_when(ban.until)} (ban {ban.id})."
    opening.show(options, _ban(options.note, ban), [text])
    return 0


async def _release(node: Node, options: argparse.Namespace) -> int:
    ended = await node.services.defence.release(_CLI, options.subject)
    opening.show(
        options, [_ban("", ban) for ban in ended], [f"{shown(ban.subject)} may come in again." for ban in ended]
    )
    return 0


async def _permit(node: Node, options: argparse.Namespace) -> int:
    until = node.clock.now() + options.span
    allow = await node.services.defence.allow_address(
        _CLI, options.subject, until, options.note, partner=options.partner
    )
    opening.show(options, _allow(allow), [f"{shown(allow.subject)} is never shut out, until {_when(allow.until)}."])
    return 0


async def _forbid(node: Node, options: argparse.Namespace) -> int:
    await node.services.defence.disallow_address(_CLI, options.subject)
    opening.show(options, {"subject": options.subject}, [f"{options.subject} is judged like all others again."])
    return 0


async def _set(node: Node, options: argparse.Namespace) -> int:
    defence = node.services.defence
    await defence.ready()
    settings = defence.settings
    if options.name is not None:
        if options.value is None:
            raise opening.CommandError(f"Say which value {options.name} shall have.")
        settings = await defence.set(_CLI, options.name, options.value)
    document = msgspec.to_builtins(settings)
    opening.show(options, document, [f"{name:<22} {value}" for name, value in document.items()])
    return 0


def _ban(note: str, ban: Ban) -> dict[str, object]:
    return {
        "id": ban.id, "network": ban.subject, "reason": ban.reason, "evidence": dict(ban.evidence), "level": ban.level,
        "since": _when(ban.since), "until": _when(ban.until), "by": ban.by, "note": note,
        "released": None if ban.released_at is None else _when(ban.released_at),
    }  # fmt: skip


def _allow(one: Allow) -> dict[str, object]:
    return {"network": one.subject, "kind": one.kind, "until": _when(one.until), "by": one.by}


def _ends(ban: Ban, now: int) -> str:
    if ban.released_at is not None:
        return f"released {_when(ban.released_at)}"
    return _when(ban.until) if ban.until > now else f"ended {_when(ban.until)}"


def _counts(ban: Ban) -> str:
    return " ".join(f"{name}={count}" for name, count in ban.evidence.items())


def _when(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


_ACTS = {"list": _list, "add": _add, "release": _release, "allow": _permit, "disallow": _forbid, "set": _set}
