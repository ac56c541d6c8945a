"""How long one decision takes: `.venv/bin/python -m tests.bench.access_decisions [RULES]`.

Access: random rules with condition trees of the test lab, one account in six scopes, all doors and origins. Knobs: as many
random rules of one knob in the same scopes, a third of them exceptions with an end. The target is 15 µs for a decision. Only
deciding is measured: a login adds one look into two tables of addresses.
"""

import random
import sys
import time

from tests.lab import access as lab

from smartmail.domain.policy import LEVELS, PolicyRule
from smartmail.policy import deciding
from smartmail.policy.access import AccessRuleset, decide
from smartmail.policy.knobs import PASSWORD_MIN_LENGTH

NOW = 1_796_000_000_000
LOGINS = 20_000


def measure(count: int) -> tuple[float, float]:
    """Return microseconds of a decision: the mean, and that of the dearest ruleset of ten."""
    means = []
    for seed in range(10):
        chance = random.Random(seed)
        rules = []
        while len(rules) < count:
            rule = lab.rule(chance, lab.SCOPES, NOW, len(rules))
            if rule.valid_from is None or rule.valid_until is None or rule.valid_from < rule.valid_until:
                rules.append(rule)
        ruleset = AccessRuleset(1, rules)
        logins = [lab.facts(chance, lab.places_of(chance), NOW) for _ in range(LOGINS // 10)]
        begun = time.perf_counter()
        for facts in logins:
            decide(ruleset, facts)
        means.append((time.perf_counter() - begun) / len(logins) * 1e6)
    return sum(means) / len(means), max(means)


def measure_knob(count: int) -> tuple[float, float]:
    """The same for rules of one knob."""
    means = []
    for seed in range(10):
        chance = random.Random(seed)
        ruleset = deciding.Ruleset(1, [_knob_rule(chance, number) for number in range(count)])
        people = [deciding.Facts(NOW, lab.places_of(chance)) for _ in range(LOGINS // 10)]
        begun = time.perf_counter()
        for facts in people:
            deciding.decide(ruleset, PASSWORD_MIN_LENGTH, facts)
        means.append((time.perf_counter() - begun) / len(people) * 1e6)
    return sum(means) / len(means), max(means)


def _knob_rule(chance: random.Random, number: int) -> PolicyRule:
    scope, value = chance.choice(lab.SCOPES), chance.randrange(8, 20)
    if chance.random() < 0.65:
        return PolicyRule(PASSWORD_MIN_LENGTH.name, scope, value, chance.random() < 0.1, id=number)
    authority = chance.choice([None, *LEVELS[: LEVELS.index(scope.level) + 1]])
    begin, end = chance.choice([None, NOW - 1000, NOW + 1000]), chance.choice([NOW - 500, NOW + 5000])
    return PolicyRule(PASSWORD_MIN_LENGTH.name, scope, value, False, authority, begin, end, number)


def main() -> None:
    """Print a line for each size of the rules."""
    for count in map(int, sys.argv[1:] or ["1", "5", "20", "100"]):
        for what, measured in (("access", measure), ("knob", measure_knob)):
            mean, worst = measured(count)
            print(f"{count:4} rules, {what:6}: {mean:5.1f} µs a decision, {worst:5.1f} µs with the dearest rules")  # noqa: T201


if __name__ == "__main__":
    main()
