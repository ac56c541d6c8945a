"""Tells what became of a message: accepted, checked, tried, delivered; and shows the books that balance.

Ask by any mark, or by words of the subject, of an address or of what another server answered. Answers of other servers
are explained.
"""

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from smartmail.app.cli import acting, opening
from smartmail.app.cli.sizes import size_text
from smartmail.app.node import Node
from smartmail.base.i18n import LANGUAGES, translate
from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId
from smartmail.domain.trace import Book
from smartmail.formats.prometheus import Metric, Sample, exposition
from smartmail.formats.seal import SealError
from smartmail.service.flow.tracing.books import book_metric
from smartmail.service.flow.tracing.service import Marks, Story
from smartmail.service.flow.tracing.wording import Line, lines_of

HELP = "what became of a message: find its story by any mark; the books of the queue"
_UNITS = {"m": 60, "h": 3600, "d": 86400}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acting.acts_of(parser)
    find = acting.add_act(acts, "find", "Show the stories of messages, the newest first.")
    find.add_argument("--from", dest="sender", metavar="ADDRESS", help="of this sender")
    find.add_argument("--to", dest="recipient", metavar="ADDRESS", help="to this recipient")
    find.add_argument("--message-id", default="", metavar="ID", help="with this Message-ID")
    find.add_argument("--ip", default="", metavar="ADDRESS", help="brought by this host")
    find.add_argument("--text", default="", metavar="WORDS", help="words of subject, addresses or a remote answer")
    find.add_argument("--since", type=_duration, default=0, metavar="TIME", help="begun within this time (30m, 4h, 7d)")
    find.add_argument("--until", type=_duration, default=0, metavar="TIME", help="begun before this time ago")
    find.add_argument("--organization", metavar="NAME", help="of this organisation")
    find.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many (20)")
    show = acting.add_act(acts, "show", "Show stories with everything that is known.", "ID…")
    for one in (find, show):
        one.add_argument("--language", choices=LANGUAGES, default=_language(), help="of the story")
    books = acting.add_act(acts, "books", "Show hour by hour what was accepted and what became of it.")
    books.add_argument("--hours", type=int, default=24, metavar="N", help="how many hours back (24)")
    acting.add_act(acts, "metrics", "Print queue and books as Prometheus text, for a collector that reads files.")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"find": _find, "show": _show, "books": _books, "metrics": _metrics}[options.act]
    return opening.perform(options, lambda node: act(node, options))


async def _find(node: Node, options: argparse.Namespace) -> int:
    now = node.clock.now()
    organization_id = None
    if options.organization:
        organization_id = (await acting.organizations(node, options.organization))[0].id
    marks = Marks(
        options.sender, options.recipient or "", options.message_id, options.ip, 0, options.text, organization_id,
        now - options.since * 1000 if options.since else 0, now - options.until * 1000 if options.until else 0,
        options.limit,
    )  # fmt: skip
    return await _tell(node, options, await node.services.trace.find(marks))


async def _show(node: Node, options: argparse.Namespace) -> int:
    found: dict[int, Story] = {}
    for text in options.id:
        found |= {one.id: one for one in await node.services.trace.find(Marks(number=_id(text)))}
    return await _tell(node, options, list(found.values()))


async def _tell(node: Node, options: argparse.Namespace, stories: Sequence[Story]) -> int:
    told = [(one, lines_of(one, options.language)) for one in stories]
    places = {one.id: await _places(node, one, options.language) for one in stories}
    document = [_document(one, lines, places[one.id]) for one, lines in told]
    text = [line for one, lines in told for line in _lines(one, lines, places[one.id])]
    opening.show(options, document, text or ["Nothing is known of such a message."])
    return 0 if stories else 1


async def _places(node: Node, story: Story, language: str) -> dict[str, str]:
    """Return where the copies of ours are now, by recipient."""
    found = {}
    for _, event in story.events:
        if not (event.account_id and event.message_number):
            continue
        try:
            now = await node.services.trace.whereabouts(AccountId(event.account_id), event.message_number)
        except (MailError, SealError):
            now = None
        if now is None:
            found[event.recipient] = translate(language, "trace.gone")
        else:
            read = translate(language, "trace.read" if now.seen else "trace.unread")
            found[event.recipient] = translate(language, "trace.now", place=", ".join(now.mailboxes), read=read)
    return found


