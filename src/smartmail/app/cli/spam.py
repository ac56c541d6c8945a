"""The filter that learns: teach it, ask it, and see why a message was judged as it was.

learn --spam PATH --good PATH    teach messages: files, folders of files, or mbox files; --domain or --account says whom
score FILE                       what was learned says of a message (- reads standard input)
explain ADDRESS                  verdicts of the newest messages of an account, with the reasons and their weights
stats                            how much each organisation and its people have taught
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from smartmail.app.cli import opening
from smartmail.app.node import Node
from smartmail.base.i18n import FALLBACK, LANGUAGES
from smartmail.domain.account import Account
from smartmail.domain.ids import OrganizationId
from smartmail.formats import mbox
from smartmail.formats.spam.counts import ENOUGH, SCRIPTS, Counts, Script
from smartmail.service.protection.filtering.explaining import lines

HELP = "what the spam filter has learned: teach, score, explain, stats"
MAX_OCTETS = 32 << 20
"""Of one message to learn; larger ones are left out."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    learn = _act(acts, "learn", "teach messages")
    learn.add_argument("--spam", nargs="+", default=[], metavar="PATH", help="files, folders or mbox files with spam")
    learn.add_argument("--good", nargs="+", default=[], metavar="PATH", help="the same with good mail")
    _whom(learn)
    score = _act(acts, "score", "judge a message by what was learned")
    score.add_argument("file", metavar="FILE", help="- reads standard input")
    _whom(score)
    explain = _act(acts, "explain", "tell why messages were judged so")
    explain.add_argument("address", metavar="ADDRESS")
    explain.add_argument("--last", type=int, default=10, metavar="N", help="the newest N messages (10)")
    explain.add_argument("--id", default="", metavar="MESSAGE-ID", help="only the message with this Message-ID")
    explain.add_argument("--language", choices=LANGUAGES, default=FALLBACK, help="of the reasons (en)")
    _act(acts, "stats", "tell how much was taught")


def _act(acts: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=text, description=text)
    opening.add_arguments(parser)
    return parser


