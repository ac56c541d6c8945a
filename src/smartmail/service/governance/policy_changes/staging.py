"""Staged changes: made, rehearsed, agreed to, applied at their time, each exactly once.

STATES      draft → proposed → scheduled → active; proposed → refused; draft, proposed, scheduled → withdrawn;
            scheduled → superseded, when anything that it touches was changed by others since it was made;
            scheduled → refused, when its author may not make it any more at its time (held: the others are told), or a
            witness objects.
STRATEGIES  Applying is one transaction with the revision, and only out of "scheduled": any number of processes may look
            for what is due, one of them does it, and one that is killed has done nothing or everything.
SECURITY    A change of the class security needs another administrator where `admin.two-person` names policy. Who has no
            other administrator, or none who is independent (service.kernel.independence), waits `admin.sole-wait-hours` instead, and
            may withdraw until then (BR-30); witnesses are told and may object. What is changed at once
            (service.governance.governing) passes the same gate. The command line holds the master key: it may everything.
            Why somebody wants a change is sealed.
Must not know how it is shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.authority import Permission
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, MailError, NotFound, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope, Value
from smartmail.domain.policy_changes import ChangeState, PolicyChange, Unset
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import Kind, Purpose, SealError, SealKey
from smartmail.policy.deciding import check
from smartmail.policy.knobs import ADMIN_SOLE_WAIT_HOURS, ADMIN_TWO_PERSON, KNOBS
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_policy import PolicyStore
from smartmail.ports.store_policy_changes import PolicyChangeStore
from smartmail.service.governance.policy_changes.planning import (
    at_places,
    check_way_in,
    is_security,
    plan,
    require_level,
)
from smartmail.service.governance.unfit import unfit_rule
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import HOUR
from smartmail.service.kernel.independence import Independence
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.notifications import ADMINISTRATORS_MOST, Notices
from smartmail.service.kernel.policy import TOPIC, PolicyService
from smartmail.service.kernel.proposals import Witnesses


class _Store(AccountStore, DirectoryStore, PolicyChangeStore, PolicyStore, Protocol): ...


MAX_RULES: Final = 500
MAX_REASON: Final = 1_000
ATTEMPTS: Final = 8
_READ: Final[Permission] = "policy.read"
_CHANGE: Final[Permission] = "policy.change"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference: what a scope sets now (None: nothing) and what it would set."""

    knob: str
    scope: Scope
    before: Value | None
    after: Value | None
    until: int | None = None


