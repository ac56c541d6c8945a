"""What an account has always done: how much alike mail of a day, at which hours, from which places, to which domains it leads.

STRATEGIES  History is what lies before today: what happens now excuses nothing now. Of a day only what is much is kept, of
            hours the number of days. A place is usual for who logged in from it a day ago and before, for a machine that is
            registered, and where colleagues were.
LIMITS      MOST accounts in memory; days are kept for HISTORY_MS.
SECURITY    Counts and keyed hashes. The days around a theft are taken back (store.stop_sending).
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from smartmail.domain.defence import GreyRow, SendingDay, SendingPlace
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor
from smartmail.formats.address import domain_to_ascii
from smartmail.formats.seal import HASH_OCTETS, Purpose
from smartmail.ports.clock import Clock
from smartmail.ports.store_defence import DefenceStore
from smartmail.ports.store_directory import DomainStore
from smartmail.service.kernel.clock import DAY, HOUR
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.protection.defence.outbox import Habit, Outbox
from smartmail.service.protection.defence.places import place_of


class _Store(DefenceStore, DomainStore, Protocol): ...


MOST: Final = 10_000
HISTORY_MS: Final = 400 * DAY
"""What is done once a year is done again."""
LINK_MS: Final = 180 * DAY
MUCH: Final = 10
"""Alike mails, or strangers, of a day from which on they are kept."""
GROWTH: Final = 1.25
"""How much more it must be to be written once more."""
HOURS_LEAST: Final = 40
"""Days and hours that must be known before one of them is odd."""
HOUR_SHARE: Final = 0.02


@dataclass(slots=True)
class _Known:
    day: int
    habit: Habit = field(default_factory=Habit)
    hours: Sequence[int] = ()
    places: dict[str, tuple[int, SendingPlace]] = field(default_factory=dict)
    noted: Habit = field(default_factory=Habit)
    hour_noted: int = -1


class Habits:
    """Asks the store once a day for each account, and tells it what the day brought."""

    def __init__(self, store: _Store, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._known: OrderedDict[AccountId, _Known] = OrderedDict()

    async def of(self, account_id: AccountId) -> Habit:
        """Return the most of a day in the past. Raises Unavailable."""
        return (await self._of(account_id)).habit

    async def is_usual_hour(self, account_id: AccountId) -> bool:
        """Say whether an account sends at this hour of a day, an hour sooner or later; yes for one that is hardly known."""
        hours = (await self._of(account_id)).hours
        total, hour = sum(hours), self._clock.now() // HOUR % 24
        if total < HOURS_LEAST:
            return True
        return sum(hours[(hour + shift) % 24] for shift in (-1, 0, 1)) > max(2, HOUR_SHARE * total)

    async def place(self, actor: Actor) -> SendingPlace:
        """Say what place an account sends from. Raises Unavailable."""
        place, now = place_of(actor.origin.address), self._clock.now()
        if not actor.by:
            return "usual"  # a machine that an administrator registered, or this house itself
        if place is None:
            return "unknown"
        known = await self._of(actor.account_id)
        until, found = known.places.get(place.network, (0, "unknown"))
        if until <= now:
            found = await self._store.sending_place(actor.account_id, place.network, now - DAY)
            known.places[place.network] = (now + HOUR, found)
        return found

    async def new_domains(self, organization_id: OrganizationId, domains: Sequence[str]) -> list[str]:
        """Return to which of these domains, none of them ours, mail of a company led first within a day; all are remembered."""
        now, found = self._clock.now(), []
        for domain in domains:
            if await self._store.domain(domain_to_ascii(domain)) is not None:
                continue
            fields = (b"link", b"%d" % organization_id, domain.encode("utf-8", "surrogatepass"))
            key = self._keyring.installation_mac(Purpose.DEFENCE, *fields)[:HASH_OCTETS]
            if await self._store.grey_first(GreyRow(key, now, now + LINK_MS), now) > now - DAY:
                found.append(domain)
        return found

    async def note(self, account_id: AccountId, outbox: Outbox) -> None:
        """Keep what today has brought, where it is much, and that the account sends at this hour."""
        known, now = await self._of(account_id), self._clock.now()
        if known.hour_noted != now // HOUR:
            known.hour_noted = now // HOUR
            await self._store.note_sending_hour(account_id, now // HOUR % 24, now // DAY)
        seen, noted = Habit(outbox.today["inside"], outbox.today["outside"], outbox.today["strangers"]), known.noted
        if any(one >= max(MUCH, GROWTH * before) for one, before in zip(_numbers(seen), _numbers(noted), strict=True)):
            known.noted = seen
            await self._store.note_sending_day(SendingDay(account_id, now // DAY, *_numbers(seen)))

    def forget(self, account_id: AccountId) -> None:
        """Ask the store anew."""
        self._known.pop(account_id, None)

    async def _of(self, account_id: AccountId) -> _Known:
        day = self._clock.now() // DAY
        known = self._known.get(account_id)
        if known is None or known.day != day:
            most = await self._store.sending_days(account_id, day - HISTORY_MS // DAY, day)
            hours = await self._store.sending_hours(account_id)
            known = self._known[account_id] = _Known(day, Habit(most.inside, most.outside, most.strangers), hours)
        self._known.move_to_end(account_id)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return known


def expecting(habit: Habit, alike: int) -> Habit:
    """Return a habit in which so many alike mails of a day are no wonder, whoever they go to."""
    return replace(habit, inside=max(habit.inside, alike), outside=max(habit.outside, alike))


def _numbers(habit: Habit) -> tuple[int, int, int]:
    return habit.inside, habit.outside, habit.strangers
