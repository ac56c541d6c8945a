"""How large a message may be and how many it may go to, and what a full mailbox means: policy's limits on mail that
moves, the same by every door.
"""

from dataclasses import dataclass

from smartmail.domain.errors import MailError, OverQuota, PolicyRejected, TooLarge
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
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
    """What holds for one sender; `octets` 0: no limit but the listener's."""

    recipients: int
    octets: int

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

    def __init__(self, policy: PolicyService) -> None:
        self._policy = policy

    async def of(self, actor: Actor) -> Bounds:
        """Return the bounds of a sender."""
        policy = await self._policy.of_id(actor.account_id)
        return Bounds(policy.message_max_recipients, policy.message_max_octets)

    async def told(self, account_id: AccountId, error: MailError) -> MailError:
        """Return the error of a delivery as the sender shall hear it: whether a full mailbox is final is policy's."""
        if isinstance(error, OverQuota) and (await self._policy.of_id(account_id)).quota_over == "bounce":
            return MailboxFull(error.public or "the recipient's mailbox is full")
        return error
