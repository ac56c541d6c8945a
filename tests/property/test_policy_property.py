"""Rules decide as a short reference evaluator does, for random trees of rules, and the order of the rules is nothing."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.domain.policy import LEVELS, PolicyRule, Scope
from smartmail.policy import knobs
from smartmail.policy.deciding import Facts, Ruleset, decide, explain

NOW = 100
SUBJECTS = {
    "system": [""], "organization": ["1", "2"], "domain": ["a.example", "b.example"], "department": ["1:x", "1:y"],
    "group": ["1", "2", "3"], "account": ["1", "2"],
}  # fmt: skip
KNOBS = [
    (knobs.DOORS["pop3"], [True, False], [False, True]),
    (knobs.APP_PASSWORD_REQUIRED, [True, False], [True, False]),
    (knobs.POP3_DELE, ["keep", "trash", "vault"], ["keep", "trash", "vault"]),
    (knobs.QUOTA_OCTETS, [0, 1 << 20, 2 << 20], [1 << 20, 2 << 20, 0]),
    (knobs.PASSWORD_MIN_LENGTH, [8, 12], [12, 8]),
    (knobs.SESSION_CONCURRENT, ["deny", "replace", "allow"], ["deny", "replace", "allow"]),
    (knobs.SECOND_FACTOR_KINDS, [("totp",), ("totp", "passkey")], [("totp",), ("totp", "passkey")]),
    (knobs.OFFICE_NETWORKS, [(), ("10.0.0.0/8",), ("10.1.0.0/16",)], [("10.1.0.0/16",), ("10.0.0.0/8",), ()]),
]
"""Knob, values, and the values from the strictest to the loosest."""

scopes = st.sampled_from([Scope(level, subject) for level, subjects in SUBJECTS.items() for subject in subjects])


@st.composite
def rule_trees(draw):
    knob, values, strictest_first = draw(st.sampled_from(KNOBS))
    rules = []
    for number in range(draw(st.integers(0, 8))):
        scope, value = draw(scopes), draw(st.sampled_from(values))
        if draw(st.booleans()):
            rules.append(PolicyRule(knob.name, scope, value, draw(st.booleans()), id=number))
        else:
            authority = draw(st.sampled_from([None, *LEVELS[: LEVELS.index(scope.level) + 1]]))
            begin = draw(st.sampled_from([None, NOW - 1, NOW, NOW + 1]))
            end = draw(st.sampled_from([NOW - 1, NOW, NOW + 1]))
            rules.append(PolicyRule(knob.name, scope, value, False, authority, begin, end, number))
    groups = draw(st.dictionaries(st.sampled_from(SUBJECTS["group"]), st.integers(0, 2)))
    places = {
        Scope("system"): 0,
        Scope("organization", "1"): 0,
        Scope("domain", "a.example"): 0,
        Scope("account", "1"): 0,
    }
    places |= {Scope("group", name): priority for name, priority in groups.items()}
    if draw(st.booleans()):
        places[Scope("department", "1:x")] = 0
    return knob, strictest_first, rules, Facts(NOW, places)


def reference(default, strictest_first, rules, facts):
    """KX-2, read from the top: exceptions, then levels from the account down to the system."""
    live = [
        one for one in rules
        if one.scope in facts.scopes and (one.valid_from or 0) <= NOW and (one.valid_until or NOW + 1) > NOW
    ]  # fmt: skip
    locks = [LEVELS.index(one.scope.level) for one in live if one.locked]
    if locks:
        live = [one for one in live if LEVELS.index(one.authority or one.scope.level) <= min(locks)]
    for dated in (True, False):
        for level in reversed(LEVELS):
            here = [one for one in live if (one.valid_until is not None) is dated and one.scope.level == level]
            if here:
                most = max(facts.scopes[one.scope] for one in here)
                values = [one.value for one in here if facts.scopes[one.scope] == most]
                return min(values, key=strictest_first.index)
    return default


def random_tree(random):
    """The same without hypothesis, for many: knob, values by strictness, rules, facts."""
    knob, values, strictest_first = random.choice(KNOBS)
    rules = []
    for number in range(random.randrange(12)):
        level = random.choice(LEVELS)
        scope, value = Scope(level, random.choice(SUBJECTS[level])), random.choice(values)
        if random.random() < 0.6:
            rules.append(PolicyRule(knob.name, scope, value, random.random() < 0.3, id=number))
        else:
            authority = random.choice([None, *LEVELS[: LEVELS.index(level) + 1]])
            begin, end = random.choice([None, NOW - 1, NOW, NOW + 1]), random.choice([NOW - 1, NOW, NOW + 1])
            rules.append(PolicyRule(knob.name, scope, value, False, authority, begin, end, number))
    places = {
        Scope("system"): 0,
        Scope("organization", "1"): 0,
        Scope("domain", "a.example"): 0,
        Scope("account", "1"): 0,
    }
    places |= {Scope("group", name): random.randrange(3) for name in SUBJECTS["group"] if random.random() < 0.5}
    if random.random() < 0.5:
        places[Scope("department", "1:x")] = 0
    return knob, strictest_first, rules, Facts(NOW, places)


def test_ten_thousand_random_trees_equal_the_reference():
    random, decided = Random(20_261_126), 0
    for _ in range(10_000):
        knob, strictest_first, rules, facts = random_tree(random)
        expected = reference(knob.default, strictest_first, rules, facts)
        assert decide(Ruleset(1, rules), knob, facts).value == expected, (rules, facts)
        decided += expected != knob.default
    assert decided > 3_000, "the trees say something"


@given(rule_trees(), st.randoms())
@settings(max_examples=1500, deadline=None)
def test_decisions_equal_the_reference(tree, random):
    knob, strictest_first, rules, facts = tree
    expected = reference(knob.default, strictest_first, rules, facts)
    assert decide(Ruleset(1, rules), knob, facts).value == expected
    random.shuffle(rules)
    decision, about = explain(Ruleset(1, rules), knob, facts)
    assert decision.value == expected
    assert len(about) == sum(one.scope in facts.scopes for one in rules)
    assert [why for _, why in about].count("decides") == (decision.rule is not None)
