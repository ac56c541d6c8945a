"""How large a message may be and how many it may go to, and what a full mailbox means: policy's limits on mail that
moves, the same by every door.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, OverQuota, PolicyRejected, TooLarge
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats.mime.parts import ATTACHMENT
from smartmail.formats.summary import Summary
from smartmail.policy import knobs
from smartmail.policy.knobs import ATTACHMENT_MAX_OCTETS, EXPORT, MESSAGE_MAX_OCTETS, MESSAGE_MAX_RECIPIENTS
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_policy import PolicyStore
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.protection.defence.letters import Read
from smartmail.service.protection.defence.sending import SendingWatch


class _Store(AccountStore, PolicyStore, Protocol): ...


_WHOLE_MESSAGES = {"message/rfc822", "message/global"}


class MailboxFull(OverQuota):
    """The account has no room, and policy says that trying again is of no use."""

    temporary = False


class TooManyRecipients(PolicyRejected):
    """A message for more than `most` recipients."""

    def __init__(self, most: int) -> None:
        super().__init__(f"a message may have at most {most} recipients")
        self.most = most


class MessageTooLarge(TooLarge):
    """A message of more octets than `most`."""

    def __init__(self, most: int) -> None:
        super().__init__(f"at most {most} octets")
        self.most = most


@dataclass(frozen=True, slots=True)
class Bounds:
    """What holds for one sender; `octets` 0: no limit but the listener's. `client_address`: the Received line tells where
    they sit.
    """

    recipients: int
    octets: int
    client_address: bool = False
    attachment_octets: int = 0
    originals_outside: bool = True
    refused: Callable[[str, int], None] | None = None
    """Hears which knob refused, and the number that was compared."""

    def check_recipients(self, count: int) -> None:
        """Raise TooManyRecipients for more recipients than are allowed."""
        if count > self.recipients:
            self._tell(MESSAGE_MAX_RECIPIENTS.name, count)
            raise TooManyRecipients(self.recipients)

    def check_octets(self, octets: int) -> None:
        """Raise TooLarge for more octets than are allowed."""
        if self.octets and octets > self.octets:
            self._tell(MESSAGE_MAX_OCTETS.name, octets)
            raise MessageTooLarge(self.octets)

    def check_attachments(self, summary: Summary) -> None:
        """Raise AttachmentTooLarge for an attachment of more octets than are allowed."""
        if not self.attachment_octets:
            return
        largest = max((part.decoded_size for part in summary.parts if part.shown & ATTACHMENT), default=0)
        if largest > self.attachment_octets:
            self._tell(ATTACHMENT_MAX_OCTETS.name, largest)
            raise AttachmentTooLarge(f"an attachment may have at most {self.attachment_octets} octets")

    def check_originals(self, summary: Summary, outside: int) -> None:
        """Raise OriginalsStayInside for a whole message as an attachment to somebody outside, where originals may not be
        saved (BR-20): what may not lie in a file here must not lie in one there.
        """
        if self.originals_outside or not outside:
            return
        count = sum(part.type in _WHOLE_MESSAGES for part in summary.parts)
        if count:
            self._tell(EXPORT.name, count)
            raise OriginalsStayInside(
                "whole messages may not be sent outside as attachments", reason="originals.outside"
            )

    def _tell(self, knob: str, number: int) -> None:
        if self.refused is not None:
            self.refused(knob, number)


class AttachmentTooLarge(PolicyRejected):
    """An attachment is larger than policy allows."""


class OriginalsStayInside(PolicyRejected):
    """A whole message is attached to a letter that goes outside, and originals may not leave."""


class FromInsideOnly(PolicyRejected):
    """An account takes no mail from outside."""


class SenderIsFull(PolicyRejected):
    """The sender's own mailbox is full, and policy lets it receive but not send (BR-18)."""


Noted = Callable[[AccountId, str, int, bool], None]
"""Hears what a limit decided: whose, which knob, the number compared, yes or no."""


class MailLimits:
    """Asks policy."""

    def __init__(
        self,
        policy: PolicyService,
        watch: SendingWatch,
        wrote: Callable[[AccountId, Sequence[str]], Awaitable[None]],
        store: _Store,
        noted: Noted,
    ) -> None:
        """`wrote` hears to whom an account writes: they are no strangers to it from then on. `noted` hears decisions."""
        self._store = store
        self._noted = noted
        self._policy = policy
        self._watch = watch
        self._wrote = wrote

    async def of(self, actor: Actor) -> Bounds:
        """Return the bounds of a sender. Raises PolicyRejected where its sending is stopped."""
        await self._watch.require(actor.account_id)
        if not (await self._store.account(actor.account_id)).may("send"):
            raise PolicyRejected("this account may not send")
        policy = await self._policy.of_id(actor.account_id)
        if policy[knobs.QUOTA_OVER] == "receive" and await self._is_full(actor.account_id):
            raise SenderIsFull("your mailbox is full: make room before you send")
        return Bounds(
            policy[knobs.MESSAGE_MAX_RECIPIENTS],
            policy[knobs.MESSAGE_MAX_OCTETS],
            policy[knobs.CLIENT_ADDRESS],
            policy[knobs.ATTACHMENT_MAX_OCTETS],
            policy[knobs.EXPORT],
            self._noting(actor),
        )

    def _noting(self, actor: Actor) -> Callable[[str, int], None]:
        return lambda knob, number: self._noted(actor.account_id, knob, number, False)

    async def _is_full(self, account_id: AccountId) -> bool:
        account = await self._store.account(account_id)
        return account.quota is not None and account.used >= account.quota

    async def admit_stranger(self, account: Account) -> None:
        """Raise FromInsideOnly where an account takes nothing from outside (BR-6)."""
        if not await self._policy.value(account, knobs.OUTSIDE_RECEIVE):
            raise FromInsideOnly("this mailbox takes mail from inside its organisation only")

    async def may_receive(self, account: Account) -> bool:
        """Say whether an account that is full takes mail all the same: policy gives it days, or no end."""
        return await self._store.is_lenient(account.id)

    async def sent(self, actor: Actor, recipients: Sequence[str], summary: Summary, read: Read | None = None) -> None:
        """Tell defence that a mail of an account was accepted: it is held at once where it looks like a thief's. `read`
        returns octets of it by start and length.
        """
        self._noted(actor.account_id, MESSAGE_MAX_RECIPIENTS.name, len(recipients), True)
        self._noted(actor.account_id, MESSAGE_MAX_OCTETS.name, summary.size, True)
        await self._watch.sent(actor, recipients, summary, read)

    async def wrote(self, account_id: AccountId, recipients: Sequence[str]) -> None:
        """Remember whom an account has written to."""
        await self._wrote(account_id, recipients)

    async def told(self, account_id: AccountId, error: MailError) -> MailError:
        """Return the error of a delivery as the sender shall hear it: whether a full mailbox is final is policy's."""
        if isinstance(error, OverQuota) and await self._policy.value_of_id(account_id, knobs.QUOTA_OVER) == "bounce":
            return MailboxFull(error.public or "the recipient's mailbox is full")
        return error
