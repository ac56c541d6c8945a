"""The trash empties itself: what has lain there longer than policy says (`trash.days`) is deleted, into the vault.

A message counts from when it was put into the trash (RFC 8514), not from when it was received. Work of a job: it may be
stopped anywhere and goes on at the next time.
"""

from smartmail.domain.account import Account
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import MailboxId, Uid
from smartmail.domain.principal import Actor, Origin
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.clock import DAY
from smartmail.service.mailstore.mailboxes import MailboxService
from smartmail.service.mailstore.marking import FlagChange
from smartmail.service.mailstore.messages import MessageService
from smartmail.service.policy import PolicyService

BLOCK = 500
"""Messages of one transaction: an account must not wait for its trash."""
_DELETED = FlagChange("add", (), deleted=True)


class EmptyingService:
    """Empties the trash of all accounts that a policy says it of."""

    def __init__(
        self, store: Store, policy: PolicyService, mailboxes: MailboxService, messages: MessageService, clock: Clock
    ) -> None:
        self._store = store
        self._policy = policy
        self._mailboxes = mailboxes
        self._messages = messages
        self._clock = clock

    async def empty(self) -> int:
        """Delete what is due; return how many messages."""
        emptied = 0
        for account in await self._store.accounts():
            days = (await self._policy.of(account)).trash_days
            if days:
                emptied += await self._empty(account, self._clock.now() - days * DAY)
        return emptied

    async def _empty(self, account: Account, before: int) -> int:
        actor = Actor(account.id, account.organization_id, account.login, is_admin=False, origin=Origin("system"))
        try:
            trash = (await self._mailboxes.by_role(actor, account.id, "trash")).row.id
        except NotFound:
            return 0
        _, entries = await self._store.view(account.id, trash)
        due = await self._due(account, [entry.uid for entry in entries], trash, before)
        for start in range(0, len(due), BLOCK):
            block = due[start : start + BLOCK]
            await self._messages.store_flags(actor, account.id, trash, block, _DELETED)
            await self._messages.expunge(actor, account.id, trash, block)
        return len(due)

    async def _due(self, account: Account, uids: list[Uid], trash: MailboxId, before: int) -> list[Uid]:
        found: list[Uid] = []
        for start in range(0, len(uids), BLOCK):
            dates = await self._store.save_dates(account.id, trash, uids[start : start + BLOCK])
            found += [uid for uid, at in dates.items() if at < before]
        return found
