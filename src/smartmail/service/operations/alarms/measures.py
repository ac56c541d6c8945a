"""Measures what alarms are about. Each measure reads little and changes nothing but its own samples.

FAILURE  A measure that cannot be taken gives no reading: its alarms stay as they are, and the log says so.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from smartmail.base import log
from smartmail.domain.alarms import Reading
from smartmail.domain.errors import MailError
from smartmail.domain.ids import VolumeId
from smartmail.domain.trace import Book
from smartmail.domain.volumes import takes_blobs
from smartmail.ports.blobs import Volume
from smartmail.ports.clock import Clock
from smartmail.ports.store_alarms import AlarmStore
from smartmail.ports.store_audit import AuditStore
from smartmail.ports.store_backup import BackupStore
from smartmail.ports.store_break_glass import BreakGlassStore
from smartmail.ports.store_defence import DefenceStore
from smartmail.ports.store_keys import KeyStore
from smartmail.ports.store_nodes import NodeStore
from smartmail.ports.store_policy_changes import PolicyChangeStore
from smartmail.ports.store_queue import QueueControlStore
from smartmail.ports.store_records import RecordStore
from smartmail.ports.store_rekeying import RekeyStore
from smartmail.ports.store_settings import SettingStore
from smartmail.ports.store_volumes import VolumeStore
from smartmail.service.flow.certificates import CertificateService
from smartmail.service.flow.tracing.books import BookService
from smartmail.service.governance.policy_changes import AckService
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE
from smartmail.service.operations.siem import ForwardService


class _Store(
    AlarmStore,
    AuditStore,
    BackupStore,
    BreakGlassStore,
    DefenceStore,
    KeyStore,
    NodeStore,
    PolicyChangeStore,
    QueueControlStore,
    RecordStore,
    RekeyStore,
    SettingStore,
    VolumeStore,
    Protocol,
): ...


SEEN: Final = "alarms-seen"
"""Scope of settings: samples of disks, and what the check of chains found last."""
SAMPLES: Final = 7 * 24
SAMPLE_MS: Final = HOUR
TREND_MS: Final = DAY
"""How long a disk must have been watched before its days are told."""
DAYS_MOST: Final = 3_650
LOGINS_SEEN: Final = 5_000
LOGIN_SPAN: Final = 10 * MINUTE
GLASS_SPAN: Final = 15 * MINUTE
BOUNCES_FROM: Final = 100
"""Recipients of an hour below which no rate is worth an alarm."""
RUNS_SEEN: Final = 200
USUAL_HOURS: Final = 7 * 24
LAG_MS: Final = 60_000
CLAIM_MS: Final = 60_000
"""How long ago a node was heard of at the most: the clock of one that is gone is nobody's matter."""
NOT_DELIVERED: Final = ("bounced", "expired")


@dataclass(frozen=True, slots=True)
class Watched:
    """The services that are asked."""

    certificates: CertificateService
    books: BookService
    acks: AckService
    forwarding: ForwardService


