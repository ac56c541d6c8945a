"""The monthly review of access records: list, show, assign, sign. Part of ./smartmail audit."""

import argparse
from datetime import UTC, datetime
from typing import Any

from smartmail.app.cli import opening
from smartmail.app.cli.acting import home_of
from smartmail.app.node import Node
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.records import ReviewRow

ROOT = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
_MEANING = {
    "login-failures": "failed logins",
    "off-hours": "administrators' acts at night or on a weekend",
    "abroad": "logins from abroad",
    "mass-reads": "many messages of another person read on one day",
    "dormant": "logins of accounts that had been asleep (days)",
    "exports-without-reason": "exports without a reason",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="review_act", required=True, metavar="ACT")
    opening.add_arguments(acts.add_parser("list", help="show all reviews"))
    for name, help_ in (
        ("show", "show what a month came to"), ("assign", "give a review to somebody"), ("sign", "sign a review"),
    ):  # fmt: skip
        act = acts.add_parser(name, help=help_)
        opening.add_arguments(act)
        act.add_argument("month", metavar="MONTH", help="2026-01")
        act.add_argument("--organization", type=int, metavar="N", help="whose; not needed where there is one")
        if name == "assign":
            act.add_argument("--to", required=True, metavar="ADDRESS", help="who shall look at it")
        if name == "sign":
            act.add_argument("--comment", required=True, metavar="TEXT", help="what was found and done")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    acts = {"list": _list, "show": _show, "assign": _assign, "sign": _sign}
    return opening.perform(options, lambda node: acts[options.review_act](node, options))


async def _list(node: Node, options: argparse.Namespace) -> int:
    await node.services.reviews.turn()
    rows = await node.services.reviews.reviews(ROOT, None)
    now = node.clock.now()
    document = [_facts(one, now) for one in rows]
    lines = opening.table(
        ("month", "organization", "due", "reviewer", "state"),
        [tuple(str(one[name]) for name in ("month", "organization", "due", "reviewer", "state")) for one in document],
    )
    opening.show(options, document, lines if rows else ["There are no reviews yet: the first is made on the 1st."])
    return 0


def _facts(row: ReviewRow, now: int) -> dict[str, Any]:
    state = "signed" if row.signed_at is not None else "overdue" if now > row.due_at else "open"
    return {
        "month": row.month, "organization": row.organization_id, "due": _day(row.due_at),
        "reviewer": f"account:{row.reviewer}" if row.reviewer else "-", "state": state,
    }  # fmt: skip


async def _show(node: Node, options: argparse.Namespace) -> int:
    review = await node.services.reviews.review(ROOT, await home_of(node, options.organization), options.month)
    document = {**_facts(review.row, node.clock.now()), "findings": review.body, "comment": review.comment}
    lines = [f"{review.row.month}: {review.body['records']:,} records, {document['state']}"]
    for name, meaning in _MEANING.items():
        lines.append(f"{review.body[name]['total']:>9,}  {meaning}")
        lines += [f"           {count:>6,}  {who}" for who, count in review.body[name]["top"]]
    if review.comment:
        lines.append(f"signed by account:{review.row.signed_by or 'cli'}: {review.comment}")
    opening.show(options, document, lines)
    return 0


async def _assign(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.to)
    await node.services.reviews.assign(ROOT, await home_of(node, options.organization), options.month, account.id)
    opening.show(options, {"reviewer": account.login}, [f"{options.month} is {account.login}'s."])
    return 0


async def _sign(node: Node, options: argparse.Namespace) -> int:
    await node.services.reviews.sign(ROOT, await home_of(node, options.organization), options.month, options.comment)
    opening.show(options, {"month": options.month, "state": "signed"}, [f"{options.month} is signed."])
    return 0


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone().strftime("%Y-%m-%d")
