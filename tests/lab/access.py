"""Random access rules and condition trees, and a reference that decides them: written from the rules (docs/rules.md), not from the code."""

import ipaddress
import random
from datetime import UTC, datetime, timedelta

from smartmail.domain.access import CHANNELS, AccessRule, Login, Place, Window
from smartmail.domain.policy import LEVELS, Scope
from smartmail.policy.conditions import DAYS, AccessFacts

COUNTRIES = ["KR", "CN", "US", "JP"]
NETWORKS = ["192.0.2.0/24", "198.51.100.0/25", "203.0.113.7/32", "2001:db8:9::/48", "10.0.0.0/8"]
ORIGINS = {
    "192.0.2.9": Place("known", "KR", 9318), "198.51.100.9": Place("known", "CN", 4134),
    "203.0.113.7": Place("known", "US", 16509, "hosting"), "2001:db8:9::9": Place("known", "JP", 2500),
    "10.1.2.3": Place("private"), "233.252.0.9": Place("unknown"),
}  # fmt: skip
"""Origins as the doors of tests/flows/access_house.py have them, and two that no table knows."""
ACTIONS = ["allow", "notify", "second_factor", "deny"]


def reference(rules, facts):
    """KX-2 and KA-20 to KA-24, read from the top. Return the action."""
    answers = []
    for about_places in (True, False):
        said = []
        for rule in rules:
            if (rule.mode != "anywhere") is about_places and rule.scope in facts.scopes:
                spoken = _say(rule, facts)
                if spoken:
                    said.append((rule, *spoken))
        locks = [LEVELS.index(rule.scope.level) for rule, _, bites in said if rule.locked and bites]
        if locks:
            said = [one for one in said if LEVELS.index(one[0].authority or one[0].scope.level) <= min(locks)]
        found = None
        for dated in (True, False):
            for level in reversed(LEVELS):
                here = [
                    one for one in said if (one[0].valid_until is not None) == dated and one[0].scope.level == level
                ]
                if here and found is None:
                    top = max(facts.scopes[one[0].scope] for one in here)
                    found = max((ACTIONS.index(one[1]) for one in here if facts.scopes[one[0].scope] == top))
        answers.append(found or 0)
    return ACTIONS[max(answers)]


def _say(rule, facts):
    if not (rule.valid_from or 0) <= facts.now < (rule.valid_until or facts.now + 1):
        return None
    if rule.channels and facts.login.door not in rule.channels:
        return None
    if rule.window and not _hours(rule.window, facts.now):
        return None
    if rule.condition is not None and holds(rule.condition, facts) is not True:
        return None
    if _near(rule.networks, facts.login.address):
        return "allow", rule.action == "allow"
    listed, action = facts.place.country in rule.countries, rule.action
    bites = {"anywhere": True, "within": listed, "outside": not listed}[rule.mode]
    if rule.mode != "anywhere" and facts.place.kind == "private":
        bites = rule.private and action != "allow"
    if rule.mode != "anywhere" and facts.place.kind == "unknown":
        bites = action != "allow" and rule.unknown != "allow"
        action = min(action, rule.unknown, key=ACTIONS.index)
    if bites:
        shown = action == "second_factor" and facts.login.second_factor
        return ("allow" if shown else action), action == rule.action
    return ("allow", False) if rule.mode == "outside" and rule.action != "allow" else None


def holds(tree, facts):
    """Say whether a condition tree holds; None: nobody knows, and then neither does its contrary (Kleene's logic)."""
    if "all" in tree:
        found = [holds(one, facts) for one in tree["all"]]
        return False if False in found else None if None in found else True
    if "any" in tree:
        found = [holds(one, facts) for one in tree["any"]]
        return True if True in found else None if None in found else False
    if "not" in tree:
        inner = holds(tree["not"], facts)
        return None if inner is None else not inner
    if tree["fact"] == "country" and facts.place.kind != "known":
        return None
    login, place = facts.login, facts.place
    if tree["fact"] == "time":
        zone = int(tree["zone"][:3]) * 60 + int(tree["zone"][0] + tree["zone"][4:])
        minutes = [int(tree[end][:2]) * 60 + int(tree[end][3:]) for end in ("from", "to")]
        return _hours(Window(*minutes, tuple(DAYS.index(day) for day in tree["days"]), zone), facts.now)
    if tree["fact"] == "network":
        return _near(tree["in"], login.address)
    if tree["fact"] == "scope":
        return bool({f"{one.level}:{one.subject}".rstrip(":") for one in facts.scopes} & set(tree["in"]))
    value = {
        "door": login.door, "proof": login.proof, "second_factor": login.second_factor,
        "device_known": login.device_known, "impossible_travel": login.impossible_travel, "country": place.country, "place": place.kind, "asn": place.asn,
        "network_class": place.network, "account_kind": facts.account_kind,
    }[tree["fact"]]  # fmt: skip
    return value == tree["is"] if "is" in tree else value in tree["in"]


def _near(networks, address):
    place = ipaddress.ip_address(address)
    return any(place in ipaddress.ip_network(one) for one in networks)