class Measures:
    """Takes all measures, one after the other."""

    def __init__(self, store: _Store, volumes: Mapping[VolumeId, Volume], clock: Clock, watched: Watched) -> None:
        self._store = store
        self._volumes = volumes
        self._clock = clock
        self._watched = watched
        self._measures: dict[tuple[str, ...], Callable[[], Awaitable[list[Reading]]]] = {
            ("queue.length", "queue.oldest"): self._queue,
            ("disk.days-left", "disk.free"): self._disks,
            ("volumes.closed", "volumes.open"): self._closed,
            ("backup.age", "rehearsal.age"): self._backups,
            ("certificate.days-left",): self._certificates,
            ("bounce.rate", "sending.spike"): self._books,
            ("login.failures",): self._logins,
            ("sending.stopped",): self._stops,
            ("access.break-glass",): self._glasses,
            ("books.imbalance",): self._imbalances,
            ("policy.lagging",): self._laggards,
            ("audit.broken", "audit.behind"): self._chains,
            ("siem.behind",): self._collectors,
            ("keys.standing",): self._keys,
            ("clock.skew",): self._clocks,
        }

    async def take(self) -> tuple[list[Reading], frozenset[str]]:
        """Return all readings, and the conditions that were measured (those of readings, and those that need none)."""
        readings: list[Reading] = []
        measured: set[str] = set()
        for names, measure in self._measures.items():
            try:
                readings += await measure()
            except (MailError, OSError, ValueError) as error:
                log.event("alarm.measure_failed", condition=names[0], error=type(error).__name__)
            else:
                measured.update(names)
        return readings, frozenset(measured)

    async def note_chains(self, findings: int) -> None:
        """Keep what a look through all chains has found: it takes too long to be done for each reading."""
        await self._store.put_setting(SEEN, "audit.broken", str(findings))

    async def _queue(self) -> list[Reading]:
        totals = dict((await self._store.queue_totals(0)).states)
        waiting = sum(count for state, count in totals.items() if state in ("waiting", "ready", "leased", "behind"))
        oldest = await self._store.oldest_waiting()
        age = 0 if oldest is None else max(0, self._clock.now() - oldest) // MINUTE
        return [Reading("queue.length", waiting), Reading("queue.oldest", age)]

    async def _disks(self) -> list[Reading]:
        found = []
        for volume_id, volume in self._volumes.items():
            room = await volume.room()
            if room.total is None or room.free is None or room.total <= 0:
                continue
            subject = f"volume:{volume_id}"
            found.append(Reading("disk.free", 100 * room.free // room.total, subject))
            days = days_left(await self._sampled(subject, room.free))
            if days is not None:
                found.append(Reading("disk.days-left", days, subject))
        return found

    async def _sampled(self, subject: str, free: int) -> list[tuple[int, int]]:
        """Return the samples of a disk's free octets, this one last; one in an hour is kept."""
        now, text = self._clock.now(), await self._store.setting(SEEN, subject)
        samples = msgspec.json.decode(text, type=list[tuple[int, int]]) if text else []
        if not samples or now - samples[-1][0] >= SAMPLE_MS:
            samples = [*samples, (now, free)][-SAMPLES:]
            await self._store.put_setting(SEEN, subject, msgspec.json.encode(samples).decode())
            return samples
        return [*samples, (now, free)]

    async def _closed(self) -> list[Reading]:
        """How many volumes that should take mail do not, and how many do."""
        wanted = [
            row for row in await self._store.volumes()
            if row.state in {"online", "full", "failed"} and row.weight > 0 and not row.read_only
        ]  # fmt: skip
        taking = sum(takes_blobs(row) for row in wanted)
        return [Reading("volumes.closed", len(wanted) - taking), Reading("volumes.open", taking)]

    async def _backups(self) -> list[Reading]:
        """Days since the last good backup, and since the last good rehearsal of one; none where nobody takes any."""
        found: list[Reading] = []
        backups = await self._store.backup_runs("backup", RUNS_SEEN)
        if not backups:
            return found
        now = self._clock.now()
        since = next((one.begun_at for one in backups if one.state == "good"), backups[-1].begun_at)
        found.append(Reading("backup.age", max(0, now - since) // DAY))
        rehearsals = await self._store.backup_runs("rehearsal", RUNS_SEEN)
        shown = next((one.begun_at for one in rehearsals if one.state == "good"), backups[-1].begun_at)
        found.append(Reading("rehearsal.age", max(0, now - shown) // DAY))
        return found

    async def _certificates(self) -> list[Reading]:
        now = self._clock.now()
        rows = await self._watched.certificates.rows()
        return [
            Reading("certificate.days-left", max(0, (row.until - now) // DAY), f"certificate:{row.id}") for row in rows
        ]

    async def _books(self) -> list[Reading]:
        books = await self._watched.books.books(USUAL_HOURS)
        this = self._clock.now() // HOUR * HOUR
        return [
            Reading("bounce.rate", bounce_rate([one for one in books if one.hour >= this - HOUR])),
            Reading("sending.spike", spike(books, this - HOUR)),
        ]

    async def _logins(self) -> list[Reading]:
        since = self._clock.now() - LOGIN_SPAN
        attempts = await self._store.recent_logins(LOGINS_SEEN)
        return [Reading("login.failures", sum(one.at >= since and one.result != "ok" for one in attempts))]

    async def _stops(self) -> list[Reading]:
        stops = [one for one in await self._store.sending_stops() if one.reason == "stolen"]
        return [Reading("sending.stopped", len(stops))]

    async def _glasses(self) -> list[Reading]:
        """How many may come in past the access rules now, or might lately: one of five minutes is not missed."""
        found = await self._store.glasses_since(self._clock.now() - GLASS_SPAN)
        return [Reading("access.break-glass", len({one.account_id for one in found}))]

    async def _imbalances(self) -> list[Reading]:
        return [Reading("books.imbalance", sum(abs(count) for _id, count in await self._watched.books.imbalances()))]

    async def _laggards(self) -> list[Reading]:
        found = await self._watched.acks.obedience()
        began = await self._store.revised_at(found.epoch)
        late = 0 if began is None or self._clock.now() - began < LAG_MS else len(found.lagging)
        return [Reading("policy.lagging", late)]

    async def _chains(self) -> list[Reading]:
        text = await self._store.setting(SEEN, "audit.broken")
        behind = await self._store.count_unchained(self._clock.now() - 5 * MINUTE)
        return [Reading("audit.broken", int(text or 0)), Reading("audit.behind", behind)]

    async def _collectors(self) -> list[Reading]:
        targets = [one for one in await self._store.siem_targets() if one.state == "on"]
        return [
            Reading("siem.behind", await self._watched.forwarding.waiting(one), f"siem:{one.id}") for one in targets
        ]

    async def _keys(self) -> list[Reading]:
        """Minutes since a change of keys was last heard of, of the company's and accounts' and of the master key."""
        now = self._clock.now()
        changes = [(f"rekey:{one.id}", one.moved_at) for one in await self._store.rekeys(1) if one.ended_at is None] + [
            (f"rotation:{one.id}", one.changed_at) for one in await self._store.rotations(1) if one.ended_at is None
        ]
        return [Reading("keys.standing", max(0, now - at) // MINUTE, name) for name, at in changes]

    async def _clocks(self) -> list[Reading]:
        """How far the clock of each node that lives is from the database's, by which leases are."""
        claims = await self._store.node_claims(self._clock.now() - CLAIM_MS)
        return [Reading("clock.skew", abs(one.skew), f"node:{one.name}") for one in claims]


def days_left(samples: list[tuple[int, int]]) -> int | None:
    """Return how long the free octets last as they went until now; None while nobody can say, or nothing is used up."""
    if not samples or samples[-1][0] - samples[0][0] < TREND_MS:
        return None
    span, used = samples[-1][0] - samples[0][0], samples[0][1] - samples[-1][1]
    if used <= 0:
        return DAYS_MOST
    return min(DAYS_MOST, int(samples[-1][1] * span / used / DAY))


def bounce_rate(books: list[Book]) -> int:
    """Return the percentage of recipients that came back, of those that have come to an end; 0 where there are few."""
    ends = [pair for one in books for pair in one.ends]
    done = sum(count for _kind, count in ends)
    if done < BOUNCES_FROM:
        return 0
    return 100 * sum(count for kind, count in ends if kind in NOT_DELIVERED) // done


def spike(books: list[Book], hour: int) -> int:
    """Return what the last whole hour took in as percentage of the usual busy hour; 100 while there is no usual."""
    by_hour: dict[int, int] = {}
    for one in books:
        by_hour[one.hour] = by_hour.get(one.hour, 0) + one.accepted
    last = by_hour.pop(hour, 0)
    before = sorted(count for at, count in by_hour.items() if at < hour)
    # The ninth of ten: nights must not make every morning a spike.
    usual = before[len(before) * 9 // 10] if len(before) >= 24 else 0
    return 100 * last // usual if usual >= BOUNCES_FROM else 100
