"""The two drivers of the store, for the contract suite: `from tests.contract.store_backends import *`.

A test that asks for `store` runs on both: a file of its own, and a database that is emptied before each test
(tests/house/postgres.py).
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.house.postgres import fresh_postgres, new_database, postgres_server

from smartmail.adapters.sql import SqlStore, open_postgres, open_sqlite
from smartmail.domain.account import Account, NewAccount
from smartmail.domain.ids import BlobId, MailboxId
from smartmail.domain.keywords import NONE, Keywords
from smartmail.domain.mailbox import MailboxRow, NewMailbox
from smartmail.domain.message import Added, BlobRow, Delivery, NewMessage, ThreadKeys
from smartmail.domain.queue import NewQueueEntry, NewRecipient

__all__ = [
    "Bench", "bench", "fresh_postgres", "new_database", "open_store", "postgres_server", "store", "store_factory"
]  # fmt: skip

START = 1_700_000_000_000


def fatal(error: BaseException) -> None:
    """Stand in for the end of the process."""
    raise AssertionError(error)


Lease = Callable[[str, int, int], Awaitable[object]]
"""Of leased work: (worker, now, until) → something true where the row was leased."""


@dataclass
class Factory:
    """Opens further stores on the same data, as other processes and nodes do."""

    driver: str
    address: str
    now: list[int] = field(default_factory=lambda: [START])
    opened: list[SqlStore] = field(default_factory=list)

    async def open(self) -> SqlStore:
        made = await open_store(self.driver, self.address, lambda: self.now[0])
        self.opened.append(made)
        return made


async def open_store(driver: str, address: str, now: Callable[[], int]) -> SqlStore:
    """Open a store of either driver."""
    if driver == "sqlite":
        return await open_sqlite(address, now=now, on_fatal=fatal)
    return await open_postgres(address, now=now)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def store_factory(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Factory]:
    """A fresh database and the means to open it."""
    address = str(tmp_path / "mail.db") if request.param == "sqlite" else await fresh_postgres()
    factory = Factory(request.param, address)
    yield factory
    for opened in factory.opened:
        await opened.close()


@pytest.fixture
async def store(store_factory: Factory) -> SqlStore:
    """A store with an empty database."""
    return await store_factory.open()


class Bench:
    """An account with an inbox, and short ways to put things into it."""

    def __init__(self, store: SqlStore, now: list[int]) -> None:
        self.store = store
        self.now = now
        self.numbers = itertools.count(1)
        self.organization_id: Any = None
        self.account: Account
        self.inbox: MailboxRow

    async def start(self) -> None:
        organization = await self.store.create_organization("Acme", lambda number: (b"k%d" % number, b"q%d" % number))
        self.organization_id = organization.id
        self.account = await self.new_account("u1@acme.test")
        self.inbox = await self.new_mailbox("inbox", role="inbox")

    async def new_account(self, login: str, quota: int | None = None, **values: Any) -> Account:
        new = NewAccount(self.organization_id, "person", login, login, "ko", False, quota, **values)
        return await self.store.create_account(new, lambda number: b"wrapped%d" % number)

    async def new_mailbox(
        self, name: str, *, role: Any = None, parent: MailboxId = MailboxId(0), account: Account | None = None
    ) -> MailboxRow:
        new = NewMailbox(parent, role, b"sealed " + name.encode(), name.encode())
        account_id = (account or self.account).id
        return await self.store.write(account_id, lambda tx: tx.create_mailbox(new))

    def blob(self, number: int | None = None, size: int = 100) -> BlobRow:
        number = next(self.numbers) if number is None else number
        return BlobRow(BlobId(number.to_bytes(16, "big")), 1, f"pack:{number}", size)

    def message(
        self,
        *mailboxes: MailboxId,
        size: int = 100,
        keywords: Keywords = NONE,
        refs: tuple[bytes, ...] = (),
        subject: bytes = b"",
        received_at: int | None = None,
        **values: Any,
    ) -> NewMessage:
        number = next(self.numbers)
        values.setdefault("blob", self.blob(1_000_000 + number, size))
        return NewMessage(
            wrapped_key=b"key%d" % number,
            size=size,
            received_at=START + number if received_at is None else received_at,
            sent_at=START,
            summary=b"summary%d" % number,
            mailboxes=mailboxes or (self.inbox.id,),
            keywords=keywords,
            thread=ThreadKeys(refs, subject),
            **values,
        )

    async def add(self, *mailboxes: MailboxId, **values: Any) -> Added:
        new = self.message(*mailboxes, **values)
        return await self.store.write(self.account.id, lambda tx: tx.add_message(new))

    async def add_many(self, count: int, *mailboxes: MailboxId, **values: Any) -> list[Added]:
        async def body(tx: Any) -> list[Added]:
            return [await tx.add_message(new) for new in wanted]

        wanted = [self.message(*mailboxes, **values) for _ in range(count)]
        return await self.store.write(self.account.id, body)

    def delivery(self, account: Account | None = None, key: bytes | None = None, **values: Any) -> Delivery:
        new = self.message(**values)
        return Delivery((account or self.account).id, new, b"dup%d" % next(self.numbers) if key is None else key)

    def entry(self, *recipients: NewRecipient, **values: Any) -> NewQueueEntry:
        number = next(self.numbers)
        defaults: dict[str, Any] = {
            "id": number, "organization_id": self.organization_id, "blob": self.blob(2_000_000 + number),
            "wrapped_key": b"queue key", "sealed_envelope": b"envelope", "size": 100, "created_at": START,
            "expires_at": START + 10_000_000, "recipients": recipients,
        }  # fmt: skip
        return NewQueueEntry(**{**defaults, **values})

    async def mailbox(self, mailbox_id: MailboxId | None = None, account: Account | None = None) -> MailboxRow:
        wanted = self.inbox.id if mailbox_id is None else mailbox_id
        rows = await self.store.mailboxes((account or self.account).id)
        return next(row for row in rows if row.id == wanted)

    async def uids(self, mailbox_id: MailboxId | None = None) -> list[int]:
        _, lines = await self.store.view(self.account.id, self.inbox.id if mailbox_id is None else mailbox_id)
        return [line.uid for line in lines]

    async def refs(self, blob: BlobRow) -> int | None:
        """References of a blob, None when it is unknown."""
        rows = await self.store.blob_rows(BlobId(b""), 10_000)
        return next((count for row, count in rows if row.id == blob.id), None)


@pytest.fixture
async def bench(store: SqlStore, store_factory: Factory) -> Bench:
    """A store with one account and its inbox."""
    made = Bench(store, store_factory.now)
    await made.start()
    return made


async def gather(*things: Any) -> list[Any]:
    """Run all at once; errors are results."""
    return list(await asyncio.gather(*things, return_exceptions=True))
