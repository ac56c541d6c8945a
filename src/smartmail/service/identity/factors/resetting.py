"""Resets of second factors as acts that may need two persons (KA-12: a second administrator, or a logged reason).

The gate for doors: whether a second person has to consent is the organisation's policy (`admin.two-person`).
"""

import msgspec

from smartmail.domain.factors import FactorKind
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.service.identity.factors.enrolment import Enrolment
from smartmail.service.kernel.proposals import Act, Outcome, ProposalService

ACT = "factor.reset"


class Reset(msgspec.Struct, frozen=True):
    """Whose factors go; no kinds: all of them."""

    account_id: int
    reason: str
    kinds: tuple[FactorKind, ...] = ()


class FactorResets:
    """Proposes and does them."""

    def __init__(self, enrolment: Enrolment, proposals: ProposalService) -> None:
        self._enrolment = enrolment
        self._proposals = proposals
        proposals.add(
            Act(
                name=ACT, kind="factors", permission="account.secrets", arguments=Reset,
                scope=lambda one: Scope("account", str(one.account_id)), run=self._run, repeatable=True, check=self._check,
            )
        )  # fmt: skip

    async def reset(
        self, actor: Actor, account_id: AccountId, reason: str, kinds: tuple[FactorKind, ...] = ()
    ) -> Outcome:
        """Remove an account's second factors, now or when a second person has consented.

        Raises Forbidden, NotFound, ProofNeeded, Invalid (no reason).
        """
        return await self._proposals.do(actor, ACT, Reset(account_id, reason, kinds), reason)

    async def _check(self, _actor: Actor, arguments: Reset) -> None:
        self._enrolment.checked_reason(arguments.reason)

    async def _run(self, author: Actor, arguments: Reset, _key: int) -> str:
        gone = await self._enrolment.reset(
            author, AccountId(arguments.account_id), arguments.reason, arguments.kinds or None, proved=True
        )
        return str(gone)
