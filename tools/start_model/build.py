"""Make the model that new installations begin with, from the recipes beside this file and nothing else.

    PYTHONPATH=src .venv/bin/python -m tools.start_model.build [--count 3000] [FILE]

Logistic regression over the words of made mail (formats.spam.scripts: `words`), each word left out four times of five so
that no word answers alone; the mean of six orders. Deterministic: the same files make the same bytes.
"""

import argparse
import hashlib
import math
import random
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from tools.start_model.recipe import LANGUAGES, messages

from smartmail.formats.spam.counts import Counts
from smartmail.formats.spam.model import SIZE, odds_of
from smartmail.formats.spam.scripts import read
from smartmail.formats.spam.start import packed
from smartmail.service.protection.filtering.learning import message_tokens

HERE: Final = Path(__file__).parent
SHIPPED: Final = HERE.parents[1] / "src" / "smartmail" / "formats" / "spam" / "start.model"
COUNT: Final = 3_000
"""Messages of a language, times `TIMES`."""
TIMES: Final = {"ko": 3}
"""Korean has many times the kinds of the others; each is to be met as often."""
EPOCHS: Final = 6
RATE: Final = 3.0
MARGIN: Final = 3.0
LEFT_OUT: Final = 0.8
ORDERS: Final = 6
SEED: Final = 14
Lesson = tuple[Sequence[int], bool]


def sources() -> bytes:
    """Return the digest of everything that the model follows from."""
    digest = hashlib.sha256()
    for path in sorted([*HERE.glob("*.txt"), *HERE.glob("*.py")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.digest()


def lessons(count: int, counts: Counts) -> list[Lesson]:
    """Return made mail as numbers of words, and count it by script."""
    found: list[Lesson] = []
    for language in LANGUAGES:
        for one in messages(language, count * TIMES.get(language, 1), SEED):
            reading = read(message_tokens(one.octets))
            counts.add(reading.script, 1, spam=one.spam)
            found.append((array("I", sorted(set().union(*reading.words.values()))), one.spam))
    return found


def learned(some: Sequence[Lesson], seed: int) -> list[float]:
    """Return the weights of one order."""
    chance, weights = random.Random(seed), [0.0] * SIZE
    order = list(range(len(some)))
    for _ in range(EPOCHS):
        chance.shuffle(order)
        for place in order:
            _teach(weights, [one for one in some[place][0] if chance.random() >= LEFT_OUT], spam=some[place][1])
    return weights


def _teach(weights: list[float], words: Sequence[int], *, spam: bool) -> None:
    if not words:
        return
    length = 1 / math.sqrt(len(words))
    z = math.fsum(map(weights.__getitem__, words)) * length
    if (z if spam else -z) < MARGIN:
        step = RATE * ((1.0 if spam else 0.0) - odds_of(z)) * length
        for number in words:
            weights[number] += step


def mean(orders: Iterable[Sequence[float]]) -> list[float]:
    """Return the mean of the weights of several orders."""
    return [math.fsum(some) / len(some) for some in zip(*orders, strict=True)]


def build(count: int = COUNT) -> bytes:
    """Return the model as it is shipped."""
    counts = Counts()
    some = lessons(count, counts)
    return packed(mean([learned(some, SEED + order) for order in range(ORDERS)]), counts, sources())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=SHIPPED)
    parser.add_argument(
        "--count", type=int, default=COUNT, help="messages of a language, of Korean three times as many"
    )
    options = parser.parse_args()
    options.file.write_bytes(build(options.count))


if __name__ == "__main__":
    main()
