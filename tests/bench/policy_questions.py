"""How long one question to the policy takes: `.venv/bin/python -m tests.bench.policy_questions [RULES]`.

As many random rules of all knobs, at the levels system, company, domain and account; one account whose scopes are known
already. The store answers from memory, so that only the service and the deciding are measured.
"""

import asyncio
import random
import sys
import time

from smartmail.domain.account import Account
from smartmail.domain.organization import Standing
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.policy.knobs import KNOBS, QUOTA_OVER, TRASH_DAYS, VACATION, VAULT_DAYS
from smartmail.service.kernel.policy import PolicyService

QUESTIONS = 5_000
SCOPES = (
    Scope("system"), Scope("organization", "1"), Scope("domain", "a.example"), Scope("group", "3"), Scope("account", "7"),
)  # fmt: skip
ACCOUNT = Account(
    7, 1, "person", "active", "kim@a.example", "김", "ko", is_admin=False, wrapped_key=b"", modseq=0, horizon=0, quota=None,
    used=0, messages=0, auth_epoch=0,
)  # fmt: skip


class World:
    """The store, the clock and the bus, as far as they are asked."""

    def __init__(self, rules):
        self.rules = rules

    async def policy_epoch(self):
        return 1

    async def policy_rules(self, epoch=None):
        return 1, self.rules

    async def standing(self, account_id):
        return Standing()

    async def groups_of(self, account_id):
        return []

    def now(self):
        return 1_796_000_000_000

    def subscribe(self, topic, heard):
        pass


def some_rules(count: int) -> list[PolicyRule]:
    """Return rules that set knobs to their own default: only how many there are matters."""
    chance = random.Random(1)
    found = []
    while len(found) < count:
        knob, scope = chance.choice(list(KNOBS.values())), chance.choice(SCOPES)
        if scope.level in knob.levels:
            found.append(PolicyRule(knob.name, scope, knob.default))
    return found


async def one(policy: PolicyService) -> None:
    """One knob."""
    await policy.value(ACCOUNT, VACATION)


async def three(policy: PolicyService) -> None:
    """Three knobs of one moment."""
    view = await policy.of(ACCOUNT)
    for knob in (QUOTA_OVER, TRASH_DAYS, VAULT_DAYS):
        view[knob]


async def every(policy: PolicyService) -> None:
    """All knobs."""
    view = await policy.of(ACCOUNT)
    for knob in KNOBS.values():
        view[knob]


async def measure(count: int) -> None:
    """Print microseconds of each kind of question: the best of five rounds."""
    world = World(some_rules(count))
    policy = PolicyService(world, world, world)
    for ask in (one, three, every):
        best = min([await _round(policy, ask) for _ in range(5)])
        print(f"{count} rules: {ask.__doc__} {best:.1f} µs")


async def _round(policy, ask) -> float:
    begun = time.perf_counter()
    for _ in range(QUESTIONS):
        await ask(policy)
    return (time.perf_counter() - begun) / QUESTIONS * 1e6


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
