"""The board: people see the bulletins that are for them and say that they read them.

STRATEGIES  Whom a bulletin is for is asked when it is looked at, as policy is: who joins a department sees its bulletins.
            Waiting pages (`BulletinWatch`) ask the store only after a hint, when one begins or ends, or after LOOK_MS;
            in a company without bulletins that costs nothing.
SECURITY    What is for others answers like what is not there, and its changes are not told: the state is of what one sees.
            A visitor of the sign-in page reads what was published for it, AT_SIGN_IN bulletins at most.
            Only one's own marks are set. When somebody read is the record itself; the first time stays.
FAILURE     A lost hint costs LOOK_MS, never data.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from smartmail.domain.bulletins import Bulletin, BulletinMarks, Mark
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_bulletins import BulletinStore
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.mailbox.bulletins.texts import BulletinText, BulletinTexts


class _Store(AccountStore, Protocol):
    @property
    def bulletins(self) -> BulletinStore: ...


TOPIC: Final = "bulletin"
"""Payloads: an organisation's number; `person NUMBER` where one person has marked something."""
LOOK_MS: Final = 300 * SECOND
AT_SIGN_IN: Final = 3
"""The most that the sign-in page shows."""
NOTHING: Final = "0"
"""The state of who sees none."""


@dataclass(frozen=True, slots=True)
class ShownBulletin:
    """A bulletin as its reader sees it. `place_name`: whom it is for."""

    row: Bulletin
    text: BulletinText
    place_name: str
    marks: BulletinMarks


class BulletinBoard:
    """What people do with bulletins."""

    def __init__(self, store: _Store, texts: BulletinTexts, policy: PolicyService, bus: Bus, clock: Clock) -> None:
        self._store = store
        self._texts = texts
        self._policy = policy
        self._bus = bus
        self._clock = clock

    async def mine(self, actor: Actor) -> list[ShownBulletin]:
        """Return what is shown to the actor now, the newest first."""
        found = []
        for row, marks in await self._seen(actor):
            name = await self._texts.place_name(row.place)
            found.append(ShownBulletin(row, await self._texts.open(row), name, marks))
        return found

    async def before_sign_in(self, home: OrganizationId, domain: str) -> list[tuple[BulletinText, int]]:
        """Return what the sign-in page of a company, or of a domain of it, says to everybody: the newest first, with the time
        from which it is shown.
        """
        rows = await self._store.bulletins.at_sign_in(home, domain.lower(), self._clock.now(), AT_SIGN_IN)
        return [(await self._texts.open(row), row.shown_from) for row in rows]

    async def mark(self, actor: Actor, bulletin_id: int, mark: Mark) -> None:
        """Note that the actor saw one come up, closed or read it; again is nothing. Raises NotFound (not for the actor)."""
        if all(row.id != bulletin_id for row, _ in await self._seen(actor)):
            raise NotFound
        if await self._store.bulletins.mark(bulletin_id, actor.account_id, mark, self._clock.now()):
            self._bus.publish(TOPIC, f"person {int(actor.account_id)}")

    async def state(self, actor: Actor) -> tuple[str, int]:
        """Return (what changes with anything that the actor sees, when to look again by the clock)."""
        rows, now = await self._store.bulletins.of_organization(actor.organization_id), self._clock.now()
        seen = await self._seen(actor, rows) if any(one.in_force(now) for one in rows) else []
        turns = (at for one in rows for at in (one.shown_from, one.shown_until) if at > now)
        return _digest(seen), min([now + LOOK_MS, *turns])

    async def news(self, actor: Actor, bulletins: Collection[int]) -> str:
        """Return the state of those of some bulletins that the actor has not seen yet; "" for none of them."""
        seen = [(row, marks) for row, marks in await self._seen(actor) if row.id in bulletins]
        new = [one for one in seen if not (one[1].popped_at or one[1].closed_at or one[1].read_at)]
        return _digest(new) if new else ""

    def watch(self, actor: Actor, wake: Callable[[], None]) -> "BulletinWatch":
        """Call `wake` when the state may be another one; close the watch when that is of no use any more."""
        watch = BulletinWatch(self, actor, self._clock, wake)
        watch.end = self._bus.subscribe(TOPIC, watch.heard)
        return watch

    async def _seen(self, actor: Actor, rows: Sequence[Bulletin] | None = None) -> list[tuple[Bulletin, BulletinMarks]]:
        if rows is None:
            rows = await self._store.bulletins.of_organization(actor.organization_id)
        now = self._clock.now()
        shown = [one for one in rows if one.in_force(now)]
        if not shown:
            return []
        account = await self._store.account(actor.account_id)
        places = await self._policy.scopes_of(account)
        marks = {one.bulletin_id: one for one in await self._store.bulletins.marks_of(account.id)}
        mine = [one for one in shown if one.place in places]
        mine.sort(key=lambda one: (one.shown_from, one.id), reverse=True)
        return [(one, marks.get(one.id, BulletinMarks(one.id, AccountId(account.id)))) for one in mine]


class BulletinWatch:
    """One waiting page: knows when to look whether the board is another one."""

    def __init__(self, board: BulletinBoard, actor: Actor, clock: Clock, wake: Callable[[], None]) -> None:
        self._board = board
        self._actor = actor
        self._clock = clock
        self._wake = wake
        self._due = 0
        self._state = NOTHING
        self._topics = {str(int(actor.organization_id)), f"person {int(actor.account_id)}"}
        self.end: Callable[[], None] = lambda: None

    def heard(self, payload: str) -> None:
        """Take a hint."""
        if payload in self._topics:
            self._due = 0
            self._wake()

    async def state(self) -> str:
        """Return the state. Raises Unavailable."""
        if self._clock.now() >= self._due:
            # Taken before it is read: what is hinted at meanwhile is looked at again.
            self._due = self._clock.now() + LOOK_MS
            self._state, due = await self._board.state(self._actor)
            self._due = min(self._due, due)
        return self._state


def _digest(seen: Sequence[tuple[Bulletin, BulletinMarks]]) -> str:
    if not seen:
        return NOTHING
    facts = [(row.id, row.changed_at, marks.popped_at, marks.closed_at, marks.read_at) for row, marks in seen]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
