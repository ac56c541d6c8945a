"""What became of a message: accepted, checked, tried, delivered; and the books that balance.

Find by any mark, or by words of the subject, of an address or of what another server answered; `show` takes the id of a 250
reply, a Received line or the queue.
"""

import argparse
from dataclasses import asdict
from datetime import datetime

from smartmail.app.cli import acting, opening
from smartmail.app.cli.operations import running
from smartmail.app.node import Node
from smartmail.domain.trace import Book
from smartmail.formats.prometheus import Metric, Sample, exposition
from smartmail.service.flow.tracing.books import book_metric

HELP = "what became of a message: find its trace by any mark; the books of the queue"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    acts = acting.acts_of(parser)
    running.add_acts(acts, "trace")
    books = acting.add_act(acts, "books", "Show hour by hour what was accepted and what became of it.")
    books.add_argument("--hours", type=int, default=24, metavar="N", help="how many hours back (24)")
    acting.add_act(acts, "metrics", "Print queue and books as Prometheus text, for a collector that reads files.")


def run(options: argparse.Namespace) -> int:
    """Do one act."""
    act = {"books": _books, "metrics": _metrics}.get(options.act)
    return running.run(options) if act is None else opening.perform(options, lambda node: act(node, options))


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
    hour = datetime.fromtimestamp(book.hour / 1000).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006 -- the place's own
    return hour, str(book.organization_id), *map(str, numbers), discarded, *map(str, rest)