def _hours(window, now):
    local = datetime.fromtimestamp(now / 1000, UTC) + timedelta(minutes=window.zone)
    minute, day = local.hour * 60 + local.minute, local.weekday()
    if window.since < window.until:
        inside = window.since <= minute < window.until
    else:
        inside = minute >= window.since or minute < window.until
        day = day if minute >= window.since else (day - 1) % 7
    return inside and (not window.days or day in window.days)


# --- made at random ---


def some(chance: random.Random, values, most=3):
    return chance.sample(list(values), chance.randint(1, min(most, len(values))))


def clock(chance: random.Random) -> str:
    return f"{chance.randrange(24):02}:{chance.choice([0, 15, 30, 59]):02}"


def tree(chance: random.Random, scopes, depth=0):
    """Return a random condition tree of at most five levels."""
    kind = chance.random()
    if depth < 4 and kind < 0.45:
        word = chance.choice(["all", "any", "not"])
        if word == "not":
            return {"not": tree(chance, scopes, depth + 1)}
        return {word: [tree(chance, scopes, depth + 1) for _ in range(chance.randint(0, 3))]}
    days = some(chance, DAYS, 7) if chance.random() < 0.7 else []
    return chance.choice([
        {"fact": "country", "in": some(chance, COUNTRIES)}, {"fact": "network", "in": some(chance, NETWORKS)},
        {"fact": "door", "in": some(chance, CHANNELS, 5)}, {"fact": "asn", "in": some(chance, [9318, 4134, 16509])},
        {"fact": "place", "in": some(chance, ["known", "private", "unknown"])},
        {"fact": "network_class", "in": ["hosting"]}, {"fact": "account_kind", "in": ["shared"]},
        {"fact": "proof", "in": some(chance, ["password", "app", "session", "token"])},
        {"fact": "second_factor", "is": chance.random() < 0.5}, {"fact": "device_known", "is": chance.random() < 0.5},
        {"fact": "impossible_travel", "is": chance.random() < 0.5},
        {"fact": "scope", "in": [f"{one.level}:{one.subject}".rstrip(":") for one in some(chance, scopes)]},
        {"fact": "time", "from": clock(chance), "to": clock(chance), "days": days,
         "zone": chance.choice(["+09:00", "+00:00", "-05:30"])},
    ])  # fmt: skip


def rule(chance: random.Random, scopes, now: int, number: int = 0, *, harsh: float = 0.5) -> AccessRule:
    """Return a random rule; `harsh`: how often its action is to deny."""
    scope = chance.choice(scopes)
    dated = chance.random() < 0.35
    mode = chance.choice(["outside", "within", "anywhere"])
    action = "deny" if chance.random() < harsh else chance.choice(ACTIONS)
    window = None
    if chance.random() < 0.25:
        window = Window(chance.randrange(1440), chance.randrange(1440), tuple(some(chance, range(7), 6)), 540)
    return AccessRule(
        scope, action, mode, () if mode == "anywhere" else tuple(some(chance, COUNTRIES)),
        tuple(some(chance, CHANNELS, 6)) if chance.random() < 0.5 else (),
        tuple(some(chance, NETWORKS, 2)) if chance.random() < 0.3 else (), window,
        tree(chance, scopes) if chance.random() < 0.35 else None,
        private=chance.random() < 0.3, unknown=chance.choice(ACTIONS),
        locked=not dated and chance.random() < 0.2,
        authority=chance.choice([None, *LEVELS[: LEVELS.index(scope.level) + 1]]) if dated else None,
        valid_from=chance.choice([None, now - 1000, now + 3_600_000]) if dated else None,
        valid_until=chance.choice([now + 7_200_000, now - 10]) if dated and chance.random() < 0.9 else
        (now + 7_200_000 if dated else None), id=number,
    )  # fmt: skip


def facts(chance: random.Random, places, now: int) -> AccessFacts:
    """Return facts of a random login."""
    address = chance.choice(list(ORIGINS))
    proof = chance.choice(["password", "app", "token", "session"])
    login = Login(
        chance.choice(CHANNELS), address, proof, chance.random() < 0.4, chance.random() < 0.5, chance.random() < 0.5
    )
    return AccessFacts(now, places, login, ORIGINS[address], chance.choice(["person", "shared"]))


SCOPES = [
    Scope("system"), Scope("organization", "1"), Scope("organization", "2"), Scope("domain", "a.example"),
    Scope("department", "1:x"), Scope("group", "1"), Scope("group", "2"), Scope("account", "1"), Scope("account", "2"),
]  # fmt: skip


def places_of(chance: random.Random):
    """Return the scopes of a random account with their priority."""
    found = {one: 0 for one in SCOPES if one.subject in {"", "1", "a.example"} and one.level != "group"}
    for number in ("1", "2"):
        if chance.random() < 0.6:
            found[Scope("group", number)] = chance.randrange(3)
    if chance.random() < 0.5:
        found[Scope("department", "1:x")] = 0
    return found
