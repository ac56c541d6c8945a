"""What a company tells its people in the webmail, beside mail (공지).

    bulletin new "서버 점검" --text notice.txt --scope organization:한빛 --until 2026-12-24 --popup --must-read
    bulletin list                            bulletin readers 12345
    bulletin change 12345 --until 2026-12-31 --anew
    bulletin end 12345                       bulletin unread 12345 --reason "안전교육 미확인자 안내" > unread.csv

SCOPE is LEVEL:NAME, LEVEL one of organization, domain, department, group; without it the whole company, where there is one.
"""

import argparse
import sys
from pathlib import Path

from smartmail.app.cli import opening
from smartmail.app.cli.acting import CLI, acts_of, add_act, end_of, organizations, shown, time_of
from smartmail.app.node import Node
from smartmail.domain.policy import Scope
from smartmail.service.bulletins import BulletinText, BulletinWish, HeldBulletin

HELP = "what a company tells its people in the webmail, and who has read it"
WEEK_MS = 7 * 24 * 60 * 60 * 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acts_of(parser)
    new = add_act(acts, "new", "publish a bulletin", "TITLE")
    change = add_act(acts, "change", "change a bulletin", "NUMBER")
    change.add_argument("--title", help="another title")
    change.add_argument(
        "--anew", action="store_true", help="show it to everybody again; who had read it is asked again"
    )
    for act in (new, change):
        _add_options(act)
    listing = add_act(acts, "list", "show bulletins, the newest first")
    listing.add_argument("--organization", metavar="NAME", help="whose, where there are several")
    add_act(acts, "show", "show one bulletin with its words", "NUMBER")
    add_act(acts, "end", "show one no more; who read it stays known", "NUMBER")
    add_act(acts, "remove", "remove one, with the record of who read it", "NUMBER")
    add_act(acts, "readers", "show whom one is for, and who has read it", "NUMBER")
    unread = add_act(acts, "unread", "print who has not read one, as CSV", "NUMBER")
    unread.add_argument("--reason", required=True, help="why, in ten characters at least; it is recorded")


def _add_options(act: argparse.ArgumentParser) -> None:
    act.add_argument("--text", metavar="FILE", help="what it says, plain text; - reads it from here")
    act.add_argument("--scope", help="whom it is for (the whole company)")
    act.add_argument("--from", dest="since", type=time_of, metavar="TIME", help="from when it is shown (now)")
    act.add_argument("--until", type=end_of, metavar="TIME", help="until when; a day counts whole (a week from now)")
    for name, text in (
        ("pinned", "stands above the list of mail (yes)"),
        ("popup", "comes up by itself once for each person"),
        ("must-read", "stays until one says that one read it"),
    ):
        act.add_argument(f"--{name}", action=argparse.BooleanOptionalAction, default=None, help=text)


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {
        "new": _new, "change": _change, "list": _list, "show": _show, "end": _end, "remove": _remove,
        "readers": _readers, "unread": _unread,
    }[options.act]  # fmt: skip
    return opening.perform(options, lambda node: act(node, options))


async def _new(node: Node, options: argparse.Namespace) -> int:
    place = await _place(node, options.scope)
    since = options.since if options.since is not None else node.clock.now()
    until = options.until if options.until is not None else since + WEEK_MS
    wish = BulletinWish(
        place, BulletinText(options.title, _words(options.text) or ""), since, until,
        options.pinned is not False, bool(options.popup), bool(options.must_read),
    )  # fmt: skip
    made = await node.services.bulletins.desk.make(CLI, wish)
    opening.show(options, _document(made), [f"Bulletin {made.row.id} is shown to {made.place_name}."])
    return 0