def _whom(parser: argparse.ArgumentParser) -> None:
    whom = parser.add_mutually_exclusive_group()
    whom.add_argument("--domain", help="the organisation of this domain (the only one there is)")
    whom.add_argument("--account", metavar="ADDRESS", help="this person")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = _ACTS[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _target(node: Node, options: argparse.Namespace) -> tuple[OrganizationId, Account | None]:
    if options.account:
        account = await opening.find_account(node, options.account)
        return account.organization_id, account
    if options.domain:
        return (await node.services.administration.domain(options.domain)).organization_id, None
    organizations = await node.services.directory.organizations()
    if len(organizations) != 1:
        raise opening.CommandError("There are several organisations: name one by --domain.")
    return organizations[0].id, None


async def _learn(node: Node, options: argparse.Namespace) -> int:
    organization_id, account = await _target(node, options)
    collection = await asyncio.to_thread(_collection, options.spam, options.good)
    if not collection:
        raise opening.CommandError("Name messages by --spam and --good.")
    good, bad = await node.services.learning.teach(organization_id, collection, account)
    said = [f"Learned {good} good messages and {bad} of spam."]
    if not (good and bad):
        said.append("Teach the other sort too: a filter that knows one side only stays silent.")
    counts = await node.services.learning.counts(organization_id)
    short = counts.short_of()
    said += _warnings(counts, short)
    opening.show(options, {"good": good, "bad": bad, "short": short}, said)
    return 0


_WRITTEN: Final[dict[Script, str]] = {
    "latin": "Latin letters", "hangul": "Korean", "kana": "Japanese", "han": "Chinese", "other": "other letters",
}  # fmt: skip


def _warnings(counts: Counts, short: Sequence[Script]) -> list[str]:
    """Return what these lessons cannot do yet, by script."""
    if not short:
        return []
    known = ", ".join(f"{_WRITTEN[one]} {counts.good[one]} + {counts.bad[one]}" for one in short)
    return [
        "Lessons count only for mail in the script that they were written in.",
        f"Below {ENOUGH} good and {ENOUGH} spam messages of a script, they put no such mail into Junk by themselves.",
        f"Still below (good + spam): {known}.",
    ]


def _collection(spam: Sequence[str], good: Sequence[str]) -> list[tuple[bytes, bool]]:
    return [(octets, is_spam) for paths, is_spam in ((spam, True), (good, False)) for octets in _messages(paths)]


def _messages(paths: Sequence[str]) -> Iterator[bytes]:
    for name in paths:
        path = Path(name)
        try:
            files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
            for one in files:
                yield from _of_file(one)
        except OSError as error:
            raise opening.CommandError(f"{error.filename or name}: {error.strerror}") from None


def _of_file(path: Path) -> Iterator[bytes]:
    octets = path.read_bytes()
    if octets.startswith(b"From "):
        yield from (one.content for one in mbox.read([octets]) if 0 < len(one.content) <= MAX_OCTETS)
    elif 0 < len(octets) <= MAX_OCTETS:
        yield octets


def _octets(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise opening.CommandError(f"{name}: {error.strerror}") from None


async def _score(node: Node, options: argparse.Namespace) -> int:
    organization_id, account = await _target(node, options)
    judged = await node.services.learning.judge(organization_id, account, _octets(options.file))
    taught = f"taught by {judged.good} good and {judged.bad} bad messages"
    said = [f"{judged.percent} % like spam: weight {judged.weight:+.2f} (junk from +6), {taught}."]
    if judged.silent:
        said.append("Too little was taught: only the model that is shipped judges yet.")
    said += [f"  {said_:+.3f}  {token}" for token, said_ in judged.telling]
    document = {"percent": judged.percent, "weight": judged.weight, "good": judged.good, "bad": judged.bad,
                "silent": judged.silent, "telling": [list(one) for one in judged.telling]}  # fmt: skip
    opening.show(options, document, said)
    return 0


async def _explain(node: Node, options: argparse.Namespace) -> int:
    account = await opening.find_account(node, options.address)
    actor, services = opening.command_actor(account), node.services
    rows = await node.store.all_messages(account.id)
    if not options.id:
        rows = rows[: max(1, options.last)]
    ids = [row.id for row in rows]
    summaries = await services.reading.summaries(actor, account.id, ids)
    if options.id:
        wanted = options.id.strip("<> ")
        ids = [one for one in ids if one in summaries and wanted in summaries[one].message_ids]
        if not ids:
            raise opening.CommandError(f"{account.login} has no message {options.id}.")
    kept = await services.findings.of(actor, account.id, ids)
    said: list[str] = []
    document: list[dict[str, Any]] = []
    for row in (one for one in rows if one.id in kept):
        verdict = kept[row.id]
        at = datetime.fromtimestamp(row.received_at / 1000, UTC).isoformat(timespec="seconds")
        subject = summaries[row.id].subject if row.id in summaries else ""
        head = f"{at}  {verdict.score:+.1f} ({verdict.spam_percent} %)  {verdict.nature}, {verdict.act}"
        words = lines(verdict, options.language, 20)
        said += [f"{head}  {subject}", *(f"    {line}" for line in words)]
        document.append({
            "at": at, "subject": subject, "score": verdict.score, "percent": verdict.spam_percent, "nature": verdict.nature,
            "act": verdict.act, "reasons": [[one.rule, one.weight, list(one.facts)] for one in verdict.reasons],
        })  # fmt: skip
    opening.show(options, document, said or ["No message here was inspected."])
    return 0


async def _stats(node: Node, options: argparse.Namespace) -> int:
    document: list[dict[str, Any]] = []
    for organization in await node.services.directory.organizations():
        taught = await node.services.learning.stats(organization.id)
        document.append({"organization": organization.name, **taught})
    head = ("ORGANISATION", "GOOD", "SPAM", "PEOPLE WHO TAUGHT", *(_WRITTEN[one].upper() for one in SCRIPTS))
    rows = [
        (one["organization"], *(str(one[name]) for name in ("good", "bad", "people")),
         *(f"{one[f'good.{script}']} + {one[f'bad.{script}']}" for script in SCRIPTS))
        for one in document
    ]  # fmt: skip
    waiting = await node.services.learning.waiting()
    lines_ = [*opening.table(head, rows), f"Lessons that wait: {waiting}"]
    opening.show(options, {"organizations": document, "waiting": waiting}, lines_)
    return 0


_ACTS = {"learn": _learn, "score": _score, "explain": _explain, "stats": _stats}
