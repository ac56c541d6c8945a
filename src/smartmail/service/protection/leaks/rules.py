"""Leak rules as administrators make, end, turn on and try them.

STRATEGIES  A change is made against the newest epoch and tried again when another one came first. Rules are never edited: they
            end and others begin; turning one on ends it and begins the same in its place, in one epoch.
SECURITY    Where policy asks for two persons (proposing) none is made or ended at once. An administrator rules over what it
            administers (service.kernel.authority).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final, Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound, StateMismatch
from smartmail.domain.leaks import LeakRevision, LeakRule, Stage
from smartmail.domain.policy import LEVELS, Level, Scope
from smartmail.domain.principal import Actor
from smartmail.policy.leaks import CompiledRule
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_leaks import LeakStore
from smartmail.ports.store_policy import PolicyStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.policy import TOPIC
from smartmail.service.protection.leaks.searching import KNOWN, dictionary_of, pattern_of

Gate = Callable[[Actor, Scope], Awaitable[None]]
ATTEMPTS: Final = 8
MAX_RULES: Final = 1000
"""Of one installation, in force."""
MAX_REVISIONS: Final = 1000
"""That can be looked back at."""


class _Store(PolicyStore, Protocol):
    @property
    def leaks(self) -> LeakStore: ...


class LeakRules:
    """Changes of leak rules."""

    def __init__(self, store: _Store, authority: Authority, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._authority = authority
        self._clock = clock
        self._bus = bus
        self.gate: Gate | None = None
        """Set by the composition: raises Forbidden where a second person has to agree."""

    async def rules(self, actor: Actor, epoch: int | None = None) -> tuple[int, list[LeakRule]]:
        """Return an epoch (None: the newest) and its rules as far as the actor may see them."""
        number, rows = await self._store.leaks.rules(epoch)
        return number, await self._visible(actor, rows)

    async def revisions(self, actor: Actor) -> list[LeakRevision]:
        """Return the newest changes, newest first, of rules that the actor may see."""
        found = [
            replace(
                one,
                begun=tuple(await self._visible(actor, one.begun)),
                ended=tuple(await self._visible(actor, one.ended)),
            )
            for one in await self._store.leaks.revisions(MAX_REVISIONS)
        ]
        return [one for one in found if one.begun or one.ended]

    async def _visible(self, actor: Actor, rules: Sequence[LeakRule]) -> list[LeakRule]:
        return [one for one in rules if await self._authority.may(actor, "leak.read", one.scope)]

    async def new(self, actor: Actor, *rules: LeakRule) -> list[LeakRule]:
        """Begin rules at once, all in one epoch; return them with their ids. Raises Invalid, Forbidden (also where two persons are
        needed), NotFound.
        """
        for rule in rules:
            await self._authority.require(actor, "leak.change", rule.scope)
            if self.gate is not None:
                await self.gate(actor, rule.scope)
        return await self.begin(actor, *rules)

    async def begin(self, actor: Actor, *rules: LeakRule) -> list[LeakRule]:
        """The same when it has been agreed to."""
        for rule in rules:
            await self.check(actor, rule)
        return await self._revise(actor, "leak-rule.new", rules, [])

    async def end(self, actor: Actor, rule_id: int) -> None:
        """End a rule at once. Raises NotFound (none such in force, or not the actor's to end), Forbidden."""
        rule = await self.find(actor, rule_id)
        if self.gate is not None:
            await self.gate(actor, rule.scope)
        await self.stop(actor, rule_id)

    async def stop(self, actor: Actor, rule_id: int) -> None:
        """End a rule when it has been agreed to. Raises NotFound."""
        await self._revise(actor, "leak-rule.end", [], [rule_id])

    async def turn(self, actor: Actor, rule_id: int, stage: Stage) -> LeakRule:
        """Let a rule act (`on`), or only log, at once; return the one that begins in its place. Raises as `new`."""
        rule = await self.find(actor, rule_id)
        if rule.stage == stage:
            return rule
        if self.gate is not None:
            await self.gate(actor, rule.scope)
        return await self.turned(actor, rule, stage)

    async def turned(self, actor: Actor, rule: LeakRule, stage: Stage) -> LeakRule:
        """The same when it has been agreed to."""
        return (await self._revise(actor, f"leak-rule.{stage}", [replace(rule, stage=stage)], [rule.id]))[0]

    async def replaced(self, actor: Actor, old: LeakRule, new: LeakRule) -> LeakRule:
        """End a rule and begin another in its place, in one epoch, when it has been agreed to. Raises as `check`."""
        await self.check(actor, new)
        turned = replace(new, id=old.id) == replace(old, stage=new.stage)
        action = f"leak-rule.{new.stage}" if turned else "leak-rule.change"
        return (await self._revise(actor, action, [new], [old.id]))[0]

    async def find(self, actor: Actor, rule_id: int) -> LeakRule:
        """Return a rule that the actor may change. Raises NotFound, Forbidden."""
        _, rows = await self._store.leaks.rules()
        rule = next((row for row in rows if row.id == rule_id), None)
        if rule is None:
            raise NotFound("there is no such leak rule")
        await self._authority.require(actor, "leak.change", rule.scope)
        return rule

    async def check(self, actor: Actor, rule: LeakRule) -> None:
        """Raise unless the actor may begin a rule. Raises Invalid, Forbidden, NotFound."""
        await self._authority.require(actor, "leak.change", rule.scope)
        if rule.authority is not None:
            await self._require_authority(actor, rule.scope, rule.authority)
        if rule.valid_until is not None and rule.valid_until <= self._clock.now():
            raise Invalid("the exception would end in the past", reason="end.past")
        checked(rule)
        _, rows = await self._store.leaks.rules()
        if len(rows) >= MAX_RULES:
            raise Invalid(f"at most {MAX_RULES} leak rules", reason="count.most", most=MAX_RULES)

    async def _require_authority(self, actor: Actor, scope: Scope, level: Level) -> None:
        """Raises Forbidden unless the actor rules over the level in whose name it grants."""
        if level == scope.level:
            return
        if level == "system":
            await self._authority.require(actor, "leak.change", Scope("system"))
            return
        if level not in LEVELS:
            raise Invalid(f"an authority is one of {', '.join(LEVELS)}", reason="access.authority")
        home = await self._authority.require(actor, "leak.change", scope)
        await self._authority.require(actor, "leak.change", Scope("organization", str(home)))

    async def _revise(self, actor: Actor, action: str, begin: Sequence[LeakRule], end: Sequence[int]) -> list[LeakRule]:
        thing = f"leak-rule:{end[0]}" if end else f"leak-rule {begin[0].scope.level}:{begin[0].scope.subject}"
        for _ in range(ATTEMPTS):
            epoch = await self._store.policy_epoch()
            record = AuditRecord(
                self._clock.now(), actor.named, action, thing, actor.origin.address, door=actor.origin.door
            )
            try:
                made, begun = await self._store.leaks.revise(epoch, begin, end, record)
            except StateMismatch:
                continue
            self._bus.publish(TOPIC, str(made))
            return begun
        raise StateMismatch("others are changing the policy; try again", reason="policy.busy")


def checked(rule: LeakRule) -> None:
    """Raise Invalid for a rule that cannot be."""
    try:
        needs = CompiledRule(rule).condition.wanted
        for listed in needs.wordlists:
            dictionary_of(listed)
        for expression in needs.expressions:
            pattern_of(expression)
    except ValueError as error:
        raise Invalid(str(error), reason="leak.form") from None
    unknown = needs.detectors - KNOWN
    if unknown:
        raise Invalid(
            f"there is no detector {', '.join(sorted(unknown))}; there are {', '.join(sorted(KNOWN))}",
            reason="leak.form",
        )
