"""Access rules decide as a reference written from the rules does, for 10,000 random sets of rules and condition trees."""

import random
from dataclasses import replace

import pytest
from tests.lab import access as lab

from smartmail.policy.access import AccessRuleset, decide, explain
from smartmail.policy.conditions import compile_condition

pytestmark = pytest.mark.splittable

NOW = 1_796_000_000_000


def test_10_000_random_policies_are_decided_as_the_reference_does():
    chance = random.Random(20)
    seen = set()
    for number in range(10_000):
        now = NOW + chance.randrange(14 * 86_400_000)
        made = [lab.rule(chance, lab.SCOPES, now, one) for one in range(chance.randrange(7))]
        made = [replace(one, valid_from=None) if one.dated and _is_empty(one) else one for one in made]
        facts = lab.facts(chance, lab.places_of(chance), now)
        expected = lab.reference(made, facts)
        ruleset = AccessRuleset(1, made)
        assert decide(ruleset, facts).action == expected, (number, made, facts)
        chance.shuffle(made)
        decision, about = explain(AccessRuleset(1, made), facts)
        assert decision.action == expected
        assert decision.reason is None or decision.action == "deny"
        deciding = [rule for rule, why in about if why == "decides"]
        assert deciding == ([] if decision.rule is None else [decision.rule])
        seen.add((expected, decision.reason))
    assert {action for action, _ in seen} == set(lab.ACTIONS)
    assert {reason for _, reason in seen} >= {"geo_denied", "network_denied", "time_denied", "access_denied"}


def test_many_rules_are_decided_as_the_reference_does():
    """As many as let several lie on one shelf: locks, ties of groups and exceptions among them."""
    chance, seen = random.Random(23), set()
    for _ in range(300):
        now = NOW + chance.randrange(14 * 86_400_000)
        made = [lab.rule(chance, lab.SCOPES, now, one, harsh=0.1) for one in range(chance.randrange(20, 101))]
        made = [replace(one, valid_from=None) if one.dated and _is_empty(one) else one for one in made]
        ruleset, places = AccessRuleset(1, made), lab.places_of(chance)
        for _ in range(5):
            facts = lab.facts(chance, places, now)
            expected = lab.reference(made, facts)
            decision, about = explain(ruleset, facts)
            assert decide(ruleset, facts) == decision
            assert decision.action == expected, (made, facts)
            assert [rule for rule, why in about if why == "decides"] == ([decision.rule] if decision.rule else [])
            seen.add(expected)
    assert seen == set(lab.ACTIONS)


def test_10_000_random_condition_trees_hold_as_the_reference_says():
    chance, seen = random.Random(21), set()
    for _ in range(10_000):
        made, facts = (
            lab.tree(chance, lab.SCOPES),
            lab.facts(chance, lab.places_of(chance), NOW + chance.randrange(10**9)),
        )
        expected = lab.holds(made, facts) is True
        assert compile_condition(made).test(facts) is expected, (made, facts)
        seen.add(expected)
    assert seen == {True, False}


def test_between_two_boundaries_no_answer_changes():
    """What live logins rely on: nobody has to be asked before the next boundary."""
    chance = random.Random(22)
    for _ in range(400):
        made = [lab.rule(chance, lab.SCOPES, NOW, one) for one in range(4)]
        made = [replace(one, valid_from=None) if one.dated and _is_empty(one) else one for one in made]
        ruleset, facts = AccessRuleset(1, made), lab.facts(chance, lab.places_of(chance), NOW + chance.randrange(10**9))
        boundary = ruleset.next_boundary(facts.now)
        assert boundary is None or boundary > facts.now
        until = facts.now + 86_400_000 if boundary is None else boundary
        before = decide(ruleset, facts).action
        for _ in range(20):
            later = replace(facts, now=chance.randrange(facts.now, until))
            assert decide(ruleset, later).action == before


def _is_empty(rule):
    return rule.valid_from is not None and rule.valid_until <= rule.valid_from
