"""Condition trees (policy.trees) over what is known of a login, as data that can be stored, checked and compiled.

NAME        policy conditions
PURPOSE     From JSON to one function of facts, made once for an epoch, with nothing left to go wrong when it is asked.
STRATEGIES  "Not this country" holds only where a country is known: who is nowhere is not abroad (ADR 76).
SHAPE       A leaf is {"fact": NAME, "in": [value…]} for facts of names
            and numbers, {"fact": NAME, "is": true|false} for flags, {"fact": "time", "from": "09:00", "to": "18:00",
            "days": ["mon"…], "zone": "+09:00"} for the clock (days and zone may be left away).
LIMITS      Those of policy.trees, `MAX_VALUES` values in a leaf.
FAILURE     ConditionError when a tree is made ready; its text is for administrators. Asking never fails.
Must not know: the store, the clock, what the answer is used for.
"""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, get_args

from smartmail.domain.access import CHANNELS, Login, NetworkClass, Place, PlaceClass, Window
from smartmail.domain.factors import FactorKind
from smartmail.domain.policy import LEVELS, Scope
from smartmail.domain.principal import Proof
from smartmail.policy.trees import ConditionError, compile_tree

MAX_VALUES: Final = 300
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES: Final = 1440
MINUTE_MS: Final = 60_000
MAX_ASN: Final = (1 << 32) - 1
_THURSDAY: Final = 3
"""Day 0 of the clock, 1970-01-01."""


@dataclass(frozen=True, slots=True)
class AccessFacts:
    """Everything that an access rule may depend on. `now` in milliseconds; `scopes` as in policy.deciding."""

    now: int
    scopes: Mapping[Scope, int]
    login: Login
    place: Place
    account_kind: str = "person"


Test = Callable[[AccessFacts], bool]
Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
Nearness = Callable[[str], bool]
"""Says whether an address lies in networks."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A tree made ready. `marks`: (minutes east of UTC, minute of the day) at which its answer may change by itself;
    `names`: the facts that it asks for.
    """

    test: Test
    marks: frozenset[tuple[int, int]]
    names: frozenset[str]


def compile_condition(tree: Any) -> Condition:
    """Return the function of a tree. Raises ConditionError."""
    marks: set[tuple[int, int]] = set()
    names: set[str] = set()

    def make(leaf: dict[str, Any], negated: bool) -> Test:
        names.add(str(leaf["fact"]))
        test = _leaf(leaf, marks)
        return _negated(leaf["fact"], test) if negated else test

    return Condition(compile_tree(tree, make), frozenset(marks), frozenset(names))


def _negated(fact: str, leaf: Test) -> Test:
    if fact == "country":
        return lambda facts: facts.place.kind == "known" and not leaf(facts)
    return lambda facts: not leaf(facts)


# --- leaves ---


def _leaf(tree: dict[str, Any], marks: set[tuple[int, int]]) -> Test:
    fact = tree["fact"]
    if fact == "time":
        window = window_of({key: value for key, value in tree.items() if key != "fact"})
        marks |= marks_of(window)
        return lambda facts: in_window(window, facts.now)
    flag = _FLAGS.get(fact) if isinstance(fact, str) else None
    if flag is not None:
        if set(tree) != {"fact", "is"} or not isinstance(tree["is"], bool):
            raise ConditionError(f'{fact} takes "is": true or false')
        wanted: bool = tree["is"]
        return lambda facts: flag(facts) is wanted
    make = _LISTS.get(fact) if isinstance(fact, str) else None
    if make is None:
        known = ", ".join(sorted([*_FLAGS, *_LISTS, "time"]))
        raise ConditionError(f"there is no fact {fact!r}; there are {known}")
    values = tree.get("in")
    if set(tree) != {"fact", "in"} or not isinstance(values, list) or not 0 < len(values) <= MAX_VALUES:
        raise ConditionError(f'{fact} takes "in": a list of 1 to {MAX_VALUES} values')
    return make(values)


def _names(allowed: Sequence[str], get: Callable[[AccessFacts], str]) -> Callable[[list[Any]], Test]:
    def make(values: list[Any]) -> Test:
        for value in values:
            if value not in allowed:
                raise ConditionError(f"{value!r} is none of {', '.join(one or 'none' for one in allowed)}")
        found = frozenset(values)
        return lambda facts: get(facts) in found

    return make


def _country(values: list[Any]) -> Test:
    found = frozenset(countries_of(values))
    return lambda facts: facts.place.country in found


def _asn(values: list[Any]) -> Test:
    if not all(type(value) is int and 0 < value <= MAX_ASN for value in values):
        raise ConditionError("asn takes numbers of networks")
    found = frozenset(values)
    return lambda facts: facts.place.asn in found


def _network(values: list[Any]) -> Test:
    near = nearness(networks_of(values))
    return lambda facts: near(facts.login.address)


def _scope(values: list[Any]) -> Test:
    found = []
    for value in values:
        level, _, subject = value.partition(":") if isinstance(value, str) else ("", "", "")
        if level not in LEVELS or bool(subject) == (level == "system"):
            raise ConditionError("scope takes LEVEL:ID")
        found.append(Scope(level, subject))
    return lambda facts: any(one in facts.scopes for one in found)


