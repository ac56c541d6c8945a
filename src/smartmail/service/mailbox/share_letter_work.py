"""Writing letters about shares: behind the act that they tell of, one after another, each once.

NAME        share letter work
STATES      Of a row: waits → leased → gone, or its lease ends and another process goes on behind the last reader told.
LIMITS      BESIDE acts at a time in a process; MOST_READERS people behind a group, department or domain; of more nobody
            is written to, nor for the whole company: they find what is shared in the webmail. What could not be told
            within KEPT is given up.
FAILURE     A letter is queued in the transaction that notes its reader: a process that is killed sends none twice and
            leaves none out. A letter that cannot be written is logged alone; what was given stands. A store that cannot be
            reached leaves the row to the next lease.
SECURITY    Asked when it is written: `sharing.mail`, a rule of the account that is shared, ends these letters, and nobody
            who may not log in gets one. Names of mailboxes are told to whom may see them.
"""

from datetime import datetime, timedelta, timezone
from typing import Final, Protocol

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, NotFound, Unavailable
from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.principal import SYSTEM_ORIGIN, Actor
from smartmail.domain.queue import NewQueueEntry
from smartmail.domain.rights import SENDING, WHOLE_ACCOUNT, Grantee, share_role
from smartmail.domain.share_letters import ShareLetter
from smartmail.formats.seal import SealError
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_share_letters import ShareLetterStore
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.kernel.leased_work import LeasedJob, LeasedWork
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.sharing import PrincipalService


class _Store(AccountStore, ShareLetterStore, Protocol): ...


MOST_READERS: Final = 200
LEASE_MS: Final = 60 * SECOND
BESIDE: Final = 2
KEPT: Final = DAY
KOREA: Final = timezone(timedelta(hours=9), "KST")


class ShareLetterWork(LeasedJob):
    """The job."""

    def __init__(
        self, store: _Store, principals: PrincipalService, mailboxes: MailboxService, policy: PolicyService,
        notices: Notices, hints: Hints, clock: Clock, site: str,
    ) -> None:  # fmt: skip
        self._store = store
        self._principals = principals
        self._mailboxes = mailboxes
        self._policy = policy
        self._notices = notices
        self._hints = hints
        self._clock = clock
        self._site = site
        self._leased = LeasedWork(clock, BESIDE, LEASE_MS, store.lease_share_letter, self._do)

    async def _do(self, row: ShareLetter, worker: str) -> None:
        try:
            if self._clock.now() - row.created_at < KEPT:
                await self._tell(row, worker)
            else:
                log.event("share.notify_failed", account=row.account_id, error="late")
            await self._store.drop_share_letter(row.id, worker)
        except Unavailable:
            return
        except (MailError, SealError) as error:
            # Who shares is gone, or the company's key is: there is nobody to write to, or nothing to write with.
            log.event("share.notify_failed", account=row.account_id, error=type(error).__name__)
            await self._forget(row, worker)
        finally:
            self._hints.queue_changed()

    async def _forget(self, row: ShareLetter, worker: str) -> None:
        try:
            await self._store.drop_share_letter(row.id, worker)
        except MailError as error:
            log.event("share.notify_failed", account=row.account_id, error=error.code)

    async def _tell(self, row: ShareLetter, worker: str) -> None:
        account = await self._store.account(row.account_id)
        if not await self._policy.value(account, knobs.SHARING_MAIL):
            return
        person = await self._person(row, account)
        for reader in await self._readers(row, account):
            entry = await self._written(row, account, reader, person)
            until = self._clock.now() + LEASE_MS
            if not await self._store.note_share_letter(row.id, worker, reader.id, until, entry):
                return

    async def _person(self, row: ShareLetter, account: Account) -> str:
        """Return who gave, or whom it was taken from."""
        if row.kind == "given":
            return (await self._store.account(row.given_by or account.id)).name
        return await self._called(account, row.grantee) if row.kind == "over" else ""

    async def _readers(self, row: ShareLetter, account: Account) -> list[Account]:
        """Return whoever is still to be told, by id."""
        reached = list(row.readers) or await self._principals.reached(account.organization_id, row.grantee)
        if len(reached) > MOST_READERS:
            return []
        left_out = {row.given_by} if row.kind == "given" else set()
        if not row.readers:
            left_out.add(account.id)
        now, found = self._clock.now(), []
        for number in sorted({one for one in reached if one > row.told} - left_out):
            try:
                one = await self._store.account(number)
            except NotFound:
                continue
            if one.kind == "person" and one.may("login", now):
                found.append(one)
        return found

    async def _called(self, account: Account, grantee: Grantee) -> str:
        try:
            if grantee.kind == "account":
                return (await self._store.account(AccountId(grantee.id))).name
            return (await self._principals.name_of(account.organization_id, grantee)).partition(":")[2]
        except NotFound:
            return "-"

    async def _written(
        self, row: ShareLetter, account: Account, reader: Account, person: str
    ) -> NewQueueEntry | None:  # fmt: skip
        """Return one reader's letter; None for one that cannot be written. Raises Unavailable."""
        language = reader.language or "ko"
        try:
            words = {
                "person": person, "account": f"{account.name} <{account.login}>",
                "mailboxes": ", ".join(await self._names(language, account, row.mailboxes)),
                "role": _role(reader, row.rights), "until": _until(reader, row.ends_at),
                "link": self._link(account, row.mailboxes),
            }  # fmt: skip
            subject = translate(language, f"sharing.{row.kind}.subject", **words)
            return await self._notices.written(
                reader, subject, translate(language, f"sharing.{row.kind}.text", **words)
            )
        except Unavailable:
            raise
        except MailError as error:
            log.event("share.notify_failed", account=reader.id, error=error.code)
            return None

    async def _names(self, language: str, account: Account, boxes: tuple[MailboxId, ...]) -> list[str]:
        owner = Actor(account.id, account.organization_id, account.login, is_admin=False, origin=SYSTEM_ORIGIN)
        known = {one.row.id: one for one in await self._mailboxes.list_all(owner, account.id)}
        found = [translate(language, "sharing.whole")] if WHOLE_ACCOUNT in boxes else []
        found += [
            translate(language, f"parcel.mailbox.{box.row.role}") if box.row.role else "/".join(box.path)
            for box in (known[one] for one in boxes if one in known)
        ]
        return found or ["-"]

    def _link(self, account: Account, boxes: tuple[MailboxId, ...]) -> str:
        place = f"#~a{account.id}/m{boxes[0]}" if boxes[0] != WHOLE_ACCOUNT else ""
        return f"{self._site}/{place}"


def _role(reader: Account, rights: frozenset[str]) -> str:
    language = reader.language or "ko"
    words = [translate(language, f"sharing.role.{share_role(rights)}")] if rights - SENDING else []
    words += [translate(language, f"sharing.also.{one}") for one in sorted(rights & SENDING)]
    return ", ".join(words)


def _until(reader: Account, ends_at: int) -> str:
    """Say until when: a day where it ends at midnight in Korea, else the minute there."""
    language = reader.language or "ko"
    if not ends_at:
        return translate(language, "sharing.no-end")
    moment = datetime.fromtimestamp(ends_at // 1000, KOREA)
    if (moment.hour, moment.minute) == (0, 0):
        return f"{moment - timedelta(minutes=1):%Y-%m-%d}"
    return f"{moment:%Y-%m-%d %H:%M (%Z)}"
