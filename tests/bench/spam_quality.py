"""How well the own filter tells spam from mail, beside rspamd and SpamAssassin, on the same mails in the same run.

    .venv/bin/python -m tests.bench.spam_quality [--splits 10] [--peer-splits 1] [--sets spamassassin ko ja] [--svg FILE]

Each split teaches one random half of a set and judges the other. No engine may ask any network. Of the SpamAssassin
corpus only fields that the author writes are kept (`KEPT`): how that corpus was gathered can be read off its transport
headers. Figures: 1−ROCA (per cent of pairs in the wrong order; 0 is perfect), and how much spam is caught where one good
message in a thousand is lost. Medians of the splits.
"""

import argparse
import bisect
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import spam_peers
from tests.bench.made_mail import made
from tests.peers.spam_corpus import corpus, without_from_line

from smartmail.formats.headers import split_fields
from smartmail.formats.spam import model
from smartmail.service.protection.filtering.learning import message_tokens

KEPT = frozenset(
    b"from reply-to to cc subject mime-version content-type content-transfer-encoding content-disposition"
    b" content-language x-mailer user-agent x-priority x-msmail-priority importance in-reply-to references"
    b" organization".split()
)
Message = tuple[bytes, bool]
Engine = Callable[[Sequence[Message], Sequence[bytes]], list[float]]


def masked(octets: bytes) -> bytes:
    """Return a message with the fields that its author wrote."""
    octets = without_from_line(octets)[1]
    fields = split_fields(octets)
    end = fields[-1].end if fields else 0
    return b"".join(octets[one.start : one.end] for one in fields if one.name.lower() in KEPT) + octets[end:]


