"""Governing: who sets policy, groups and legal holds; each act is a revision or a row with its audit record.

STRATEGIES  A change is made against the newest epoch and tried again when another one came first; rules are never
            edited, they end and others begin.
SECURITY    An administrator governs the own company; what is set for the whole system is the installation's (the
            command line, which has the master key).
Must not know how it is shown.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Final, Protocol, cast

from smartmail.domain.account import Group, Hold
from smartmail.domain.audit import AuditRecord
from smartmail.domain.authority import Permission
from smartmail.domain.errors import Invalid, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, MessageId, OrganizationId
from smartmail.domain.policy import Level, PolicyRevision, PolicyRule, Scope, Value
from smartmail.domain.principal import Actor
from smartmail.policy.deciding import RANK, check
from smartmail.policy.knobs import KNOBS, Knob
from smartmail.policy.presets import PRESETS, Preset
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_organization import OrganizationStore
from smartmail.ports.store_policy import GroupStore, HoldStore, PolicyStore
from smartmail.service.governance.policy_changes.planning import check_way_in, require_level
from smartmail.service.governance.unfit import unfit_rule, unfit_value
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.policy import TOPIC
from smartmail.service.kernel.scope_words import ScopeWords


class _Store(
    AccountStore, DirectoryStore, DomainStore, GroupStore, HoldStore, OrganizationStore, PolicyStore, Protocol
): ...


ATTEMPTS: Final = 8
"""How often a change is tried again because another one came first."""
MAX_REVISIONS: Final = 500
MAX_NAME: Final = 100

Gate = Callable[[Actor, OrganizationId | None, Iterable[str]], Awaitable[None]]

Plan = Callable[[Sequence[PolicyRule]], tuple[list[PolicyRule], list[int]]]
"""From the rules in force to those to begin and the ids of those to end."""


class GovernanceService(ScopeWords):
    """Changes of policy, groups and holds."""

    def __init__(self, store: _Store, clock: Clock, bus: Bus, authority: Authority, gate: Gate) -> None:
        """`gate` raises Forbidden for a change that needs a second person (service.governance.policy_changes)."""
        self._authority = authority
        self._gate = gate
        self._store = store
        self._clock = clock
        self._bus = bus

    # --- knobs ---

    def knobs(self) -> list[Knob[Value]]:
        """Return all knobs by name."""
        return [KNOBS[name] for name in sorted(KNOBS)]

    def read_value(self, name: str, text: str) -> Value:
        """Return the value that somebody typed for a knob. Raises Invalid, with what may be typed."""
        knob = KNOBS.get(name)
        if knob is None:
            near = get_close_matches(name, KNOBS, n=1)
            raise Invalid(
                f"there is no knob {name!r}" + (f"; did you mean {near[0]}?" if near else ""),
                reason="knob.none",
                knob=name,
            )
        try:
            return cast("Value", knob.kind.read(text))
        except ValueError:
            raise unfit_value(knob) from None

    async def rules(self) -> tuple[int, list[PolicyRule]]:
        """Return the epoch and the rules in force."""
        return await self._store.policy_rules()

    async def revisions(self, limit: int = 50) -> list[PolicyRevision]:
        """Return the newest changes, newest first."""
        return await self._store.policy_revisions(max(1, min(limit, MAX_REVISIONS)))

    async def set_knob(self, actor: Actor, rule: PolicyRule) -> int:
        """Set a knob for a scope, replacing what the scope had; return the new epoch.

        A rule with an end is an exception and stands beside the others. Raises Invalid, Forbidden.
        """
        try:
            check(rule)
            rule = replace(rule, value=KNOBS[rule.knob].kind.accept(rule.value))
        except ValueError as error:
            raise unfit_rule(rule.knob, rule.value, error) from None
        if rule.valid_until is not None and rule.valid_until <= self._clock.now():
            raise Invalid("the exception would end in the past", reason="end.past")

        def plan(rules: Sequence[PolicyRule]) -> tuple[list[PolicyRule], list[int]]:
            replaced = [] if rule.dated else [old.id for old in rules if _is_same_place(old, rule)]
            return [rule], replaced

        await self._admit(actor, rule.scope, {rule.knob})
        check_way_in(actor, [rule])
        if rule.authority is not None:
            await self._require_authority(actor, rule.scope, rule.authority)
        return await self._revise(actor, f"policy.set.{rule.knob}", plan)

    async def unset_knob(self, actor: Actor, knob: str, scope: Scope) -> int:
        """Take back what a scope set for a knob, its exceptions too; return the new epoch. Raises NotFound."""
        await self._admit(actor, scope, {knob})

        def plan(rules: Sequence[PolicyRule]) -> tuple[list[PolicyRule], list[int]]:
            ended = [old.id for old in rules if old.knob == knob and old.scope == scope]
            if not ended:
                raise NotFound("nothing is set there")
            return [], ended

        return await self._revise(actor, f"policy.unset.{knob}", plan)

    async def apply_preset(self, actor: Actor, name: str, scope: Scope, *, clear: bool = False) -> int:
        """Let a scope start from a preset: its own rules end, the preset's begin. `clear`: rules of narrower scopes end that
        would keep it from holding there; exceptions stay until they end by themselves. Raises Invalid, Forbidden.
        """
        preset = PRESETS.get(name)
        if preset is None:
            raise Invalid(f"there is no preset {name!r}: {', '.join(PRESETS)}", reason="preset.none")
        if scope.level not in {"system", "organization"}:
            raise Invalid("a preset is for the system or an organisation", reason="preset.place")
        await self._admit(actor, scope, set(KNOBS))
        values = {knob: one.value for knob, one in preset.items()}
        cleared = {one for one in await self.shadowing(scope, values) if not one.dated} if clear else set()
        for narrower in {one.scope for one in cleared}:
            await self._admit(actor, narrower, {one.knob for one in cleared if one.scope == narrower})

        def plan(rules: Sequence[PolicyRule]) -> tuple[list[PolicyRule], list[int]]:
            ended = [old.id for old in rules if (old.scope == scope and not old.dated) or old in cleared]
            return [PolicyRule(knob, scope, one.value) for knob, one in preset.items()], ended

        return await self._revise(actor, f"policy.preset.{name}", plan)

    async def shadowing(self, scope: Scope, values: Mapping[str, Value]) -> list[PolicyRule]:
        """Return the rules in force of narrower scopes that say otherwise than these knobs of a scope, by knob: there the
        values do not hold. A lock of the scope or of the system leaves none of them.
        """
        _, rules = await self._store.policy_rules()
        now, found = self._clock.now(), []
        locked = {one.knob for one in rules if one.locked and one.scope in {scope, Scope("system")}}
        for rule in rules:
            says_otherwise = rule.knob in values and rule.value != values[rule.knob] and rule.knob not in locked
            if says_otherwise and rule.in_force(now) and RANK[rule.scope.level] > RANK[scope.level]:
                place = await self._authority.place(rule.scope)
                if place.lies_in(scope):
                    found.append(rule)
        return sorted(found, key=lambda one: (one.knob, RANK[one.scope.level], one.scope.subject))

    async def preset_shadows(self, name: str, scope: Scope) -> list[PolicyRule]:
        """Return the narrower rules that keep a preset of a scope from holding everywhere (`shadowing`)."""
        return await self.shadowing(scope, {knob: one.value for knob, one in PRESETS.get(name, {}).items()})

    def presets(self) -> dict[str, dict[str, Preset]]:
        """Return the presets: name → knob → value and the catalogue key of its reason."""
        return {name: dict(preset) for name, preset in PRESETS.items()}

    async def return_to(self, actor: Actor, epoch: int) -> int:
        """Begin the rules of a past epoch again, as a new revision; return its epoch.

        All of them, with the access rules, by who governs the installation; else those of the actor's company alone.
        Raises NotFound, Forbidden.
        """
        if not await self._authority.may(actor, "policy.change", Scope("system")):
            return await self._return_company(actor, epoch)
        if not 0 <= epoch <= await self._store.policy_epoch():
            raise NotFound("there is no such epoch")
        _, then = await self._store.policy_rules(epoch)
        wanted = {rule.id: rule for rule in then}

        def plan(rules: Sequence[PolicyRule]) -> tuple[list[PolicyRule], list[int]]:
            standing = {rule.id for rule in rules}
            missing = [replace(rule, id=0) for number, rule in wanted.items() if number not in standing]
            return missing, sorted(standing - wanted.keys())

        return await self._revise(actor, f"policy.return.{epoch}", plan, returning=epoch)

    async def _return_company(self, actor: Actor, epoch: int) -> int:
        """Begin a company's rules of a past epoch again. What others set, the installation too, stays as it is now."""
        whole = Scope("organization", str(int(actor.organization_id)))
        await self._require(actor, whole)
        if not 0 <= epoch <= await self._store.policy_epoch():
            raise NotFound("there is no such epoch")
        _, then = await self._store.policy_rules(epoch)
        _, now = await self._store.policy_rules()
        may = self._authority.may
        ours = {one for one in {rule.scope for rule in (*then, *now)} if await may(actor, "policy.change", one)}
        wanted = {rule.id: rule for rule in then if rule.scope in ours}
        standing = {rule.id: rule for rule in now if rule.scope in ours}
        changed = [one for one in (*wanted.values(), *standing.values()) if (one.id in wanted) != (one.id in standing)]
        await self._admit(actor, whole, {one.knob for one in changed})

        def plan(rules: Sequence[PolicyRule]) -> tuple[list[PolicyRule], list[int]]:
            held = {rule.id for rule in rules if rule.scope in ours}
            missing = [replace(rule, id=0) for number, rule in wanted.items() if number not in held]
            return missing, sorted(held - wanted.keys())

        return await self._revise(actor, f"policy.return.{epoch}", plan)

    # --- groups ---

    async def groups(self, organization_id: OrganizationId | None = None) -> list[Group]:
        """Return groups by name."""
        return await self._store.groups(organization_id)

    async def new_group(self, actor: Actor, organization_id: OrganizationId, name: str, priority: int = 0) -> Group:
        """Make a group. Raises AlreadyExists, Invalid, Forbidden."""
        await self._require(actor, Scope("organization", str(organization_id)), "group.change")
        words = " ".join(name.split())
        if not words or len(words) > MAX_NAME:
            raise Invalid(f"a group's name has 1 to {MAX_NAME} characters", reason="name.length", most=MAX_NAME)
        group = await self._store.put_group(
            Group(0, organization_id, words, priority), self._record(actor, "group.new")
        )
        self._tell()
        return group

    async def change_group(self, actor: Actor, group: Group) -> Group:
        """Rename a group or change its priority. Raises NotFound, AlreadyExists, Forbidden."""
        await self._require(actor, Scope("group", str(group.id)), "group.change")
        changed = await self._store.put_group(group, self._record(actor, "group.change", f"group:{group.id}"))
        self._tell()
        return changed

    async def delete_group(self, actor: Actor, group_id: int) -> None:
        """Remove a group; the rules for it end. Raises NotFound, Forbidden."""
        await self._require(actor, Scope("group", str(group_id)), "group.change")
        await self._store.delete_group(group_id, self._record(actor, "group.delete", f"group:{group_id}"))
        self._tell()

    async def members(self, group_id: int) -> list[AccountId]:
        """Return a group's accounts."""
        return await self._store.group_members(group_id)

    async def set_member(self, actor: Actor, group_id: int, account_id: AccountId, *, member: bool) -> None:
        """Put an account into a group or take it out. Raises NotFound, Forbidden, Invalid (another company's)."""
        group = await self._require(actor, Scope("group", str(group_id)), "group.change")
        if member:
            # What is held over a group is held over its members: who administers one alone does not widen it by others.
            await self._require(actor, Scope("account", str(account_id)), "group.change")
        account = await self._store.account(account_id)
        if group is not None and group != account.organization_id:
            raise Invalid("the account belongs to another organisation", reason="account.foreign")
        action = "group.join" if member else "group.leave"
        record = self._record(actor, action, f"group:{group_id} account:{account_id}")
        await self._store.set_member(group_id, account_id, record, member=member)
        self._tell()

    # --- holds ---

    async def hold(self, actor: Actor, account_id: AccountId, matter: str, message_id: int = 0) -> None:
        """Keep a message, or everything of an account (0), from being purged or shredded. Raises NotFound, Invalid."""
        await self._require(actor, Scope("account", str(account_id)), "hold.change")
        words = matter.strip()
        if not words or len(words) > MAX_NAME or not words.isprintable():
            raise Invalid(f"a matter's name has 1 to {MAX_NAME} characters", reason="name.length", most=MAX_NAME)
        who = actor.named
        row = Hold(account_id, MessageId(message_id), words, self._clock.now(), who)
        await self._store.put_hold(row, self._record(actor, "hold.place", _held_object(account_id, message_id)))

    async def release(self, actor: Actor, account_id: AccountId, matter: str, message_id: int = 0) -> None:
        """Lift a hold. Raises NotFound."""
        await self._require(actor, Scope("account", str(account_id)), "hold.change")
        record = self._record(actor, "hold.release", _held_object(account_id, message_id))
        await self._store.release_hold(account_id, MessageId(message_id), matter.strip(), record)

    async def holds(self, account_id: AccountId | None = None) -> list[Hold]:
        """Return holds."""
        return await self._store.holds(account_id)

    async def held(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> set[MessageId]:
        """Return those of the messages that must not be purged or shredded."""
        return await self._store.held(account_id, message_ids)

    # --- how it is done ---

    async def _revise(self, actor: Actor, action: str, plan: Plan, returning: int | None = None) -> int:
        for _ in range(ATTEMPTS):
            epoch, rules = await self._store.policy_rules()
            begin, end = plan(rules)
            try:
                record = self._record(actor, action)
                made = await self._store.revise_policy(epoch, begin, end, record, returning=returning)
            except StateMismatch:
                continue
            self._tell(made)
            return made
        raise StateMismatch("others are changing the policy; try again", reason="policy.busy")

    def _tell(self, epoch: int = 0) -> None:
        self._bus.publish(TOPIC, str(epoch))

    def _record(self, actor: Actor, action: str, thing: str = "policy") -> AuditRecord:
        return AuditRecord(self._clock.now(), actor.named, action, thing, actor.origin.address, door=actor.origin.door)

    async def _admit(self, actor: Actor, scope: Scope, knobs: Iterable[str]) -> None:
        """Raise Forbidden, NotFound unless the actor may change these knobs there, at once."""
        home = await self._require(actor, scope)
        await self._gate(actor, home, knobs)

    async def _require(
        self, actor: Actor, scope: Scope, permission: Permission = "policy.change"
    ) -> OrganizationId | None:
        """Return the organisation that a scope lies in. Raises Forbidden unless the actor governs it, NotFound."""
        return await self._authority.require(actor, permission, scope)

    async def _require_authority(self, actor: Actor, scope: Scope, authority: Level) -> None:
        """Raise Forbidden, NotFound unless the actor governs the level at which it grants an exception for a scope."""
        await require_level(self._authority, actor, scope, authority)


def _is_same_place(old: PolicyRule, new: PolicyRule) -> bool:
    return old.knob == new.knob and old.scope == new.scope and not old.dated


def _held_object(account_id: AccountId, message_id: int) -> str:
    return f"account:{account_id}" + (f" message:{message_id}" if message_id else "")
