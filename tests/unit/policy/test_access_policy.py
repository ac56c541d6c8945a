"""How access rules decide: precedence, locks, families; condition trees, hours, and what is refused when they are made."""

from dataclasses import replace

import pytest

from smartmail.domain.access import AccessRule, Login, Place, Window
from smartmail.domain.policy import Scope
from smartmail.policy.access import AccessRuleset, decide, explain
from smartmail.policy.conditions import (
    DAYS,
    AccessFacts,
    compile_condition,
    in_window,
    next_mark,
    window_data,
    window_of,
)
from smartmail.policy.travel import distance_km, is_impossible
from smartmail.policy.trees import MAX_DEPTH, MAX_NODES, ConditionError

MONDAY = 1_795_996_800_000
"""2026-11-30, 09:00 in Korea."""
HOUR = 3_600_000
SYSTEM, ORGANIZATION, DOMAIN = Scope("system"), Scope("organization", "1"), Scope("domain", "a.example")
DEPARTMENT, ACCOUNT = Scope("department", "1:x"), Scope("account", "1")
STRONG, WEAK = Scope("group", "1"), Scope("group", "2")
PLACES = {SYSTEM: 0, ORGANIZATION: 0, DOMAIN: 0, DEPARTMENT: 0, STRONG: 5, WEAK: 2, ACCOUNT: 0}
KR, CN, UNKNOWN = Place("known", "KR", 1), Place("known", "CN", 2), Place("unknown")


def facts(place=CN, **login):
    return AccessFacts(MONDAY, PLACES, Login(**{"door": "imap", "address": "198.51.100.9", **login}), place)


def deny(scope=SYSTEM, *countries, **more):
    return AccessRule(scope, "deny", "within", countries or ("CN",), **more)


def allow(scope, **more):
    return AccessRule(scope, "allow", "within", ("CN",), **more)


def outcome(*rules, at=None):
    numbered = [replace(rule, id=number) for number, rule in enumerate(rules, 1)]
    decision = decide(AccessRuleset(1, numbered), at or facts())
    return decision.action, None if decision.rule is None else decision.rule.id


DATED = {"valid_until": MONDAY + HOUR}
TABLE = [
    # KX-2: dated exception > account > group (greatest number, deny on tie) > department > domain > organisation
    # > system; a lock holds off what has less authority.
    ((allow(SYSTEM, **DATED), deny(ACCOUNT)), ("allow", 1)),
    ((allow(ACCOUNT), deny(STRONG)), ("allow", 1)),
    ((allow(STRONG), deny(WEAK)), ("allow", 1)),
    ((deny(STRONG), allow(WEAK)), ("deny", 1)),
    ((allow(STRONG), deny(STRONG)), ("deny", 2)),
    ((allow(WEAK), deny(DEPARTMENT)), ("allow", 1)),
    ((allow(DEPARTMENT), deny(DOMAIN)), ("allow", 1)),
    ((allow(DOMAIN), deny(ORGANIZATION)), ("allow", 1)),
    ((allow(ORGANIZATION), deny(SYSTEM)), ("allow", 1)),
    ((deny(ORGANIZATION, locked=True), allow(ACCOUNT)), ("deny", 1)),
    ((deny(ORGANIZATION, locked=True), allow(ACCOUNT, **DATED)), ("deny", 1)),
    ((deny(ORGANIZATION, locked=True), allow(ACCOUNT, **DATED, authority="organization")), ("allow", 2)),
    ((deny(SYSTEM, locked=True), allow(ACCOUNT, **DATED, authority="organization")), ("deny", 1)),
    ((deny(), allow(ACCOUNT, valid_until=MONDAY)), ("deny", 1)),
    ((deny(), allow(ACCOUNT, valid_from=MONDAY + 1, **DATED)), ("deny", 1)),
    ((deny(SYSTEM, "KR", locked=True), allow(ACCOUNT), deny(ORGANIZATION)), ("allow", 2)),
    ((deny(Scope("account", "2")),), ("allow", None)),
]


@pytest.mark.parametrize(("rules", "expected"), TABLE)
def test_precedence(rules, expected):
    assert outcome(*rules) == expected
    assert outcome(*rules, at=facts(KR))[0] == ("deny" if rules[0].countries == ("KR",) else "allow")


