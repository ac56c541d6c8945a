"""What commands that administrators run have in common: who acts, how acts are declared, times that people type."""

import argparse
from collections.abc import Sequence
from datetime import datetime, timedelta

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.account import Organization
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin

CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


def acts_of(parser: argparse.ArgumentParser) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    """Return where the acts of a command are declared."""
    return parser.add_subparsers(dest="act", required=True, metavar="ACT")


def add_act(
    acts: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str, *places: str
) -> argparse.ArgumentParser:
    """Declare an act with its places (upper case, `WORDS…` for one or more)."""
    parser = acts.add_parser(name, help=text, description=text)
    opening.add_arguments(parser)
    for place in places:
        many = place.endswith("…")
        word = place.rstrip("…")
        parser.add_argument(word.lower(), metavar=word, nargs="+" if many else None)
    return parser


def time_of(text: str) -> int:
    """Return a time that was typed, in the place's own time, in milliseconds; for options of argparse."""
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a time: {text!r} (such as 2026-12-31 or 2026-12-31T18:00)") from None


def end_of(text: str) -> int:
    """The same for an end: a day means its end."""
    at = time_of(text)
    return at if "T" in text else int((datetime.fromtimestamp(at / 1000) + timedelta(days=1)).timestamp() * 1000)  # noqa: DTZ006 -- the place where it is typed counts


def read_end(text: str) -> int:
    """Return the end of a day that was typed as YYYY-MM-DD, in the place's own time, in milliseconds."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d")  # noqa: DTZ007 -- the administrator's own day
    except ValueError:
        raise opening.CommandError(f"{text} is no day: write it as 2027-03-31.") from None
    return int(day.replace(hour=23, minute=59, second=59).timestamp() * 1000)


def shown(milliseconds: int | None) -> str:
    """Return a time for people."""
    if milliseconds is None:
        return "never"
    return datetime.fromtimestamp(milliseconds / 1000).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006 -- the place's own time


async def organizations(node: Node, name: str | None) -> Sequence[Organization]:
    """Return the organisation of that name, or all."""
    found = await node.services.directory.organizations()
    chosen = [one for one in found if name in {None, one.name}]
    if not chosen:
        raise opening.CommandError("There is no organisation." if name is None else f"There is no organisation {name}.")
    return chosen


async def the_organization(node: Node, name: str | None) -> Organization:
    """Return the organisation of that name; without a name the only one."""
    found = await organizations(node, name)
    if len(found) != 1:
        raise opening.CommandError("There are several organisations: name one with --organization NAME.")
    return found[0]