async def _change(node: Node, options: argparse.Namespace) -> int:
    desk, number = node.services.bulletins.desk, _number(options)
    now = await desk.get(CLI, number)
    row, words = now.row, _words(options.text)
    wish = BulletinWish(
        row.place if options.scope is None else await _place(node, options.scope),
        BulletinText(
            now.text.title if options.title is None else options.title, now.text.body if words is None else words
        ),
        row.shown_from if options.since is None else options.since,
        row.shown_until if options.until is None else options.until,
        row.pinned if options.pinned is None else options.pinned,
        row.popup if options.popup is None else options.popup,
        row.must_read if options.must_read is None else options.must_read,
    )  # fmt: skip
    made = await desk.change(CLI, number, wish, anew=options.anew)
    opening.show(options, _document(made), [f"Bulletin {number} is changed."])
    return 0


async def _list(node: Node, options: argparse.Namespace) -> int:
    document, rows = [], []
    for organization in await organizations(node, options.organization):
        for one in await node.services.bulletins.desk.list_all(CLI, organization.id):
            document.append(_document(one))
            marks = [name for name in ("pinned", "popup", "must_read") if getattr(one.row, name)]
            rows.append((
                str(one.row.id), one.text.title, one.place_name, shown(one.row.shown_from), shown(one.row.shown_until),
                ", ".join(marks).replace("_", "-"),
            ))  # fmt: skip
    opening.show(options, document, opening.table(("NUMBER", "TITLE", "FOR", "FROM", "UNTIL", "HOW"), rows))
    return 0


async def _show(node: Node, options: argparse.Namespace) -> int:
    one = await node.services.bulletins.desk.get(CLI, _number(options))
    span = f"{shown(one.row.shown_from)} - {shown(one.row.shown_until)}"
    opening.show(options, _document(one), [one.text.title, f"{one.place_name}, {span}", "", *one.text.body.split("\n")])
    return 0


async def _end(node: Node, options: argparse.Namespace) -> int:
    one = await node.services.bulletins.desk.end(CLI, _number(options))
    opening.show(options, _document(one), [f"Bulletin {one.row.id} is shown no more."])
    return 0


async def _remove(node: Node, options: argparse.Namespace) -> int:
    number = _number(options)
    await node.services.bulletins.desk.drop(CLI, number)
    opening.show(options, {"number": number}, [f"Bulletin {number} is removed."])
    return 0


async def _readers(node: Node, options: argparse.Namespace) -> int:
    found = await node.services.bulletins.desk.readers(CLI, _number(options))
    document = [
        {"address": one.account.login, "name": one.account.name, "read_at": one.read_at or None} for one in found
    ]
    rows = [(one.account.login, one.account.name, shown(one.read_at) if one.read_at else "-") for one in found]
    opening.show(options, document, opening.table(("ACCOUNT", "NAME", "READ"), rows))
    return 0


async def _unread(node: Node, options: argparse.Namespace) -> int:
    octets = await node.services.bulletins.desk.unread_table(CLI, _number(options), options.reason, "en")
    lines = octets.decode("utf-8-sig").splitlines()
    opening.show(options, {"csv": lines}, lines)
    return 0


async def _place(node: Node, text: str | None) -> Scope:
    if text is not None:
        return await node.services.governing.scope(text)
    home = await node.services.governing.organization(None)
    return Scope("organization", str(int(home.id)))


def _words(place: str | None) -> str | None:
    if place is None:
        return None
    try:
        return sys.stdin.read() if place == "-" else Path(place).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise opening.CommandError(f"{place} cannot be read ({error}).") from None


def _number(options: argparse.Namespace) -> int:
    if not options.number.isascii() or not options.number.isdecimal():
        raise opening.CommandError(f"{options.number} is no number of a bulletin: see ./smartmail bulletin list")
    return int(options.number)


def _document(one: HeldBulletin) -> dict[str, object]:
    row = one.row
    return {
        "number": row.id, "title": one.text.title, "body": one.text.body, "for": one.place_name,
        "from": row.shown_from, "until": row.shown_until, "shown": one.shown, "pinned": row.pinned,
        "popup": row.popup, "must_read": row.must_read, "by": row.author,
    }  # fmt: skip