def test_an_allow_list_lets_in_who_is_on_it_and_a_deny_list_says_nothing_of_others():
    only = AccessRule(SYSTEM, "deny", "outside", ("KR",))
    assert outcome(only, at=facts(KR)) == ("allow", 1)
    assert outcome(only)[0] == "deny"
    narrow = replace(only, scope=ACCOUNT, countries=("CN",))
    assert outcome(only, narrow) == ("allow", 2)
    assert outcome(deny(SYSTEM), deny(ACCOUNT, "RU")) == ("deny", 1)


def test_networks_are_exceptions_and_doors_bound_a_rule():
    rule = deny(networks=("198.51.100.0/24",))
    assert outcome(rule)[0] == "allow"
    assert outcome(rule, at=facts(address="198.51.101.9"))[0] == "deny"
    assert outcome(rule, at=facts(address="::ffff:198.51.100.9"))[0] == "allow"
    assert outcome(deny(channels=("pop3",)))[0] == "allow"


def test_leave_for_a_country_is_none_for_a_place_that_nobody_knows():
    only = AccessRule(SYSTEM, "deny", "outside", ("KR",), unknown="deny")
    assert outcome(only, allow(ACCOUNT), at=facts(UNKNOWN)) == ("deny", 1)


@pytest.mark.parametrize("rule", [AccessRule(SYSTEM, "deny", "outside", ("KR",)), deny()])
def test_who_is_nowhere_is_not_abroad(rule):
    """An unknown country has an action of its own, in allow-lists and deny-lists; notice unless the rule says otherwise."""
    assert outcome(rule, at=facts(UNKNOWN)) == ("notify", 1)
    asks = replace(rule, unknown="second_factor")
    assert outcome(asks, at=facts(UNKNOWN)) == ("second_factor", 1)
    assert outcome(asks, at=facts(UNKNOWN, second_factor=True)) == ("allow", 1)
    assert outcome(replace(rule, unknown="deny"), at=facts(UNKNOWN)) == ("deny", 1)
    leave = 1 if rule.mode == "outside" else None
    assert outcome(replace(rule, unknown="allow"), at=facts(UNKNOWN)) == ("allow", leave)
    # Where the country is known none of that counts.
    assert [outcome(replace(rule, unknown=one))[0] for one in ("allow", "notify", "deny")] == ["deny"] * 3


def test_what_is_done_where_the_country_is_unknown_is_no_more_than_the_rule_does():
    mild = AccessRule(SYSTEM, "notify", "within", ("CN",), unknown="deny")
    assert outcome(mild, at=facts(UNKNOWN)) == ("notify", 1)
    # And less than it does voids nothing, though the rule locks.
    strict = AccessRule(ACCOUNT, "deny", "outside", ("KR",), unknown="deny")
    locking = AccessRule(SYSTEM, "deny", "outside", ("KR",), locked=True)
    assert outcome(locking, strict, at=facts(UNKNOWN)) == ("deny", 2)
    assert outcome(replace(locking, unknown="deny"), allow(ACCOUNT), at=facts(UNKNOWN)) == ("deny", 1)


NOT_KOREA = {"not": {"fact": "country", "in": ["KR"]}}


@pytest.mark.parametrize(
    ("tree", "abroad", "elsewhere"),
    [
        (NOT_KOREA, True, False), ({"not": NOT_KOREA}, False, False), ({"all": [NOT_KOREA]}, True, False),
        ({"not": {"any": [{"fact": "country", "in": ["KR"]}, {"fact": "door", "in": ["web"]}]}}, True, False),
        ({"not": {"all": [{"fact": "country", "in": ["KR"]}, {"fact": "door", "in": ["imap"]}]}}, True, False),
        ({"any": [NOT_KOREA, {"fact": "door", "in": ["imap"]}]}, True, True),
        ({"not": {"all": []}}, False, False), ({"not": {"any": []}}, True, True),
    ],
)  # fmt: skip
def test_not_this_country_holds_where_another_is_known(tree, abroad, elsewhere):
    """What does not lie in Korea as far as anybody knows does not lie abroad either, at any depth."""
    test = compile_condition(tree).test
    assert test(facts()) is abroad
    assert [test(facts(place)) for place in (UNKNOWN, Place("private"))] == [elsewhere] * 2


