"""The process that follows a dead one takes back what that one held, of every kind of work (ADR 74, ADR 84)."""

import io
import json
from types import SimpleNamespace

import pytest

from smartmail.adapters.clock import DatabaseClock
from smartmail.adapters.sql import open_sqlite
from smartmail.app.serving import taking_over
from smartmail.app.settings import load
from smartmail.base import log
from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.rights import Grantee
from smartmail.domain.share_letters import ShareLetter
from smartmail.service.kernel.leased_work import LeasedWork

START = 1_700_000_000_000
HOUR = 3_600_000


@pytest.fixture
def lines():
    kept = io.StringIO()
    log.configure(stream=kept)
    yield kept
    log.configure()


def context(tmp_path, process: str):
    return SimpleNamespace(settings=load(str(tmp_path)), process_name=process)


async def test_leased_work_of_a_dead_process_is_begun_anew_at_once(tmp_path, lines):
    store = await open_sqlite(str(tmp_path / "mail.db"), now=lambda: START)
    try:
        row = ShareLetter(
            b"1" * 16,
            AccountId(1),
            "given",
            AccountId(2),
            Grantee("account", 3),
            frozenset("r"),
            0,
            (MailboxId(0),),
            (),
            1,
        )
        await store.add_share_letters([row])
        done = []

        async def do(row, worker):
            done.append(worker)

        def work(process: str) -> LeasedWork:
            clock = DatabaseClock(lambda: START, process=taking_over.worker_prefix(context(tmp_path, process)))
            return LeasedWork(clock, 1, HOUR, store.lease_share_letter, do)

        # The first one dies after it has leased: `do` ends nothing in the store.
        assert await work("background").turn() == 1
        assert await work("background").turn() == 0
        node = SimpleNamespace(store=store, clock=DatabaseClock(lambda: START))
        await taking_over.take_back(context(tmp_path, "edge-1"), node)
        assert await work("background").turn() == 0, "another process of the node follows nobody here"
        await taking_over.take_back(context(tmp_path, "background"), node)
        again = work("background")
        await again.settle()
        assert len(set(done)) == 2
        told = [json.loads(line) for line in lines.getvalue().splitlines()]
        assert [(one["event"], one["job"], one["workers"]) for one in told] == [("job.taken_back", "share-letters", 1)]
    finally:
        await store.close()
