"""Leak rules as acts that may need two persons (class "policy" of `admin.two-person`): one administrator alone opens no way out.

What is done at once without asking (LeakRules.new, end, turn) passes the same gate. Must not know who is asked.
"""

from collections.abc import Sequence

import msgspec

from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.leaks import LeakRule
from smartmail.domain.policy import Level, Scope
from smartmail.domain.principal import Actor
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.proposals import Act, Outcome, ProposalService
from smartmail.service.protection.leaks.exceptions import LeakExceptions
from smartmail.service.protection.leaks.rules import LeakRules

BEGIN = "leak.rule"
CHANGE = "leak.rule-change"
END = "leak.rule-end"
EXCEPT = "leak.exception"


class Begin(msgspec.Struct, frozen=True):
    """A rule to begin."""

    rule: LeakRule


class Change(msgspec.Struct, frozen=True):
    """A rule that begins in the place of another; both are for the same scope."""

    rule_id: int
    rule: LeakRule


class End(msgspec.Struct, frozen=True):
    """A rule to end, with the scope that it is for."""

    rule_id: int
    level: Level
    subject: str

    @property
    def scope(self) -> Scope:
        """Return whom the rule is for."""
        return Scope(self.level, self.subject)


class Except(msgspec.Struct, frozen=True):
    """Values of an incident of a company to be excepted from a rule, as LeakExceptions.put takes them, and over what."""

    organization_id: int
    incident_id: int
    until: int
    reason: str
    findings: tuple[int, ...]
    rule_id: int
    level: Level
    subject: str

    @property
    def scope(self) -> Scope:
        """Return over what the exception is made."""
        return Scope(self.level, self.subject)


class LeakProposals:
    """Proposes and does them."""

    def __init__(
        self, rules: LeakRules, exceptions: LeakExceptions, authority: Authority, proposals: ProposalService
    ) -> None:
        self._rules = rules
        self._exceptions = exceptions
        self._authority = authority
        self._proposals = proposals
        rules.gate = self._gate
        proposals.add(Act(
            BEGIN, "policy", "leak.change", Begin, lambda one: one.rule.scope, self._begin, check=self._check_begin,
        ))  # fmt: skip
        proposals.add(Act(
            CHANGE, "policy", "leak.change", Change, lambda one: one.rule.scope, self._change, check=self._check_change,
        ))  # fmt: skip
        proposals.add(Act(END, "policy", "leak.change", End, lambda one: one.scope, self._end, check=self._check_end))
        proposals.add(Act(
            EXCEPT, "policy", "leak.change", Except, lambda one: one.scope, self._except, check=self._check_except,
        ))  # fmt: skip

    async def new(self, actor: Actor, rule: LeakRule, reason: str) -> Outcome:
        """Begin a rule, now or when a second person has consented. Raises Invalid, Forbidden, NotFound, ProofNeeded."""
        return await self._proposals.do(actor, BEGIN, Begin(rule), reason)

    async def change(self, actor: Actor, rule_id: int, rule: LeakRule, reason: str) -> Outcome:
        """Let a rule begin in the place of another one for the same scope, now or when a second person has consented. Raises
        Invalid (also for another scope), Forbidden, NotFound, ProofNeeded.
        """
        return await self._proposals.do(actor, CHANGE, Change(rule_id, rule), reason)

    async def end(self, actor: Actor, rule_id: int, reason: str) -> Outcome:
        """End a rule, now or when a second person has consented. Raises Invalid, Forbidden, NotFound, ProofNeeded."""
        rule = await self._rules.find(actor, rule_id)
        return await self._proposals.do(actor, END, End(rule_id, rule.scope.level, rule.scope.subject), reason)

    async def exception(
        self, actor: Actor, organization_id: OrganizationId, incident_id: int, until: int, reason: str, *,
        findings: Sequence[int] = (), rule_id: int = 0,
    ) -> Outcome:  # fmt: skip
        """Except values of an incident, now or when a second person has consented. Raises as LeakExceptions.make, ProofNeeded."""
        scope = await self._exceptions.scope(actor, organization_id, incident_id, rule_id)
        asked = Except(
            organization_id, incident_id, until, reason, tuple(findings), rule_id, scope.level, scope.subject
        )
        return await self._proposals.do(actor, EXCEPT, asked, reason)

    async def _gate(self, actor: Actor, scope: Scope) -> None:
        home = await self._authority.require(actor, "leak.change", scope)
        if await self._proposals.needs_consent(actor, BEGIN, home):
            raise Forbidden("another administrator has to agree: propose it", reason="consent.other")

    async def _check_begin(self, actor: Actor, asked: Begin) -> None:
        await self._rules.check(actor, asked.rule)

    async def _begin(self, actor: Actor, asked: Begin, _key: int) -> str:
        [made] = await self._rules.begin(actor, asked.rule)
        return f"leak-rule:{made.id}"

    async def _check_change(self, actor: Actor, asked: Change) -> None:
        await self._old(actor, asked)
        await self._rules.check(actor, asked.rule)

    async def _change(self, actor: Actor, asked: Change, _key: int) -> str:
        made = await self._rules.replaced(actor, await self._old(actor, asked), asked.rule)
        return f"leak-rule:{made.id}"

    async def _old(self, actor: Actor, asked: Change) -> LeakRule:
        old = await self._rules.find(actor, asked.rule_id)
        if old.scope != asked.rule.scope:
            raise Invalid("a rule for another scope is another rule: end this one", reason="leak.scope")
        return old

    async def _check_end(self, actor: Actor, asked: End) -> None:
        rule = await self._rules.find(actor, asked.rule_id)
        if rule.scope != asked.scope:
            raise NotFound("there is no such leak rule")

    async def _end(self, actor: Actor, asked: End, _key: int) -> str:
        await self._check_end(actor, asked)
        await self._rules.stop(actor, asked.rule_id)
        return f"leak-rule:{asked.rule_id}"

    async def _check_except(self, actor: Actor, asked: Except) -> None:
        home = OrganizationId(asked.organization_id)
        if await self._exceptions.scope(actor, home, asked.incident_id, asked.rule_id) != asked.scope:
            raise NotFound("there is no such leak rule")

    async def _except(self, actor: Actor, asked: Except, _key: int) -> str:
        await self._check_except(actor, asked)
        made = await self._exceptions.put(
            actor, OrganizationId(asked.organization_id), asked.incident_id, asked.until, asked.reason,
            findings=asked.findings, rule_id=asked.rule_id,
        )  # fmt: skip
        return " ".join(f"leak-exception:{one.row.id}" for one in made)
