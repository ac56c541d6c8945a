"""What was found out about messages when they came: verdicts, hops, reasons, as they were then.

Opened when somebody asks; lists do not. Must not know how it is shown.
SECURITY  Who may read the message may read it.
FAILURE   One that does not open is left out and logged: the message is as good as before.
"""

from collections.abc import Sequence

from smartmail.base import log
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.inspection import Inspection
from smartmail.domain.principal import Actor
from smartmail.formats.seal import SealError
from smartmail.ports.store_mail import MailReads
from smartmail.service.kernel.inspection.keeping import open_inspection
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.rights import Rights


class FindingsService:
    """Reads them."""

    def __init__(self, store: MailReads, rights: Rights, keyring: Keyring) -> None:
        self._store = store
        self._rights = rights
        self._keyring = keyring

    async def of(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, Inspection]:
        """Return what is kept of those messages that have something. Raises NotFound (account)."""
        visible = await self._rights.visible(actor, account_id, message_ids)
        rows = await self._store.inspections(account_id, visible)
        if not rows:
            return {}
        keys = await self._keyring.account_by_id(account_id)
        found: dict[MessageId, Inspection] = {}
        for message_id, blob_id, sealed in rows:
            try:
                found[message_id] = open_inspection(keys, blob_id, sealed)
            except (SealError, ValueError) as error:
                log.event("message.unreadable", account=account_id, message=message_id, error=type(error).__name__)
        return found