def halves(name: str, seed: int, size: int) -> tuple[list[Message], list[Message]]:
    """Return (to learn, to judge). Sets `ko-unseen` and `ja-unseen` are judged on sentences that were never learned.
    `mixed`: one model learns all languages at once; `mixed-ko` and so on: and is judged on one of them; `alone-ko`: the same
    lessons and mails of that one alone.
    """
    language, _, unseen = name.partition("-")
    if language == "mixed":
        return _mixed(unseen, seed, size)
    if language == "alone":
        learn, judge = halves(unseen, seed, size)
        return learn[: size // 2], judge[: size // 2]
    if name == "spamassassin":
        messages = [(masked(one), group.startswith("spam")) for group, some in corpus().items() for one in some]
    elif unseen:
        parts = [[(one.octets, one.spam) for one in made(language, size // 2, half, seed)] for half in (0, 1)]
        return parts[0], parts[1]
    else:
        messages = [(one.octets, one.spam) for one in made(language, size, None, seed)]
    random.Random(seed).shuffle(messages)
    return messages[: len(messages) // 2], messages[len(messages) // 2 :]


MIXED = ("spamassassin", "ko", "ja")


def _mixed(judged: str, seed: int, size: int) -> tuple[list[Message], list[Message]]:
    parts = {one: halves(one, seed, size) for one in MIXED}
    # As many of each: the corpus is larger than the made sets.
    learned = [message for learn, _judge in parts.values() for message in learn[: size // 2]]
    random.Random(seed).shuffle(learned)
    return learned, [
        one for name, (_learn, judge) in parts.items() if judged in {"", name} for one in judge[: size // 2]
    ]


class Own:
    """The own model. What was read once is kept: the splits share their messages."""

    def __init__(self) -> None:
        self._known: dict[bytes, object] = {}

    def __call__(self, train: Sequence[Message], test: Sequence[bytes]) -> list[float]:
        weights = model.Weights()
        for _ in model.train(weights, [(self._numbers(octets), spam) for octets, spam in train]):
            pass
        return [weights.z(self._numbers(octets)) for octets in test]

    def _numbers(self, octets: bytes):  # type: ignore[no-untyped-def]
        if octets not in self._known:
            self._known[octets] = model.numbers(message_tokens(octets))
        return self._known[octets]


@dataclass
class Figures:
    """Of one engine on one set."""

    roca: list[float] = field(default_factory=list)
    caught: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    judged: int = 0
    curve: list[tuple[float, float]] = field(default_factory=list)

    def add(self, scores: Sequence[float], spam: Sequence[bool], seconds: float) -> None:
        bad = sorted(score for score, is_spam in zip(scores, spam, strict=True) if is_spam)
        good = sorted((score for score, is_spam in zip(scores, spam, strict=True) if not is_spam), reverse=True)
        wrong = sum((bisect.bisect_left(bad, one) + bisect.bisect_right(bad, one)) / 2 for one in good)
        self.roca.append(100 * wrong / (len(bad) * len(good)))
        self.caught.append(_caught(bad, good, 0.001))
        self.seconds.append(seconds)
        self.judged = len(scores)
        if not self.curve:
            self.curve = [(lost, _caught(bad, good, lost)) for lost in LOST]


LOST = [10 ** (-4 + step / 10) for step in range(31)]


def _caught(bad: Sequence[float], good: Sequence[float], lost: float) -> float:
    """Return the per cent of spam above the score that no more than `lost` of the good messages exceed."""
    threshold = good[min(len(good) - 1, int(lost * len(good)))]
    return 100 * (len(bad) - bisect.bisect_right(bad, threshold)) / len(bad)


def measure(name: str, options: argparse.Namespace) -> dict[str, Figures]:
    """Return engine → figures of one set, telling each split as it is done."""
    own = Own()
    engines: dict[str, Engine] = {
        "SmartMail": own,
        "rspamd": spam_peers.rspamd,
        "SpamAssassin": spam_peers.spamassassin,
    }
    found: dict[str, Figures] = {}
    for split in range(options.splits):
        train, test = halves(name, split + options.first, options.size)
        for engine, judge in engines.items():
            if engine != "SmartMail" and split >= options.peer_splits:
                continue
            start = time.monotonic()
            scores = judge(train, [octets for octets, _spam in test])
            figures = found.setdefault(engine, Figures())
            figures.add(scores, [spam for _octets, spam in test], time.monotonic() - start)
            told = f"1-ROCA {figures.roca[-1]:.4f} %, caught {figures.caught[-1]:.2f} %"
            print(
                f"{name} {split + options.first} {engine}: {told}, {figures.seconds[-1]:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    return found


def table(found: dict[str, dict[str, Figures]]) -> str:
    """Return the figures as a table."""
    lines = [
        "| set | engine | splits | 1−ROCA % | worst | caught at 0.1 % lost | worst |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {engine} | {len(one.roca)} | {statistics.median(one.roca):.4f} | {max(one.roca):.4f} "
        f"| {statistics.median(one.caught):.2f} % | {min(one.caught):.2f} % |"
        for name, engines in found.items()
        for engine, one in engines.items()
    ]
    return "\n".join(lines)


_COLOURS = {"SmartMail": "#0b6e4f", "rspamd": "#b3541e", "SpamAssassin": "#3b4cc0"}


def drawing(found: dict[str, dict[str, Figures]]) -> str:
    """Return the curves of the first splits as SVG: lost good mail (logarithmic) across, caught spam up."""
    width, height, gap = 360, 260, 60
    out = []
    for place, (name, engines) in enumerate(found.items()):
        left = gap + place * (width + gap)
        out.append(f'<rect x="{left}" y="20" width="{width}" height="{height}" fill="none" stroke="#999"/>')
        out.append(f'<text x="{left}" y="14">{name}</text>')
        for share in (0, 25, 50, 75, 100):
            out.append(f'<text x="{left - 34}" y="{24 + height * (100 - share) / 100:.0f}">{share} %</text>')
        for power in range(-4, 0):
            at = left + width * (power + 4) / 3
            out.append(f'<text x="{at:.0f}" y="{height + 36}" text-anchor="middle">{100 * 10**power:g} %</text>')
        for row, (engine, one) in enumerate(engines.items()):
            points = " ".join(
                f"{left + width * step / 30:.1f},{20 + height * (100 - caught) / 100:.1f}"
                for step, (_lost, caught) in enumerate(one.curve)
            )
            colour = _COLOURS[engine]
            out.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
            out.append(f'<text x="{left + 190}" y="{height - 30 + 16 * row}" fill="{colour}">{engine}</text>')
    size = f'width="{len(found) * (width + gap) + gap}" height="{height + 50}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">{"".join(out)}</svg>\n'
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=10)
    parser.add_argument(
        "--first", type=int, default=101, help="seed of the first split; settings were chosen on 0 to 9"
    )
    parser.add_argument(
        "--peer-splits", type=int, default=1, help="splits that rspamd and SpamAssassin are measured on"
    )
    parser.add_argument("--sets", nargs="+", default=["spamassassin", "ko", "ja", "ko-unseen", "ja-unseen"])
    parser.add_argument("--size", type=int, default=4_000, help="messages of a made set")
    parser.add_argument("--svg", type=Path, help="draw the curves into this file")
    options = parser.parse_args()
    found: dict[str, dict[str, Figures]] = {}
    for name in options.sets:
        found[name] = measure(name, options)
        if options.svg:  # after each set: the whole takes long
            options.svg.write_text(drawing(found))
    print(table(found))


if __name__ == "__main__":
    main()
