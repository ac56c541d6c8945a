"""Leak rules: conditions as data, which actions hold, exceptions and locks, what could not be looked into."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain.leaks import ACTIONS, SEVERITY, FileFacts, Hit, LeakAction, LeakFacts, LeakRule
from smartmail.domain.policy import Scope
from smartmail.policy.leak_conditions import compile_leak_condition
from smartmail.policy.leaks import LeakRuleset, check, decide, mark_of, wanted
from smartmail.policy.trees import ConditionError

SYSTEM, COMPANY, KIM = Scope("system"), Scope("organization", "1"), Scope("account", "7")
SCOPES = {SYSTEM: 0, COMPANY: 0, KIM: 0}
RRN = {"fact": "finding", "in": ["kr.rrn"]}
NUMBER = Hit("kr.rrn", "high", "900101-1******", "body", "9001011234568")
FACTS = LeakFacts(
    1000, SCOPES, "smtp", 2, 1, frozenset({"inside", "outside"}), frozenset({"x.example"}), hits=(NUMBER,)
)


def rule(*actions, condition=RRN, scope=COMPANY, stage="on", **more):
    made = tuple(one if isinstance(one, LeakAction) else LeakAction(one) for one in actions)
    return LeakRule(scope, more.pop("name", "rule"), condition, made, stage=stage, **more)


def verdict(*rules, facts=FACTS):
    made = LeakRuleset(3, [replace(one, id=number) for number, one in enumerate(rules, 1)])
    return decide(made.epoch, made.about(facts.scopes), facts)


def holds(tree, facts=FACTS):
    return compile_leak_condition(tree).test(facts)


def test_the_severest_action_holds_and_every_rule_is_told():
    found = verdict(
        rule("log", name="a"), rule("block", LeakAction("copy", address="a@x"), name="b"), rule("warn", name="c")
    )
    assert (found.action, found.rule.name, found.epoch) == (LeakAction("block"), "b", 3)
    assert [one.kind for one in found.actions] == ["block", "warn", "copy", "log"]
    assert [(one.name, one.outcome) for one in found.tried] == [("a", "matched"), ("b", "matched"), ("c", "matched")]
    assert found.hits == (NUMBER,)


@given(
    st.lists(
        st.sampled_from(["log", "warn", "mask", "strip", "link", "secure", "approve", "block"]), min_size=1, max_size=6
    )
)
def test_what_holds_is_the_greatest_of_all_whatever_their_order(kinds):
    found = verdict(*[rule(kind) for kind in kinds])
    assert found.action.kind == max(kinds, key=lambda one: SEVERITY[one])
    assert [SEVERITY[one.kind] for one in found.actions] == sorted((SEVERITY[one] for one in set(kinds)), reverse=True)


def test_of_equal_rules_the_one_of_least_priority_is_named():
    assert verdict(rule("block", name="late"), rule("block", name="first", priority=1)).rule.name == "first"
    assert verdict(rule("block", name="late"), rule("block", name="later")).rule.name == "late"


def test_a_rule_that_only_logs_asks_for_nothing_and_tells_what_it_matched():
    found = verdict(rule("block", stage="log"))
    assert (found.action, found.actions) == (None, ())
    assert [one.outcome for one in found.matched] == ["matched"]
    assert found.hits == (NUMBER,)


@pytest.mark.parametrize(
    ("more", "facts", "outcome"),
    [
        ({"direction": "internal"}, replace(FACTS, recipients=1), "other direction"),
        ({"direction": "out"}, replace(FACTS, outside=0), "other direction"),
        ({"exits": ("redirect",)}, FACTS, "other exit"),
        ({"valid_until": 1000}, FACTS, "not in force"),
        ({"valid_from": 1001}, FACTS, "not in force"),
        ({"condition": {"fact": "finding", "in": ["card"]}}, FACTS, "silent"),
        ({}, FACTS, "matched"),
    ],
)
def test_a_rule_that_does_not_apply_says_why(more, facts, outcome):
    found = verdict(rule("block", **more), facts=facts)
    assert [one.outcome for one in found.tried] == [outcome]
    assert (found.action is None) is (outcome != "matched")


def test_rules_for_others_are_not_tried():
    assert verdict(rule("block", scope=Scope("account", "8"))).tried == ()


def test_leaves_that_held_and_failed_are_told():
    tree = {"all": [RRN, {"fact": "outside", "least": 5}]}
    [tried] = verdict(rule("block", condition=tree)).tried
    assert (tried.outcome, len(tried.held), len(tried.failed)) == ("silent", 1, 1)
    assert "kr.rrn" in tried.held[0] and "outside" in tried.failed[0]


# --- exceptions ---


def test_a_dated_exception_voids_what_matched():
    leave = rule("pass", scope=KIM, valid_until=2000, name="leave")
    found = verdict(rule("block", name="b"), leave)
    assert found.action is None
    assert [(one.name, one.outcome) for one in found.tried] == [("b", "excepted"), ("leave", "matched")]
    assert verdict(rule("block"), replace(leave, condition={"fact": "finding", "in": ["card"]})).action.kind == "block"
    assert verdict(rule("block"), replace(leave, valid_until=1000)).action.kind == "block"
    assert verdict(rule("block"), replace(leave, stage="log")).action.kind == "block"


def test_a_locked_rule_gives_way_to_its_own_authority_alone():
    locked, leave = rule("block", locked=True), rule("pass", scope=KIM, valid_until=2000)
    assert verdict(locked, leave).action.kind == "block"
    assert verdict(locked, replace(leave, authority="organization")).action is None
    assert verdict(replace(locked, scope=SYSTEM), replace(leave, authority="organization")).action.kind == "block"


# --- what could not be looked into ---

LOCKED = replace(FACTS, hits=(), files=(FileFacts("a.zip", "zip", "zip", 9, encrypted=True, problem="encrypted"),))


def test_what_nobody_could_read_is_held_and_never_passes():
    found = verdict(rule("warn"), facts=LOCKED)
    assert (found.action, found.rule) == (LeakAction("approve"), None)
    assert verdict(rule("warn"), facts=replace(LOCKED, files=(), unread="crashed")).action.kind == "approve"


def test_a_severer_action_is_not_weakened_by_it():
    assert verdict(rule("block", condition={"fact": "encrypted", "is": True}), facts=LOCKED).action.kind == "block"


def test_a_rule_may_say_itself_what_follows():
    own = rule("log", condition={"fact": "uninspectable", "is": True})
    assert verdict(rule("block"), own, facts=LOCKED).action.kind == "log"
    other = rule("log", condition={"all": [{"fact": "uninspectable", "is": True}, {"fact": "machine", "is": True}]})
    assert verdict(rule("block"), other, facts=LOCKED).action.kind == "approve"


def test_it_passes_where_nobody_wanted_to_look():
    assert verdict(rule("block", condition={"fact": "outside", "least": 9}), facts=LOCKED).action is None
    assert verdict(rule("block", stage="log"), facts=LOCKED).action is None
    assert verdict(rule("block", exits=("redirect",)), facts=LOCKED).action is None


# --- what is asked for ---


def test_only_what_rules_that_apply_want_is_looked_for():
    made = LeakRuleset(1, [rule("log"), rule("log", condition={"fact": "words", "in": ["극비"]}, exits=("web",))])
    about = made.about(SCOPES)
    needs = wanted(about, FACTS)
    assert (needs.detectors, needs.wordlists, needs.content, needs.files) == (
        frozenset({"kr.rrn"}),
        frozenset(),
        True,
        True,
    )
    assert wanted(about, replace(FACTS, outside=0)) is None
    assert not wanted(
        LeakRuleset(1, [rule("log", condition={"fact": "outside", "least": 3})]).about(SCOPES), FACTS
    ).files


# --- conditions ---


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"fact": "finding", "in": ["kr.rrn"], "least": 2}, True),
        ({"fact": "finding", "in": ["kr.rrn"], "least": 2, "distinct": True}, False),
        ({"fact": "finding", "in": ["kr.rrn"], "confidence": "high"}, True),
        ({"fact": "finding", "in": ["phone"]}, False),
        ({"fact": "finding", "in": ["phone"], "confidence": "low", "least": 2}, True),
        ({"fact": "finding", "in": ["phone"], "confidence": "low", "least": 3}, False),
        ({"fact": "score", "weights": {"kr.rrn": 10}, "least": 10}, True),
        ({"fact": "score", "weights": {"kr.rrn": 10}, "least": 11}, False),
        ({"fact": "score", "weights": {"kr.rrn": 10, "phone": 1}, "confidence": "low", "least": 12}, True),
        ({"fact": "recipient", "in": ["free", "outside"]}, True),
        ({"fact": "recipient", "in": ["free"]}, False),
        ({"fact": "recipient_domain", "in": ["X.example"]}, True),
        ({"fact": "file_kind", "in": ["exe"]}, True),
        ({"fact": "extension", "in": ["pdf"]}, True),
        ({"fact": "extension_mismatch", "is": True}, True),
        ({"fact": "label", "in": ["대외비"]}, True),
        ({"fact": "encrypted", "is": False}, True),
        ({"fact": "file_octets", "least": 100}, True),
        ({"fact": "octets", "least": 1}, False),
        ({"fact": "attachments", "least": 2}, False),
        ({"fact": "exit", "in": ["smtp"]}, True),
        ({"fact": "first_to_domain", "is": True}, True),
        ({"fact": "company_first_to_domain", "is": False}, True),
        ({"fact": "time", "from": "00:00", "to": "12:00"}, True),
        ({"fact": "holiday", "is": True}, False),
        ({"not": {"fact": "machine", "is": True}}, True),
        ({"not": {"all": [RRN, {"fact": "machine", "is": False}]}}, False),
    ],
)  # fmt: skip
def test_leaves(tree, expected):
    phones = tuple(Hit("phone", "low", "010-****", "body", value) for value in ("1", "2"))
    facts = replace(
        FACTS, hits=(NUMBER, NUMBER, *phones), first_domains=frozenset({"x.example"}),
        files=(FileFacts("a.pdf", "exe", "pdf", 100, mismatch=True, labels=("대외비",)),),
    )  # fmt: skip
    assert holds(tree, facts) is expected


def test_words_and_patterns_are_searched_for_under_a_name_of_their_own():
    made = compile_leak_condition({"all": [
        {"fact": "words", "in": ["극비", "설계"], "weights": {"극비": 5}, "least": 6}, {"fact": "pattern", "in": ["AB-[0-9]{4}"]},
    ]})  # fmt: skip
    [words], [expression] = made.wanted.wordlists, made.wanted.expressions
    assert (words.words, words.weights, expression.text) == (("극비", "설계"), (5, 1), "AB-[0-9]{4}")
    two = (Hit(words.name, "medium", "극*", "body", "극비", 5), Hit(words.name, "medium", "설*", "body", "설계", 1))
    found = Hit(expression.name, "medium", "AB-****", "body", "AB-1234")
    assert made.test(replace(FACTS, hits=(*two, found)))
    assert not made.test(replace(FACTS, hits=(two[0], found)))
    assert not made.test(replace(FACTS, hits=two))
    assert set(made.evidence(replace(FACTS, hits=(*two, found, NUMBER)))) == {*two, found}


@pytest.mark.parametrize(
    "tree",
    [None, {"fact": "weather", "is": True}, {"fact": ["finding"], "in": ["x"]}, {"fact": "finding"}, {"fact": "finding", "in": []},
     {"fact": "finding", "in": [1]}, {"fact": "finding", "in": ["x"], "least": 0}, {"fact": "finding", "in": ["x"], "least": True},
     {"fact": "finding", "in": ["x"], "confidence": "sure"}, {"fact": "finding", "in": ["x"], "confidence": "low"},
     {"fact": "finding", "in": ["x"], "distinct": 1}, {"fact": "finding", "in": ["x"], "or": 1},
     {"fact": "score", "weights": {}, "least": 1}, {"fact": "score", "weights": {"x": 0}, "least": 1},
     {"fact": "words", "in": ["a"], "weights": {"b": 1}}, {"fact": "words", "in": [" "]}, {"fact": "pattern", "in": "a"},
     {"fact": "recipient", "in": ["friend"]}, {"fact": "machine", "is": 1}, {"fact": "octets"}, {"fact": "octets", "in": [1]},
     {"fact": "time", "from": "9"}],
)  # fmt: skip
def test_a_condition_that_cannot_be_is_refused(tree):
    with pytest.raises(ConditionError):
        compile_leak_condition(tree)


@pytest.mark.parametrize(
    "wrong",
    [
        rule("block", scope=Scope("system", "1")), rule("block", scope=Scope("account")), rule("block", name=" "),
        rule(), rule("burn"), rule("delay"), rule(LeakAction("delay", minutes=2000)), rule(LeakAction("block", minutes=1)),
        rule("copy"), rule(LeakAction("block", line="two")), rule("pass"), rule("pass", "log", valid_until=5),
        rule("pass", valid_until=5, locked=True), rule("block", authority="system"), rule("block", exits=("window",)),
        rule("block", priority=-1), rule("pass", scope=COMPANY, valid_until=5, authority="account"),
        rule("block", valid_from=9, valid_until=9),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused(wrong):
    with pytest.raises(ConditionError):
        check(wrong)


def test_the_order_of_actions_is_written_down():
    assert ACTIONS == (
        "pass", "log", "copy", "review", "warn", "mask", "encrypt", "strip", "link", "secure", "delay", "approve", "block",
    )  # fmt: skip


OTHER = Hit("kr.rrn", "high", "900101-2******", "file:a.csv", "9001012234567")
FALSE = frozenset({("kr.rrn", NUMBER.value)})


def without(*rules, facts=FACTS, values=FALSE, of=None):
    made = LeakRuleset(3, [replace(one, id=number) for number, one in enumerate(rules, 1)])
    return decide(made.epoch, made.about(facts.scopes), facts, {mark_of(of or rules[0]): values})


def test_a_value_that_does_not_count_for_a_rule_counts_for_the_others():
    strict = rule("block", name="strict")
    found = without(rule("warn"), strict)
    assert [one.outcome for one in found.tried] == ["excepted", "matched"]
    assert (found.action.kind, found.hits) == ("block", (NUMBER,))
    both = without(rule("warn"), facts=replace(FACTS, hits=(NUMBER, OTHER)))
    assert (both.action.kind, both.hits) == ("warn", (OTHER,))


def test_a_rule_whose_values_are_excepted_still_wants_to_look():
    """What nobody could read is held although what could be read is no leak."""
    found = without(rule("block"), facts=replace(FACTS, unread="limits"))
    assert (found.action.kind, found.rule) == ("approve", None)


@given(
    st.lists(st.sampled_from([NUMBER, OTHER]), max_size=4),
    st.frozensets(st.sampled_from([("kr.rrn", NUMBER.value), ("kr.rrn", OTHER.value)])),
    st.sampled_from([RRN, {"not": RRN}, {**RRN, "least": 2}, {"any": [{"not": {**RRN, "least": 2}}, RRN]}]),
)
def test_an_exception_never_makes_a_rule_match(hits, values, condition):
    one, facts = rule("block", condition=condition), replace(FACTS, hits=tuple(hits))
    if without(one, facts=facts, values=values).action is not None:
        assert verdict(one, facts=facts).action is not None


def test_a_rule_keeps_its_mark_when_it_is_turned_on_and_loses_it_with_its_condition():
    made = rule("block", stage="log")
    assert mark_of(replace(made, stage="on", id=9, priority=3)) == mark_of(made)
    others = [replace(made, name="b"), replace(made, scope=SYSTEM), replace(made, condition={**RRN, "least": 2})]
    assert len({mark_of(one) for one in (made, *others)}) == 4
