"""Mail of the house to people: what defence did to an account, told to its owner and to those who administer it."""

from collections.abc import Mapping, Sequence

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError
from smartmail.domain.ids import QueueEntryId
from smartmail.domain.queue import NewQueueEntry
from smartmail.formats.address import Mailbox, split_address
from smartmail.formats.compose import Attachment, Draft, compose
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.appearance import AppearanceReader
from smartmail.service.clock import DAY
from smartmail.service.envelope import Envelope, Recipient, new_entry
from smartmail.service.keyring import Keyring
from smartmail.service.push import Hints
from smartmail.service.sealed_blobs import SealedBlobs

LIFETIME = 5 * DAY
ADMINISTRATORS_MOST = 20


class Notices:
    """Writes them and puts them into the queue."""

    def __init__(
        self, store: Store, keyring: Keyring, blobs: SealedBlobs, hints: Hints, clock: Clock, host: str
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._hints = hints
        self._clock = clock
        self._host = host
        self._looks = AppearanceReader(store, keyring)

    async def sending_stopped(
        self, account: Account, held: int, evidence: Mapping[str, int], *, may_release: bool
    ) -> None:
        """Tell the owner and the administrators, each in their language. A notice that fails is logged alone."""
        readers = await self._administrators(account)
        for reader, role in ((account, "owner"), *((one, "administrator") for one in readers)):
            language = reader.language or "ko"
            signs = "\n".join(
                "- " + translate(language, f"defence.sign.{name}", count=str(count)) for name, count in evidence.items()
            )
            text = translate(
                language, f"defence.sending.{role}", address=account.login, held=str(held), signs=signs or "-"
            )
            if role == "owner" and may_release:
                text += "\n\n" + translate(language, "defence.sending.own")
            subject = translate(language, "defence.sending.subject", address=account.login)
            try:
                await self.send(reader, subject, text)
            except MailError as error:
                log.event("defence.action_failed", error=type(error).__name__, detail=error.detail)
        self._hints.queue_changed()

    async def sending_released(self, account: Account, freed: int) -> None:
        """Tell the owner and the administrators that the owner released a stop. A notice that fails is logged alone."""
        for reader in (account, *await self._administrators(account)):
            language = reader.language or "ko"
            subject = translate(language, "defence.released.subject", address=account.login)
            text = translate(language, "defence.released", address=account.login, freed=str(freed))
            try:
                await self.send(reader, subject, text)
            except MailError as error:
                log.event("defence.action_failed", error=type(error).__name__, detail=error.detail)
        self._hints.queue_changed()

    async def _administrators(self, account: Account) -> list[Account]:
        found = await self._store.administrators(account.organization_id)
        return [one for one in found if one.id != account.id][:ADMINISTRATORS_MOST]

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
        blob = await self._blobs.store(reader.organization_id, octets)
        keys = await self._keyring.queue(reader.organization_id)
        return new_entry(
            keys, QueueEntryId(self._clock.new_id()), blob.row, blob.data_key,
            Envelope("", language=reader.language or "ko"), [Recipient(reader.login, ("NEVER",))],
            created_at=now, expires_at=now + LIFETIME,
        )  # fmt: skip
