"""What only the SQLite driver promises: schema and library checks, group commit, faults, processes on one file."""

import asyncio
import fcntl
import multiprocessing
import os
import re
import signal
import stat
import threading
import types
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.contract.store_backends import START, Bench, fatal

from smartmail.adapters.sql import open_sqlite, sqlite_writer
from smartmail.adapters.sql.dialect import for_sqlite
from smartmail.adapters.sql.sqlite_session import check_library
from smartmail.domain.errors import StorageFull, Unavailable
from smartmail.domain.message import Added


async def opened(path: Path, **values: Any):
    return await open_sqlite(str(path), **{"now": lambda: START, "on_fatal": fatal, **values})


async def made(path: Path) -> Bench:
    bench = Bench(await opened(path), [START])
    await bench.start()
    return bench


def shell(path: Path, sql: str) -> list[Any]:
    connection = apsw.Connection(str(path))
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


async def test_what_was_written_is_there_after_reopening(tmp_path: Path):
    bench = await made(tmp_path / "mail.db")
    added = await bench.add_many(3)
    await bench.store.close()
    again = await opened(tmp_path / "mail.db")
    assert [row.id for row in await again.messages(bench.account.id, [1, 2, 3])] == [1, 2, 3]
    assert (await again.account(bench.account.id)).modseq == added[0].modseq
    await again.close()
    await again.close()
    with pytest.raises(Unavailable):
        await again.write(bench.account.id, lambda tx: tx.account())


