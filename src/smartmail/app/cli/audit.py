"""The record of who did what, and of logins: list, verify, anchors.

Records are tied into one chain per organisation (0: the installation's). `verify` names every record that was changed
or removed afterwards. `anchors` prints how far each chain is: kept where this system cannot write, those lines prove
later that nothing was cut off (`verify --anchors FILE`).
"""

import argparse
from datetime import UTC, datetime
from typing import Any

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.audit import AuditAnchor, AuditQuery
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin

HELP = "who did what, and who logged in: list, verify, anchors"

_MEANING = {
    "changed": "the record is not what was written",
    "removed": "the record is gone",
    "gap": "links of the chain are gone",
    "disordered": "the link does not follow on the one before",
    "forged": "not made by this installation",
    "cut": "the end of the chain is gone",
    "elsewhere": "not the chain that the anchor was taken from",
    "unchained": "written more than a minute ago and in no chain: does the jobs role run?",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    listing = acts.add_parser("list", help="show the newest records", description="Shows records, newest first.")
    opening.add_arguments(listing)
    listing.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many (100)")
    listing.add_argument("--organization", type=int, metavar="N", help="only of this chain (0: the installation's)")
    listing.add_argument("--account", metavar="ADDRESS", help="only acts on this account's data and its logins")
    listing.add_argument("--since", metavar="TIME", help="from this time on (2026-01-31 or 2026-01-31T12:00+09:00)")
    listing.add_argument("--until", metavar="TIME", help="before this time")
    verify = acts.add_parser("verify", help="look for changed and removed records", description="Verifies all chains.")
    opening.add_arguments(verify)
    verify.add_argument("--anchors", metavar="FILE", help="compare with lines that `anchors` once printed")
    anchors = acts.add_parser("anchors", help="print how far the chains are", description="Prints the chains' ends.")
    opening.add_arguments(anchors)


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"list": _list, "verify": _verify, "anchors": _anchors}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _list(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.account) if options.account else None
    query = AuditQuery(
        None if options.organization is None else OrganizationId(options.organization),
        None if account is None else account.id,
        _time(options.since),
        _time(options.until),
        max(1, options.limit),
    )
    actor = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
    document: list[dict[str, Any]] = []
    for row, home, seq in await node.services.audit.records(actor, query):
        record = row.record
        document.append(
            {
                "at": datetime.fromtimestamp(record.at / 1000, UTC).isoformat(timespec="seconds"),
                "organization": home, "seq": seq, "actor": record.actor, "action": record.action,
                "object": record.object, "address": record.address, "account": row.account_id,
            }
        )  # fmt: skip
    lines = [_line(one) for one in document]
    opening.show(options, document, lines or ["There are no such records."])
    return 0


def _line(one: dict[str, Any]) -> str:
    place = "not chained yet" if one["seq"] is None else f"{one['organization']}:{one['seq']}"
    source = f" from {one['address']}" if one["address"] else ""
    return f"{one['at']}  {place:<15}  {one['actor'] or '-'}  {one['action']}  {one['object']}{source}"


async def _verify(node: Node, options: argparse.Namespace) -> int:
    reports = await node.services.audit.verify(_read(options.anchors) if options.anchors else ())
    lines, document = [], []
    for report in reports:
        found = [
            {"trouble": one.trouble, "seq": one.seq, "last": one.last, "about": one.about} for one in report.findings
        ]
        document.append(
            {
                "organization": report.organization_id, "records": report.records,
                "forgotten": report.forgotten, "length": report.length,
                "digest": report.digest.hex(), "findings": found,
            }
        )  # fmt: skip
        lines.append(
            f"chain {report.organization_id}: {report.records} records" + ("" if found else ", all as written")
        )
        for one in report.findings:
            place = f"{one.seq}" if one.last == one.seq else f"{one.seq} to {one.last}"
            lines.append(f"  {one.trouble:<10} {place}: {_MEANING[one.trouble]} ({one.about or 'the chain'})")
    opening.show(options, document, lines)
    return 1 if any(report.findings for report in reports) else 0


async def _anchors(node: Node, options: argparse.Namespace) -> int:
    anchors = await node.services.audit.anchors()
    document = [
        {"organization": one.organization_id, "seq": one.seq, "digest": one.digest.hex()} for one in anchors
    ]  # fmt: skip
    opening.show(options, document, [f"{one.organization_id} {one.seq} {one.digest.hex()}" for one in anchors])
    return 0


def _read(path: str) -> list[AuditAnchor]:
    anchors = []
    try:
        with open(path, encoding="ascii") as file:
            for line in file:
                if line.strip():
                    organization, seq, digest = line.split()
                    anchors.append(AuditAnchor(OrganizationId(int(organization)), int(seq), bytes.fromhex(digest)))
    except (OSError, ValueError) as error:
        raise opening.CommandError(f"{path} does not hold what ./smartmail audit anchors prints: {error}") from None
    return anchors


def _time(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise opening.CommandError(f"{text} is no time: write 2026-01-31 or 2026-01-31T12:00+09:00.") from None
    return round(moment.timestamp() * 1000)
