"""The misdelivery guard over the test half of the made companies: 100,000 letters, 2,000 of them planted mistakes (docs/misdelivery.md).

`./smartmail bench misdelivery [--page]`: four companies of 500 people, each of which has sent 200,000 letters before (400 a person); then
25,000 are judged. --page writes the section of docs/benchmarks.md.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime

from tests.bench.web_rows import put_section
from tests.misdelivery.mistakes import KINDS
from tests.misdelivery.trial import Outcome, Trial

TEST = (2, 4, 6, 8)
WARM, LETTERS, MISTAKES = 200_000, 25_000, 500
HEADING = "## Misdelivery guard"


def main(arguments: list[str]) -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="./smartmail bench misdelivery")
    parser.add_argument("--page", action="store_true", help="write the section of docs/benchmarks.md")
    parser.add_argument("--seeds", type=int, nargs="*", default=TEST)
    options = parser.parse_args(arguments)
    whole = Outcome()
    with ProcessPoolExecutor(2) as pool:
        for seed, outcome in zip(options.seeds, pool.map(trial_of, options.seeds), strict=True):
            whole.add(outcome)
            print(f"seed {seed}: caught {outcome.share_caught:.1%}, asked {outcome.share_prompts:.2%}", flush=True)
    text = section(whole)
    print(text)
    if options.page:
        put_section(text.splitlines())
    return 0


def trial_of(seed: int) -> Outcome:
    """Return the outcome of one company."""
    trial = Trial(seed)
    trial.warm(WARM)
    return trial.run(LETTERS, MISTAKES)


def section(outcome: Outcome) -> str:
    """Return the section of the page."""
    times = sorted(outcome.seconds)
    lines = [
        HEADING, "",
        (f"`./smartmail bench misdelivery --page`, {datetime.now(UTC):%Y-%m-%d}; how the letters are made: [misdelivery](misdelivery.md). Seeds "
        f"{', '.join(map(str, TEST))}, of which nothing was chosen."), "",
        "| | measured | goal | |", "|---|---:|---:|---|",
        (f"| planted mistakes that were asked about, of {sum(outcome.planted.values()):,} | {outcome.share_caught:.1%} | ≥ 90 % | "
        f"{_mark(reached=outcome.share_caught >= 0.9)} |"),
        (f"| ordinary letters that were asked about, of {outcome.normal:,} | {outcome.share_prompts:.2%} | ≤ 1 % | "
        f"{_mark(reached=outcome.share_prompts <= 0.01)} |"),
        f"| processor time for a letter, median | {times[len(times) // 2] * 1000:.1f} ms | | |",
        (f"| processor time for a letter, 99.9 % of letters below | {times[len(times) * 999 // 1000] * 1000:.1f} ms | ≤ 50 ms | "
        f"{_mark(reached=times[len(times) * 999 // 1000] <= 0.05)} |"),
        "", "| mistake | planted | caught |", "|---|---:|---:|",
        *(f"| {kind} | {outcome.planted[kind]} | {outcome.caught[kind] / max(1, outcome.planted[kind]):.0%} |" for kind in KINDS),
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _mark(*, reached: bool) -> str:
    return "✔" if reached else "✘"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
