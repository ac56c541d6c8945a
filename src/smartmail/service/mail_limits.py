"""How large a message may be and how many it may go to, and what a full mailbox means: policy's limits on mail that
moves, the same by every door.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from smartmail.domain.errors import MailError, OverQuota, PolicyRejected, TooLarge
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats.summary import Summary
from smartmail.service.defence.sending import SendingWatch
from smartmail.service.policy import PolicyService


class MailboxFull(OverQuota):
    """The account has no room, and policy says that trying again is of no use."""

    temporary = False


class TooManyRecipients(PolicyRejected):
    """A message for more than `most` recipients."""

    def __init__(self, most: int) -> None:
        super().__init__(f"a message may have at most {most} recipients")
        self.most = most


@dataclass(frozen=True, slots=True)
class Bounds:
    """What holds for one sender; `octets` 0: no limit but the listener's. `client_address`: the Received line tells where
    they sit.
    """

    recipients: int
    octets: int
    client_address: bool = False

    def check_recipients(self, count: int) -> None:
        """Raise TooManyRecipients for more recipients than are allowed."""
        if count > self.recipients:
            raise TooManyRecipients(self.recipients)

    def check_octets(self, octets: int) -> None:
        """Raise TooLarge for more octets than are allowed."""
        if self.octets and octets > self.octets:
            raise TooLarge(f"at most {self.octets} octets")


class MailLimits:
    """Asks policy."""

    def __init__(
        self,
        policy: PolicyService,
        watch: SendingWatch | None = None,
        wrote: Callable[[AccountId, Sequence[str]], Awaitable[None]] | None = None,
    ) -> None:
        """`wrote` hears to whom an account writes: they are no strangers to it from then on."""
        self._policy = policy
        self._watch = watch
        self._wrote = wrote

    async def of(self, actor: Actor) -> Bounds:
        """Return the bounds of a sender. Raises PolicyRejected where its sending is stopped."""
        if self._watch is not None:
            await self._watch.require(actor.account_id)
        policy = await self._policy.of_id(actor.account_id)
        return Bounds(policy.message_max_recipients, policy.message_max_octets, policy.client_address)

    async def sent(self, actor: Actor, recipients: Sequence[str], summary: Summary) -> None:
        """Tell defence that a mail of an account was accepted: it is held at once where it looks like a thief's."""
        if self._watch is not None:
            await self._watch.sent(actor, recipients, summary)
        if self._wrote is not None:
            await self._wrote(actor.account_id, recipients)

    async def told(self, account_id: AccountId, error: MailError) -> MailError:
        """Return the error of a delivery as the sender shall hear it: whether a full mailbox is final is policy's."""
        if isinstance(error, OverQuota) and (await self._policy.of_id(account_id)).quota_over == "bounce":
            return MailboxFull(error.public or "the recipient's mailbox is full")
        return error
