"""Access rules as acts that may need two persons (class "policy" of `admin.two-person`): one administrator alone opens no
door, and closes none.

What is done at once without asking (AccessRules.new, end) passes the same gate. Must not know who is asked.
"""

import msgspec

from smartmail.domain.access import AccessRule
from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.policy import Level, Scope
from smartmail.domain.principal import Actor
from smartmail.service.identity.access.rules import AccessRules
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.proposals import Act, Outcome, ProposalService

BEGIN = "access.rule"
END = "access.rule-end"


class Begin(msgspec.Struct, frozen=True):
    """A rule to begin."""

    rule: AccessRule


class End(msgspec.Struct, frozen=True):
    """A rule to end, with the scope that it is for."""

    rule_id: int
    level: Level
    subject: str

    @property
    def scope(self) -> Scope:
        """Return whom the rule is for."""
        return Scope(self.level, self.subject)


class AccessProposals:
    """Proposes and does them."""

    def __init__(self, rules: AccessRules, authority: Authority, proposals: ProposalService) -> None:
        self._rules = rules
        self._authority = authority
        self._proposals = proposals
        rules.gate = self._gate
        proposals.add(Act(
            BEGIN, "policy", "access.change", Begin, lambda one: one.rule.scope, self._begin, check=self._check_begin,
        ))  # fmt: skip
        proposals.add(Act(
            END, "policy", "access.change", End, lambda one: one.scope, self._end, check=self._check_end,
        ))  # fmt: skip

    async def new(self, actor: Actor, rule: AccessRule, reason: str) -> Outcome:
        """Begin a rule, now or when a second person has consented. Raises Invalid, Forbidden, NotFound, ProofNeeded."""
        return await self._proposals.do(actor, BEGIN, Begin(rule), reason)

    async def end(self, actor: Actor, rule_id: int, reason: str) -> Outcome:
        """End a rule, now or when a second person has consented. Raises Invalid, Forbidden, NotFound, ProofNeeded."""
        rule = await self._rules.find(actor, rule_id)
        return await self._proposals.do(actor, END, End(rule_id, rule.scope.level, rule.scope.subject), reason)

    async def _gate(self, actor: Actor, scope: Scope) -> None:
        home = await self._authority.require(actor, "access.change", scope)
        if await self._proposals.needs_consent(actor, BEGIN, home):
            raise Forbidden("another administrator has to agree: propose it", reason="consent.other")

    async def _check_begin(self, actor: Actor, asked: Begin) -> None:
        await self._rules.check(actor, asked.rule)

    async def _begin(self, actor: Actor, asked: Begin, _key: int) -> str:
        made = await self._rules.begin(actor, asked.rule)
        return f"access-rule:{made.id}"

    async def _check_end(self, actor: Actor, asked: End) -> None:
        rule = await self._rules.find(actor, asked.rule_id)
        if rule.scope != asked.scope:
            raise NotFound("there is no such access rule")
        await self._rules.check_end(actor, rule)

    async def _end(self, actor: Actor, asked: End, _key: int) -> str:
        await self._check_end(actor, asked)
        await self._rules.stop(actor, asked.rule_id)
        return f"access-rule:{asked.rule_id}"
