"""Shows, asks and rebuilds the search index.

status      how much of each account is indexed, and how big the index is
query       what an account's owner would find, newest first; LINE as in the webmail: from:kim 제목:견적 after:2026-01-01
rebuild     read the text of all messages anew; searches go on finding meanwhile
"""

import argparse
from datetime import UTC, datetime
from typing import Any

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.domain.account import Account
from smartmail.domain.message import MessageRow
from smartmail.formats.search.excerpt import Excerpt
from smartmail.formats.search.wording import Switch
from smartmail.formats.summary import Summary
from smartmail.service.mailbox.mailstore.asking import AskedLine

HELP = "the search index: status, query, rebuild"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    status = acts.add_parser("status", help="show indexes", description="Shows how much is indexed, by account.")
    opening.add_arguments(status)
    status.add_argument("address", nargs="?", metavar="ADDRESS", help="one account (all)")
    query = acts.add_parser("query", help="search an account", description="Searches the mail of an account.")
    opening.add_arguments(query)
    query.add_argument("address", metavar="ADDRESS")
    query.add_argument("line", nargs="+", metavar="LINE", help="words and operators: from: subject: -tag: after: …")
    query.add_argument("--limit", type=int, default=20, metavar="N", help="show at most so many (20)")
    query.add_argument("--zone", default="UTC", metavar="ZONE", help="where days begin: Asia/Seoul (UTC)")
    for switch, words in _SWITCHES.items():
        query.add_argument(f"--{switch}", action="store_true", help=words)
    rebuild = acts.add_parser("rebuild", help="make indexes anew", description="Makes indexes anew while they answer.")
    opening.add_arguments(rebuild)
    rebuild.add_argument("address", nargs="*", metavar="ADDRESS")
    rebuild.add_argument("--all", action="store_true", help="of every account")
    rebuild.add_argument("--wait", action="store_true", help="do the work here, and end when it is done")


_SWITCHES = {
    Switch.INITIALS: "initial consonants too: ㅎㅇ finds 회의",
    Switch.KEYBOARD: "what was typed with the keyboard in the other language: ghldml finds 회의",
    Switch.HANJA: "Han characters by their Korean reading, and back: 회의 finds 會議",
    Switch.VARIANTS: "simplified and traditional forms: 会议 finds 會議",
}


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"status": _status, "query": _query, "rebuild": _rebuild}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _accounts(node: Node, addresses: list[str]) -> list[Account]:
    if addresses:
        return [await opening.find_account(node, one) for one in addresses]
    return list(await node.services.directory.accounts())


async def _status(node: Node, options: argparse.Namespace) -> int:
    document: list[dict[str, Any]] = []
    for account in await _accounts(node, [options.address] if options.address else []):
        found = await node.services.search.status(account.id)
        document.append({
            "account": account.login, "messages": found.messages, "notIndexed": found.pending,
            "segments": found.segments, "indexOctets": found.index_octets, "textOctets": found.text_octets,
        })  # fmt: skip
    head = ("ACCOUNT", "MESSAGES", "NOT INDEXED", "SEGMENTS", "INDEX MB", "TEXT MB")
    rows = [
        (one["account"], str(one["messages"]), str(one["notIndexed"]), str(one["segments"]),
         f"{one['indexOctets'] / 1e6:.1f}", f"{one['textOctets'] / 1e6:.1f}")
        for one in document
    ]  # fmt: skip
    opening.show(options, document, opening.table(head, rows))
    return 0


async def _query(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    actor, services = opening.command_actor(account), node.services
    switches = frozenset(switch for switch in _SWITCHES if getattr(options, switch))
    asked = AskedLine(" ".join(options.line), switches, options.zone)
    tree = await services.asking.tree(actor, account.id, asked)
    found = await services.queries.find(actor, account.id, tree)
    page = found[: options.limit]
    rows = await services.reading.rows(actor, account.id, page)
    excerpts = await services.queries.snippets(actor, account.id, tree, page)
    hows = await services.queries.explain(actor, account.id, tree, page) if switches else {}
    summaries = await services.reading.summaries(actor, account.id, page)
    pending = await services.queries.pending(actor, account.id)
    document: list[dict[str, Any]] = [
        _shown(rows[one], summaries.get(one), excerpts.get(one), sorted(hows.get(one, ())))
        for one in page
        if one in rows
    ]
    lines = [line for one in document for line in _lines(one)]
    lines.append(f"{len(found)} found" + (f", {len(page)} shown" if len(page) < len(found) else "") + ".")
    if pending:
        lines.append(f"{pending} messages are not indexed yet and were not looked at.")
    opening.show(options, {"found": len(found), "notIndexed": pending, "messages": document}, lines)
    return 0


def _shown(row: MessageRow, summary: Summary | None, excerpt: Excerpt | None, by: list[Switch]) -> dict[str, Any]:
    text, file = (None, None) if excerpt is None else (excerpt.text, excerpt.file)
    return {
        "id": f"e{row.id}",
        "received": datetime.fromtimestamp(row.received_at / 1000, UTC).isoformat(timespec="seconds"),
        "subject": "" if summary is None else summary.subject,
        "text": None if text is None else text.text,
        "file": None if file is None else file.text,
        "foundBy": by,
    }


def _lines(one: dict[str, Any]) -> list[str]:
    by = f"  [{', '.join(one['foundBy'])}]" if one["foundBy"] else ""
    lines = [f"{one['received'][:16]}  {one['id']}  {one['subject']}{by}"]
    if one["file"]:
        lines.append(f"    {one['file']}")
    return lines + ([f"    … {one['text']}"] if one["text"] else [])


async def _rebuild(node: Node, options: argparse.Namespace) -> int:
    if not (options.all or options.address):
        raise opening.CommandError("Name accounts, or --all.")
    accounts = await _accounts(node, options.address)
    indexing = node.services.search.indexing
    read = 0
    for account in accounts:
        await indexing.rebuild(account.id)
        if options.wait:
            read += await indexing.catch_up(account.id)
        else:
            node.services.hints.account_changed(account.id)
    done = f"{read} messages were read" if options.wait else "the server reads them now; status shows how far it is"
    opening.show(options, {"accounts": len(accounts), "read": read}, [f"{len(accounts)} accounts: {done}."])
    return 0
