"""Telling devices what has changed: the loop that sends to push subscriptions (RFC 8620 §7.2).

NAME        pushing
PURPOSE     Write messages and hand them to service.mailbox.push_subscriptions when something is due. Must not know addresses,
            keys or HTTP.
STATES      waiting for a hint or for its time; asking for the lease; sending.
LIMITS      One process of the cluster sends at a time, held by a named lease.
FAILURE     As in edge.jobs.loops: an error is logged and the loop goes on; a lost hint costs `poll_s`.
SECURITY    Hears nothing from outside but status codes; the lease is by time, so that a node that dies gives it up.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

import msgspec

from smartmail.base import log
from smartmail.proto.jmap import numbers, push, push_objects
from smartmail.service.catalogue import Services
from smartmail.service.kernel.push import POLL_SECONDS
from smartmail.service.mailbox.push_subscriptions import BATCH, PAUSE, DuePush

JOB: Final = "push"
_LEASE_MS: Final = 30_000
_EXPIRE_S: Final = 600.0


@dataclass(slots=True)
class Pushing:
    """The loop of one process. `worker` is who we are in leases."""

    services: Services
    worker: str
    poll_s: float = POLL_SECONDS
    _next_expiry: float = 0.0

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until the stop; return once the messages at hand have ended."""
        woken = asyncio.Event()
        end = self.services.hints.on_push(woken.set)
        try:
            while not stopping.is_set():
                woken.clear()
                busy = await self._turn()
                # As long as there is more than can be sent at once nobody waits for a pause that is each device's own.
                await _either(stopping, woken, 0 if busy >= BATCH else PAUSE / 1000 if busy else self.poll_s)
        finally:
            end()

    async def _turn(self) -> int:
        """Send what is due; return how much there was."""
        try:
            if not await self.services.upkeep.lead(JOB, self.worker, _LEASE_MS):
                return 0
            await self._expire()
            await self.services.push_subscriptions.spread()
            return await self._send_due()
        except Exception as error:
            log.event("job.failed", job=JOB, error=type(error).__name__, detail=getattr(error, "detail", ""))
            return 0

    async def _send_due(self) -> int:
        due = await self.services.push_subscriptions.due()
        await self.services.push_subscriptions.send_all([(one, body_of(one)) for one in due])
        return len(due)

    async def _expire(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._next_expiry:
            self._next_expiry = now + _EXPIRE_S
            await self.services.push_subscriptions.expire()


def body_of(due: DuePush) -> bytes:
    """Return the message for a device: PushVerification, or StateChange."""
    if not due.changed:
        return push_objects.verification(
            numbers.show(numbers.PUSH, due.subscription.row.id), due.subscription.text.code
        )
    changed = {numbers.show(numbers.ACCOUNT, account): states for account, states in due.changed.items()}
    return msgspec.json.encode(push.state_change(changed))


async def _either(stopping: asyncio.Event, woken: asyncio.Event, seconds: float) -> None:
    """Wait for the stop or a hint, at most so long."""
    waiting = [asyncio.ensure_future(stopping.wait()), asyncio.ensure_future(woken.wait())]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
