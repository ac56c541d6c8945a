"""Retention: what has lain in a mailbox longer than policy says is deleted, into the vault (BR-19).

STRATEGIES  By role: trash and junk count from when a message was put there (RFC 8514), inbox and sent from when it was
            received or sent. What a hold names stays, and what is starred where policy spares it.
            Nothing goes from inbox or sent that its person was not told of `retention.notice-days` before: a notice tells
            how many messages go and up to which age; only those go, once its days are over. So a message may go later
            than policy says by those days, never earlier.
LIMITS      Trash and junk are looked at each time, the large mailboxes once in `LARGE_EVERY`.
FAILURE     Work of a job: it may be stopped anywhere and goes on at the next time. Who cannot be told keeps their mail.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Protocol

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import AccountId, MailboxId, MessageId, OrganizationId, Uid
from smartmail.domain.keywords import FLAGGED
from smartmail.domain.message import ViewEntry
from smartmail.domain.principal import Actor, Origin
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.ports.clock import Clock
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_metadata import MetadataStore
from smartmail.ports.store_policy import HoldStore
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.clock import DAY, HOUR
from smartmail.service.kernel.notifications import Notices
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.mailstore.marking import FlagChange
from smartmail.service.mailbox.mailstore.messages import MessageService


class _Store(DirectoryStore, HoldStore, MailReads, MetadataStore, SettingStore, Protocol): ...


Role = Literal["trash", "junk", "inbox", "sent"]
ROLES: Final[tuple[Role, ...]] = ("trash", "junk", "inbox", "sent")
LARGE: Final[frozenset[Role]] = frozenset({"inbox", "sent"})
BLOCK = 500
"""Messages of one transaction: an account must not wait for its trash."""
LARGE_EVERY: Final = 20 * HOUR
SETTING: Final = "retention"
_DELETED = FlagChange("add", (), deleted=True)
_SEOUL: Final = timedelta(hours=9)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What retention would delete from a mailbox now, notices aside."""

    account: Account
    role: Role
    messages: int


@dataclass(frozen=True, slots=True)
class _Notice:
    """What a person was told: when, and up to which time of a message. Milliseconds."""

    at: int
    before: int


