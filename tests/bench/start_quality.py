"""What the model says of mail that nothing was learned from: cold, taught, and taught in another language.

    .venv/bin/python -m tests.bench.start_quality [--office FOLDER-OF-smtp_load.py]

Caught: spam that the learned model alone puts into Junk (z from 2.5 on, weight 6); lost: good mail that it puts there. Rules
are not asked. Sets: `letters-…` (tests/bench/held_out), `made-…` (tests/bench/made_mail.py, older than the start and written
apart from it), `spamassassin` (npm package), `office` (harmless mail of a load generator, if it is at hand).
"""

import argparse
import importlib
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from tests.bench.held_out import letters
from tests.bench.made_mail import made
from tests.bench.spam_quality import masked
from tests.peers.spam_corpus import corpus

from smartmail.app.wiring.protection import shipped_start
from smartmail.formats.spam import model
from smartmail.formats.spam.judging import JUNK_Z, NOTHING, START_CLEAR, START_SURE, Beside, Judges, start_z, z_of
from smartmail.formats.spam.scripts import Reading, read
from smartmail.service.protection.filtering.learning import message_tokens

OFFICE_MAILS: Final = 8_400
LESSONS: Final = 3_000
"""Of the SpamAssassin corpus, in an order by chance; the next `JUDGED` are judged."""
JUDGED: Final = 1_500
BESIDE: Final = {
    "cold": NOTHING,
    "cold, stranger proves nothing": Beside(START_SURE, START_CLEAR["unproved"]),
    "cold, stranger proves a domain": Beside(START_SURE, START_CLEAR["proved"]),
    "cold, stranger hides": Beside(START_SURE, hides=True),
}
Set = list[tuple[Reading, bool]]


def sets(office: Path | None) -> Iterator[tuple[str, Set]]:
    """Give all sets by name."""
    for language in ("ko", "en", "zh"):
        yield f"letters-{language}", [(_read(one.octets), one.spam) for one in letters() if one.language == language]
    for language in ("ko", "ja"):
        some = [(_read(one.octets), one.spam) for one in made(language, 2_000, seed=77)]
        random.Random(14).shuffle(some)  # they come in turn, and every other one is learned
        yield f"made-{language}", some
    mails = [(one, group.startswith("spam")) for group, some in corpus().items() for one in some]
    random.Random(14).shuffle(mails)
    yield "spamassassin", [(_read(masked(one)), spam) for one, spam in mails[: LESSONS + JUDGED]]
    if office is not None:
        yield "office", [(_read(one), False) for one in _office(office)]


def _office(folder: Path) -> Iterator[bytes]:
    sys.path.insert(0, str(folder))
    load = importlib.import_module("benchlib").Corpus("office", 1)
    return (load.message(number)[0] for number in range(OFFICE_MAILS))


def _read(octets: bytes) -> Reading:
    return read(message_tokens(octets))


def taught(lessons: Set, start: model.Weights | None) -> model.Weights:
    """Return an organisation's model after a collection."""
    company = model.Weights()
    numbers = [(one.numbers, spam) for one, spam in lessons]
    starts = [start_z(start, one) for one, _spam in lessons]
    scripts, pairs = [one.script for one, _spam in lessons], [one.pairs for one, _spam in lessons]
    for _ in model.train(company, numbers, starts=starts, scripts=scripts, pairs=pairs):
        pass
    return company


def told(name: str, how: str, some: Set, judge: Callable[[Reading], float]) -> str:
    """Return one row: how many of each side went to Junk."""
    junk = {side: [judge(one) >= JUNK_Z for one, spam in some if spam == side] for side in (True, False)}
    return f"| {name} | {how} | {_share(junk[True])} | {_share(junk[False])} |"


def _share(some: list[bool]) -> str:
    return f"{sum(some)} of {len(some)} ({100 * sum(some) / len(some):.2f} %)" if some else "–"


def rows(found: Iterable[tuple[str, Set]]) -> Iterator[str]:
    """Give the table."""
    start = shipped_start()
    known: dict[str, Set] = {}
    yield "| set | model | spam caught | good mail lost |\n|---|---|---|---|"
    for name, some in found:
        known[name] = some if name != "spamassassin" else some[LESSONS:]
        for how, beside in BESIDE.items():
            yield told(name, how, known[name], lambda one, b=beside: z_of(Judges(start, None), one, b))
        if name == "spamassassin":
            yield from _english(start, known, some[:LESSONS])
        elif name.startswith("made-"):
            company = taught(some[::2], start)
            yield told(
                name, f"{len(some[::2])} lessons", some[1::2], lambda one, c=company: z_of(Judges(start, c), one)
            )


def _english(start: model.Weights, known: dict[str, Set], lessons: Set) -> Iterator[str]:
    """Give what English lessons alone do to mail in English and in other languages."""
    company, alone = taught(lessons, start), taught(lessons, None)
    for name, some in known.items():
        yield told(name, f"{len(lessons)} English lessons", some, lambda one: z_of(Judges(start, company), one))
        hides = Beside(START_SURE, hides=True)
        yield told(name, "these, stranger hides", some, lambda one: z_of(Judges(start, company), one, hides))
        yield told(name, "these, no start", some, lambda one: z_of(Judges(None, alone), one))
        yield told(name, "these, no start, not by script", some, lambda one: alone.z(one.numbers))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--office", type=Path, help="folder with benchlib.py of the load generator")
    options = parser.parse_args()
    for row in rows(sets(options.office)):
        print(row, flush=True)


if __name__ == "__main__":
    main()
