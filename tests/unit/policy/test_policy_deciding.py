"""How rules decide: KX-2 as a table, locks, exceptions, ties, explanations; knobs, presets, mechanisms."""

import dataclasses
import json
from pathlib import Path

import pytest

from smartmail.domain.policy import LEVELS, PolicyRule, Scope
from smartmail.policy import knobs
from smartmail.policy.deciding import Facts, PolicyView, Ruleset, check, decide, explain
from smartmail.policy.knobs import DOORS, KNOBS, Knob
from smartmail.policy.mechanisms import WireFacts, mechanisms
from smartmail.policy.presets import PRESETS

NOW = 1_000
POP3 = DOORS["pop3"]
SYSTEM, COMPANY, DOMAIN = Scope("system"), Scope("organization", "1"), Scope("domain", "a.example")
DEPARTMENT, SALES, STAFF, KIM = (
    Scope("department", "1:개발"),
    Scope("group", "5"),
    Scope("group", "6"),
    Scope("account", "9"),
)
FACTS = Facts(NOW, {SYSTEM: 0, COMPANY: 0, DOMAIN: 0, DEPARTMENT: 0, SALES: 10, STAFF: 1, KIM: 0})


def rule(scope, value, **more):
    return PolicyRule("door.pop3", scope, value, **more)


def until(scope, value, end=NOW + 1, **more):
    return rule(scope, value, valid_until=end, **more)


def decided(*rules):
    return decide(Ruleset(1, [dataclasses.replace(one, id=n) for n, one in enumerate(rules, 1)]), POP3, FACTS).value


@pytest.mark.parametrize(
    ("expected", "rules"),
    [
        (True, []),
        (False, [rule(SYSTEM, False)]),
        (True, [rule(SYSTEM, False), rule(COMPANY, True)]),
        (False, [rule(COMPANY, True), rule(DOMAIN, False)]),
        (True, [rule(DOMAIN, False), rule(DEPARTMENT, True)]),
        (False, [rule(DEPARTMENT, True), rule(STAFF, False)]),
        # Of two groups the greater priority decides; equal ones: the stricter value.
        (True, [rule(STAFF, False), rule(SALES, True)]),
        (False, [rule(SALES, True), rule(KIM, False)]),
        # A dated exception is the strongest, wherever it stands.
        (True, [until(SYSTEM, True), rule(KIM, False)]),
        (False, [until(SYSTEM, True), until(KIM, False)]),
        (False, [until(KIM, True, end=NOW), rule(SYSTEM, False)]),
        (False, [until(KIM, True, valid_from=NOW + 1, end=NOW + 9), rule(SYSTEM, False)]),
        # A lock holds off everything below, locks and exceptions of lesser authority among it.
        (False, [rule(SYSTEM, False, locked=True), rule(KIM, True)]),
        (False, [rule(COMPANY, False, locked=True), rule(DOMAIN, True, locked=True), rule(KIM, True)]),
        (True, [rule(COMPANY, True), rule(DOMAIN, True, locked=True), rule(KIM, False)]),
        (False, [rule(SYSTEM, False, locked=True), until(KIM, True)]),
        (False, [rule(SYSTEM, False, locked=True), until(KIM, True, authority="organization")]),
        (True, [rule(SYSTEM, False, locked=True), until(KIM, True, authority="system")]),
        (True, [rule(COMPANY, False, locked=True), until(KIM, True, authority="organization")]),
        # What stands above a lock is weaker than it, and so is somebody else's rule.
        (True, [rule(SYSTEM, False), rule(COMPANY, True, locked=True)]),
        (True, [rule(Scope("account", "10"), False)]),
    ],
)  # fmt: skip
def test_precedence(expected, rules):
    assert decided(*rules) is expected
    assert decided(*reversed(rules)) is expected


def test_equal_groups_the_stricter_value_holds():
    facts = dataclasses.replace(FACTS, scopes={**FACTS.scopes, STAFF: 10})
    rules = Ruleset(1, [rule(SALES, True, id=1), rule(STAFF, False, id=2)])
    assert decide(rules, POP3, facts).value is False
    quota = [PolicyRule("quota.octets", scope, n << 20, id=n) for scope, n in ((SALES, 9), (STAFF, 3))]
    assert decide(Ruleset(1, quota), knobs.QUOTA_OCTETS, facts).value == 3 << 20
    unlimited = [dataclasses.replace(quota[0], value=0), quota[1]]
    assert decide(Ruleset(1, unlimited), knobs.QUOTA_OCTETS, facts).value == 3 << 20


def test_an_explanation_names_every_rule():
    rules = [
        rule(SYSTEM, True, id=1), rule(COMPANY, False, locked=True, id=2), rule(KIM, True, id=3),
        until(KIM, True, end=NOW, id=4), until(SALES, True, authority="organization", id=5),
        until(SALES, True, authority="system", id=6),
    ]  # fmt: skip
    decision, about = explain(Ruleset(1, rules), POP3, FACTS)
    assert decision.rule.id in {5, 6}
    assert about[0][1] == "decides"
    told = {one.id: why for one, why in about}
    assert {told[5], told[6]} == {"decides", "same strength, looser"}
    assert (told[1], told[2], told[3], told[4]) == ("weaker", "weaker", "locked out", "not in force")


