"""Writes a notification, queues it, and knows which administrators get one."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.queue import NewQueueEntry
from smartmail.formats.address import Mailbox, split_address
from smartmail.formats.compose import Attachment, Draft, compose
from smartmail.ports.clock import Clock
from smartmail.ports.store_appearance import AppearanceStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_queue import QueueStore
from smartmail.service.kernel.appearance import AppearanceReader
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.house_letters import HouseLetters
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.sealed_blobs import SealedBlobs


class _Store(AppearanceStore, DirectoryStore, DomainStore, QueueStore, Protocol): ...


LIFETIME = 5 * DAY
ADMINISTRATORS_MOST = 20
"""Administrators who get one notification: the first by login."""


class Notices:
    """Writes notifications and puts them into the queue."""

    def __init__(
        self, store: _Store, keyring: Keyring, blobs: SealedBlobs, hints: Hints, clock: Clock, host: str
    ) -> None:
        self._store = store
        self._letters = HouseLetters(keyring, blobs, clock)
        self._hints = hints
        self._clock = clock
        self._host = host
        self._looks = AppearanceReader(store, keyring)

    async def administrators(
        self, organization_id: OrganizationId | None = None, *, but: AccountId | None = None
    ) -> list[Account]:
        """Return who gets a notification to the administrators of an organization (None: of all), except one account."""
        found = await self._store.administrators(organization_id)
        return [one for one in found if one.id != but][:ADMINISTRATORS_MOST]

    def queued(self) -> None:
        """Hint that there is mail in the queue, after the last of several."""
        self._hints.queue_changed()

    async def send(self, reader: Account, subject: str, text: str, *, attachments: Sequence[Attachment] = ()) -> None:
        """Queue one mail of the house to a person. Raises StorageFull, Unavailable."""
        await self._store.enqueue(await self.written(reader, subject, text, attachments=attachments))

    async def written(
        self, reader: Account, subject: str, text: str, *, attachments: Sequence[Attachment] = ()
    ) -> NewQueueEntry:
        """Return one mail of the house to a person as the queue takes it. Raises StorageFull, Unavailable."""
        now = self._clock.now()
        look = await self._looks.read(reader.organization_id, split_address(reader.login)[1])
        house = look.name or translate(reader.language or "ko", "report.from")
        draft = Draft(
            from_=(Mailbox(house, f"postmaster@{self._host}"),),
            to=(Mailbox(reader.name, reader.login),), subject=subject, text=text,
            message_id=f"{self._clock.new_id():x}@{self._host}", date=(now // 1000, 0),
            # RFC 3834 §5: nobody's absence note answers it.
            headers=(("Auto-Submitted", "auto-generated"),), attachments=attachments,
        )  # fmt: skip
        octets = compose(draft, nonce=self._clock.random(12).hex())
        written = await self._letters.written(reader.organization_id, octets)
        return await self._letters.entry(written, [reader.login], lifetime=LIFETIME, language=reader.language or "ko")