def test_places_and_circumstances_are_decided_apart():
    night = AccessRule(SYSTEM, "deny", window=Window(0, 720))
    assert outcome(night, allow(ACCOUNT, **DATED)) == ("deny", 1)
    assert outcome(night, AccessRule(ACCOUNT, "allow"), deny()) == ("deny", 3)


def test_a_second_factor_satisfies_who_asks_for_one():
    rule = AccessRule(SYSTEM, "second_factor", "within", ("CN",))
    assert outcome(rule) == ("second_factor", 1)
    assert outcome(rule, at=facts(second_factor=True)) == ("allow", 1)
    assert outcome(rule, deny(), at=facts(second_factor=True)) == ("deny", 2)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [(deny(), "geo_denied"), (AccessRule(SYSTEM, window=Window(0, 1440)), "time_denied"),
     (AccessRule(SYSTEM, networks=("203.0.113.0/24",)), "network_denied"), (AccessRule(SYSTEM), "access_denied")],
)  # fmt: skip
def test_as_what_a_refusal_is_recorded(rule, reason):
    assert decide(AccessRuleset(1, [rule]), facts()).reason == reason


def test_an_explanation_names_what_became_of_each_rule():
    rules = [
        deny(ORGANIZATION, locked=True, id=1), allow(ACCOUNT, id=2), deny(SYSTEM, id=3), deny(SYSTEM, "RU", id=4),
        allow(ACCOUNT, valid_until=MONDAY, id=5), AccessRule(ORGANIZATION, "notify", "within", ("CN",), id=6),
        replace(deny(ORGANIZATION, "CN", "KP"), id=7),
    ]  # fmt: skip
    _, about = explain(AccessRuleset(1, rules), facts())
    assert {rule.id: why for rule, why in about} == {
        1: "decides", 2: "locked out", 3: "weaker", 4: "silent", 5: "not in force", 6: "milder", 7: "agrees",
    }  # fmt: skip


@pytest.mark.parametrize(
    "rule",
    [AccessRule(SYSTEM, "deny", "within"), AccessRule(SYSTEM, countries=("KR",)), AccessRule(Scope("system", "1")),
     AccessRule(Scope("account")), deny(SYSTEM, "kr"), deny(SYSTEM, "한국"), deny(networks=("1.2.3",)),
     deny(channels=("lmtp",)), deny(locked=True, **DATED), deny(authority="system"), deny(valid_from=5),
     deny(valid_from=MONDAY + HOUR, **DATED), deny(SYSTEM, authority="account", **DATED),
     AccessRule(SYSTEM, "burn"), deny(unknown="burn"), deny(unknown=True), AccessRule(SYSTEM, condition={"any": 1})],
)  # fmt: skip
def test_rules_that_cannot_be(rule):
    with pytest.raises(ConditionError):
        AccessRuleset(1, [rule])


def deep(levels):
    tree = {"fact": "second_factor", "is": True}
    for _ in range(levels - 1):
        tree = {"not": tree}
    return tree


