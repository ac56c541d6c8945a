"""What a set of rules to begin and knobs to unset does to the rules in force, and whether it is of the class security."""

from collections.abc import Iterable, Sequence
from typing import Final

from smartmail.domain.errors import Invalid
from smartmail.domain.policy import Level, PolicyRule, Scope
from smartmail.domain.policy_changes import Unset
from smartmail.domain.principal import Actor
from smartmail.policy.knobs import ADMIN_NETWORKS
from smartmail.policy.proofs import is_within
from smartmail.service.kernel.authority import Authority

SECURITY: Final = (
    "door.", "login.", "password.", "lockout.", "second-factor.", "certificate.", "step-up.", "consent.", "session.",
    "admin.", "office.", "forward.", "sharing.", "export.", "attachment.", "outside.", "change.", "known-device.",
)  # fmt: skip
"""Beginnings of the names of knobs that open or close something: the class that may need a second administrator."""


def is_security(knob: str) -> bool:
    """Say whether a knob is of the class security."""
    return knob.startswith(SECURITY)


def check_way_in(actor: Actor, begin: Iterable[PolicyRule]) -> None:
    """Raise Invalid where an administrator would shut the console to the place that it sits at (BR-25)."""
    if actor.origin.door == "cli":
        return
    for rule in begin:
        networks = rule.value if rule.knob == ADMIN_NETWORKS.name and isinstance(rule.value, tuple) else ()
        if networks and not is_within(networks, actor.origin.address):
            raise Invalid(
                "you would lock yourself out: your own address is in none of these networks", reason="access.youout"
            )


async def require_level(authority: Authority, actor: Actor, scope: Scope, level: Level) -> None:
    """Raise Forbidden, NotFound unless an actor governs the level in whose name it grants an exception for a scope.

    The exception holds against locks below that level: who administers a department alone speaks for no company.
    """
    if level == scope.level:
        return
    home = None if level == "system" else await authority.require(actor, "policy.change", scope)
    whole = Scope("system") if home is None else Scope("organization", str(int(home)))
    await authority.require(actor, "policy.change", whole)


def plan(
    rules: Sequence[PolicyRule], begin: Sequence[PolicyRule], unset: Sequence[Unset]
) -> tuple[list[PolicyRule], list[int]]:
    """Return the rules to begin and the ids of those to end.

    A rule without an end replaces what its scope had; an exception stands beside the others; unsetting ends exceptions too.
    """
    places = {(rule.knob, rule.scope) for rule in begin if not rule.dated}
    gone = {(one.knob, one.scope) for one in unset}
    ended = [
        rule.id
        for rule in rules
        if (rule.knob, rule.scope) in gone or (not rule.dated and (rule.knob, rule.scope) in places)
    ]
    return list(begin), ended


def after(rules: Sequence[PolicyRule], begin: Sequence[PolicyRule], unset: Sequence[Unset]) -> list[PolicyRule]:
    """Return the rules as they would be."""
    begun, ended = plan(rules, begin, unset)
    gone = set(ended)
    return [rule for rule in rules if rule.id not in gone] + begun


def at_places(rules: Iterable[PolicyRule], places: set[tuple[str, Scope]]) -> set[int]:
    """Return the ids of rules that lie at any of the places."""
    return {rule.id for rule in rules if (rule.knob, rule.scope) in places}
