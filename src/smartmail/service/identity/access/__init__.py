"""Access: from where, when and how people may come in (KA-20 to KA-25).

`gate` is what doors ask (through service.identity.auth), `rules` what administrators do (`proposing`:
where two persons are needed), `passes` leave to travel, `glass` the way in
for an administrator who is kept out. How rules decide is policy.access. Must not know protocols.
"""

from dataclasses import dataclass

from smartmail.service.identity.access.book import AccessBook
from smartmail.service.identity.access.break_glass import BreakGlass
from smartmail.service.identity.access.gate import AccessGate
from smartmail.service.identity.access.passes import ShownPass, TravelPasses
from smartmail.service.identity.access.proposing import AccessProposals
from smartmail.service.identity.access.rules import AccessRules, AccessWhy


@dataclass(frozen=True, slots=True)
class Access:
    """The parts that edges and commands call."""

    gate: AccessGate
    rules: AccessRules
    proposing: AccessProposals
    passes: TravelPasses
    glass: BreakGlass


__all__ = [
    "Access", "AccessBook", "AccessGate", "AccessProposals", "AccessRules", "AccessWhy", "BreakGlass", "ShownPass",
    "TravelPasses",
]  # fmt: skip
