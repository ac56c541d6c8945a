"""Step-up: dangerous acts ask for a proof that is only minutes old (export, purge, keys, policy, second factors).

The command line has proved itself by the master key. Who logs in with each request has just proved itself, unless by a
credential of a program, which proves no person.
"""

from smartmail.domain.errors import Forbidden, ProofNeeded
from smartmail.domain.principal import Actor
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.service.identity.factors.store import Store
from smartmail.service.kernel.clock import MINUTE
from smartmail.service.kernel.policy import PolicyService

HERE = frozenset({"cli", "system"})
PROGRAMS = frozenset({"app", "token", "certificate", "key"})


class StepUp:
    """Asked by services before such an act."""

    def __init__(self, store: Store, policy: PolicyService, clock: Clock) -> None:
        self._store = store
        self._policy = policy
        self._clock = clock

    async def require(self, actor: Actor, minutes: int | None = None, *, since: int = 0) -> None:
        """Return when the actor has proved itself within so many minutes (None: what policy says), and after `since`.

        Raises ProofNeeded("step-up"): the page asks for a proof and tries again; Forbidden: a program can give none.
        """
        if actor.origin.door in HERE:
            return
        if actor.by in PROGRAMS:
            raise Forbidden("sign in as a person for this", reason="consent.person")
        policy = await self._policy.of_id(actor.account_id)
        within = (policy[knobs.STEP_UP_MINUTES] if minutes is None else minutes) * MINUTE
        if actor.by == "session":
            row = await self._store.session(bytes.fromhex(actor.session_id))
            if row is not None and self._clock.now() - row.proved_at < within and row.proved_at > since:
                # Who has a second factor has not proved much by a password that was given before it was there.
                enrolled = {one.kind for one in await self._store.factors(actor.account_id)}
                if row.factor or not enrolled & {*policy[knobs.SECOND_FACTOR_KINDS]}:
                    return
        raise ProofNeeded("step-up")
