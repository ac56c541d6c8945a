"""How long the detectors of leak prevention take over a text of 100 KB, for several kinds of text.

    .venv/bin/python -m tests.bench.leak_detectors [--rounds 60] [--size 100000]

Sizes are octets of UTF-8. `hostile` are texts made to be slow: digits and separators without end, words that nearly are
addresses of mail, base64 throughout, decomposed Hangul.
"""

import argparse
import random
import statistics
import time
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date

from tests.unit.formats_leaks import corpus

from smartmail.formats.leaks.detecting import detect

TODAY = date(2026, 12, 2)


def _korean(random: random.Random) -> str:
    return corpus.planted(random.randrange(1 << 30)).text


def _clean(random: random.Random) -> str:
    return corpus.clean(random.randrange(1 << 30)).text


def _persons(random: random.Random) -> str:
    return "\n".join(corpus.row(random) for _ in range(20)) + "\n"


def _english(random: random.Random) -> str:
    words = (
        "please find attached the revised agreement between both parties high level budget through eight nights".split()
    )
    return " ".join(random.choice(words) for _ in range(200)) + ".\n"


KINDS: dict[str, Callable[[random.Random], str]] = {
    "business mail with numbers planted": _korean,
    "business mail, clean": _clean,
    "list of persons": _persons,
    "english": _english,
    "hostile: digits": lambda _: "1" * 1000,
    "hostile: digits apart": lambda _: "9 0-1 " * 200,
    "hostile: numbers": lambda random: " ".join(str(random.randrange(10**12, 10**13)) for _ in range(50)) + " ",
    "hostile: cards": lambda random: " ".join(f"{random.randrange(10**4):04}" for _ in range(200)) + " ",
    "hostile: at signs": lambda _: "a.b-c@" * 100,
    "hostile: base64": lambda _: "OTAwMTAxLTEyMzQ1Njcg" * 50 + "\n",
    "hostile: words": lambda _: "구공공일공일" * 100,
    "hostile: decomposed": lambda _: unicodedata.normalize("NFD", "주민번호 각각 은행 계좌 ") * 20,
}


def sized(make: Callable[[random.Random], str], size: int) -> str:
    """Return a text of a kind, of as many octets."""
    source, parts, have = random.Random(17), [], 0
    while have < size:
        parts.append(make(source))
        have += len(parts[-1].encode())
    return "".join(parts).encode()[:size].decode("utf-8", "ignore")


def measure(text: str, rounds: int) -> list[tuple[float, float]]:
    """Return milliseconds (of the clock, of the processor) of each round, without the first."""
    out = []
    for _ in range(rounds + 1):
        began, cpu = time.perf_counter(), time.process_time()
        detect(text, today=TODAY)
        out.append(((time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000))
    return out[1:]


def p95(values: Sequence[float]) -> float:
    """Return the value that one of twenty is above."""
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--size", type=int, default=100_000)
    asked = parser.parse_args()
    for name, make in KINDS.items():
        text = sized(make, asked.size)
        wall, cpu = zip(*measure(text, asked.rounds), strict=True)
        print(
            f"{name:36} {len(text):8} characters  clock {statistics.median(wall):7.1f} ms median {p95(wall):7.1f} ms p95"
            f"  processor {statistics.median(cpu):7.1f} ms median {p95(cpu):7.1f} ms p95",
            flush=True,
        )


if __name__ == "__main__":
    main()
