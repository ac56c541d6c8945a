"""The record of who did what, of logins, and of looks at other people's mail: list, verify, anchors, export, review …

Records are tied into one chain per organisation (0: the installation's). `verify` names every record that was changed or
removed afterwards. `anchors` gives the signed ends of the chains: kept where this system cannot write, they prove later
that nothing was cut off (`verify --anchor FILE`). `verifier` prints a program that checks exports on any machine.
"""

import argparse
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from smartmail.app.cli import audit_review, opening, verify_records
from smartmail.app.node import Node
from smartmail.domain.audit import KINDS, AuditAnchor, AuditQuery, FoundRecord
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin

HELP = "who did what, and who logged in: list, verify, anchors, export, review"
ROOT = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))

_MEANING = {
    "changed": "the record is not what was written",
    "removed": "the record is gone",
    "gap": "links of the chain are gone",
    "disordered": "the link does not follow on the one before",
    "forged": "not made by this installation",
    "cut": "the end of the chain is gone",
    "elsewhere": "not the chain that the anchor was taken from",
    "unchained": "written more than a minute ago and in no chain: does the jobs role run?",
    "unproven": "not written by this installation, and in no chain",
    "anchor": "a signed anchor of the store was changed or is gone",
    "backdated": "older than records that were chained before it",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    listing = acts.add_parser("list", help="show the newest records", description="Shows records, newest first.")
    opening.add_arguments(listing)
    listing.add_argument("--limit", type=int, default=100, metavar="N", help="at most so many (100)")
    listing.add_argument("--reasons", action="store_true", help="show reasons and changes too")
    _add_filters(listing)
    verify = acts.add_parser("verify", help="look for changed and removed records", description="Verifies all chains.")
    opening.add_arguments(verify)
    verify.add_argument("--anchors", metavar="FILE", help="compare with lines that `anchors` once printed")
    verify.add_argument("--anchor", action="append", default=[], metavar="FILE", help="compare with a signed anchor")
    anchors = acts.add_parser("anchors", help="print how far the chains are", description="Prints the chains' ends.")
    opening.add_arguments(anchors)
    anchors.add_argument("--to", metavar="DIR", help="write the signed daily anchors into a directory instead")
    export = acts.add_parser("export", help="write records to a file", description="Exports records; it is recorded.")
    opening.add_arguments(export)
    export.add_argument("--to", required=True, metavar="FILE", help="a new file")
    export.add_argument("--form", choices=("jsonl", "csv"), default="jsonl", help="jsonl can be verified (default)")
    export.add_argument("--reason", required=True, metavar="TEXT", help="why: ten characters at least")
    _add_filters(export)
    opening.add_arguments(acts.add_parser("key", help="print the public key of anchors and exports"))
    acts.add_parser("verifier", help="print a program that checks exports on any machine")
    audit_review.add_arguments(acts.add_parser("review", help="the monthly review: list, show, assign, sign"))


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--organization", type=int, metavar="N", help="only of this chain (0: the installation's)")
    parser.add_argument("--account", metavar="ADDRESS", help="only acts on this account's data and its logins")
    parser.add_argument("--since", metavar="TIME", help="from this time on (2026-01-31 or 2026-01-31T12:00+09:00)")
    parser.add_argument("--until", metavar="TIME", help="before this time")
    parser.add_argument("--actor", default="", metavar="WHO", help="only of cli, system, account:N or an address")
    parser.add_argument("--action", default="", metavar="NAME", help="one action, or with a dot at its end a group")
    parser.add_argument("--address", default="", metavar="IP", help="only from this network address")
    parser.add_argument("--country", default="", metavar="CC", help="only from this country (KR, US …)")
    parser.add_argument("--door", default="", metavar="DOOR", help="only through this door (web, imap, cli …)")
    parser.add_argument("--kind", default="", choices=("", *KINDS), help="only of this kind")
    parser.add_argument("--result", default="", metavar="RESULT", help="only logins with this result (ok, failed …)")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    if options.act == "verifier":
        print(Path(verify_records.__file__).read_text(encoding="utf-8"), end="")
        return 0
    if options.act == "review":
        return audit_review.run(options)
    acts = {"list": _list, "verify": _verify, "anchors": _anchors, "export": _export, "key": _key}
    return opening.perform(options, lambda node: acts[options.act](node, options))


async def _query(node: Node, options: argparse.Namespace, limit: int) -> AuditQuery:
    account = await opening.find_account(node, options.account) if options.account else None
    actor = options.actor
    if "@" in actor:
        actor = f"account:{(await opening.find_account(node, actor)).id}"
    home = None if options.organization is None else OrganizationId(options.organization)
    if account is not None and home is None:
        home = account.organization_id
    return AuditQuery(
        home, None if account is None else account.id, _time(options.since), _time(options.until), limit,
        actor, options.action, options.address, options.country.upper(), options.door, options.kind, options.result,
    )  # fmt: skip


async def _list(node: Node, options: argparse.Namespace) -> int:
    query = await _query(node, options, max(1, options.limit))
    found = await node.services.audit.records(ROOT, query)
    document = [await _shown(node, one, reasons=options.reasons) for one in found]
    opening.show(options, document, [_line(one) for one in document] or ["There are no such records."])
    return 0


async def _shown(node: Node, one: FoundRecord, *, reasons: bool) -> dict[str, Any]:
    row, record, link = one.row, one.row.record, one.link
    home = link.organization_id if link else None
    shown: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.at / 1000, UTC).isoformat(timespec="seconds"),
        "organization": home, "seq": link.seq if link else None, "kind": row.kind, "actor": record.actor,
        "action": record.action, "object": record.object, "address": record.address, "account": row.account_id,
        "country": link.facts.country if link else "", "door": row.door,
    }  # fmt: skip
    if reasons:
        shown["text"] = await node.services.record_texts.open(home, record)
    return shown


