"""The work on parcels: leased, done beside the loops of the jobs role, told when done; and what goes when its time is over.

NAME       parcel work
STATES     waiting → working → ready | failed. A worker that dies loses its lease; another one begins anew: a parcel that
           goes out is emptied first, one that comes in finds what it has brought.
LIMITS     `BESIDE` parcels at a time in a process; one account's do not run at once with each other's locks held.
FAILURE    What ends a parcel before its time is told by its code; what had come in stays and can be undone.
SECURITY   Policy and the account's state are asked again when the work begins. A file that came in is dropped with its last
           message: only its counts stay.
"""

from typing import Final

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AuthFailed, MailError, PolicyRejected
from smartmail.domain.parcels import Parcel, ParcelState
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import SealError
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.leased_work import LeasedJob, LeasedWork, WorkEnded, while_held
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.exporting import ExportService
from smartmail.service.mailbox.importing import ImportService
from smartmail.service.mailbox.mailstore.reading import ReadingService
from smartmail.service.mailbox.parcels.bringing import Bringing
from smartmail.service.mailbox.parcels.parts import PartReader, PartWriter
from smartmail.service.mailbox.parcels.progress import Progress
from smartmail.service.mailbox.parcels.store import Store
from smartmail.service.mailbox.parcels.taking import take
from smartmail.service.mailbox.parcels.texts import ParcelText, open_parcel, seal_parcel

LEASE_MS: Final = 60 * SECOND
LOOK_S: Final = 1.0
BESIDE: Final = 2
AT_ONCE: Final = 100
TOLD_FROM_MS: Final = 20 * SECOND
"""Work that took less is seen on the page that asked for it; a parcel that goes out is told by mail always."""


class ParcelWork(LeasedJob):
    """The jobs."""

    def __init__(
        self, store: Store, keyring: Keyring, blobs: SealedBlobs, policy: PolicyService, exports: ExportService,
        imports: ImportService, reading: ReadingService, notices: Notices, texts: RecordTexts, clock: Clock, site: str,
    ) -> None:  # fmt: skip
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._policy = policy
        self._exports = exports
        self._imports = imports
        self._reading = reading
        self._notices = notices
        self._texts = texts
        self._clock = clock
        self._site = site
        self._leased = LeasedWork(clock, BESIDE, LEASE_MS, store.lease_parcel, self._do)

    async def forget(self) -> None:
        """Drop what is over."""
        now = self._clock.now()
        while rows := await self._store.parcels_over(now, AT_ONCE):
            for row in rows:
                await self._store.drop_parcel(row.id, now)

    async def _do(self, row: Parcel, worker: str) -> None:
        progress, began = Progress(row.total), self._clock.now()
        try:
            keys = await self._keyring.account_by_id(row.account_id)
            asked = open_parcel(keys, row).text
        except (MailError, SealError):
            # Its person or their key is gone: nobody could open what would come of it.
            await self._store.drop_parcel(row.id, began)
            return

        async def keep() -> bool:
            until = self._clock.now() + LEASE_MS
            return await self._store.note_parcel(row.id, worker, progress.done, progress.total, until)

        state, reason = "ready", ""
        try:
            await while_held(self._work(row, worker, asked, progress), keep, LOOK_S)
        except WorkEnded:
            # The parcel is gone, or another's.
            return
        except MailError as error:
            state, reason = "failed", error.code
        except Exception as error:
            log.event("job.failed", job="mailbox-files", error=type(error).__name__, detail="")
            state, reason = "failed", "internal"
        try:
            await self._end(row, worker, progress, progress.text(asked, reason), state, began)  # type: ignore[arg-type]
        except MailError as error:
            # Its lease ends; it is begun anew.
            log.event("job.failed", job="mailbox-files", error=type(error).__name__, detail=error.detail)

    async def _work(self, row: Parcel, worker: str, asked: ParcelText, progress: Progress) -> None:
        account = await self._store.account(row.account_id)
        policy = await self._policy.of(account)
        if not account.may("login", self._clock.now()):
            raise AuthFailed
        if not (policy[knobs.EXPORT] if row.direction == "out" else policy[knobs.IMPORT]):
            raise PolicyRejected
        actor = Actor(account.id, account.organization_id, account.login, is_admin=False, origin=Origin("system"))
        keys = await self._keyring.account(account)
        if row.direction == "in":
            bringing = Bringing(
                self._store, self._imports, self._reading, actor, account, row, asked, progress
            )  # fmt: skip
            await bringing.run(PartReader(self._store, self._blobs, keys, row), self._clock.now() // 1000)
            return
        await self._store.empty_parcel(row.id, worker, self._clock.now())
        fresh = await self._store.parcel(row.id)
        out = PartWriter(self._store, self._blobs, keys, fresh or row, worker)
        try:
            await take(self._exports, actor, account, asked, out, progress)
            await out.settle()
        except BaseException:
            await out.drop()
            raise

    async def _end(
        self, row: Parcel, worker: str, progress: Progress, text: ParcelText, state: ParcelState, began: int
    ) -> None:
        account, now = await self._store.account(row.account_id), self._clock.now()
        keys, policy = await self._keyring.account(account), await self._policy.of(account)
        if row.direction == "in" or state == "failed":
            await self._store.empty_parcel(row.id, worker, now)
        await self._store.note_parcel(row.id, worker, progress.done, progress.total, now + LEASE_MS)
        action, thing = f"parcel.{state}", f"parcel:{row.id.hex()}"
        facts = {
            "messages": text.taken,
            "present": text.present,
            "failed": text.failed,
            "mailboxes": len(text.mailboxes),
        }
        sealed = await self._texts.seal(account.organization_id, action, thing, now, facts)
        record = AuditRecord(now, f"account:{account.id}", action, thing, "", sealed, "system")
        expires_at = now + policy[knobs.PARCEL_DAYS] * DAY
        if await self._store.end_parcel(
            row.id, worker, state, seal_parcel(keys, row.id, text), expires_at, record
        ) and (row.direction == "out" or now - began >= TOLD_FROM_MS):
            await self._tell(account, row, text, state, policy[knobs.PARCEL_DAYS])

    async def _tell(self, account: Account, row: Parcel, text: ParcelText, state: ParcelState, days: int) -> None:
        language = account.language or "ko"
        key = f"parcel.{row.direction}.{'failed' if state == 'failed' else 'ready'}"
        words = {
            "name": text.name, "taken": str(text.taken), "present": str(text.present), "failed": str(text.failed),
            "days": str(days), "url": f"{self._site}/#/settings/parcels",
        }  # fmt: skip
        await self._notices.send(
            account, translate(language, f"{key}.subject", **words), translate(language, f"{key}.text", **words)
        )
