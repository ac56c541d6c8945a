"""Chooses confidences and the threshold of the misdelivery guard on the training half of the seeds (docs/misdelivery.md).

A logistic regression without a bias for a sign, weights that are never negative, over which signs spoke for which letter (of each kind
the surest). Mistakes count as often as they were planted. `python -m tests.bench.misdelivery_fit` prints the table of `confidences`.
"""

import argparse
import math
import pathlib
import pickle
import sys
from collections import Counter

from tests.misdelivery.trial import Trial

from smartmail.policy.misdelivery.confidences import CONFIDENCES

TRAINING = (1, 3, 5, 7)
PROMPTS = 0.0085
_Rows = Counter[tuple[tuple[str, ...], bool]]
ROUNDS, RATE, DECAY = 600, 1.0, 0.002


def main(arguments: list[str]) -> int:
    """Fit and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--letters", type=int, default=12_000)
    parser.add_argument("--mistakes", type=int, default=1_200)
    parser.add_argument("--warm", type=int, default=200_000)
    parser.add_argument("--seeds", type=int, nargs="*", default=TRAINING)
    parser.add_argument("--rows")
    options = parser.parse_args(arguments)
    rows: _Rows = Counter()
    for seed in options.seeds:
        trial = Trial(seed, keep=True)
        trial.warm(options.warm)
        for kind, _sent, found in trial.run(options.letters, options.mistakes).seen:
            rows[tuple(sorted({one.sign for one in found})), bool(kind)] += 1
    weights = fitted(rows)
    threshold = _threshold(_surest(rows, weights), weights)
    if options.rows:
        pathlib.Path(options.rows).write_bytes(pickle.dumps(rows))
    print(f"THRESHOLD {threshold:.2f}")
    for sign in sorted(CONFIDENCES):
        print(f'    "{sign}": {min(1.0, max(0.0, weights.get(sign, 0.0)) / threshold / 2):.2f},')
    return 0


def fitted(rows: _Rows) -> dict[str, float]:
    """Return a weight for each sign."""
    every, weights = rows, {sign: 1.0 for signs, _wrong in rows for sign in signs}
    bias, whole = -5.0, sum(rows.values())
    mistakes = sum(count for (_signs, wrong), count in rows.items() if wrong)
    seen: Counter[str] = Counter()
    for (signs, _wrong), count in rows.items():
        for sign in signs:
            seen[sign] += count
    scale = 0.02 * (whole - mistakes) / mistakes / 0.98  # planted more often here than in the test
    for number in range(ROUNDS):
        if number % 50 == 0:
            rows = _surest(every, weights)
        slopes: dict[str, float] = dict.fromkeys(seen, 0.0)
        for (signs, wrong), count in rows.items():
            guess = 1 / (1 + math.exp(-bias - sum(weights[sign] for sign in signs)))
            error = (guess - wrong) * count * (scale if wrong else 1.0)
            for sign in signs:
                slopes[sign] += error
        for sign, slope in slopes.items():
            step = slope / (seen[sign] + 4) + DECAY * weights[sign]
            weights[sign] = max(0.0, weights[sign] - 4 * RATE * step)
    return weights


def _surest(rows: _Rows, weights: dict[str, float]) -> _Rows:
    """Return rows with the surest sign of each kind, as the guard sums them."""
    found: _Rows = Counter()
    for (signs, wrong), count in rows.items():
        best: dict[str, str] = {}
        for sign in sorted(signs, key=lambda one: weights[one]):
            best[sign.partition(".")[0]] = sign
        found[tuple(sorted(best.values())), wrong] += count
    return found


def _threshold(rows: _Rows, weights: dict[str, float]) -> float:
    normal = sum(count for (_signs, wrong), count in rows.items() if not wrong)
    scores = sorted(
        ((sum(weights[one] for one in signs), count) for (signs, wrong), count in rows.items() if not wrong),
        reverse=True,
    )
    asked = 0
    for score, count in scores:
        asked += count
        if asked > PROMPTS * normal:
            caught = sum(
                count for (signs, wrong), count in rows.items() if wrong and sum(weights[one] for one in signs) > score
            )
            print(f"caught {caught / sum(count for (_s, wrong), count in rows.items() if wrong):.3f}")
            return score + 0.01
    return 0.01


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
