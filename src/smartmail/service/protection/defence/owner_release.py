"""The owner of an account that was stopped sees why, and lets it send again by a second factor.

STRATEGIES  What is asked for is a proof given after the stop, by a factor that was there a day before it: whoever stole a
            password can enrol a factor of their own with it. From then on the account is expected to send much for
            RELEASED_MS: the run that was stopped goes on. Owner and administrators are told.
SECURITY    Only what looked stolen is the owner's to release; what an administrator stopped is not. A program's
            credential proves no person (service.identity.factors.step_up).
Must not know HTTP.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from smartmail.base import log
from smartmail.domain.defence import SendingStop
from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.principal import Actor
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_factors import FactorStore
from smartmail.service.kernel.clock import DAY, HOUR
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.protection.defence.bans import Bans
from smartmail.service.protection.defence.notices import StopNotices
from smartmail.service.protection.defence.sending import SendingWatch


class _Store(AccountStore, FactorStore, Protocol): ...


RELEASED_MS: Final = 4 * HOUR
FACTOR_AGE_MS: Final = 1 * DAY

Obstacle = Literal["", "manual", "policy", "factor"]
"""Why an owner cannot release: stopped by an administrator, policy leaves it to them, no second factor old enough."""


class Prove(Protocol):
    """service.identity.factors.step_up.StepUp.require."""

    def __call__(self, actor: Actor, minutes: int | None = None, *, since: int = 0) -> Awaitable[None]:
        """Return when the actor has proved itself since then. Raises ProofNeeded, Forbidden."""
        ...


@dataclass(frozen=True, slots=True)
class OwnStop:
    """A stop as its owner sees it: since when (milliseconds), sign → how often, why they cannot release it."""

    since: int
    evidence: Mapping[str, int]
    obstacle: Obstacle


class OwnerRelease:
    """What the webmail asks."""

    def __init__(
        self,
        store: _Store,
        policy: PolicyService,
        bans: Bans,
        watch: SendingWatch,
        notices: Notices,
        prove: Prove,
        clock: Clock,
    ) -> None:
        self._store = store
        self._policy = policy
        self._bans = bans
        self._watch = watch
        self._notices = StopNotices(notices)
        self._prove = prove
        self._clock = clock

    async def state(self, actor: Actor) -> OwnStop | None:
        """Return the stop of the actor's account, None: it may send."""
        stop = await self._stop(actor)
        return None if stop is None else OwnStop(stop.since, stop.evidence, await self._obstacle(actor, stop))

    async def release(self, actor: Actor) -> int:
        """Let the account send again; return how many held recipients go now.

        Raises NotFound (it is not stopped), Forbidden (not the owner's to release), ProofNeeded.
        """
        stop = await self._stop(actor)
        if stop is None:
            raise NotFound("sending of this account is not stopped")
        if await self._obstacle(actor, stop):
            raise Forbidden("this stop is released by an administrator", reason="sending.admin")
        await self._prove(actor, since=stop.since)
        until = self._clock.now() + RELEASED_MS
        await self._bans.allow(actor, f"account:{actor.account_id}", "sending", until)
        freed = await self._watch.resume(actor, actor.account_id, "sending.release")
        log.event("defence.sending_released", account=actor.account_id, freed=freed)
        await self._notices.sending_released(await self._store.account(actor.account_id), freed)
        return freed

    async def _stop(self, actor: Actor) -> SendingStop | None:
        return next((one for one in await self._watch.stopped() if one.account_id == actor.account_id), None)

    async def _obstacle(self, actor: Actor, stop: SendingStop) -> Obstacle:
        if stop.reason != "stolen":
            return "manual"
        policy = await self._policy.of_id(actor.account_id)
        if not policy[knobs.SENDING_STOP_OWNER]:
            return "policy"
        old = stop.since - FACTOR_AGE_MS
        factors = await self._store.factors(actor.account_id)
        usable = [one for one in factors if one.kind in policy[knobs.SECOND_FACTOR_KINDS]]
        if not usable or any(one.created_at > old for one in usable):
            return "factor"
        return ""
