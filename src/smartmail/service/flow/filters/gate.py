"""What filters may send out: the one place where redirect, vacation and notify meet outgoing policy.

Every exit of mail obeys the same rules (product B6): a redirect is judged as a forward, an automatic answer as a
vacation. Must not know how anything is sent.
"""

from collections.abc import Sequence
from typing import Literal

from smartmail.domain.account import Account
from smartmail.formats.address import split_address
from smartmail.policy import knobs
from smartmail.service.flow.directory import DirectoryService
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.protection.leaks import AutomaticLeaks

Exit = Literal["redirect", "vacation", "notify"]


class OutgoingGate:
    """Asks policy; `leaks` is asked about what a letter holds."""

    def __init__(self, policy: PolicyService, directory: DirectoryService, leaks: AutomaticLeaks) -> None:
        self._policy = policy
        self._directory = directory
        self.leaks = leaks

    async def scripts_run(self, account: Account) -> bool:
        """Whether the account's own scripts run at all."""
        return await self._policy.value(account, knobs.SIEVE_SCRIPTS)

    async def refusal(self, account: Account, kind: Exit, recipients: Sequence[str]) -> str:
        """Return why it may not be sent, "" when it may."""
        # Who is away by an administrator's word is answered for by the house, whatever they may themselves.
        house = kind == "vacation" and await self._directory.finder.absentees.answers(account.id)
        if not account.may("forward") and not house:
            return f"an account that is {account.state} sends nothing by itself"
        policy = await self._policy.of(account)
        if kind == "vacation" and not policy[knobs.VACATION] and not house:
            return "automatic answers are switched off by policy"
        allowed = policy[knobs.OUTSIDE_SEND] and (
            policy[knobs.VACATION_EXTERNAL] if kind == "vacation" else policy[knobs.FORWARD_EXTERNAL]
        )
        if not allowed and await self.leaves(recipients):
            return "policy keeps this mail inside"
        return ""

    async def way_back(self, account: Account, reverse_path: str, recipients: Sequence[str]) -> str:
        """Return the envelope sender of mail that an account redirects: what goes outside leads back through us, or the
        next host finds that we do not send for its sender's domain (RFC 7208 §2.4).
        """
        if not await self.leaves(recipients):
            return reverse_path
        return await self._directory.finder.reverse_path(reverse_path, split_address(account.login)[1])

    async def leaves(self, recipients: Sequence[str]) -> bool:
        """Whether any of these lies outside of the installation."""
        found = await self._directory.resolve_many(recipients)
        return any(not one.ours for one in found.values())
