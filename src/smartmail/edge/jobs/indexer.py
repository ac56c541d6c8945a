"""The indexer: keeps the search index of every account after its mail, at one place of the cluster.

NAME        indexer
PURPOSE     Call service.mailbox.search.indexing when an account has changed. Must not know what an index is.
STATES      waiting for the lease; leading: waiting for a hint or for the time to look, working on accounts.
QUEUES      Accounts that have changed, each once; up to WORKERS at a time, so that their commits go together. After TURN
            messages of one the others have theirs: new mail does not wait for somebody's import.
LIMITS      A hint waits GATHER_S for others, and BURST_S at most while others keep coming, so that a burst of mail is one
            commit an account; every LOOK_S all accounts are looked at, since hints may be lost. The lease outlives
            LEASE_S without renewal.
FAILURE     An account that fails is logged and tried again at the next look. What a killed process left undone is found
            by the look that its successor begins with. A lease lost to a pause is noticed at the next renewal; two
            indexers at once cost work, never the index (service.mailbox.search.indexing).
SECURITY    Acts as the system; hears nothing from outside.
"""

import asyncio
from contextlib import suppress

from smartmail.base import log
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.service.catalogue import Services

WORKERS = 4
TURN = 500
GATHER_S = 0.2
BURST_S = 1.0
"""What is indexed one by one costs half as much again, and takes the processor from those who accept mail. With the work
that follows this stays below the two seconds after which mail is to be found.
"""
LOOK_S = 5.0
LEASE_S = 15.0
_JOB = "indexer"


class Indexer:
    """The loop. `owner` names this place in the lease: what starts there anew takes the lease over at once."""

    def __init__(self, services: Services, owner: str, look_s: float = LOOK_S, burst_s: float = BURST_S) -> None:
        self._services = services
        self._indexing = services.search.indexing
        self._owner = owner
        self._look_s = look_s
        self._burst_s = burst_s
        self._waiting: dict[AccountId, None] = {}
        self._working: set[AccountId] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._hints = 0

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until the stop; what is at hand then is left where it is."""
        unsubscribe = self._services.hints.on_account(self._heard)
        stop = asyncio.create_task(self._stop(stopping))
        try:
            while not stopping.is_set():
                leads = await self._look()
                await self._until_next_look(stopping, leads=leads)
        finally:
            unsubscribe()
            stop.cancel()
            await self._end()

    async def _stop(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._news.set()

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(Exception):
            await self._services.upkeep.lead(_JOB, self._owner, 0)

    def _heard(self, account_id: AccountId) -> None:
        self._waiting[account_id] = None
        self._hints += 1
        self._news.set()

    async def _look(self) -> bool:
        """Look at all accounts if this is the place to index them; say whether it is."""
        try:
            if not await self._services.upkeep.lead(_JOB, self._owner, int(LEASE_S * 1000)):
                return False
            self._waiting.update(dict.fromkeys(await self._indexing.due()))
        except Exception as error:
            log.event("job.failed", job=_JOB, error=type(error).__name__, detail=getattr(error, "detail", ""))
            return False
        return True

    async def _until_next_look(self, stopping: asyncio.Event, *, leads: bool) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._look_s
        while not stopping.is_set() and loop.time() < until:
            if leads:
                self._start()
            else:
                self._waiting.clear()
            self._news.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), max(0.0, until - loop.time()))
                await self._gather(stopping)

    async def _gather(self, stopping: asyncio.Event) -> None:
        """Let hints come until there is a pause."""
        until = asyncio.get_running_loop().time() + self._burst_s
        hints = -1
        while hints != self._hints and not stopping.is_set() and asyncio.get_running_loop().time() < until:
            hints = self._hints
            await asyncio.sleep(GATHER_S)

    def _start(self) -> None:
        """Start workers for what is waiting."""
        for _ in range(min(len(self._waiting), WORKERS) - len(self._tasks)):
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self) -> None:
        """Take one account after the other until none waits."""
        while (account_id := next((one for one in self._waiting if one not in self._working), None)) is not None:
            del self._waiting[account_id]
            self._working.add(account_id)
            try:
                await self._catch_up(account_id)
            finally:
                self._working.discard(account_id)

    async def _catch_up(self, account_id: AccountId) -> None:
        try:
            if await self._indexing.catch_up(account_id, TURN) >= TURN:
                self._waiting[account_id] = None
        except NotFound:
            return  # the account has gone meanwhile
        except Exception as error:
            log.event(
                "job.failed", job=_JOB, account=account_id, error=type(error).__name__,
                detail=getattr(error, "detail", ""),
            )  # fmt: skip