@pytest.mark.parametrize(
    "tree",
    [None, 5, [], {}, {"all": {}}, {"all": [], "any": []}, {"none": []}, {"fact": "weather", "in": ["rain"]},
     {"fact": ["door"], "in": ["imap"]}, {"fact": "door", "in": []}, {"fact": "door", "in": ["cli"]},
     {"fact": "door", "in": [["imap"]]}, {"fact": "door", "is": True}, {"fact": "door", "in": ["imap"], "or": 1},
     {"fact": "second_factor", "is": 1}, {"fact": "second_factor", "in": [True]}, {"fact": "country", "in": ["kr"]},
     {"fact": "country", "in": [5]}, {"fact": "asn", "in": ["1"]}, {"fact": "asn", "in": [True]},
     {"fact": "asn", "in": [1 << 32]}, {"fact": "network", "in": ["10.0.0.0/33"]}, {"fact": "network", "in": [10]},
     {"fact": "scope", "in": ["person:1"]}, {"fact": "scope", "in": ["account:"]}, {"fact": "scope", "in": [1]},
     {"fact": "time", "from": "09:00"}, {"fact": "time", "from": "9:00", "to": "18:00"},
     {"fact": "time", "from": "09:60", "to": "18:00"}, {"fact": "time", "from": "09:00", "to": "24:01"},
     {"fact": "time", "from": "09:00", "to": "18:00", "days": ["today"]},
     {"fact": "time", "from": "09:00", "to": "18:00", "zone": "KST"},
     {"fact": "time", "from": "09:00", "to": "18:00", "zone": "+15:00"}, {"fact": "country", "in": ["KR"] * 301},
     deep(MAX_DEPTH + 1), {"all": [deep(1)] * MAX_NODES}],
)  # fmt: skip
def test_trees_that_cannot_be(tree):
    with pytest.raises(ConditionError):
        compile_condition(tree)


def test_the_largest_trees_that_can_be():
    assert compile_condition(deep(MAX_DEPTH)).test(facts()) is (MAX_DEPTH % 2 == 0)
    assert compile_condition({"any": [deep(1)] * (MAX_NODES - 1)}).test(facts(second_factor=True))
    assert compile_condition({"all": []}).test(facts()) is True
    assert compile_condition({"any": []}).test(facts()) is False


def test_hours_know_days_midnight_and_zones():
    office = window_of({"from": "09:00", "to": "18:00", "days": ["mon"], "zone": "+09:00"})
    assert in_window(office, MONDAY)
    assert not in_window(office, MONDAY - 1)
    assert not in_window(office, MONDAY + 9 * HOUR)
    assert not in_window(office, MONDAY + 24 * HOUR)
    night = replace(office, since=22 * 60, until=6 * 60)
    assert in_window(night, MONDAY + 13 * HOUR)
    assert in_window(night, MONDAY + 20 * HOUR)  # Tuesday morning belongs to Monday night
    assert not in_window(night, MONDAY - 4 * HOUR)
    assert not in_window(replace(office, zone=0), MONDAY)  # midnight in Greenwich
    assert window_of(window_data(replace(office, zone=-330))) == replace(office, zone=-330)
    assert window_data(office)["days"] == [DAYS[0]]


def test_the_next_mark_is_the_next_minute_of_the_day_in_its_zone():
    assert next_mark(frozenset({(540, 9 * 60)}), MONDAY - 1) == MONDAY
    assert next_mark(frozenset({(540, 9 * 60)}), MONDAY) == MONDAY + 24 * HOUR
    assert next_mark(frozenset({(540, 10 * 60), (0, 30)}), MONDAY) == MONDAY + HOUR // 2
    assert next_mark(frozenset(), MONDAY) is None


def test_the_next_boundary_is_the_nearest_of_exceptions_and_hours():
    ruleset = AccessRuleset(1, [deny(valid_until=MONDAY + 5), deny(window=Window(540, 600))])
    assert ruleset.next_boundary(MONDAY) == MONDAY + 5
    assert ruleset.next_boundary(MONDAY + 5) == MONDAY + HOUR
    in_tree = deny(condition={"not": {"fact": "time", "from": "09:00", "to": "09:30"}})
    assert AccessRuleset(1, [in_tree]).next_boundary(MONDAY) == MONDAY + HOUR // 2
    assert AccessRuleset(1, [deny()]).next_boundary(MONDAY) is None


def test_journeys():
    assert 8000 < distance_km("KR", "US") < 11000
    assert distance_km("KR", "KR") == distance_km("KR", "ZZ") == distance_km("US", "CA") == 0
    assert distance_km("KR", "BR") == distance_km("BR", "KR")
    assert is_impossible("KR", "BR", 20 * 60_000)  # KA-25
    assert not is_impossible("KR", "BR", 30 * HOUR)
    assert not is_impossible("KR", "CN", 60_000)  # neighbours: a table may be wrong by that
    assert not is_impossible("SG", "MY", HOUR)
    assert is_impossible("KR", "TW", HOUR)
