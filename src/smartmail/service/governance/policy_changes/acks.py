"""Acknowledgements: each process says which epoch of the policy it obeys, so that a laggard has a name.

STRATEGIES  A process looks each second, or when it hears of an epoch, and writes when something changed; beside that it
            shows every `SEEN_MS` that it lives. What was not seen for `LIVING_MS` is no laggard but gone.
FAILURE     The store is away: nothing is written, and the next look does it.
"""

from typing import Final, Protocol

from smartmail.base import log
from smartmail.domain.policy_changes import Ack, Obedience
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_policy import PolicyStore
from smartmail.ports.store_policy_changes import PolicyChangeStore
from smartmail.service.kernel.agreement import LIVING_MS, Agreement, living
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.kernel.policy import TOPIC, PolicyService


class _Store(PolicyChangeStore, PolicyStore, Protocol): ...


SEEN_MS: Final = 15 * SECOND
LAG_MS: Final = 10 * SECOND


class AckService:
    """Writes the acknowledgements of this process, reads those of all."""

    def __init__(self, store: _Store, policy: PolicyService, clock: Clock, bus: Bus, agreement: Agreement) -> None:
        self._agreement = agreement
        self._store = store
        self._policy = policy
        self._clock = clock
        self._bus = bus
        self._told: Ack | None = None
        self._rung: set[tuple[str, str, int]] = set()

    @property
    def topic(self) -> str:
        """The topic on which a new epoch is told."""
        return TOPIC

    async def turn(self, node: str, process: str) -> None:
        """Look at the epoch and acknowledge what changed. A loop of every process. Raises Unavailable."""
        standing = await self._policy.standing()
        now, told = self._clock.now(), self._told
        error = standing.error if standing.seen != standing.epoch else ""
        news = told is None or (told.epoch, told.error) != (standing.epoch, error)
        if told is not None and not news and now - told.seen_at < SEEN_MS:
            return
        applied = now if told is None or told.epoch != standing.epoch else told.applied_at
        ack = Ack(node, process, standing.epoch, applied, now, error)
        self._agreement.join(node, process)
        await self._store.put_ack(ack)
        self._told = ack

    async def leave(self, node: str, process: str) -> None:
        """Take the process off the list: it ends as asked."""
        await self._store.drop_acks(0, node, process)

    async def obedience(self) -> Obedience:
        """Return how far the newest epoch has come."""
        epoch, now = await self._store.policy_epoch(), self._clock.now()
        alive = await living(self._store, now)
        lagging = tuple(one for one in alive if one.epoch < epoch)
        began = await self._store.revised_at(epoch)
        # Who started after the epoch began has nothing to do with how long it took to come into force.
        took = [one.applied_at - began for one in alive if began is not None and one.applied_at - began <= LIVING_MS]
        return Obedience(epoch, alive, lagging, None if lagging or not took else max(0, *took))

    async def ring(self) -> int:
        """Raise an alarm for each process that lags for more than ten seconds, once; forget the dead. A job."""
        now = self._clock.now()
        if any(one.seen_at < now - DAY for one in await self._store.acks()):
            await self._store.drop_acks(now - DAY)
        found = await self.obedience()
        began = await self._store.revised_at(found.epoch)
        if began is None or now - began <= LAG_MS:
            return 0
        late = {(one.node, one.process, found.epoch): one for one in found.lagging}
        for key, one in late.items():
            if key not in self._rung:
                log.event(
                    "policy.lagging", node=one.node, worker=one.process, epoch=one.epoch, newest=found.epoch,
                    detail=one.error,
                )  # fmt: skip
        self._rung = set(late)
        return len(late)