class ChangeService:
    """Stages, decides and applies."""

    def __init__(
        self,
        store: _Store,
        keyring: Keyring,
        policy: PolicyService,
        authority: Authority,
        clock: Clock,
        bus: Bus,
        notices: Notices,
        witnesses: Witnesses,
        independence: Independence,
    ) -> None:
        self._notices = notices
        self._witnesses = witnesses
        self._independence = independence
        witnesses.stops("policy-change", self._objected)
        self._store = store
        self._keyring = keyring
        self._policy = policy
        self._authority = authority
        self._clock = clock
        self._bus = bus

    async def stage(
        self,
        actor: Actor,
        begin: Sequence[PolicyRule],
        unset: Sequence[Unset],
        reason: str,
        apply_at: int | None = None,
    ) -> PolicyChange:
        """Make a draft. Raises Invalid (no reason, a rule that cannot be), Forbidden, NotFound."""
        begin = tuple(self._checked(rule) for rule in begin)
        check_way_in(actor, begin)
        words = " ".join(reason.split())
        if not words or len(words) > MAX_REASON:
            raise Invalid(f"say why, in 1 to {MAX_REASON} characters", reason="why.length", most=MAX_REASON)
        if not 0 < len(begin) + len(unset) <= MAX_RULES:
            raise Invalid(f"a change has 1 to {MAX_RULES} rules", reason="count.range", most=MAX_RULES)
        home = await self._home(actor, {rule.scope for rule in begin} | {one.scope for one in unset}, _CHANGE)
        for rule in begin:
            if rule.authority is not None:
                await require_level(self._authority, actor, rule.scope, rule.authority)
        now = self._clock.now()
        if apply_at is not None and apply_at < now:
            raise Invalid("the time to apply it has passed", reason="time.passed")
        change = PolicyChange(
            0, home, "draft", actor.named, now, await self._store.policy_epoch(), begin, tuple(unset),
            self._sealer().seal_text(Kind.POLICY_CHANGE, words, now), apply_at, "", now,
        )  # fmt: skip
        return await self._store.add_policy_change(change, self._record(actor, "stage"))

    async def submit(self, actor: Actor, change_id: int, *, ask: bool = False) -> PolicyChange:
        """Let a draft go on: to another administrator where one has to agree (or `ask`), else to its time.

        What is due at once is applied at once. Raises NotFound, Forbidden, StateMismatch (no draft any more).
        """
        change = await self._own(actor, change_id, _CHANGE)
        if ask or await self.is_second_person_needed(actor, change.organization_id, _knobs(change)):
            if not await self._is_alone(actor, change.organization_id):
                await self._move(actor, change, "draft", "proposed")
                await self._tell_others(actor, change)
                return await self._store.policy_change(change_id)
            return await self._wait_alone(actor, change)
        return await self._schedule(actor, change, "draft", self._clock.now())

    async def _wait_alone(self, actor: Actor, change: PolicyChange) -> PolicyChange:
        """Nobody else could agree: it waits, and everybody who could be against it hears of it."""
        home = change.organization_id
        assert home is not None
        witnesses = await self._witnesses.gather(home, actor.account_id)
        hours = await self._policy.value_of_place(home, ADMIN_SOLE_WAIT_HOURS)
        made = await self._schedule(actor, change, "draft", self._clock.now() + hours * HOUR)
        await self._tell(await self._store.account(actor.account_id), "alone", change, hours=str(hours))
        if made.apply_at is not None:
            author = {"author": actor.login or actor.named}
            await self._witnesses.tell(witnesses, "policy-change", change.id, made.apply_at, lambda _: author)
        return made

    async def _objected(self, change_id: int, witness: Account) -> None:
        record = AuditRecord(self._clock.now(), f"account:{witness.id}", "policy.change.objected", _object(change_id))
        if not await self._store.move_policy_change(change_id, "scheduled", "refused", record):
            raise AlreadyExists("it is decided already, or its time is over", reason="consent.over")

    async def approve(self, actor: Actor, change_id: int) -> PolicyChange:
        """Agree to a proposed change of somebody else. Raises NotFound, Forbidden (the own one), StateMismatch."""
        change = await self._own(actor, change_id, _CHANGE)
        if actor.named == change.author and actor.origin.door != "cli":
            raise Forbidden("another administrator has to agree", reason="consent.other")
        if actor.by == "key":
            raise Forbidden("a person has to agree: sign in for this", reason="consent.person")
        await self._independence.require(_author_of(change), actor.account_id)
        return await self._schedule(actor, change, "proposed", self._clock.now())

    async def refuse(self, actor: Actor, change_id: int) -> None:
        """Refuse a proposed change. Raises NotFound, Forbidden, StateMismatch."""
        await self._move(actor, await self._own(actor, change_id, _CHANGE), "proposed", "refused")

    async def withdraw(self, actor: Actor, change_id: int) -> None:
        """Take a change back that is not in force yet. Raises NotFound, Forbidden, StateMismatch."""
        change = await self._own(actor, change_id, _CHANGE)
        await self._move(actor, change, change.state, "withdrawn")

    async def changes(self, actor: Actor, states: Iterable[ChangeState] = ()) -> list[PolicyChange]:
        """Return changes that the actor may read, the newest first."""
        every = await self._store.policy_changes(tuple(states))
        return [one for one in every if await self._may_read(actor, one)]

    async def change(self, actor: Actor, change_id: int) -> PolicyChange:
        """Return one. Raises NotFound, Forbidden."""
        return await self._own(actor, change_id, _READ)

    def reason(self, change: PolicyChange) -> str:
        """Return why somebody wanted it, "" where that does not open any more."""
        try:
            return self._sealer().open_text(Kind.POLICY_CHANGE, change.sealed_reason, change.made_at)
        except SealError:
            return ""

    async def difference(self, change: PolicyChange) -> list[Line]:
        """Return what it changes, line by line, against the rules in force (of one in force: against those before)."""
        epoch = None if change.epoch is None else change.epoch - 1
        _, rules = await self._store.policy_rules(epoch)
        standing = {(rule.knob, rule.scope): rule.value for rule in rules if not rule.dated}
        lines = [
            Line(rule.knob, rule.scope, standing.get((rule.knob, rule.scope)), rule.value, rule.valid_until)
            for rule in change.begin
        ]
        return lines + [Line(one.knob, one.scope, standing.get((one.knob, one.scope)), None) for one in change.unset]

    async def apply_due(self) -> int:
        """Apply what is scheduled and due; return how many came into force. A job of any number of processes."""
        applied = 0
        for change in await self._store.due_policy_changes(self._clock.now()):
            applied += await self._apply(change)
        return applied

    async def gate(self, actor: Actor, home: OrganizationId | None, knobs: Iterable[str]) -> None:
        """Raise Forbidden where a change at once needs a second person: it has to be staged."""
        if await self.is_second_person_needed(actor, home, knobs):
            raise Forbidden("another administrator has to agree: stage it as a change", reason="consent.stage")

    async def is_second_person_needed(self, actor: Actor, home: OrganizationId | None, knobs: Iterable[str]) -> bool:
        """Say whether changing these knobs needs another administrator."""
        if actor.origin.door == "cli" or not any(is_security(knob) for knob in knobs):
            return False
        return "policy" in await self._policy.value_of_place(home, ADMIN_TWO_PERSON)

    # --- how it is done ---

    async def _apply(self, change: PolicyChange) -> int:
        for _ in range(ATTEMPTS):
            epoch, rules = await self._store.policy_rules()
            _, then = await self._store.policy_rules(change.base_epoch)
            if at_places(rules, change.places()) != at_places(then, change.places()) or not _is_possible(change):
                record = AuditRecord(self._clock.now(), "system", "policy.change.superseded", _object(change.id))
                if await self._store.move_policy_change(change.id, "scheduled", "superseded", record):
                    log.event("policy.change_superseded", change=change.id)
                return 0
            if not await self._may_author(change):
                return await self._hold(change)
            begin, end = plan(rules, change.begin, change.unset)
            try:
                made = await self._store.apply_policy_change(change.id, epoch, begin, end, self._applied(change))
            except (StateMismatch, NotFound):
                continue
            if made is None:
                return 0
            self._bus.publish(TOPIC, str(made))
            log.event("policy.change_applied", change=change.id, epoch=made)
            return 1
        return 0

    async def _may_author(self, change: PolicyChange) -> bool:
        """Say whether who made a change may make it still: asked again when it is applied, for it may be weeks later."""
        author = _author_of(change)
        if not author:  # the command line, or the installation itself
            return True
        try:
            account = await self._store.account(author)
            actor = Actor(
                account.id, account.organization_id, account.login, account.is_admin, Origin("admin"),
                account.auth_epoch, by="session",
            )  # fmt: skip
            await self._home(actor, {scope for _, scope in change.places()}, _CHANGE)
            for rule in change.begin:
                if rule.authority is not None:
                    await require_level(self._authority, actor, rule.scope, rule.authority)
        except (Forbidden, NotFound, Invalid):
            return False
        return True

    async def _hold(self, change: PolicyChange) -> int:
        """Let a change end unapplied, and tell those who can make it anew."""
        record = AuditRecord(self._clock.now(), "system", "policy.change.held", _object(change.id))
        if await self._store.move_policy_change(change.id, "scheduled", "refused", record):
            log.event("policy.change_held", change=change.id)
            if change.organization_id is not None:
                author = _author_of(change)
                readers = await self._authority.holders(
                    change.organization_id, _CHANGE, Scope("organization", str(change.organization_id))
                )
                named = (await self._store.account(author)).login if author else change.author
                for reader in readers[:ADMINISTRATORS_MOST]:
                    await self._tell(reader, "held", change, author=named)
        return 0

    def _applied(self, change: PolicyChange) -> AuditRecord:
        return AuditRecord(
            self._clock.now(), change.decider or change.author, "policy.change.applied", _object(change.id)
        )

    async def _schedule(self, actor: Actor, change: PolicyChange, before: ChangeState, earliest: int) -> PolicyChange:
        at = max(earliest, change.apply_at or 0)
        await self._move(actor, change, before, "scheduled", apply_at=at)
        if at <= self._clock.now():
            await self._apply(await self._store.policy_change(change.id))
        return await self._store.policy_change(change.id)

    async def _move(
        self, actor: Actor, change: PolicyChange, before: ChangeState, after: ChangeState, apply_at: int | None = None
    ) -> None:
        record = self._record(actor, after, change.id)
        pending = before in {"draft", "proposed", "scheduled"}
        if not pending or not await self._store.move_policy_change(change.id, before, after, record, apply_at=apply_at):
            raise StateMismatch(
                f"the change is {(await self._store.policy_change(change.id)).state}", reason="consent.over"
            )

    async def _own(self, actor: Actor, change_id: int, permission: Permission) -> PolicyChange:
        change = await self._store.policy_change(change_id)
        await self._home(actor, {scope for _, scope in change.places()}, permission)
        return change

    async def _may_read(self, actor: Actor, change: PolicyChange) -> bool:
        try:
            await self._home(actor, {scope for _, scope in change.places()}, _READ)
        except (Forbidden, NotFound):
            return False
        return True

    async def _home(self, actor: Actor, scopes: set[Scope], permission: Permission) -> OrganizationId | None:
        """Return the one organisation that all scopes lie in, None for the system. Raises Forbidden, NotFound, Invalid."""
        homes = {await self._authority.require(actor, permission, scope) for scope in scopes}
        if None in homes or not homes:
            return None
        if len(homes) > 1:
            raise Invalid("a change is for one organisation, or for the system", reason="policy.oneplace")
        return next(iter(homes))

    async def _is_alone(self, actor: Actor, home: OrganizationId | None) -> bool:
        return home is not None and actor.origin.door != "cli" and not await self._others(actor, home)

    async def _others(self, actor: Actor, home: OrganizationId) -> list[Account]:
        """Return who could agree: other administrators, and independent ones."""
        able = await self._store.administrators(home)
        return await self._independence.independent(actor.account_id, able)

    async def _tell_others(self, actor: Actor, change: PolicyChange) -> None:
        """Tell those who can agree. What cannot be told waits all the same and is in their list."""
        if change.organization_id is None:
            return
        others = await self._others(actor, change.organization_id)
        for reader in others[:ADMINISTRATORS_MOST]:
            await self._tell(reader, "proposed", change, author=actor.login or actor.named)

    async def _tell(self, reader: Account, kind: str, change: PolicyChange, **facts: str) -> None:
        language, told = reader.language or "ko", {"number": str(change.id), **facts}
        try:
            await self._notices.send(
                reader,
                translate(language, f"policy-change.{kind}.subject", **told),
                translate(language, f"policy-change.{kind}.text", **told),
            )
        except MailError as error:
            log.event("policy.change_notify_failed", change=change.id, error=type(error).__name__)

    def _checked(self, rule: PolicyRule) -> PolicyRule:
        try:
            check(rule)
        except ValueError as error:
            raise unfit_rule(rule.knob, rule.value, error) from None
        if rule.valid_until is not None and rule.valid_until <= self._clock.now():
            raise Invalid("the exception would end in the past", reason="end.past")
        return replace(rule, value=KNOBS[rule.knob].kind.accept(rule.value), id=0)

    def _sealer(self) -> Sealer:
        # A change may be the system's and no organisation's: its reason lies under the installation's own key.
        return Sealer(SealKey(self._keyring.installation_mac(Purpose.POLICY_CHANGE, b"reasons")), 0, self._clock)

    def _record(self, actor: Actor, act: str, change_id: int = 0) -> AuditRecord:
        return AuditRecord(
            self._clock.now(),
            actor.named,
            f"policy.change.{act}",
            _object(change_id),
            actor.origin.address,
            door=actor.origin.door,
        )


def _object(change_id: int) -> str:
    return f"policy-change:{change_id}" if change_id else "policy-change"


def _author_of(change: PolicyChange) -> AccountId:
    """Return who made a change, 0 for who is no account."""
    kind, _, number = change.author.partition(":")
    return AccountId(int(number) if kind == "account" and number.isdecimal() else 0)


def _knobs(change: PolicyChange) -> set[str]:
    return {knob for knob, _ in change.places()}


def _is_possible(change: PolicyChange) -> bool:
    """Say whether its rules still can be: a program that was put back may know a knob no more."""
    try:
        for rule in change.begin:
            check(rule)
    except ValueError:
        return False
    return True
