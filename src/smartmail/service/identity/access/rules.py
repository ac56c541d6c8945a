"""Access rules as administrators make, end, try and explain them.

STRATEGIES  A change is made against the newest epoch and tried again when another one came first. Rules are never edited:
            they end and others begin. One that would shut out its own author, or the last administrator of a company that
            comes in today, is refused, and so is the end of one that lets them in.
SECURITY    Where policy asks for two persons (service.identity.access.proposing) none is made at once. An administrator rules over what it administers (service.kernel.authority). Leave without an end is the
            installation's alone to give (KX-3).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from smartmail.domain.access import CHANNELS, AccessRule, Action, CountryUse, Login
from smartmail.domain.account import LoginAttempt
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import LEVELS, Level, Scope
from smartmail.domain.principal import Actor
from smartmail.policy.access import AccessDecision, AccessRuleset, Why, decide
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_access import AccessStore
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_policy import PolicyStore
from smartmail.service.identity.access.book import AccessBook
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.policy import TOPIC


class _Store(AccessStore, AccountStore, DirectoryStore, PolicyStore, Protocol): ...


Gate = Callable[[Actor, Scope], Awaitable[None]]

ATTEMPTS: Final = 8
LATELY: Final = 30 * DAY
PAGES: Final = ("admin", "web")
REHEARSED_LOGINS: Final = 20
"""Of each account, the newest ones."""


@dataclass(frozen=True, slots=True)
class AccessWhy:
    """What holds for a login, where it came from, and every rule that names the account, strongest first."""

    decision: AccessDecision
    country: str
    place: str
    epoch: int
    rules: tuple[tuple[AccessRule, Why], ...]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A login of the past that a rule would decide otherwise."""

    login: str
    past: LoginAttempt
    before: Action
    after: Action


