"""What a login still owes after its password: pure decisions over policy, the clock and how the account stands."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView

DAY_MS: Final = 86_400_000

FactorNeed = Literal["no", "asked", "grace", "enrol"]
"""`asked`: one is enrolled and has to be shown. `grace`: none is enrolled and there is still time. `enrol`: there is no time
left, nothing but its enrolment is reachable.
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands. Milliseconds; `consents_missing` whether a text waits for its consent."""

    kinds: frozenset[str] = frozenset()
    grace_from: int | None = None
    must_change: bool = False
    change_later_until: int | None = None
    password_at: int | None = None
    consents_missing: bool = False


def factor_need(
    policy: PolicyView, standing: Standing, address: str, now: int, *, asked_for: bool = False
) -> FactorNeed:
    """Say whether a login from an address owes a second factor. `asked_for`: an access rule asks for one."""
    mode = policy[knobs.SECOND_FACTOR_REQUIRED]
    enrolled = bool(standing.kinds)
    if not asked_for:
        if mode == "off" or (mode == "outside-office" and is_within(policy[knobs.OFFICE_NETWORKS], address)):
            return "no"
        if mode == "optional":
            return "asked" if enrolled else "no"
    if enrolled:
        return "asked"
    if asked_for:
        return "enrol"
    begun = now if standing.grace_from is None else standing.grace_from
    return "grace" if now < begun + policy[knobs.SECOND_FACTOR_GRACE_DAYS] * DAY_MS else "enrol"


def is_stale(policy: PolicyView, standing: Standing, now: int) -> bool:
    """Say whether the main password has to be replaced before anything else."""
    if standing.must_change:
        return True
    days = policy[knobs.PASSWORD_MAX_AGE_DAYS]
    if not days or standing.password_at is None or now < standing.password_at + days * DAY_MS:
        return False
    return not (policy[knobs.PASSWORD_CHANGE_LATER] and now < (standing.change_later_until or 0))


def is_within(networks: Sequence[str], address: str) -> bool:
    """Say whether an address lies in one of the networks; in none where there are none."""
    try:
        place = ipaddress.ip_address(address)
    except ValueError:
        return False
    place = getattr(place, "ipv4_mapped", None) or place
    return any(place in ipaddress.ip_network(network, strict=False) for network in networks)
