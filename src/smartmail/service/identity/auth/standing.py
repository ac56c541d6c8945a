"""Live logins: tells connections that their login has ended, within two seconds, on every door.

STRATEGIES
  A hint names an account (password, lock, credential, session) or nobody (policy): those logins are judged at once.
  What comes with time alone is found by a turn each second, while anybody is logged in: credentials that expire, an
  epoch of the policy whose hint was lost, dated exceptions that begin or end, hours that open or close, other tables of
  addresses. A lost hint about one account is made good by judging a slice of the logins in each turn, all of them in
  `ROUND`.
  Several connections of one program share a login, so it is judged once.
FAILURE     The store is away: nobody is put out, the next turn asks again.
Must not know what a connection is: it gets a callback.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from smartmail.domain.errors import MailError
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.service.identity.access.gate import AccessGate
from smartmail.service.kernel.policy import PolicyService

TURN_S: Final = 1.0
ROUND: Final = 10
"""Turns in which every login is judged once, hints or not."""

Key = tuple[AccountId, int, int, str, str, str]


def key_of(actor: Actor) -> Key:
    """Return what makes two connections one login."""
    origin = actor.origin
    return actor.account_id, actor.auth_epoch, actor.credential_id, origin.door, origin.address, actor.session_id


@dataclass(slots=True)
class _Live:
    actor: Actor
    slot: int
    waiters: set[Callable[[], None]] = field(default_factory=set)


class LoginWatch:
    """The logins of this process's connections. `still_valid` judges one."""

    def __init__(
        self,
        policy: PolicyService,
        clock: Clock,
        still_valid: Callable[[Actor], Awaitable[bool]],
        gate: AccessGate,
        forget: Callable[[], None],
    ) -> None:
        self._policy = policy
        self._clock = clock
        self._still_valid = still_valid
        self._forget = forget
        self._gate = gate
        self._live: dict[Key, _Live] = {}
        self._due: set[Key] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._judging: asyncio.Task[None] | None = None
        self._turns = 0
        self._stamp: tuple[object, ...] = ()
        self._boundary: int | None = None

    def add(self, actor: Actor, ended: Callable[[], None]) -> Callable[[], None]:
        """Call `ended` once when the login stands no more; return a function that ends the watch."""
        key = key_of(actor)
        live = self._live.setdefault(key, _Live(actor, len(self._live) % ROUND))
        live.waiters.add(ended)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TURN_S, self._turn)

        def end() -> None:
            live.waiters.discard(ended)
            if not live.waiters and self._live.get(key) is live:
                del self._live[key]

        return end

    def heard(self, account_id: AccountId | None) -> None:
        """Something changed for an account, None: for anybody."""
        self._judge_soon(key for key in self._live if account_id is None or key[0] == account_id)

    def _turn(self) -> None:
        self._timer = None
        if not self._live:
            return
        self._timer = asyncio.get_running_loop().call_later(TURN_S, self._turn)
        self._turns += 1
        now, slot = self._clock.now(), self._turns % ROUND
        self._judge_soon(
            key
            for key, live in self._live.items()
            if live.slot == slot or (live.actor.valid_until is not None and live.actor.valid_until <= now)
        )
        self._start()

    def _judge_soon(self, keys: Iterable[Key]) -> None:
        self._due.update(keys)
        if self._due:
            self._start()

    def _start(self) -> None:
        if self._judging is None or self._judging.done():
            self._judging = asyncio.get_running_loop().create_task(self._judge())

    async def _judge(self) -> None:
        try:
            await self._look_at_policy()
            while self._due:
                live = self._live.get(self._due.pop())
                if live is not None and not await self._still_valid(live.actor):
                    for ended in tuple(live.waiters):
                        ended()
        except MailError:
            # Nobody can be asked now; what was due comes again with its slice.
            return

    async def _look_at_policy(self) -> None:
        now = self._clock.now()
        rules = await self._policy.ruleset()
        of_access, boundary = await self._gate.standing(now)
        stamp, boundaries = (rules.epoch, of_access), (rules.next_boundary(now), boundary)
        changed = stamp != self._stamp or (self._boundary is not None and self._boundary <= now)
        self._stamp, self._boundary = stamp, min((at for at in boundaries if at is not None), default=None)
        if changed:
            # What was found a moment ago, before the change, holds no more.
            self._forget()
            self._due.update(self._live)