class AccessRules:
    """Changes of access rules, and questions about them."""

    def __init__(self, store: _Store, book: AccessBook, authority: Authority, clock: Clock, bus: Bus) -> None:
        self._store = store
        self._book = book
        self._authority = authority
        self._clock = clock
        self._bus = bus
        self.gate: Gate | None = None
        """Set by the composition: raises Forbidden where a second person has to agree."""

    async def rules(self, actor: Actor, epoch: int | None = None) -> tuple[int, list[AccessRule]]:
        """Return an epoch (None: the newest) and its rules as far as the actor may see them."""
        number, rows = await self._store.access_rules(epoch)
        seen = [row for row in rows if await self._authority.may(actor, "access.read", row.scope)]
        return number, seen

    async def new(self, actor: Actor, rule: AccessRule) -> AccessRule:
        """Begin a rule at once; return it with its id. Raises Invalid, Forbidden (also where two persons are needed),
        NotFound.
        """
        await self._authority.require(actor, "access.change", rule.scope)
        if self.gate is not None:
            await self.gate(actor, rule.scope)
        return await self.begin(actor, rule)

    async def begin(self, actor: Actor, rule: AccessRule) -> AccessRule:
        """The same when whoever had to agree has agreed."""
        await self.check(actor, rule)
        epoch = await self._revise(actor, "access-rule.new", [rule], [])
        _, rows = await self._store.access_rules(epoch)
        return rows[-1]

    async def end(self, actor: Actor, rule_id: int) -> None:
        """End a rule at once. Raises NotFound (none such in force, or not the actor's to end), Forbidden, Invalid (it lets
        the last ones in).
        """
        rule = await self.find(actor, rule_id)
        if self.gate is not None:
            await self.gate(actor, rule.scope)
        await self.check_end(actor, rule)
        await self.stop(actor, rule_id)

    async def find(self, actor: Actor, rule_id: int) -> AccessRule:
        """Return a rule that the actor may change. Raises NotFound, Forbidden."""
        _, rows = await self._store.access_rules()
        rule = next((row for row in rows if row.id == rule_id), None)
        if rule is None:
            raise NotFound("there is no such access rule")
        await self._authority.require(actor, "access.change", rule.scope)
        return rule

    async def stop(self, actor: Actor, rule_id: int) -> None:
        """End a rule when whoever had to agree has agreed. Raises NotFound."""
        await self._revise(actor, "access-rule.end", [], [rule_id])

    async def why(self, actor: Actor, account_id: AccountId, login: Login, at: int | None = None) -> AccessWhy:
        """Say what holds for a login of an account, now or at a time (milliseconds), and why. Raises NotFound, Forbidden."""
        if account_id != actor.account_id:
            await self._authority.require(actor, "access.read", Scope("account", str(account_id)))
        account = await self._store.account(account_id)
        rules = await self._book.rules()
        decision, about = await self._book.explain(account, login, at, rules)
        place = self._book.place(login.address)
        return AccessWhy(decision, place.country, place.kind, rules.epoch, tuple(about))

    async def rehearse(self, actor: Actor, rule: AccessRule, limit: int = 1000) -> list[Rehearsed]:
        """Return logins of the past that a rule would decide otherwise, the newest of each account. Raises Invalid,
        Forbidden, NotFound.

        What they proved is not recorded: they are taken as logins with the main password.
        """
        home = await self._authority.require(actor, "access.change", rule.scope)
        _, rows = await self._store.access_rules()
        try:
            before, after = AccessRuleset(0, rows), AccessRuleset(0, [*rows, replace(rule, id=-1)])
        except ValueError as error:
            raise Invalid(str(error), reason="access.form") from None
        found: list[Rehearsed] = []
        for account in await self._store.accounts(home):
            for past in await self._store.login_attempts(account.id, limit=REHEARSED_LOGINS):
                if past.result != "ok" or past.door not in CHANNELS or len(found) >= limit:
                    continue
                facts = await self._book.facts(account, Login(past.door, past.address, "password"), past.at)
                now, then = decide(before, facts), decide(after, facts)
                if now.action != then.action:
                    found.append(Rehearsed(account.login, past, now.action, then.action))
        return found

    async def countries(self, actor: Actor, account_id: AccountId) -> list[CountryUse]:
        """Return the countries that an account has logged in from, the newest first. Raises NotFound, Forbidden."""
        if account_id != actor.account_id:
            await self._authority.require(actor, "access.read", Scope("account", str(account_id)))
        return await self._store.countries_of(account_id)

    async def check(self, actor: Actor, rule: AccessRule) -> None:
        """Raise unless the actor may begin a rule, and somebody can come in after it. Raises Invalid, Forbidden, NotFound."""
        await self._authority.require(actor, "access.change", rule.scope)
        if rule.authority is not None:
            await self._require_authority(actor, rule.scope, rule.authority)
        if rule.valid_until is not None and rule.valid_until <= self._clock.now():
            raise Invalid("the exception would end in the past", reason="end.past")
        if rule.action == "allow" and not rule.dated and actor.origin.door != "cli":
            raise Invalid("leave needs an end", reason="access.leaveend")
        _, rows = await self._store.access_rules()
        try:
            tried = AccessRuleset(0, [*rows, replace(rule, id=-1)])
        except ValueError as error:
            raise Invalid(str(error), reason="access.form") from None
        await self._spare_all(actor, rule, AccessRuleset(0, rows), tried)

    async def check_end(self, actor: Actor, rule: AccessRule) -> None:
        """Raise Invalid where without a rule its author, or the last administrator, would be shut out."""
        _, rows = await self._store.access_rules()
        left = AccessRuleset(0, [row for row in rows if row.id != rule.id])
        await self._spare_all(actor, rule, AccessRuleset(0, rows), left)

    async def _spare_all(self, actor: Actor, rule: AccessRule, before: AccessRuleset, after: AccessRuleset) -> None:
        if not actor.account_id or actor.origin.door == "cli":
            return
        if actor.origin.address:  # none where a second person has just agreed: it was asked when it was proposed
            await self._spare(actor, after)
        home = (await self._authority.place(rule.scope)).organization_id
        if home is not None and home == actor.organization_id:
            await self._spare_last(home, before, after)

    async def _spare_last(self, home: OrganizationId, before: AccessRuleset, after: AccessRuleset) -> None:
        """Raise Invalid where administrators of a company came in lately, and none of their ways in would be left."""
        since, ways = self._clock.now() - LATELY, 0
        for account in await self._store.administrators(home):
            for past in await self._store.login_attempts(account.id, limit=REHEARSED_LOGINS):
                if past.result != "ok" or past.door not in PAGES or past.at < since:
                    continue
                facts = await self._book.facts(account, Login("admin", past.address, "session", second_factor=True))
                if decide(before, facts).reason is None:
                    ways += 1
                    if decide(after, facts).reason is None:
                        return
        if ways:
            raise Invalid(
                "this would shut out every administrator of the company from where they come in", reason="access.allout"
            )

    async def _spare(self, actor: Actor, tried: AccessRuleset) -> None:
        """Raise Invalid when the rules would shut their author out."""
        account = await self._store.account(actor.account_id)
        login = Login(actor.origin.door, actor.origin.address, actor.by, second_factor=True)
        decision, _ = await self._book.explain(account, login, None, tried)
        if decision.reason is not None:
            raise Invalid("this rule would shut you out where you are now", reason="access.youout")

    async def _require_authority(self, actor: Actor, scope: Scope, level: Level) -> None:
        """Raises Forbidden unless the actor rules over the level in whose name it grants."""
        if level == scope.level:
            return
        if level == "system":
            await self._authority.require(actor, "access.change", Scope("system"))
            return
        if level not in LEVELS:
            raise Invalid(f"an authority is one of {', '.join(LEVELS)}", reason="access.authority")
        home = await self._authority.require(actor, "access.change", scope)
        await self._authority.require(actor, "access.change", Scope("organization", str(home)))

    async def _revise(self, actor: Actor, action: str, begin: Sequence[AccessRule], end: Sequence[int]) -> int:
        thing = f"access-rule:{end[0]}" if end else f"access-rule {begin[0].scope.level}:{begin[0].scope.subject}"
        for _ in range(ATTEMPTS):
            epoch = await self._store.policy_epoch()
            record = AuditRecord(
                self._clock.now(), actor.named, action, thing, actor.origin.address, door=actor.origin.door
            )
            try:
                made = await self._store.revise_access(epoch, begin, end, record)
            except StateMismatch:
                continue
            self._bus.publish(TOPIC, str(made))
            return made
        raise StateMismatch("others are changing the policy; try again", reason="policy.busy")