_LISTS: Final[dict[str, Callable[[list[Any]], Test]]] = {
    "door": _names(CHANNELS, lambda facts: facts.login.door),
    "place": _names(get_args(PlaceClass), lambda facts: facts.place.kind),
    "network_class": _names(get_args(NetworkClass), lambda facts: facts.place.network),
    "proof": _names(get_args(Proof), lambda facts: facts.login.proof),
    "factor": _names(("", *get_args(FactorKind)), lambda facts: facts.login.factor),
    "account_kind": _names(("person", "shared"), lambda facts: facts.account_kind),
    "country": _country, "asn": _asn, "network": _network, "scope": _scope,
}  # fmt: skip
_FLAGS: Final[dict[str, Test]] = {
    "second_factor": lambda facts: facts.login.second_factor,
    "device_known": lambda facts: facts.login.device_known,
    "impossible_travel": lambda facts: facts.login.impossible_travel,
}


# --- what rules and leaves share ---


def countries_of(values: Sequence[Any]) -> tuple[str, ...]:
    """Return ISO 3166-1 alpha-2 codes as they are kept. Raises ConditionError."""
    for value in values:
        if not (isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()):
            raise ConditionError(f"{value!r} is no country: two capital letters of ISO 3166-1")
    return tuple(values)


def networks_of(values: Sequence[Any]) -> Networks:
    """Return networks that were written as CIDR. Raises ConditionError."""
    if not all(isinstance(value, str) for value in values):
        raise ConditionError("networks are written as 192.0.2.0/24")
    try:
        return tuple(ipaddress.ip_network(value, strict=False) for value in values)
    except ValueError as error:
        raise ConditionError(f"no network: {error}") from None


def nearness(networks: Networks) -> Nearness:
    """Return what says whether an address lies in one of the networks; IPv4 in IPv6 is IPv4 (RFC 4291 §2.5.5.2).

    Networks of one version and length are one look into a set, however many they are.
    """
    made: dict[tuple[int, int], set[int]] = {}
    for one in networks:
        made.setdefault((one.version, one.max_prefixlen - one.prefixlen), set()).add(
            int(one.network_address) >> (one.max_prefixlen - one.prefixlen)
        )
    groups = tuple((version, shift, frozenset(found)) for (version, shift), found in made.items())

    def near(address: str) -> bool:
        kind, number = _parsed(address)
        for version, shift, found in groups:  # noqa: SIM110 -- no generator on the way of every login
            if version == kind and number >> shift in found:
                return True
        return False

    return near


@lru_cache(4096)  # the same people come from the same addresses
def _parsed(address: str) -> tuple[int, int]:
    """Return version and number of an address, version 0 for what is none."""
    try:
        place = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return 0, 0
    mapped = place.ipv4_mapped if isinstance(place, ipaddress.IPv6Address) else None
    return (mapped or place).version, int(mapped or place)


def window_of(data: Any) -> Window:
    """Return hours of days from their JSON form. Raises ConditionError."""
    if not isinstance(data, dict) or not {"from", "to"} <= set(data) <= {"from", "to", "days", "zone"}:
        raise ConditionError('hours are {"from": "09:00", "to": "18:00", "days": ["mon"…], "zone": "+09:00"}')
    days = data.get("days", [])
    if not isinstance(days, list) or not all(day in DAYS for day in days):
        raise ConditionError(f"days are {', '.join(DAYS)}")
    return Window(
        _minutes(data["from"]), _minutes(data["to"]), tuple(sorted({DAYS.index(day) for day in days})),
        _zone(data.get("zone", "+09:00")),
    )  # fmt: skip


def window_data(window: Window) -> dict[str, Any]:
    """Return the JSON form of hours of days: what `window_of` reads."""
    sign, zone = "-" if window.zone < 0 else "+", abs(window.zone)
    return {
        "from": clock_text(window.since), "to": clock_text(window.until), "days": [DAYS[day] for day in window.days],
        "zone": f"{sign}{clock_text(zone)}",
    }  # fmt: skip


def clock_text(minutes: int) -> str:
    """Return a minute of the day as HH:MM."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(text: Any) -> int:
    hours, colon, minutes = text.partition(":") if isinstance(text, str) else ("", "", "")
    if not (colon and len(hours) == len(minutes) == 2 and f"{hours}{minutes}".isascii() and hours.isdecimal()):
        raise ConditionError(f"{text!r} is no time of the day: HH:MM")
    if not minutes.isdecimal() or int(minutes) > 59 or int(hours) * 60 + int(minutes) > DAY_MINUTES:
        raise ConditionError(f"{text!r} is no time of the day: HH:MM")
    return int(hours) * 60 + int(minutes)


def _zone(text: Any) -> int:
    if not isinstance(text, str) or text[:1] not in {"+", "-"} or _minutes(text[1:]) > 14 * 60:
        raise ConditionError(f"{text!r} is no offset from UTC: +HH:MM")
    return _minutes(text[1:]) * (-1 if text[0] == "-" else 1)


def in_window(window: Window, now: int) -> bool:
    """Say whether a time (milliseconds) lies in hours of days."""
    local = now // MINUTE_MS + window.zone
    day, minute = (local // DAY_MINUTES + _THURSDAY) % 7, local % DAY_MINUTES
    if window.since < window.until:
        return window.since <= minute < window.until and (not window.days or day in window.days)
    if minute >= window.since:
        return not window.days or day in window.days
    return minute < window.until and (not window.days or (day - 1) % 7 in window.days)


def marks_of(window: Window) -> set[tuple[int, int]]:
    """Return the minutes of the day at which a window may open or close."""
    return {(window.zone, window.since % DAY_MINUTES), (window.zone, window.until % DAY_MINUTES), (window.zone, 0)}


def next_mark(marks: frozenset[tuple[int, int]], now: int) -> int | None:
    """Return the next time (milliseconds) of any of the marks, after now."""
    minutes = now // MINUTE_MS
    ahead = [((mark - zone - minutes - 1) % DAY_MINUTES) + 1 for zone, mark in marks]
    return (minutes + min(ahead)) * MINUTE_MS if ahead else None
