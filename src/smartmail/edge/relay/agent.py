"""Relay and delivery workers: lease what is due, bring it to accounts or the next hop, report each recipient.

NAME        relay
PURPOSE     Empty the queue. One agent per process; any number of processes and nodes share the queue by leases.
QUEUES      Those of service.flow.queue.
LIMITS      100 attempts at a time in a process; a destination as much as it takes (destinations). It looks by itself
            every 5 s.
STRATEGIES  Fair shares between senders and destinations (domain.queue_shares), slow start, dead destinations, connections
            that carry several messages (pool). Hosts are tried in the order of the route; TLS as the terms say (securing).
FAILURE     A node that could not tell that it lives ends no delivery, for others take over what it had. A worker that dies loses its leases in time, a living one renews them. An error of ours is logged and is an
            attempt that failed for now; where not even that can be noted, the lease runs out.
SECURITY    The smarthost's password goes out over TLS only (proto.smtp.client).
STANDARDS   RFC 5321 §4.5.4.1, §5.1; RFC 3207; RFC 7505.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from smartmail.base import log
from smartmail.domain.errors import MailError
from smartmail.domain.ids import QueueEntryId
from smartmail.domain.queue_rules import QueueRules
from smartmail.domain.queue_shares import Shares
from smartmail.edge.relay.carrying import Carrier, Lapsed, everyone
from smartmail.edge.relay.destinations import Destinations
from smartmail.edge.relay.pace import Pace
from smartmail.proto.smtp.client_events import ClientConfig, ClientTimeouts
from smartmail.service.catalogue import Services
from smartmail.service.flow.queue_work import Outcome, Work
from smartmail.service.flow.routing import Host, Route
from smartmail.service.kernel.envelope import Result as KeptResult

POLL_SECONDS = 5.0
CONCURRENCY = 100
RENEW_SECONDS = 60.0
SWEEP_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class RelayConfig:
    """Our name in the hello, and the worker's name in leases. `now` gives seconds that never go back. `term`: the stretch
    for which this node holds what it leased; in another one it may be somebody else's (app.node_lease).
    """

    host: str
    worker: str
    concurrency: int = CONCURRENCY
    now: Callable[[], float] = time.monotonic
    timeouts: ClientTimeouts = ClientTimeouts()  # noqa: RUF009 -- a frozen value
    term: Callable[[], int] = lambda: 0


class RelayAgent:
    """One process's share of the queue."""

    def __init__(self, services: Services, config: RelayConfig) -> None:
        self._services = services
        self._config = config
        self._shares = Shares(config.concurrency)
        self._destinations = Destinations(self._shares, config.now)
        client = ClientConfig(config.host, timeouts=config.timeouts)
        self._carrier = Carrier(services, client, self._destinations, config.now, config.term)
        self._pace = Pace(config.concurrency, config.now)
        self._lanes: Counter[int] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: Counter[QueueEntryId] = Counter()
        self._wake = asyncio.Event()
        self._blocked = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping`, then finish what is under way."""
        end = self._services.hints.on_queue(self._wake.set)
        upkeep = asyncio.get_running_loop().create_task(self._upkeep())
        try:
            while not stopping.is_set():
                await self._round()
                await self._wait(stopping)
        finally:
            end()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=30)
            upkeep.cancel()
            await self._carrier.pool.close()

    async def _upkeep(self) -> None:
        """Renew leases of what takes long, and let go of connections that nobody needs."""
        renewed = self._config.now()
        clock = asyncio.get_running_loop().time
        while True:
            began, used = clock(), time.process_time()
            await asyncio.sleep(SWEEP_SECONDS)
            passed = clock() - began
            self._pace.measured(passed - SWEEP_SECONDS, (time.process_time() - used) / passed)
            self._carrier.pool.sweep()
            if self._config.now() - renewed < RENEW_SECONDS:
                continue
            renewed = self._config.now()
            try:
                await self._services.queue.renew(self._config.worker, sorted(self._held))
            except Exception as error:
                log.event("queue.failed", error=type(error).__name__, detail=str(error)[:200])

    async def _round(self) -> None:
        self._wake.clear()
        self._blocked = False
        room = self._shares.free
        if room <= 0:
            return
        counted: Counter[tuple[int, str]] = Counter()
        heavy = [0]
        term = self._config.term()
        rules = QueueRules()
        try:
            rules = await self._services.queue.rules()

            def admit(lane: int, domain: str) -> bool:
                if (
                    not rules.is_paused(domain)
                    and (not self._pace.is_heavy(lane) or self._pace.room > heavy[0])
                    and self._destinations.admit(lane, domain, rules)
                ):
                    counted[lane, domain] += 1
                    heavy[0] += self._pace.is_heavy(lane)
                    return True
                self._blocked = True
                return False

            found = await self._services.queue.lease(
                self._config.worker, limit=room, admit=admit, dead=self._destinations.is_dead, may=self._may
            )
        except Exception as error:
            log.event("queue.failed", error=type(error).__name__, detail=str(error)[:200])
            found = []
        for work in found:
            # A reroute between the walk and the lease is no matter: the lease is by lane and domain.
            counted[work.lease.lane, work.domain] -= 1
            self._start(work, term)
        for (lane, domain), count in counted.items():
            for _ in range(count):
                self._destinations.untake(lane, domain, rules)
        if len(found) == room:
            self._wake.set()

    def _may(self, lane: int) -> bool:
        return not self._pace.is_heavy(lane) or self._pace.room > 0

    def _start(self, work: Work, term: int) -> None:
        task = asyncio.get_running_loop().create_task(self._work(work, self._destinations.key(work.domain), term))
        self._tasks.add(task)
        self._held[work.lease.entry.id] += 1
        lane = work.lease.lane
        heavy = self._pace.begin(lane, self._lanes[lane])
        self._lanes[lane] += 1

        def ended(done: asyncio.Task[None]) -> None:
            self._tasks.discard(done)
            self._pace.end(heavy=heavy)
            self._lanes[lane] -= 1
            if not self._lanes[lane]:
                del self._lanes[lane]
            self._held[work.lease.entry.id] -= 1
            if self._held[work.lease.entry.id] <= 0:
                del self._held[work.lease.entry.id]
            self._wake.set()

        task.add_done_callback(ended)

    async def _wait(self, stopping: asyncio.Event) -> None:
        """Sleep until a hint, the next due time, the poll interval or the stop."""
        due = await self._next()
        seconds = POLL_SECONDS if due is None else max(0.05, min(POLL_SECONDS, due))
        if self._blocked:
            # A rate may allow the next one before anything ends here.
            seconds = min(seconds, 0.5)
        waiting = {asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(stopping.wait())}
        _done, pending = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()

    async def _next(self) -> float | None:
        try:
            return await self._services.queue.seconds_to_next()
        except Exception as error:
            log.event("queue.failed", error=type(error).__name__, detail=str(error)[:200])
            return None

    async def _work(self, work: Work, key: str, term: int) -> None:
        entry, lane = work.lease.entry, work.lease.lane
        try:
            rules = await self._services.queue.rules()
            route = await self._route(work.domain, work.envelope.reverse_path)
            self._destinations.learn(work.domain, route)
            moved = self._destinations.move(lane, key, work.domain, rules)
            if moved is None:
                await self._services.queue.give_back(self._config.worker, work)
                return
            key = moved
            outcomes = await self._attempted(work, route, key, rules, term)
            await self._services.queue.report(self._config.worker, work, outcomes)
        except Lapsed:
            await self._let_go(work)
            return
        except Exception as error:
            log.event("queue.failed", entry=entry.id, error=type(error).__name__, detail=str(error)[:200])
            return
        finally:
            self._shares.end(lane, key)
        for outcome in outcomes:
            name = {"delivered": "queue.delivered", "permanent": "queue.bounced"}.get(outcome.kind, "queue.deferred")
            found = outcome.result
            log.event(
                name, entry=entry.id, recipient=outcome.number, domain=work.domain, code=found.code, status=found.enhanced,
                tls=found.tls, cipher=found.cipher, verified=found.verified,
            )  # fmt: skip

    async def _let_go(self, work: Work) -> None:
        """Put work back into line, where nobody else has taken it over."""
        log.event("queue.failed", entry=work.lease.entry.id, error="Lapsed", detail="the node's lease had ended")
        with contextlib.suppress(MailError):
            await self._services.queue.give_back(self._config.worker, work)

    async def _route(self, domain: str, sender: str) -> Route:
        """Return where work goes; `=host:port` is an administrator's word (./smartmail queue reroute)."""
        if domain.startswith("="):
            host, _colon, port = domain[1:].rpartition(":")
            return Route("hosts", (Host(host.strip("[]"), int(port)),))
        return await self._services.routing.route(domain, sender)

    async def _attempted(self, work: Work, route: Route, key: str, rules: QueueRules, term: int) -> list[Outcome]:
        """Make an attempt; an error of ours is one that failed for now. Else it would come again for ever, and its
        sender would never hear of it. Raises Lapsed.
        """
        try:
            return await self._attempt(work, route, key, rules, term)
        except Lapsed:
            raise
        except Exception as error:
            entry = work.lease.entry.id
            log.event("queue.failed", entry=entry, error=type(error).__name__, detail=str(error)[:200])
            return everyone(work, "temporary", KeptResult(451, "4.3.0", "an error of this system"))

    async def _attempt(self, work: Work, route: Route, key: str, rules: QueueRules, term: int) -> list[Outcome]:
        if route.kind == "local":
            return await self._services.delivery.deliver_queued(work)
        if route.kind == "refused":
            # RFC 7505 §4.1: 556 5.1.10.
            return everyone(work, "permanent", KeptResult(556, "5.1.10", route.reason))
        state = self._destinations.state(key)
        if self._destinations.dead(key) and state.last is not None:
            return everyone(work, "temporary", state.last, destination=True)
        if route.kind == "deferred":
            result = KeptResult(0, "4.4.3", route.reason)
            state.failed_once(self._config.now(), result, await self._services.queue.schedule())
            return everyone(work, "temporary", result, destination=True)
        return await self._carry(work, route, key, rules, term)

    async def _carry(self, work: Work, route: Route, key: str, rules: QueueRules, term: int) -> list[Outcome]:
        state, rule = self._destinations.state(key), self._destinations.rule(work.domain, rules)
        sender = work.envelope.reverse_path.rpartition("@")[2].lower()
        carried = await self._carrier.carry(work, route, rules.source(sender, rule), term)
        if carried.reached:
            if state.went_well(rule.connections):
                for domain in sorted(state.domains):
                    await self._services.queue.wake(domain)
            if carried.crowded:
                state.crowded()
        else:
            schedule = await self._services.queue.schedule()
            state.failed_once(self._config.now(), carried.outcomes[0].result, schedule)
        return carried.outcomes