def _line(one: dict[str, Any]) -> str:
    place = "not chained yet" if one["seq"] is None else f"{one['organization']}:{one['seq']}"
    source = f" from {one['address']}" if one["address"] else ""
    country = f" ({one['country']})" if one["country"] else ""
    words = f"  {json.dumps(one['text'], ensure_ascii=False)}" if one.get("text") else ""
    return f"{one['at']}  {place:<15}  {one['actor'] or '-'}  {one['action']}  {one['object']}{source}{country}{words}"


async def _verify(node: Node, options: argparse.Namespace) -> int:
    kept: list[AuditAnchor] = _read(options.anchors) if options.anchors else []
    for place in options.anchor:
        kept += node.services.anchors.read(opening.octets_of(place, 1 << 20))
    reports = await node.services.audit.verify(kept)
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
        if report.first is not None:
            lines.append(f"  the first that does not hold: {report.organization_id}:{report.first.seq}")
        for one in report.findings:
            place = f"{one.seq}" if one.last == one.seq else f"{one.seq} to {one.last}"
            lines.append(f"  {one.trouble:<10} {place}: {_MEANING[one.trouble]} ({one.about or 'the chain'})")
    opening.show(options, document, lines)
    return 1 if any(report.findings for report in reports) else 0


async def _anchors(node: Node, options: argparse.Namespace) -> int:
    if options.to:
        return await _write_anchors(node, options)
    anchors = await node.services.audit.anchors()
    document = [
        {"organization": one.organization_id, "seq": one.seq, "digest": one.digest.hex()} for one in anchors
    ]  # fmt: skip
    opening.show(options, document, [f"{one.organization_id} {one.seq} {one.digest.hex()}" for one in anchors])
    return 0


async def _write_anchors(node: Node, options: argparse.Namespace) -> int:
    await node.services.anchors.take()
    written = []
    for day, octets in await node.services.anchors.files(3650):
        path = os.path.join(options.to, f"anchor-{day}.json")
        if not _is_there(path):
            _write(path, octets)
            written.append(path)
    opening.show(options, written, written or ["All are there already."])
    return 0


async def _export(node: Node, options: argparse.Namespace) -> int:
    if _is_there(options.to):
        raise opening.CommandError(f"{options.to} exists. Name a new file.")
    query = await _query(node, options, 1)
    made = await node.services.record_exports.export(ROOT, query, options.form, options.reason)
    _write(options.to, made.octets)
    opening.show(
        options, {"id": made.id, "records": made.records, "to": str(options.to)},
        [f"{made.records} records in {options.to}, export {made.id}"],
    )  # fmt: skip
    return 0


async def _key(node: Node, options: argparse.Namespace) -> int:
    opening.show(options, {"key": node.services.anchors.public_key}, [node.services.anchors.public_key])
    return 0


def _is_there(path: str) -> bool:
    return os.path.lexists(path)


def _write(path: str, octets: bytes) -> None:
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(octets)
    except OSError as error:
        raise opening.CommandError(f"{path} cannot be written: {error.strerror}.") from error


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
