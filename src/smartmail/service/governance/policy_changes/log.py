"""Past decisions on limits, kept for rehearsals: who, which knob, the number that was compared, yes or no.

LIMITS      The newest `KEEP` of the installation; at most `WAITING` wait in memory and the rest is not kept. Written
            together each second, beside the path of a message.
SECURITY    Ids and numbers only: whom somebody writes to is not here. Logins have a record of their own.
"""

from typing import Final

from smartmail.base import log
from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId
from smartmail.domain.policy_changes import PastDecision
from smartmail.ports.clock import Clock
from smartmail.ports.store_policy_changes import PolicyChangeStore

KEEP: Final = 20_000
WAITING: Final = 2_000


class DecisionLog:
    """Takes decisions and writes them now and then."""

    def __init__(self, store: PolicyChangeStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._waiting: list[PastDecision] = []

    def note(self, account_id: AccountId, knob: str, number: int, allowed: bool) -> None:
        """Keep a decision. Costs nothing now."""
        if len(self._waiting) < WAITING:
            self._waiting.append(PastDecision(self._clock.now(), account_id, knob, allowed, number))

    async def flush(self) -> None:
        """Write what waits; what cannot be written is lost, and said so."""
        taken, self._waiting = self._waiting, []
        if not taken:
            return
        try:
            await self._store.note_decisions(taken, KEEP)
        except MailError as error:
            log.event("policy.decisions_lost", count=len(taken), error=type(error).__name__)
