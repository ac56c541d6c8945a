"""The result of a run, drawn on the terminal and written as docs/benchmarks.md."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.bench import peer_settings
from tests.bench.rows import APART, ROWS, SEALING_AIM, SEALING_MUST, Results, Row, indexing_cost, sealing_cost
from tests.bench.workloads import Sizes

_BAR = 20
_MARKS = {"aim": "✔ aim", "must": "✔", "missed": "✘", "": "–"}
COLUMNS = {
    "smartmail": "SmartMail",
    "postfix": "Postfix → Dovecot",
    "dovecot": "Dovecot alone",
    "postfix_crypt": "Postfix → Dovecot, mail_crypt",
    "dovecot_crypt": "Dovecot alone, mail_crypt",
}


@dataclass(frozen=True)
class Run:
    """A run and how it was made."""

    results: Results
    sizes: Sizes
    rounds: int
    versions: dict[str, str]
    command: str
    load: float
    """Average number of other runnable processes before the start."""


def number(value: float | None) -> str:
    """Return a figure with three significant digits, without needless zeros."""
    if value is None:
        return "–"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def terminal(run: Run) -> str:
    """Return the comparison as text with bars: the longest bar of a row is the greatest figure."""
    lines: list[str] = []
    for row in (*ROWS, *APART):
        figures = {key: run.results.get(key, {}).get(row.figure) for key in COLUMNS}
        known = {key: value for key, value in figures.items() if value is not None}
        if not known:
            continue
        greatest = max(known.values()) or 1.0
        lines.append(f"\n{row.title} [{row.unit}]   {_ratio(row, run.results)}  {_MARKS[row.verdict(run.results)]}")
        for key, value in known.items():
            bar = "█" * max(1, round(value / greatest * _BAR))
            lines.append(f"  {COLUMNS[key]:<30} {bar:<{_BAR}} {number(value):>8}")
    cost = sealing_cost(run.results)
    if cost is not None:
        lines.append(f"\nsealing adds {cost:+.1f} % of CPU to SMTP ingest  {_MARKS[_judge_sealing(cost)]}")
    indexing = indexing_cost(run.results)
    if indexing is not None:
        lines.append(f"\nthe index for search takes {number(indexing)} s of CPU per 1,000 messages besides")
    return "\n".join(lines)


def _judge_sealing(cost: float) -> str:
    return "aim" if cost <= SEALING_AIM else "must" if cost <= SEALING_MUST else "missed"


def _ratio(row: Row, results: Results) -> str:
    ratio = row.ratio(results)
    if ratio is None:
        return ""
    return f"{number(ratio)} × {COLUMNS[row.against]}" if row.against else f"{number(ratio)} {row.unit}"


def _bound(row: Row, value: float) -> str:
    sign = "≥" if row.more else "≤"
    return f"{sign} {number(value)} ×" if row.against else f"{sign} {number(value)} {row.unit}"


def markdown(run: Run) -> str:
    """Return the page."""
    return "\n".join((*_head(run), *_table(run), *_sealing(run), *_indexing(run), *_method(run), *_settings(run)))


def _head(run: Run) -> Iterable[str]:
    yield "# Benchmarks"
    yield ""
    yield "This page is written by `./smartmail bench`; do not edit it. It compares SmartMail with Debian's Postfix and"
    yield "Dovecot on the same machine, in the same run, with the rounds of all of them interleaved."
    yield ""
    yield f"- Command: `{run.command}` ({run.rounds} rounds; each figure is the median)"
    yield f"- Machine: {machine()}; about {run.load:.1f} other processes wanted a core when the run began"
    yield f"- Versions: {', '.join(f'{name} {version}' for name, version in run.versions.items())}"
    yield ""


def machine() -> str:
    """Return the machine in general words."""
    gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    kernel = ".".join(platform.release().split(".")[:2])
    cores = len(os.sched_getaffinity(0))
    python = platform.python_version()
    return f"{cores} cores ({platform.machine()}), {gib:.0f} GiB, Linux {kernel}, CPython {python}; the load runs on the same cores"


def _table(run: Run) -> Iterable[str]:
    shown = [key for key in COLUMNS if key in run.results]
    yield "## Figures"
    yield ""
    yield f"| work | unit | {' | '.join(COLUMNS[key] for key in shown)} | bound | reached | |"
    yield f"|---|---|{'---:|' * len(shown)}---|---:|---|"
    for row in ROWS:
        figures = [number(run.results[key].get(row.figure)) for key in shown]
        against = f" {COLUMNS[row.against]}" if row.against else ""
        bound = f"{_bound(row, row.must)}{against}, aim {_bound(row, row.aim)}"
        reached = row.ratio(run.results)
        unit = "×" if row.against else row.unit
        told = f"{number(reached)} {unit}" if reached is not None else "–"
        yield f"| {row.title} | {row.unit} | {' | '.join(figures)} | {bound} | {told} | {_MARKS[row.verdict(run.results)]} |"
    yield ""


def _sealing(run: Run) -> Iterable[str]:
    cost = sealing_cost(run.results)
    if cost is None:
        return
    sealed, unsealed = (run.results[key]["ingest_cpu"] for key in ("smartmail", "unsealed"))
    yield "## Cost of sealing"
    yield ""
    yield f"SMTP ingest takes {number(sealed)} s of CPU per 1,000 messages as shipped and {number(unsealed)} s with a suite of the"
    yield f"test tree that seals nothing: {cost:+.1f} % (bound {SEALING_MUST:.0f} %, aim {SEALING_AIM:.0f} %) "
    yield f"{_MARKS[_judge_sealing(cost)]}"
    yield ""


def _indexing(run: Run) -> Iterable[str]:
    cost = indexing_cost(run.results)
    if cost is None:
        return
    yield "## Cost of the index for search"
    yield ""
    yield f"Until the server is idle again after SMTP ingest, reading the messages and making the index take {number(cost)} s of"
    yield "CPU per 1,000 messages, in a process of its own."
    yield ""


def _method(run: Run) -> Iterable[str]:
    sizes = run.sizes
    yield "## What is measured"
    yield ""
    yield from (
        f"- **SMTP ingest**: {sizes.ingest:,} messages of an office (24 % plain text of 1.5–5 KB, 46 % text and HTML, 20 % with",
        "  a picture, 10 % with a file; mean about 62 KB, median about 18 KB) over 20 standing connections, one recipient of 20",
        "  each. The clock stops when the last message is delivered: for Postfix when its queue is empty. CPU is that of all",
        "  processes that deliver, from the kernel's counters. All copies are counted over IMAP afterwards. SmartMail also",
        "  reads each message for its search index, in a process of its own, within two seconds; Dovecot as shipped has no",
        "  such index: what this takes is told below the figures.",
        f"- **10 recipients**: {sizes.fanout:,} messages, 10 inboxes each. **New connection**: {sizes.fresh:,} messages.",
        f"- **IMAP** on a mailbox of {sizes.mailbox:,} letters (1–6 KB), one session, times of the client from the first octet of",
        "  the command to the tagged line; the numbers of lines in the answers are checked. “First time” is the first reading",
        "  after the mailbox was filled; STORE is the median of five in a row.",
        f"- **Mixed**: 20 sessions for {sizes.mixed_s:.0f} s: login, LIST, SELECT, all flags, 50 headers, 5 bodies, 5 STOREs.",
        "- **Wake-up**: from the reply to a delivery until an idling session reads EXISTS.",
        f"- **Memory**: growth of the proportional set size (PSS) over {sizes.idlers:,} idling connections, five times as many",
        "  for SmartMail.",
        "- Peers are as durable as shipped; SmartMail answers 250 after body and database are synced.",
        "- No filter on either side: Postfix as shipped looks at no mail, so the inspection of mail from outside is off too.",
        "- On a busy machine compare CPU and ratios: wall-clock figures move with the neighbours.",
        "",
        "`--quick` does a tenth of it in about two minutes, `--full` also fills a mailbox of 100,000.",
        "",
    )


def _settings(run: Run) -> Iterable[str]:
    if "dovecot" not in run.results:
        return
    yield "## Settings of the peers"
    for title, text in (
        ("Postfix, main.cf", peer_settings.POSTFIX_MAIN),
        ("Postfix, master.cf", peer_settings.POSTFIX_MASTER),
        ("Dovecot", peer_settings.DOVECOT + peer_settings.DOVECOT_PLAIN_TLS),
        ("Dovecot with mail_crypt, in addition", peer_settings.CRYPT),
    ):
        yield ""
        yield f"### {title}"
        yield ""
        yield "```"
        yield text.rstrip("\n")
        yield "```"
    yield ""


def medians(rounds: Sequence[Results]) -> Results:
    """Return the median of each figure over the rounds in which it was taken."""
    found: dict[str, dict[str, list[float]]] = {}
    for one in rounds:
        for key, figures in one.items():
            for figure, value in figures.items():
                found.setdefault(key, {}).setdefault(figure, []).append(value)
    return {
        key: {figure: sorted(values)[len(values) // 2] for figure, values in figures.items()}
        for key, figures in found.items()
    }
