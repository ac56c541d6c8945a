"""What this process and the installation measure, as metrics of Prometheus, for whoever is near enough to ask.

LIMITS    Made anew at most every FRESH_MS, whoever asks how often.
SECURITY  Numbers only: no address of a person, no subject. Asked from this machine or a network of the knob
          `admin.networks`, by nobody that a proxy speaks for.
"""

import asyncio
import ipaddress
from collections.abc import Iterable
from typing import Final

from smartmail.domain.alarms import Alarm, Reading
from smartmail.formats.prometheus import Metric, Sample, exposition
from smartmail.policy.knobs import ADMIN_NETWORKS
from smartmail.ports.clock import Clock
from smartmail.ports.store_alarms import AlarmStore
from smartmail.service.flow.tracing.books import BookService, book_metric
from smartmail.service.kernel.clock import HOUR, SECOND
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.operations.alarms.measures import Measures
from smartmail.service.protection.defence import DefenceService

FRESH_MS: Final = 10 * SECOND


class MetricsService:
    """Makes the page."""

    def __init__(
        self,
        store: AlarmStore,
        measures: Measures,
        books: BookService,
        defence: DefenceService,
        policy: PolicyService,
        clock: Clock,
    ) -> None:
        self._store = store
        self._measures = measures
        self._books = books
        self._defence = defence
        self._policy = policy
        self._clock = clock
        self._page = ""
        self._made_at = -FRESH_MS
        self._making = asyncio.Lock()

    async def may_ask(self, host: str) -> bool:
        """Say whether a host is this machine, or in a network of administrators."""
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address
        if address.is_loopback:
            return True
        networks = await self._policy.value_at_large(ADMIN_NETWORKS)
        return any(address in ipaddress.ip_network(one, strict=False) for one in networks)

    async def page(self) -> str:
        """Return the text. Raises Unavailable."""
        async with self._making:
            if self._clock.now() - self._made_at >= FRESH_MS:
                self._page, self._made_at = await self._made(), self._clock.now()
        return self._page

    async def _made(self) -> str:
        readings, measured = await self._measures.take()
        alarms = await self._store.standing_alarms()
        now = self._clock.now()
        metrics = [*_of_readings(readings), _of_alarms(alarms), self._connections()]
        if "bounce.rate" in measured:
            metrics.append(book_metric(await self._books.books(2), now // HOUR * HOUR))
        return exposition(metrics)

    def _connections(self) -> Metric:
        """Return who is logged in, in the process that answers."""
        counts: dict[str, int] = {}
        for (_account, family), count in self._defence.accounts.connections.here.items():
            counts[family] = counts.get(family, 0) + count
        samples = tuple(Sample(count, (("family", family),)) for family, count in sorted(counts.items()))
        return Metric("smartmail_process_logins", "Connections with a login in the process that was asked.", samples)


def _of_readings(readings: Iterable[Reading]) -> list[Metric]:
    """Return a metric for each condition that was measured."""
    found: dict[str, list[Sample]] = {}
    for one in readings:
        labels = (("subject", one.subject),) if one.subject else ()
        found.setdefault(one.condition, []).append(Sample(one.value, labels))
    return [
        Metric(
            f"smartmail_{name.replace('.', '_').replace('-', '_')}", f"Value of the alarm condition {name}.", tuple(of)
        )
        for name, of in found.items()
    ]


def _of_alarms(alarms: Iterable[Alarm]) -> Metric:
    samples = tuple(
        Sample(
            1,
            (
                ("condition", one.condition), ("subject", one.subject), ("level", one.level),
                ("acknowledged", "yes" if one.acknowledged_at else "no"),
            ),
        )
        for one in alarms
    )  # fmt: skip
    return Metric("smartmail_alarm", "Alarms that stand.", samples)