@pytest.mark.parametrize(
    "bad",
    [
        PolicyRule("door.gopher", SYSTEM, True), rule(SYSTEM, "yes"), rule(SYSTEM, 1), rule(Scope("system", "x"), True),
        rule(Scope("account"), True), until(KIM, True, locked=True), rule(KIM, True, authority="system"),
        rule(KIM, True, valid_from=3), until(SYSTEM, True, authority="account"),
        PolicyRule("vault.days", KIM, 30), PolicyRule("vault.days", SYSTEM, 0), PolicyRule("quota.octets", SYSTEM, 5),
        PolicyRule("pop3.dele", SYSTEM, "burn"), PolicyRule("language.offered", SYSTEM, ()),
        PolicyRule("language.offered", SYSTEM, ("ko", "tlh")), PolicyRule("vault.days", SYSTEM, True),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_are_refused(bad):
    with pytest.raises(ValueError):
        check(bad)
    with pytest.raises(ValueError):
        Ruleset(1, [bad])


@pytest.mark.parametrize("knob", KNOBS.values(), ids=lambda knob: knob.name)
def test_every_knob_is_whole(knob):
    assert knob.kind.accept(knob.default) == knob.default
    assert set(knob.levels) <= set(LEVELS)
    assert knob.kind.describe()
    values = {True, False} if isinstance(knob.default, bool) else {knob.default}
    for value in values:
        assert knob.kind.stricter(value, value) == value
        assert knob.kind.accept(json.loads(json.dumps(value))) == value
    for word in ("", "x y z", "\0", "9" * 40, "-1"):
        with pytest.raises(ValueError):
            knob.kind.read(word)


def test_typed_values_are_read():
    assert knobs.APP_PASSWORDS.kind.read(" On ") is True
    assert knobs.VAULT_DAYS.kind.read("90") == 90
    assert knobs.QUOTA_OCTETS.kind.read("0") == 0
    assert knobs.POP3_DELE.kind.read("keep") == "keep"
    assert knobs.OFFERED_LANGUAGES.kind.read("en, ko") == ("ko", "en")


@pytest.mark.parametrize("name", PRESETS)
def test_presets_hold_values_that_can_be(name):
    for knob, one in PRESETS[name].items():
        check(PolicyRule(knob, SYSTEM, one.value))


@pytest.mark.parametrize("name", ["finance", "public"])
def test_br_29_presets_close_every_door_of_programs(name):
    rules = Ruleset(1, [PolicyRule(knob, SYSTEM, one.value) for knob, one in PRESETS[name].items()])
    shut = {door for door, knob in DOORS.items() if not decide(rules, knob, FACTS).value}
    assert shut == {"imap", "pop3", "smtp", "sieve", "jmap", "dav"}
    assert decide(rules, knobs.POP3_DELE, FACTS).value == "keep"


def test_every_knob_and_reason_has_its_text_in_every_language():
    folder = Path(knobs.__file__).parent.parent / "app" / "catalogues"
    wanted = {key for knob in KNOBS.values() for key in (knob.title_key, knob.help_key)}
    wanted |= {one.reason for preset in PRESETS.values() for one in preset.values()}
    for language in knobs.LANGUAGES:
        assert wanted <= json.loads((folder / f"{language}.json").read_text()).keys(), language


def test_every_knob_that_is_described_can_be_set():
    described = [one.name for one in vars(knobs).values() if isinstance(one, Knob)]
    described += [knob.name for knob in DOORS.values()]
    assert sorted(described) == sorted(KNOBS), "each once"


def test_a_view_decides_only_the_knobs_that_are_asked_for():
    asked = []

    class Counted(Ruleset):
        def shelves(self, knob, scopes):
            asked.append(knob)
            return super().shelves(knob, scopes)

    view = PolicyView(Counted(3, [PolicyRule("vacation.allowed", SYSTEM, value=False)]), FACTS)
    assert asked == []
    assert view[knobs.VACATION] is False
    assert view[knobs.TRASH_DAYS] == knobs.TRASH_DAYS.default
    assert asked == ["vacation.allowed", "trash.days"]
    assert view.epoch == 3


def test_a_view_knows_which_doors_are_open():
    view = PolicyView(Ruleset(1, [PolicyRule("door.imap", SYSTEM, value=False)]), FACTS)
    assert [view.is_open(door) for door in ("imap", "pop3", "lmtp")] == [False, True, False]


TLS = WireFacts(tls=True, binding=True)
OPEN = {"open_door": True, "main_passwords": True, "app_passwords": True, "tokens": True, "certificates": True}


@pytest.mark.parametrize(
    ("door", "wire", "policy", "names"),
    [
        ("imap", TLS, {}, "PLAIN OAUTHBEARER XOAUTH2"),
        ("smtp", TLS, {"tokens": False}, "PLAIN LOGIN"),
        ("imap", WireFacts(tls=False), {}, ""),
        ("imap", WireFacts(tls=False, cleartext_allowed=True), {}, "PLAIN"),
        ("imap", TLS, {"open_door": False}, ""),
        ("imap", TLS, {"main_passwords": False, "tokens": False}, "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN"),
        ("imap", WireFacts(tls=True), {"main_passwords": False, "tokens": False}, "SCRAM-SHA-256 PLAIN"),
        ("imap", TLS, {"main_passwords": False, "app_passwords": False, "tokens": False}, ""),
        ("imap", WireFacts(tls=True, certificate=True), {"tokens": False}, "EXTERNAL PLAIN"),
        ("imap", WireFacts(tls=True, certificate=True), {"tokens": False, "certificates": False}, "PLAIN"),
    ],
)
def test_mechanisms_are_one_function_of_door_wire_and_policy(door, wire, policy, names):
    assert " ".join(mechanisms(door, wire, **{**OPEN, **policy})) == names
