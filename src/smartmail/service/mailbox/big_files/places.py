"""From where a link may be followed: countries and networks that its owner names, beside what policy says."""

from collections.abc import Sequence
from typing import Final

from smartmail.domain.errors import Invalid
from smartmail.policy.conditions import countries_of, nearness, networks_of
from smartmail.policy.trees import ConditionError

MAX_COUNTRIES: Final = 60
MAX_NETWORKS: Final = 20


def countries(wished: Sequence[str]) -> tuple[str, ...]:
    """Return ISO 3166-1 codes as they are kept. Raises Invalid."""
    try:
        found = countries_of(tuple(dict.fromkeys(one.strip().upper() for one in wished)))
    except ConditionError as error:
        raise Invalid(str(error)) from None
    if len(found) > MAX_COUNTRIES:
        raise Invalid(f"at most {MAX_COUNTRIES} countries")
    return found


def networks(wished: Sequence[str]) -> tuple[str, ...]:
    """Return networks, or single addresses, as they are kept. Raises Invalid."""
    try:
        found = tuple(dict.fromkeys(str(one) for one in networks_of([one.strip() for one in wished])))
    except ConditionError as error:
        raise Invalid(str(error)) from None
    if len(found) > MAX_NETWORKS:
        raise Invalid(f"at most {MAX_NETWORKS} networks")
    return found


def within(address: str, allowed: Sequence[str]) -> bool:
    """Say whether an address lies in one of some networks."""
    return nearness(networks_of(allowed))(address)
