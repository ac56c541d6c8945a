"""Counts days at night, and makes reports of them."""

import asyncio
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol

import msgspec

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.figures import (
    DAY_MS,
    DORMANT_DAYS,
    DayFigures,
    Dormant,
    FigureRow,
    Period,
    PersonLine,
    Report,
    Standing,
    Tally,
    Whole,
    begin_of,
    day_of,
    days_between,
    span_of,
    summed,
    top,
)
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import Department, lineage, path_of
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.serving import Availability
from smartmail.domain.trace import EventRow, StoryRow, first_id
from smartmail.formats.seal import Kind, SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditLog, AuditStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_figures import FigureStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.service.flow.tracing import sealing
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.operations.figures.counting import BACK_DAYS, DayCount, tally_of
from smartmail.service.operations.figures.serving import ServingService


class _Store(AuditLog, AuditStore, DirectoryStore, DomainStore, FigureStore, OrganizationStore, Protocol): ...


PAGE: Final = 500
CATCH_UP_DAYS: Final = 7
KEPT_DAYS: Final = 5 * 366
MOST_DAYS: Final = 400
_QUIET_MS: Final = 10 * 60_000
"""After midnight: what was told of the old day is written, and its logins are chained."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """What a reader may see: all of the company, or these accounts."""

    accounts: tuple[Account, ...]
    everything: bool
    masks: frozenset[str]


class FigureService:
    """Counts and reports."""

    def __init__(
        self, store: _Store, keyring: Keyring, authority: Authority, serving: ServingService, clock: Clock
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._authority = authority
        self._serving = serving
        self._clock = clock

    # --- the job ---

    async def turn(self) -> int:
        """Count the days of late that are over and not counted yet; return how many were. A job."""
        yesterday = day_of(self._clock.now() - _QUIET_MS) - timedelta(days=1)
        first = yesterday - timedelta(days=CATCH_UP_DAYS - 1)
        made = 0
        for organization in await self._store.organizations():
            known = set(await self._store.counted_days(organization.id, first.isoformat()))
            for day in days_between(first, yesterday):
                if day.isoformat() not in known:
                    made += await self._keep(organization.id, day)
        await self._store.drop_figures((yesterday - timedelta(days=KEPT_DAYS)).isoformat())
        return made

    async def count_again(self, actor: Actor, organization_id: OrganizationId, first: date, last: date) -> int:
        """Count days anew that are over; return how many. Raises Invalid, Forbidden, NotFound."""
        await self._authority.require(actor, "report.change", Scope("organization", str(int(organization_id))))
        if (last - first).days > MOST_DAYS:
            raise Invalid(f"at most {MOST_DAYS} days at once", reason="days.most", most=MOST_DAYS)
        last = min(last, day_of(self._clock.now() - _QUIET_MS) - timedelta(days=1))
        made = sum([await self._keep(organization_id, day) for day in days_between(first, last)])
        thing = f"organization:{organization_id} days:{first.isoformat()}:{last.isoformat()} count:{made}"
        now = self._clock.now()
        await self._store.audit(
            AuditRecord(now, actor.named, "report.count", thing, actor.origin.address, None, actor.origin.door)
        )
        return made

    async def _keep(self, home: OrganizationId, day: date) -> int:
        try:
            figures = await self._count(home, day)
            sealer = await self._keyring.organization(home)
        except (NotFound, SealError):
            return 0  # the company was destroyed, and its stories with it
        packed = await asyncio.to_thread(lambda: zlib.compress(msgspec.msgpack.encode(figures), 6))
        row = FigureRow(home, day.isoformat(), self._clock.now(), sealer.seal(Kind.FIGURES, packed, _place(day)))
        await self._store.put_figures(row)
        log.event("figures.counted", organization=home, day=row.day)
        return 1

    async def _count(self, home: OrganizationId, day: date) -> DayFigures:
        """Count the rows of a day."""
        ours = frozenset(one.name for one in await self._store.domains() if one.organization_id == home)
        keys = await self._keyring.queue(home)
        counted = DayCount(day, ours)
        # A story's beginning may hold events that came minutes after its id was made.
        after, before = first_id(counted.since - 3_600_000), first_id(counted.until)
        while rows := await self._store.stories_begun(home, after=after, before=before, limit=PAGE):
            after = rows[-1].id
            await asyncio.to_thread(_count_stories, counted, keys, rows)
        place = (first_id(counted.since - BACK_DAYS * DAY_MS), 0)
        span = (first_id(counted.since), first_id(counted.until))
        while found := await self._store.events_of_span(
            home, after=place, before=before, since=span[0], until=span[1], limit=PAGE
        ):
            place = (found[-1][0].story_id, found[-1][0].seq)
            await asyncio.to_thread(_count_events, counted, keys, found)
        logins = await self._logins(home, counted)
        is_late = day < day_of(self._clock.now()) - timedelta(days=1)
        accounts = [] if is_late else await self._store.accounts(home)
        return counted.end(accounts, await self._last_logins(home, day, accounts, logins))

    async def _logins(self, home: OrganizationId, counted: DayCount) -> dict[int, int]:
        """Count the logins of a day; return when each account last came in."""
        newest: dict[int, int] = {}
        after = (0, 0)
        while page := await self._store.link_facts(home, counted.since, counted.until, after, 5_000):
            for _, facts in page:
                if facts.kind == "login":
                    counted.login(facts)
                    if facts.action == "login.ok":
                        newest[facts.account_id] = max(facts.at, newest.get(facts.account_id, 0))
            after = (page[-1][1].at, page[-1][0])
        return newest

    async def _last_logins(
        self, home: OrganizationId, day: date, accounts: Sequence[Account], newest: dict[int, int]
    ) -> dict[int, int]:
        """Return when each account last came in: on this day, else as the day before knew it, else as records tell."""
        before = await self._days(home, day - timedelta(days=1), day - timedelta(days=1))
        known = next((one.standing for one in before.values()), {})
        found = {}
        for one in accounts:
            at = newest.get(int(one.id)) or (known[int(one.id)].last_login if int(one.id) in known else None)
            if at is None:
                at = await self._store.last_login(home, AccountId(one.id), begin_of(day))
            found[int(one.id)] = at or 0
        return found

    # --- reports ---

    async def report(self, actor: Actor, organization_id: OrganizationId, period: Period, day: date) -> Report:
        """Return the report of the span that a day lies in, as far as days are over; of today by itself: until now.

        Raises Forbidden, NotFound, Invalid (nothing of it is over).
        """
        reader = await self._reader(actor, organization_id)
        first, last = span_of(period, day)
        today = day_of(self._clock.now())
        if first > today:
            raise Invalid("that time has not come yet", reason="time.ahead")
        days = await self._days(organization_id, first, last)
        if first == last == today:
            days[today] = await self._count(organization_id, today)
        expected = [one for one in days_between(first, last) if one < today or one in days]
        missing = tuple(one.isoformat() for one in expected if one not in days)
        serving: tuple[Availability, ...] = ()
        if reader.everything:
            serving = await self._serving.availability(begin_of(first), begin_of(last) + DAY_MS)
        before = await self._days(organization_id, first - timedelta(days=1), first - timedelta(days=1))
        made = _Maker(reader, await self._store.departments(organization_id), days, next(iter(before.values()), None))
        return await asyncio.to_thread(made.report, period, (first, last), serving, missing)

    async def counted(self, actor: Actor, organization_id: OrganizationId, first: date) -> list[str]:
        """Return the names of the days that are counted, from one on. Raises Forbidden, NotFound."""
        await self._reader(actor, organization_id)
        return list(await self._store.counted_days(organization_id, first.isoformat()))

    async def _reader(self, actor: Actor, organization_id: OrganizationId) -> _Reader:
        scope = Scope("organization", str(int(organization_id)))
        accounts = await self._store.accounts(organization_id)
        if await self._authority.may(actor, "report.read", scope):
            masks = await self._authority.masks(actor, "report.read", scope)
            return _Reader(tuple(accounts), everything=True, masks=frozenset(masks))
        if actor.organization_id != organization_id:
            await self._authority.require(actor, "report.read", scope)
        visible = await self._authority.visible(actor, "report.read", accounts)
        if not visible:
            raise Forbidden
        return _Reader(tuple(visible), everything=False, masks=frozenset({"addresses"}))

    async def _days(self, home: OrganizationId, first: date, last: date) -> dict[date, DayFigures]:
        rows = await self._store.figures(home, first.isoformat(), last.isoformat())
        if not rows:
            return {}
        sealer = await self._keyring.organization(home)
        return await asyncio.to_thread(_opened, sealer, rows)


def _count_stories(counted: DayCount, keys: Sealer, rows: Sequence[StoryRow]) -> None:
    for row in rows:
        try:
            counted.story(row.id, sealing.open_story(keys, row))
        except (SealError, msgspec.MsgspecError):
            log.event("trace.unreadable", error="SealError")


def _count_events(counted: DayCount, keys: Sealer, found: Sequence[tuple[EventRow, StoryRow]]) -> None:
    for event, story in found:
        try:
            counted.event(sealing.open_story(keys, story), event.seq, sealing.open_event(keys, event))
        except (SealError, msgspec.MsgspecError):
            log.event("trace.unreadable", error="SealError")


def _opened(sealer: Sealer, rows: Sequence[FigureRow]) -> dict[date, DayFigures]:
    found = {}
    for row in rows:
        day = date.fromisoformat(row.day)
        try:
            packed = zlib.decompress(sealer.open(Kind.FIGURES, row.sealed, _place(day)))
            found[day] = msgspec.msgpack.decode(packed, type=DayFigures)
        except (SealError, zlib.error, msgspec.MsgspecError) as error:
            log.event("figures.unreadable", organization=row.organization_id, day=row.day, error=type(error).__name__)
    return found


def _place(day: date) -> int:
    return day.toordinal()


class _Maker:
    """Makes a report out of opened days."""

    def __init__(
        self,
        reader: _Reader,
        departments: Sequence[Department],
        days: dict[date, DayFigures],
        before: DayFigures | None,
    ) -> None:
        self._reader = reader
        self._departments = {one.id: one for one in departments}
        self._days = days
        self._wanted = None if reader.everything else frozenset(int(one.id) for one in reader.accounts)
        standing = [one.standing for _, one in sorted(days.items()) if one.standing]
        self._standing = standing[-1] if standing else {}
        self._before = before.standing if before is not None else standing[0] if standing else {}

    def report(
        self, period: Period, span: tuple[date, date], serving: tuple[Availability, ...], missing: tuple[str, ...]
    ) -> Report:
        """Return it."""
        people = self._people()
        counted = tuple((day.isoformat(), self._sum(one), one.whole) for day, one in sorted(self._days.items()))
        whole = Whole()
        for _, _, one in counted:
            whole.add(one)
        everything, masked = self._reader.everything, "addresses" in self._reader.masks
        names = {} if masked or not everything else self._outside()
        if not everything:
            counted = tuple((day, tally, Whole()) for day, tally, _ in counted)
        return Report(
            period, *span, counted, summed(tally for _, tally, _ in counted), whole if everything else None, people,
            self._by_department(people), top({name: came for name, (came, _) in names.items()}),
            top({name: went for name, (_, went) in names.items()}), self._countries() if everything else (),
            self._dormant(span[1]), sum(one.used for one in people), sum(one.growth for one in people), serving, missing,
        )  # fmt: skip

    def _sum(self, day: DayFigures) -> Tally:
        return summed(tally for number, tally in day.people.items() if self._wanted is None or number in self._wanted)

    def _people(self) -> tuple[PersonLine, ...]:
        sums = tally_of(self._days.values(), self._wanted)
        found = []
        for one in self._reader.accounts:
            now = self._standing.get(int(one.id), Standing(one.department_id))
            before = self._before.get(int(one.id), Standing())
            if one.state == "closed" and int(one.id) not in sums and not now.used:
                continue
            found.append(
                PersonLine(
                    int(one.id), one.login, one.name, now.department_id, sums.pop(int(one.id), Tally()), now.used,
                    now.used - before.used, now.last_login,
                )
            )  # fmt: skip
        # Accounts that are no more: their mail stays in the sums, under no name.
        found += [PersonLine(number, "", "", 0, tally, 0, 0, 0) for number, tally in sorted(sums.items())]
        return tuple(found)

    def _by_department(self, people: Sequence[PersonLine]) -> tuple[tuple[str, int, Tally], ...]:
        """Return the sum of each department with all below it."""
        sums: dict[int, list[Tally]] = {}
        for one in people:
            if one.department_id in self._departments:
                for department in lineage(self._departments, one.department_id):
                    sums.setdefault(department.id, []).append(one.tally)
        lines = [(path_of(self._departments, number), len(each), summed(each)) for number, each in sums.items()]
        return tuple(sorted(lines))

    def _outside(self) -> dict[str, tuple[int, int]]:
        came: Counter[str] = Counter()
        went: Counter[str] = Counter()
        for day in self._days.values():
            for name, (one, other) in day.outside.items():
                came[name] += one
                went[name] += other
        return {name: (came[name], went[name]) for name in came | went}

    def _countries(self) -> tuple[tuple[str, int, int], ...]:
        good: Counter[str] = Counter()
        bad: Counter[str] = Counter()
        for day in self._days.values():
            for name, (well, ill) in day.countries.items():
                good[name] += well
                bad[name] += ill
        names = sorted(good | bad, key=lambda name: (-good[name] - bad[name], name))
        return tuple((name, good[name], bad[name]) for name in names)

    def _dormant(self, last: date) -> tuple[Dormant, ...]:
        end = begin_of(last) + DAY_MS
        found = []
        for one in self._reader.accounts:
            now = self._standing.get(int(one.id))
            if now is None or not now.active or end - now.last_login <= DORMANT_DAYS * DAY_MS:
                continue
            found.append(Dormant(one.login, one.name, (end - now.last_login) // DAY_MS if now.last_login else None))
        return tuple(sorted(found, key=lambda one: (one.days is not None, -(one.days or 0), one.login)))
