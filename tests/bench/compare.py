"""Compares SmartMail with Postfix and Dovecot: `./smartmail bench`.

All servers run side by side; each workload goes round them in turn, so that what disturbs the machine disturbs all.
The large mailboxes are filled after the mail workloads. Interrupted runs end all servers and write nothing.
"""

import argparse
import contextlib
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import uvloop
from tests.bench import imap_workloads, report, search_speed, servers, web_rows, workloads
from tests.bench.report import Run, medians
from tests.bench.rows import Results
from tests.bench.servers import Server
from tests.bench.workloads import Figures, Sizes

from smartmail.app.cli.progress import Progress

PAGE = servers.ROOT / "docs" / "benchmarks.md"
QUICK = Sizes(
    ingest=600, fanout=60, fresh=150, mailbox=2_000, mixed_s=4.0, wake_ups=20, idlers=100, resync=5_000, bulk=2_000,
    sessions=100, busy=10,
)  # fmt: skip
Step = tuple[str, Callable[[Server, Sizes], Awaitable[Figures]], frozenset[str]]
"""Name, workload, keys of the servers that take part."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="about two minutes: less of everything, one round")
    parser.add_argument("--full", action="store_true", help="a mailbox of 100,000 too")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of each workload (3; quick: 1)")
    parser.add_argument("--alone", action="store_true", help="SmartMail only")
    parser.add_argument(
        "--only", metavar="WORDS", help=f"some of: {', '.join((*_NAMES, *(name for name, *_ in _APART)))}; no page"
    )
    parser.add_argument("--output", metavar="FILE", help="page to write (docs/benchmarks.md, not with --quick)")
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON too")


def _without_places(words: Sequence[str]) -> list[str]:
    """Leave out where the figures were written to: the page is read elsewhere."""
    return [
        one
        for before, one in zip(("", *words), words, strict=False)
        if before not in {"--json", "--output"} and not one.startswith(("--json", "--output"))
    ]


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./smartmail bench")
    add_arguments(parser)
    options = parser.parse_args(words)
    if options.only == "search":
        # Its figures are of one program and of another kind: no rounds, no page.
        return search_speed.main(["--full"] if options.full else [])
    sizes = QUICK if options.quick else Sizes(mailbox=100_000) if options.full else Sizes()
    rounds = options.rounds or (1 if options.quick else 3)
    reason = "" if options.alone else servers.missing_peers()
    if reason:
        print(f"SmartMail is measured alone: {reason}", file=sys.stderr)
    _allow_many_connections()
    load = os.getloadavg()[0]
    with _folder() as folder, _all_servers(folder, alone=options.alone or bool(reason)) as running:
        results = uvloop.run(_measure(running, sizes, rounds, options.only.split(",") if options.only else _NAMES))
        versions = {"SmartMail": "of this checkout", "Debian's Postfix": "", "Dovecot": ""}
        for server in running:
            word = {"postfix": "Debian's Postfix", "dovecot": "Dovecot"}.get(server.key)
            if word:
                versions[word] = server.version
    command = " ".join(("./smartmail bench", *_without_places(words)))
    run = Run(results, sizes, rounds, {k: v for k, v in versions.items() if v}, command, load)
    print(report.terminal(run))
    _write(run, options)
    return 0


def _allow_many_connections() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else 65_536, hard))


def _write(run: Run, options: argparse.Namespace) -> None:
    page = Path(options.output) if options.output else None if options.quick or options.only else PAGE
    if page is not None:
        browser = (
            page.read_text(encoding="utf-8").partition(f"\n{web_rows.HEADING}\n") if page.exists() else ("", "", "")
        )
        page.write_text(report.markdown(run) + "".join(browser[1:]), encoding="utf-8")
        print(f"\nwritten: {os.path.relpath(page)}")
    if options.json:
        Path(options.json).write_text(json.dumps(asdict(run), indent=1, ensure_ascii=False), encoding="utf-8")


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    # The peers' processes run as other users and must be able to enter.
    folder = Path(tempfile.mkdtemp(prefix="smartmail-bench-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _all_servers(folder: Path, *, alone: bool) -> Iterator[list[Server]]:
    with contextlib.ExitStack() as stack:
        running = [
            stack.enter_context(servers.smartmail(folder / "smartmail")),
            stack.enter_context(servers.smartmail(folder / "unsealed", sealed=False)),
        ]
        for name in () if alone else ("dovecot", "dovecot_crypt"):
            behind = stack.enter_context(servers.dovecot(folder / name, crypt=name == "dovecot_crypt"))
            front = stack.enter_context(servers.postfix(folder / name.replace("dovecot", "postfix"), behind))
            running += [front, behind]
        yield running


# Which servers take part in what: Postfix serves no IMAP. What sealing costs is told by ingest, but all mail comes to
# the unsealed server too, so that its database grows like the other's.
_ALL = frozenset({"smartmail", "unsealed", "postfix", "dovecot", "postfix_crypt", "dovecot_crypt"})
_IMAP = frozenset({"smartmail", "dovecot", "dovecot_crypt"})
_ON_MAIL: tuple[Step, ...] = (
    # First, while no freed memory of other work hides what a connection takes.
    ("idle memory", workloads.idle_memory, _IMAP),
    ("ingest", workloads.ingest, _ALL),
    ("10 recipients", workloads.fanout, _ALL),
    ("new connections", workloads.fresh, _ALL),
    ("mixed", workloads.mixed, _IMAP),
    ("wake-up", workloads.wake_up, _IMAP),
)
_ON_MAILBOX: tuple[Step, ...] = (("IMAP", workloads.operations, _IMAP),)
_NAMES = [name for name, *_ in (*_ON_MAIL, *_ON_MAILBOX)]
# Of SmartMail alone, and only when asked for by name: they fill mailboxes of their own.
_APART: tuple[Step, ...] = tuple((name, workload, frozenset({"smartmail"})) for name, workload in imap_workloads.ALL)


async def _measure(running: Sequence[Server], sizes: Sizes, rounds: int, only: Sequence[str]) -> Results:
    taken: list[Results] = [{} for _ in range(rounds)]
    await _warm_up(running, sizes)
    await _go_round(running, sizes, [step for step in (*_ON_MAIL, *_APART) if step[0] in only], taken)
    steps = [step for step in _ON_MAILBOX if step[0] in only]
    if steps:
        await _populate(running, sizes)
    await _go_round(running, sizes, steps, taken)
    return medians(taken)


async def _go_round(running: Sequence[Server], sizes: Sizes, steps: Sequence[Step], taken: Sequence[Results]) -> None:
    """Give each workload to each server in turn, once for each round in `taken`, and note the figures there."""
    tasks = [
        (number, name, workload, server)
        for number in range(len(taken))
        for name, workload, keys in steps
        for server in running
        if server.key in keys
    ]
    progress = Progress("bench", len(tasks))
    for done, (number, name, workload, server) in enumerate(tasks):
        progress.told(done, done, "steps", what=f"round {number + 1}: {name}, {server.name}")
        figures = await workload(server, sizes)
        if number:
            figures.pop("headers_first", None)
        taken[number].setdefault(server.key, {}).update(figures)
    progress.end()


async def _populate(running: Sequence[Server], sizes: Sizes) -> None:
    for server in running:
        if server.key in _IMAP:
            progress = Progress(f"filling a mailbox of {server.name}", sizes.mailbox)
            await workloads.populate(server, sizes, lambda done, bar=progress: bar.told(done, done, "messages"))
            progress.end()


async def _warm_up(running: Sequence[Server], sizes: Sizes) -> None:
    """One small delivery to each: connections of pools, code of imports, directories of mailboxes."""
    for server in running:
        await workloads.ingest(server, replace(sizes, ingest=40))


if __name__ == "__main__":
    started = time.monotonic()
    code = main(sys.argv[1:])
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
    sys.exit(code)
