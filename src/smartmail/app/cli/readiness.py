"""What `doctor` finds missing before others can rely on an installation: its name, backups, records in DNS.

Only what is missing is named; that all is there is one line. Nothing is changed or made.
"""

import asyncio
from collections.abc import Iterator

from smartmail.app.cli.acting import CLI
from smartmail.app.cli.diagnosis import Verdict
from smartmail.app.node import Node
from smartmail.domain.account import DomainRow
from smartmail.domain.errors import MailError
from smartmail.domain.host_names import EVERYWHERE

MAX_DOMAINS = 50
"""More are not asked for: an installation with so many has its own watch."""
_DNS_S = 20.0


async def missing(node: Node) -> list[Verdict]:
    """Return what an installation lacks that serves people."""
    return [_host(node), await _backups(node), *await _domains(node)]


def _host(node: Node) -> Verdict:
    name = node.settings.file.names.mail
    if name == EVERYWHERE.mail:
        return Verdict(
            "warning", "host name", "this server has none: it greets others as localhost",
            "./smartmail host set, or the first step of the set-up in a browser",
        )  # fmt: skip
    return Verdict("ok", "host name", name)


async def _backups(node: Node) -> Verdict:
    try:
        plan = await node.services.backups.plan()
    except MailError as error:
        return Verdict("error", "backup", f"its place cannot be opened: {error.detail or error.public}")
    if plan.place is None:
        return Verdict(
            "warning", "backup", "none is taken", "./smartmail backup set-schedule, or the page of backups in a browser"
        )
    standing = await node.services.backups.standing(CLI)
    if not standing.green:
        said = ", ".join(f"{one.object}: {one.meaning}" for one in standing.findings)
        return Verdict("warning", "backup", said, "./smartmail backup take; the log tells why one failed")
    return Verdict("ok", "backup", plan.words or "taken by the node file's plan")


async def _domains(node: Node) -> list[Verdict]:
    rows = [one for one in await node.services.directory.domains() if one.state == "active"][:MAX_DOMAINS]
    if node.settings.file.names.mail == EVERYWHERE.mail or not rows:
        return []
    try:
        async with asyncio.timeout(_DNS_S):
            found = [one for row in rows for one in await _domain(node, row)]
    except TimeoutError:
        return [Verdict("warning", "records", "DNS does not answer in time", "look at the resolver in [dns]")]
    return found or [Verdict("ok", "records", f"{len(rows)} domains have published what they need")]


async def _domain(node: Node, row: DomainRow) -> list[Verdict]:
    looked = await node.services.domain_records.looked(row)
    return [*_lacking(row.name, [(one.purpose, one.state) for one in looked])]


def _lacking(domain: str, looked: list[tuple[str, str]]) -> Iterator[Verdict]:
    for words, state in (("not published", "missing"), ("other than wanted", "different")):
        purposes = sorted({purpose for purpose, found in looked if found == state})
        if purposes:
            remedy = f"./smartmail domain records {domain} prints what to publish"
            yield Verdict("warning", "records", f"{domain}: {', '.join(purposes)} {words}", remedy)