class EmptyingService:
    """Empties mailboxes of all accounts as policy says it of each."""

    def __init__(
        self,
        store: _Store,
        policy: PolicyService,
        mailboxes: MailboxService,
        messages: MessageService,
        clock: Clock,
        notices: Notices,
    ) -> None:
        self._store = store
        self._policy = policy
        self._mailboxes = mailboxes
        self._messages = messages
        self._clock = clock
        self._notices = notices
        self._looked: dict[tuple[AccountId, Role], int] = {}

    async def empty(self) -> int:
        """Delete what is due; return how many messages."""
        emptied = 0
        for account in await self._store.accounts():
            policy = await self._policy.of(account)
            for role, days in _days(policy).items():
                if days and self._is_time(account, role):
                    emptied += await self._empty(account, policy, role, days)
        return emptied

    async def forecast(
        self, days: Mapping[Role, int] | None = None, organization_id: OrganizationId | None = None
    ) -> list[Forecast]:
        """Return what would go from whose mailboxes if these days held instead of policy's, deleting nothing."""
        found = []
        for account in await self._store.accounts(organization_id):
            policy = await self._policy.of(account)
            for role, own in _days(policy).items():
                wanted = (days or {}).get(role, own if days is None else 0)
                if wanted:
                    due = await self._due(account, policy, role, self._clock.now() - wanted * DAY)
                    if due:
                        found.append(Forecast(account, role, len(due)))
        return found

    def _is_time(self, account: Account, role: Role) -> bool:
        now = self._clock.now()
        if role not in LARGE:
            return True
        if now - self._looked.get((account.id, role), -LARGE_EVERY) < LARGE_EVERY:
            return False
        self._looked[account.id, role] = now
        return True

    async def _empty(self, account: Account, policy: PolicyView, role: Role, days: int) -> int:
        before = self._clock.now() - days * DAY
        if role in LARGE and policy[knobs.RETENTION_NOTICE_DAYS]:
            before = min(before, await self._announced(account, policy, role, days))
        actor = Actor(account.id, account.organization_id, account.login, is_admin=False, origin=Origin("system"))
        due = await self._due(account, policy, role, before)
        mailbox_id = await self._mailbox(account, role)
        for start in range(0, len(due), BLOCK):
            assert mailbox_id is not None
            block = due[start : start + BLOCK]
            await self._messages.store_flags(actor, account.id, mailbox_id, block, _DELETED)
            await self._messages.expunge(actor, account.id, mailbox_id, block)
        return len(due)

    async def _announced(self, account: Account, policy: PolicyView, role: Role, days: int) -> int:
        """Return up to which time messages may go because their person was told long enough ago; tell of the next."""
        now, ahead = self._clock.now(), policy[knobs.RETENTION_NOTICE_DAYS] * DAY
        place = f"{account.id}/{role}"
        known = await self._store.setting(SETTING, place)
        notice = None if known is None else _Notice(*json.loads(known))
        if notice is not None and now - notice.at < ahead:
            return 0
        told = 0 if notice is None else notice.before
        before = now + ahead - days * DAY
        coming = len(await self._due(account, policy, role, before, since=told))
        if coming and await self._tell(account, role, coming, now + ahead):
            await self._store.put_setting(SETTING, place, json.dumps([now, before]))
        return told

    async def _tell(self, account: Account, role: Role, count: int, at: int) -> bool:
        language = account.language or "ko"
        day = (datetime.fromtimestamp(at / 1000, UTC) + _SEOUL).strftime("%Y-%m-%d")
        facts = {"mailbox": translate(language, f"retention.mailbox.{role}"), "count": str(count), "day": day}
        try:
            await self._notices.send(
                account,
                translate(language, "retention.notice.subject", **facts),
                translate(language, "retention.notice.text", **facts),
            )
        except MailError as error:
            log.event("retention.notify_failed", account=account.id, error=type(error).__name__)
            return False
        return True

    async def _mailbox(self, account: Account, role: Role) -> MailboxId | None:
        actor = Actor(account.id, account.organization_id, account.login, is_admin=False, origin=Origin("system"))
        try:
            return (await self._mailboxes.by_role(actor, account.id, role)).row.id
        except NotFound:
            return None

    async def _due(self, account: Account, policy: PolicyView, role: Role, before: int, *, since: int = 0) -> list[Uid]:
        mailbox_id = await self._mailbox(account, role)
        if mailbox_id is None:
            return []
        _, entries = await self._store.view(account.id, mailbox_id)
        found: list[Uid] = []
        for start in range(0, len(entries), BLOCK):
            block = entries[start : start + BLOCK]
            times = await self._times(account, mailbox_id, role, block)
            held = await self._store.held(account.id, [entry.message_id for entry in block])
            spared = policy[knobs.RETENTION_SPARES_STARRED]
            found += [
                entry.uid
                for entry in block
                if since <= times.get(entry.uid, before) < before
                and entry.message_id not in held
                and not (spared and entry.keywords.bits & FLAGGED)
            ]
        return found

    async def _times(
        self, account: Account, mailbox_id: MailboxId, role: Role, block: Sequence[ViewEntry]
    ) -> Mapping[Uid, int]:
        if role not in LARGE:
            return await self._store.save_dates(account.id, mailbox_id, [entry.uid for entry in block])
        rows = await self._store.messages(account.id, [entry.message_id for entry in block])
        received: dict[MessageId, int] = {row.id: row.received_at for row in rows}
        return {entry.uid: received[entry.message_id] for entry in block if entry.message_id in received}


def _days(policy: PolicyView) -> dict[Role, int]:
    return {
        "trash": policy[knobs.TRASH_DAYS], "junk": policy[knobs.JUNK_DAYS], "inbox": policy[knobs.INBOX_DAYS], "sent": policy[knobs.SENT_DAYS],
    }  # fmt: skip
