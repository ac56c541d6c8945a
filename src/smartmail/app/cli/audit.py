"""The record of who did what, of logins, and of looks at other people's mail: list, verify, anchors, export, review …

Records are tied into one chain per organization (0: the installation's). `verify` names every record that was changed or
removed afterwards. `anchors` gives the signed ends of the chains: kept where this system cannot write, they prove later
that nothing was cut off (`verify --anchor FILE`). `verifier` prints a program that checks exports on any machine.
`--installation` asks for the records of all organizations and of the installation itself.
"""

import argparse
import os
from pathlib import Path

from smartmail.app.cli import opening, verify_records
from smartmail.app.cli.acting import acts_of, add_act
from smartmail.app.cli.operations import running
from smartmail.app.node import Node
from smartmail.domain.audit import AuditAnchor
from smartmail.domain.ids import OrganizationId

HELP = "who did what, and who logged in: list, verify, anchors, export, review"

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
    acts = acts_of(parser)
    running.add_acts(acts, "audit")
    verify = add_act(acts, "verify", "look for changed and removed records")
    verify.add_argument("--anchors", metavar="FILE", help="compare with lines that `anchors` once printed")
    verify.add_argument("--anchor", action="append", default=[], metavar="FILE", help="compare with a signed anchor")
    anchors = add_act(acts, "anchors", "print how far the chains are")
    anchors.add_argument("--to", metavar="DIR", help="write the signed daily anchors into a directory instead")
    acts.add_parser("verifier", help="print a program that checks exports on any machine")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    if options.act == "verifier":
        print(Path(verify_records.__file__).read_text(encoding="utf-8"), end="")
        return 0
    act = {"verify": _verify, "anchors": _anchors}.get(options.act)
    return running.run(options) if act is None else opening.perform(options, lambda node: act(node, options))


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