@pytest.mark.usefixtures("real_migrations")
async def test_the_file_is_ours_alone_and_set_up_for_durability(tmp_path: Path):
    path = tmp_path / "mail.db"
    bench = await made(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    connection = bench.store._db._writer._connection
    assert connection.pragma("journal_mode") == "wal"
    assert connection.pragma("synchronous") == 2
    await bench.store.close()


@pytest.mark.parametrize("version", ["76", "77", "soon"])
async def test_a_database_of_another_version_is_refused_and_left_alone(tmp_path: Path, version: str):
    path = tmp_path / "mail.db"
    await (await made(path)).store.close()
    shell(path, f"update meta set value = '{version}' where name in ('schema', 'floor')")
    with pytest.raises(Unavailable) as caught:
        await opened(path)
    assert version in caught.value.detail
    assert shell(path, "select value from meta where name = 'schema'") == [(version,)]


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    path = tmp_path / "mail.db"
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(Unavailable):
        await opened(path)
    assert path.read_bytes() == b"no database" * 1000


async def test_a_folder_that_is_missing_is_refused(tmp_path: Path):
    with pytest.raises(Unavailable):
        await opened(tmp_path / "missing" / "mail.db")


@pytest.mark.parametrize("version", ["3.46.1", "3.51.2", "3.44.5", "3.50.6", "3.7.0", "3.45.9"])
def test_a_library_that_loses_commits_is_refused(version: str):
    with pytest.raises(Unavailable) as caught:
        check_library(version)
    assert version in caught.value.detail


@pytest.mark.parametrize("version", ["3.51.3", "3.52.0", "3.44.6", "3.50.7", "3.6.23", "4.0.0"])
def test_a_sound_library_is_taken(version: str):
    check_library(version)


async def test_no_statement_of_the_store_scans_a_table_of_mail(tmp_path: Path):
    """Every look-up of mail goes by account; what must not, is named here."""
    import smartmail.adapters.sql as package
    from smartmail.adapters.sql import changes

    bench = await made(tmp_path / "mail.db")
    connection = bench.store._db._reader._connection
    texts = [pair for log in changes._LOGS.values() for pair in log]
    for file in Path(package.__file__).parent.glob("*.py"):
        if file.stem.endswith("_care"):
            continue  # what administrators ask of the database itself
        module = __import__(f"smartmail.adapters.sql.{file.stem}", fromlist=["x"])
        texts += [
            value for value in vars(module).values()
            if isinstance(value, str) and value.split(" ")[0] in ("select", "update", "delete", "with") and "{" not in value
        ]  # fmt: skip
    tables = bench.store.tasks.tables
    texts += [text for task in tables for text in (task.lease("1"), task.workers, task.release)]
    texts += [task.first for task in tables if task.polled]
    assert len(texts) > 100
    allowed = {
        *("organization", "domain", "account", "volume", "node", "once_token"),  # small, or read whole
        *("policy_rule", "policy_revision", "people_group", "hold", "audit_head", "chain", "push_shared"),  # the same
        "push_bulletin",  # empty but for the minutes after a bulletin
        *(
            "relay",
            "approval",
            "ban",
            "defence_allow",
            "sending_stop",
            "sts_policy",
            "sender_rule",
            "geo_table",
        ),  # small
        *(
            "dmarc_report",
            "tls_report",
            "phishing_case",
            "phishing_report",
            "mail_purge",
            "r",
            "trace_book",
        ),  # small, by jobs or for lists
        *("queue_entry", "q", "t", "w", "walk"),  # what waits: walked by index, counted, or held as a whole
        *("access_rule", "leak_rule", "approval_line"),  # small: one row for each rule or line and its history
        "backup_run",  # small: some rows a day, newest first with a limit
        "alarm",  # small: what stands, and what ended of late
        "trend_hour",  # the newest, by an index
        *("policy_change", "policy_ack", "policy_decision", "login_attempt"),  # small, or newest first with a limit
        *(
            "audit_anchor",
            "access_review",
            "investigation",
            "destruction",
            "siem_target",
            "audit_untagged",
        ),  # small, or by limit
        *("appointment", "act_proposal"),  # small: who administers, and what waits or was decided
        *("named_lock", "node_claim"),  # a row for each job, and each node
        "break_glass",  # small: some rows a year
        "key_rotation",  # small: some rows in the life of an installation
        *(
            "reseal",
            "rekey",
            "opening",
            "volume_work",
        ),  # small, newest first with a limit, or at the start of a process
        "figure_day",  # one row a day for each company, dropped once a day
        "vault",  # by the jobs role, through a small index
        *("e", "blob", "queue_recipient", "delivery_key"),  # in the order of an index, with a limit
        *("department", "title", "domain_claim", "post", "up", "down"),  # small, or the statement's own
        *("carray", "placed", "marked"),  # what the statement itself brings
    }
    for text in texts:
        statement = for_sqlite(text)
        nothing = (None,) * max((int(n) for n in re.findall(r"\?(\d+)", statement)), default=0)
        for *_, detail in connection.execute("explain query plan " + statement, nothing).fetchall():
            if detail.startswith("SCAN") and "CONSTANT" not in detail and "(subquery" not in detail:
                assert detail.split(" ")[1] in allowed, (detail, text)
    await bench.store.close()


async def test_a_body_that_awaits_something_else_is_refused(tmp_path: Path):
    bench = await made(tmp_path / "mail.db")

    async def sleeps(tx):
        await tx.add_message(bench.message())
        await asyncio.sleep(0)

    results = await asyncio.gather(
        bench.add(), bench.store.write(bench.account.id, sleeps), bench.add(), return_exceptions=True
    )
    assert isinstance(results[1], RuntimeError)
    assert [r.placements[0][1] for r in (results[0], results[2])] == [1, 2]
    await bench.store.close()


async def test_bodies_waiting_at_once_share_commits(tmp_path: Path):
    bench = await made(tmp_path / "mail.db")
    commits = []
    bench.store._db._writer._connection.set_commit_hook(lambda: bool(commits.append(1)))
    await asyncio.gather(*(bench.add() for _ in range(50)))
    assert len(commits) == 1
    await bench.store.close()


async def test_a_cancelled_caller_harms_nobody(tmp_path: Path):
    bench = await made(tmp_path / "mail.db")
    tasks = [asyncio.create_task(bench.add()) for _ in range(10)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[3], asyncio.CancelledError)
    assert all(isinstance(r, Added) for n, r in enumerate(results) if n != 3)
    assert len(await bench.uids()) in (9, 10)
    await bench.store.close()


async def test_closing_writes_what_waits(tmp_path: Path):
    bench = await made(tmp_path / "mail.db")
    tasks = [asyncio.create_task(bench.add()) for _ in range(20)]
    await asyncio.sleep(0)
    await bench.store.close()
    assert len({added.placements for added in await asyncio.gather(*tasks)}) == 20


async def test_a_full_disk_fails_what_does_not_fit_and_heals(tmp_path: Path):
    bench = await made(tmp_path / "mail.db")
    await bench.add()
    connection = bench.store._db._writer._connection
    pages = connection.pragma("page_count")
    connection.pragma("max_page_count", pages)
    failed = 0
    for _ in range(20):
        results = await asyncio.gather(*(bench.add() for _ in range(20)), return_exceptions=True)
        errors = [r for r in results if isinstance(r, BaseException)]
        failed += len(errors)
        assert all(isinstance(error, StorageFull) for error in errors)
    assert failed
    stored = await bench.uids()
    assert stored
    connection.pragma("max_page_count", 1_000_000)
    added = await bench.add()
    # What failed took no UID, and nothing is counted twice.
    assert added.placements[0][1] == len(stored) + 1
    assert (await bench.mailbox()).placements == len(stored) + 1
    await bench.store.close()


class _BadSync(apsw.VFS):
    """A file system whose sync fails from some moment on."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        super().__init__("bad-sync", "")

    def xOpen(self, name, flags):
        return _BadSyncFile(self, name, flags)


class _BadSyncFile(apsw.VFSFile):
    def __init__(self, vfs: _BadSync, name: Any, flags: Any) -> None:
        self._vfs = vfs
        self._kind = "main" if flags[0] & apsw.SQLITE_OPEN_MAIN_DB else "wal"
        super().__init__("", name, flags)

    def xSync(self, flags):
        if self._kind in self._vfs.broken:
            raise apsw.IOError("sync failed")
        return super().xSync(flags)


async def test_a_failed_sync_is_never_tried_again(tmp_path: Path, monkeypatch):
    from smartmail.adapters.sql import sqlite_writer

    vfs = _BadSync()
    real = sqlite_writer.connect
    monkeypatch.setattr(sqlite_writer, "connect", lambda path, **values: real(path, vfs="bad-sync", **values))
    told: list[BaseException] = []
    bench = Bench(await opened(tmp_path / "mail.db", on_fatal=told.append), [START])
    await bench.start()
    await bench.add()
    vfs.broken = {"wal"}
    results = await asyncio.gather(*(bench.add() for _ in range(5)), return_exceptions=True)
    assert all(isinstance(r, Unavailable) for r in results)
    assert len(told) == 1
    vfs.broken = set()
    with pytest.raises(Unavailable):
        await bench.add()
    assert await bench.uids() == [1]
    await bench.store.close()


async def test_a_checkpoint_whose_sync_fails_is_fatal_too(tmp_path: Path, monkeypatch):
    from smartmail.adapters.sql import sqlite_checkpoint

    vfs = _BadSync()
    real = sqlite_checkpoint.connect
    monkeypatch.setattr(sqlite_checkpoint, "connect", lambda path, **values: real(path, vfs="bad-sync", **values))
    monkeypatch.setattr(sqlite_checkpoint, "PAGES", 20)
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    bench = Bench(
        await opened(tmp_path / "mail.db", on_fatal=lambda error: loop.call_soon_threadsafe(told.set)), [START]
    )
    await bench.start()
    await bench.add_many(50)
    vfs.broken = {"main"}
    stored = 50
    with pytest.raises(Unavailable):
        while True:
            await bench.add()
            stored += 1
    await asyncio.wait_for(told.wait(), 60)
    assert len(await bench.uids()) == stored
    await bench.store.close()


async def test_a_large_body_gives_the_event_loop_turns(tmp_path: Path, monkeypatch):
    from smartmail.adapters.sql import sqlite_session

    monkeypatch.setattr(sqlite_session, "TURN", 0.0)
    bench = await made(tmp_path / "mail.db")
    await bench.add_many(3000)
    turns = 0
    task = asyncio.create_task(
        bench.store.write(bench.account.id, lambda tx: tx.remove_placements(bench.inbox.id, list(range(1, 2991))))
    )
    waiting = asyncio.create_task(bench.add())
    while not task.done():
        # Readers see the last commit while the transaction is open.
        assert (await bench.mailbox()).placements in (3000, 10, 11)
        turns += 1
        await asyncio.sleep(0)
    assert turns > 10
    assert len(await task) == 2990
    assert (await waiting).placements[0][1] == 3001
    assert len(await bench.uids()) == 11
    await bench.store.close()


async def test_the_wal_does_not_grow_without_bound(tmp_path: Path, monkeypatch):
    from smartmail.adapters.sql import sqlite_checkpoint

    monkeypatch.setattr(sqlite_checkpoint, "PAGES", 50)
    monkeypatch.setattr(sqlite_checkpoint, "LONG", 200)
    bench = await made(tmp_path / "mail.db")
    largest = 0
    for _ in range(60):
        await bench.add_many(20)
        largest = max(largest, (tmp_path / "mail.db-wal").stat().st_size)
    total = 60 * 20
    assert len(await bench.uids()) == total
    assert largest < 60 * 30 * 4096 // 2
    await bench.store.close()


def _load(path: str, account_id: int, pipe: Connection) -> None:
    """Deliver and write until killed; tell each UID only once it is acknowledged."""

    async def run() -> None:
        store = await open_sqlite(path)
        bench = Bench(store, [START])
        bench.numbers = iter(range(os.getpid() * 1_000_000, 10**15))
        bench.account = await store.account(account_id)
        [bench.inbox] = await store.mailboxes(account_id)

        async def caller() -> None:
            while True:
                [delivered] = await store.deliver_many([bench.delivery()], None)
                written = await store.write(account_id, lambda tx: tx.add_message(bench.message()))
                pipe.send([delivered.placements[0][1], written.placements[0][1]])

        await asyncio.gather(*(caller() for _ in range(6)))

    asyncio.run(run())


@pytest.mark.slow
async def test_killed_processes_lose_nothing_that_was_acknowledged(tmp_path: Path):
    bench = await made(tmp_path / "mail.db")
    context = multiprocessing.get_context("spawn")
    acknowledged: list[int] = []
    high = 0
    for _ in range(3):
        ends = []
        for _ in range(2):
            near, far = context.Pipe(duplex=False)
            process = context.Process(target=_load, args=(str(tmp_path / "mail.db"), bench.account.id, far))
            process.start()
            far.close()
            ends.append((process, near))
        for process, near in ends:
            heard = 0
            while heard < 60:
                uids = await asyncio.to_thread(near.recv)
                acknowledged += uids
                heard += len(uids)
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            while near.poll():
                try:
                    acknowledged += near.recv()
                except EOFError:
                    break
        own = await bench.add()
        acknowledged.append(own.placements[0][1])
        row, lines = await bench.store.view(bench.account.id, bench.inbox.id)
        present = {line.uid for line in lines}
        assert set(acknowledged) <= present
        assert len(acknowledged) == len(set(acknowledged))
        assert len(lines) == row.placements == row.total == row.uidnext - 1
        assert own.placements[0][1] > high
        high = row.uidnext - 1
    assert shell(tmp_path / "mail.db", "pragma integrity_check") == [("ok",)]
    await bench.store.close()


@pytest.mark.parametrize("opening", [False, True])
async def test_who_waits_while_the_database_is_put_aside_writes_nothing_into_it(tmp_path: Path, opening: bool):
    path, aside = tmp_path / "mail.db", tmp_path / "mail.db.moved"
    bench = await made(path)
    await bench.add_many(1)
    descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    def put_aside() -> None:
        for end in ("-wal", "-shm", ""):
            os.rename(f"{path}{end}", f"{aside}{end}")
        os.close(descriptor)

    if opening:
        # Who opens the database waits for the lock in its own thread of control: here the move ends meanwhile.
        mover = threading.Thread(target=put_aside)
        real = sqlite_writer.fcntl.flock

        def waits(lock: int, how: int) -> None:
            if how == fcntl.LOCK_EX and not mover.ident:
                mover.start()
            real(lock, how)

        with pytest.MonkeyPatch.context() as patch, pytest.raises(Unavailable) as refused:
            patch.setattr(sqlite_writer, "fcntl", types.SimpleNamespace(**{**vars(fcntl), "flock": waits}))
            await opened(path)
        mover.join()
    else:
        writing = asyncio.create_task(bench.add_many(1))
        # As long as the lock is another's, the commit waits; it may also begin only after the move.
        await asyncio.sleep(0)
        put_aside()
        with pytest.raises(Unavailable) as refused:
            await writing
    assert "Run it again" in refused.value.detail
    with pytest.raises(Unavailable):
        await bench.add_many(1)
    await bench.store.close()
    assert not path.exists()
    assert shell(aside, "select count(*) from message") == [(1,)]