def _document(story: Story, lines: Sequence[Line], places: dict[str, str]) -> dict[str, Any]:
    facts = story.facts
    return {
        "id": f"{story.id:x}",
        "at": _time(story.at),
        "organization": story.organization_id,
        "from": facts.sender,
        "to": list(facts.recipients),
        "recipients": facts.count,
        "subject": facts.subject,
        "messageId": facts.message_id or None,
        "door": facts.door or None,
        "peer": facts.peer or None,
        "tls": facts.tls or None,
        "size": facts.size,
        "parent": f"{facts.parent:x}" if facts.parent else None,
        "events": [
            {
                "at": _time(one.at),
                "kind": one.event.kind,
                "recipient": one.event.recipient or None,
                "text": one.text,
                "reply": one.reply or None,
                "meaning": one.meaning or None,
                "rules": list(one.rules),
                "mailbox": one.event.mailbox_id or None,
                "uid": one.event.uid or None,
            }
            for one in lines
        ],
        "now": places,
    }


def _lines(story: Story, lines: Sequence[Line], places: dict[str, str]) -> list[str]:
    facts = story.facts
    names = ", ".join(f"<{one}>" for one in facts.recipients[:5]) + (f" +{facts.count - 5}" if facts.count > 5 else "")
    text = [f"{story.id:x}  <{facts.sender}> → {names}  {size_text(facts.size)}"]
    if facts.subject or facts.message_id:
        text.append(f"  {facts.subject}  <{facts.message_id}>".rstrip())
    if facts.parent:
        text.append(f"  ← {facts.parent:x}")
    for one in lines:
        text.append(f"  {_time(one.at)}  {one.text}" + (f"  (UID {one.event.uid})" if one.event.uid else ""))
        text += [f"      {part}" for part in (one.reply, *one.rules) if part]
        text += [f"      → {one.meaning}"] if one.meaning else []
    return text + [f"  {recipient}: {place}" for recipient, place in places.items()]


async def _books(node: Node, options: argparse.Namespace) -> int:
    books = await node.services.books.books(options.hours)
    wrong = await node.services.books.imbalances()
    head = (
        "hour",
        "organisation",
        "accepted",
        "delivered",
        "bounced",
        "expired",
        "discarded",
        "held",
        "queued",
        "missing",
    )
    lines = opening.table(head, [_row(one) for one in books])
    lines += [f"{entry_id:x}: {count} recipients {'missing' if count > 0 else 'too many'}" for entry_id, count in wrong]
    lines.append("The books do not balance." if wrong else "The books balance.")
    document = {
        "books": [{**asdict(one), "difference": one.difference} for one in books],
        "imbalances": [{"id": f"{entry_id:x}", "missing": count} for entry_id, count in wrong],
    }
    opening.show(options, document, lines)
    return 1 if wrong else 0


async def _metrics(node: Node, options: argparse.Namespace) -> int:
    """Tell the state of the queue, the last whole hour's book and this one's, and what does not balance."""
    totals = await node.services.queue_control.totals()
    samples = [
        Metric("smartmail_queue_entries", "Messages in the queue.", (Sample(totals.entries),)),
        Metric("smartmail_queue_octets", "Octets of messages in the queue.", (Sample(totals.octets),)),
        Metric(
            "smartmail_queue_recipients", "Recipients in the queue by state.",
            tuple(Sample(count, (("state", state),)) for state, count in totals.states),
        ),
        book_metric(await node.services.books.books(2), node.clock.now()),
        Metric(
            "smartmail_books_missing_recipients", "Recipients of the last six days that have no end and do not wait.",
            (Sample(sum(abs(count) for _, count in await node.services.books.imbalances(1_000))),),
        ),
    ]  # fmt: skip
    text = exposition(samples)
    opening.show(options, {"metrics": text}, text.splitlines())
    return 0


def _row(book: Book) -> tuple[str, ...]:
    ends = dict(book.ends)
    discarded = " ".join(f"{ends[one]} {one}" for one in ("removed", "withdrawn", "unapproved") if one in ends) or "0"
    numbers = (book.accepted, *(ends.get(one, 0) for one in ("delivered", "bounced", "expired")))
    rest = (book.held, book.queued, book.difference)
    return _time(book.hour)[:16], str(book.organization_id), *map(str, numbers), discarded, *map(str, rest)


def _id(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        raise opening.CommandError(f"{text} is no id: take it from a 250 reply, a Received line or a list.") from None


def _duration(text: str) -> int:
    match = re.fullmatch(r"(\d+)([mhd])", text.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: 30m, 4h, 7d")
    return int(match[1]) * _UNITS[match[2]]


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000).strftime("%Y-%m-%d %H:%M:%S")  # noqa: DTZ006 -- the place's own


def _language() -> str:
    """Return the language of the terminal, if we speak it."""
    told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "en"
    short = told.split(".")[0].replace("_", "-")
    if short.startswith("zh"):
        return "zh-Hant" if short in {"zh-TW", "zh-HK"} else "zh-Hans"
    return next((one for one in LANGUAGES if short.split("-")[0] == one), "en")
