"""What the rules alone say of good mail and of spam: how often each rule matches, and how many messages they would junk.

    .venv/bin/python -m tests.bench.rule_hits [--every 4]

The SpamAssassin corpus (of 2002) and Korean and Japanese mail of our own making (docs/made-mail.md). No network, every
sender a stranger, each message as if it had come when it says that it was sent. Processor time of a message is told too.
"""

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Sequence

from tests.bench.made_mail import made
from tests.peers.spam_corpus import corpus, without_from_line
from tests.unit.service_filtering.specimens import specimen
from tests.unit.service_filtering.test_rules import Bench

from smartmail.service.protection.filtering.verdict import Thresholds, score_of


async def judged(bench: Bench, messages: Sequence[bytes]) -> tuple[Counter[str], list[float], float]:
    """Return rule → messages that it matched, scores, and milliseconds of the processor a message."""
    hits: Counter[str] = Counter()
    scores, begun = [], time.process_time()
    for octets in messages:
        one = specimen(octets)
        if one.summary.sent_at:
            one.received_at = one.summary.sent_at * 1_000
        await bench.inspector.examine(one)
        hits.update({reason.rule for reason in one.findings.reasons})
        scores.append(score_of(one.findings.reasons))
    return hits, scores, (time.process_time() - begun) / max(1, len(messages)) * 1_000


def sets(every: int) -> dict[str, list[bytes]]:
    """Return name → messages."""
    found = {
        name: [without_from_line(one)[1].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for one in group[::every]]
        for name, group in corpus().items()
    }
    for language in ("ko", "ja"):
        for spam in (False, True):
            messages = [one.octets for one in made(language, 2_000 // every) if one.spam == spam]
            found[f"{language} {'bad' if spam else 'good'}"] = messages
    return found


async def main(every: int) -> None:
    """Print a line for each set."""
    bench, junk = Bench(), Thresholds().junk
    for name, messages in sets(every).items():
        hits, scores, cost = await judged(bench, messages)
        over = sum(score >= junk for score in scores)
        half = sum(score >= junk / 2 for score in scores)
        print(f"{name}: {len(messages)} messages, {over} junk, {half} suspect, {cost:.2f} ms each")
        print("   ", ", ".join(f"{rule} {count / len(messages):.1%}" for rule, count in hits.most_common(12)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=4, metavar="N", help="take each Nth message (4)")
    asyncio.run(main(parser.parse_args().every))
