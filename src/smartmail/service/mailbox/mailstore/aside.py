"""Mailboxes in which mail lies apart: what a subscription bomb brings, mail from abroad. Must not know why it does."""

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import AlreadyExists, MailError, NotFound
from smartmail.domain.ids import MailboxId
from smartmail.domain.principal import system_actor
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService


class Aside:
    """Finds or makes the mailbox for what lies apart; `name` is the key of its name in the catalogues."""

    def __init__(self, mailboxes: MailboxService, name: str) -> None:
        self._mailboxes = mailboxes
        self._name = name

    async def mailbox(self, account: Account) -> MailboxId | None:
        """Return it, None where it cannot be made: the mail then stays in the inbox."""
        actor = system_actor(account.id, account.organization_id)
        path = (translate(account.language or "ko", self._name),)
        try:
            return (await self._mailboxes.find(actor, account.id, path)).row.id
        except NotFound:
            pass
        try:
            return (await self._mailboxes.create_path(actor, account.id, path)).id
        except AlreadyExists:
            return (await self._mailboxes.find(actor, account.id, path)).row.id
        except MailError:
            return None
