"""False positives: values that an officer found to be no leak do not count for a rule of a company, until a date.

STRATEGIES  An exception is made of an incident: for its rule (or another that matched), for all of its findings that the rule counts or
            some. It is a keyed fingerprint of rule, detector and value, so nothing that was found is kept for it, and it holds
            for the same rule when that is turned on; a rule that looks for something else has none.
LIMITS      LONGEST; MOST in force in a company.
SECURITY    It opens a way out for everybody whom the rule is for: who makes one may change the rule, or, where it is for more than
            the company and not locked, the company's rules; where two persons are needed nobody makes one alone. Nobody
            makes one of their own mail. It is recorded with the reason, and so is its end.
Must not know how a text is searched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.leaks import IncidentRow, LeakExceptionRow, LeakFacts, LeakRule
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind, Purpose
from smartmail.policy.deciding import RANK
from smartmail.policy.leaks import CompiledRule, Excepted
from smartmail.ports.clock import Clock
from smartmail.ports.store_leaks import LeakStore
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.protection.leaks.incidents import IncidentText, ShownHit
from smartmail.service.protection.leaks.rules import LeakRules

LONGEST: Final = 366 * DAY
MOST: Final = 1_000


class _Store(Protocol):
    @property
    def leaks(self) -> LeakStore: ...


class LeakExceptionText(msgspec.Struct, frozen=True, array_like=True):
    """What an officer sees of one. New fields go to the end, with a default."""

    rule: str
    detector: str
    masked: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeakException:
    """One, opened."""

    row: LeakExceptionRow
    text: LeakExceptionText


class ExceptedValues:
    """Finds what does not count among the findings of a letter."""

    def __init__(self, store: _Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    async def of(self, organization_id: OrganizationId, rules: Sequence[CompiledRule], facts: LeakFacts) -> Excepted:
        """Return detector and value of what does not count, by the mark of the rule. Raises Unavailable, SealError."""
        if not facts.hits:
            return {}
        known = await self._store.leaks.excepted(organization_id, facts.now)
        marks = {mark for mark, _ in known} & {one.mark for one in rules}
        if not marks:
            return {}
        keys, fingerprints = await self._keyring.organization(organization_id), {one for _, one in known}
        pairs = {(one.detector, one.value) for one in facts.hits if one.value}
        return {
            mark: frozenset(pair for pair in pairs if _fingerprint(keys, mark, *pair) in fingerprints) for mark in marks
        }


class LeakExceptions:
    """Makes, tells and ends them."""

    def __init__(self, store: _Store, keyring: Keyring, authority: Authority, clock: Clock, rules: LeakRules) -> None:
        self._store = store
        self._keyring = keyring
        self._authority = authority
        self._clock = clock
        self._rules = rules
        self._texts = RecordTexts(keyring, clock)

    async def make(
        self, actor: Actor, organization_id: OrganizationId, incident_id: int, until: int, reason: str, *,
        findings: Sequence[int] = (), rule_id: int = 0,
    ) -> list[LeakException]:  # fmt: skip
        """Say that an incident is a false positive and except its values until a time (milliseconds). `findings`: which, by their
        place in the incident (none: all); `rule_id`: of which rule that matched (0: the one that is named).

        Raises NotFound (incident, rule, finding, values that are not kept any more), Forbidden (also where two persons are
        needed), Invalid (end, reason, too many).
        """
        scope = await self.scope(actor, organization_id, incident_id, rule_id)
        if self._rules.gate is not None:
            await self._rules.gate(actor, scope)
        return await self.put(actor, organization_id, incident_id, until, reason, findings=findings, rule_id=rule_id)

    async def scope(self, actor: Actor, organization_id: OrganizationId, incident_id: int, rule_id: int = 0) -> Scope:
        """Return over what one has to administer who excepts values of an incident. Raises NotFound, Forbidden (not the actor)."""
        incident = await self._incident(actor, organization_id, incident_id)
        rule = await self._rule(incident, rule_id or incident.rule_id)
        scope = Scope("organization", str(organization_id))
        if rule.locked or RANK[rule.scope.level] > RANK["organization"]:
            scope = rule.scope
        await self._authority.require(actor, "leak.change", scope)
        return scope

    async def put(
        self, actor: Actor, organization_id: OrganizationId, incident_id: int, until: int, reason: str, *,
        findings: Sequence[int] = (), rule_id: int = 0,
    ) -> list[LeakException]:  # fmt: skip
        """The same when it has been agreed to."""
        await self.scope(actor, organization_id, incident_id, rule_id)
        leaks, now = self._store.leaks, self._clock.now()
        incident = await self._incident(actor, organization_id, incident_id)
        rule = await self._rule(incident, rule_id or incident.rule_id)
        if not now < until <= now + LONGEST:
            raise Invalid(
                f"an exception ends within {LONGEST // DAY} days from now", reason="exception.days", most=LONGEST // DAY
            )
        keys, given = await self._keyring.organization(organization_id), given_reason(reason)
        wanted = CompiledRule(rule)
        found = [
            (hit, value) for number, (hit, value) in enumerate(_findings(keys, incident))
            if (not findings or number in findings) and value and hit.detector in _counted(wanted)
        ]  # fmt: skip
        if not found:
            raise NotFound("the rule counted no such finding of the incident")
        if len(await leaks.excepted(organization_id, now)) + len(found) > MOST:
            raise Invalid(f"at most {MOST} exceptions", reason="count.most", most=MOST)
        made = [
            self._made(keys, actor, incident, rule, wanted.mark, hit, value, until, given)
            for hit, value in {(hit.detector, value): (hit, value) for hit, value in found}.values()
        ]
        record = await self._record(actor, "leak-exception.new", f"leak-incident:{incident_id}", incident, given)
        await leaks.except_values([one.row for one in made], actor.named, record)
        return made

    async def list(
        self, actor: Actor, organization_id: OrganizationId, before: int = 0, limit: int = 100
    ) -> list[LeakException]:
        """Return those of a company, also ended ones, newest first. Raises Forbidden."""
        await self._authority.require(actor, "leak.read", Scope("organization", str(organization_id)))
        keys = await self._keyring.organization(organization_id)
        return [_opened(keys, one) for one in await self._store.leaks.exceptions(organization_id, before, limit)]

    async def end(self, actor: Actor, organization_id: OrganizationId, exception_id: int) -> None:
        """End one before its time. Raises NotFound (none that was not ended), Forbidden."""
        await self._authority.require(actor, "leak.change", Scope("organization", str(organization_id)))
        now, thing = self._clock.now(), f"leak-exception:{exception_id}"
        record = AuditRecord(
            now, actor.named, "leak-exception.end", thing, actor.origin.address, door=actor.origin.door
        )
        await self._store.leaks.end_exception(organization_id, exception_id, now, actor.named, record)

    async def _incident(self, actor: Actor, organization_id: OrganizationId, incident_id: int) -> IncidentRow:
        incident = await self._store.leaks.incident(organization_id, incident_id)
        await self._authority.require(actor, "leak.read", Scope("account", str(incident.account_id)))
        if actor.account_id == incident.account_id:
            raise Forbidden("somebody else decides on your own mail", reason="approval.own")
        return incident

    async def _rule(self, incident: IncidentRow, rule_id: int) -> LeakRule:
        """Return the rule as it was when the incident was noted: it may have been turned on meanwhile. Raises NotFound."""
        _, rules = await self._store.leaks.rules(incident.epoch)
        rule = next((one for one in rules if rule_id and one.id == rule_id), None)
        if rule is None:
            raise NotFound("there is no such leak rule")
        return rule

    def _made(
        self, keys: Sealer, actor: Actor, incident: IncidentRow, rule: LeakRule, mark: bytes, hit: ShownHit, value: str,
        until: int, reason: str,
    ) -> LeakException:  # fmt: skip
        number = self._clock.new_id()
        text = LeakExceptionText(rule.name, hit.detector, hit.masked, reason)
        return LeakException(LeakExceptionRow(
            number, incident.organization_id, incident.id, rule.id, mark, _fingerprint(keys, mark, hit.detector, value),
            self._clock.now(), until, actor.named, keys.seal(Kind.LEAK_EXCEPTION, msgspec.msgpack.encode(text), number),
        ), text)  # fmt: skip

    async def _record(self, actor: Actor, action: str, thing: str, incident: IncidentRow, reason: str) -> AuditRecord:
        now, origin = self._clock.now(), actor.origin
        sealed = await self._texts.seal(incident.organization_id, action, thing, now, {"reason": reason})
        return AuditRecord(now, actor.named, action, thing, origin.address, sealed, origin.door)


def _findings(keys: Sealer, incident: IncidentRow) -> list[tuple[ShownHit, str]]:
    """Return the findings of an incident with their values. Raises NotFound when those are not kept any more."""
    if incident.sealed_values is None:
        raise NotFound("the values are not kept any more")
    text = msgspec.msgpack.decode(keys.open(Kind.LEAK_INCIDENT, incident.sealed, incident.id), type=IncidentText)
    octets = keys.open(Kind.LEAK_VALUES, incident.sealed_values, incident.id)
    return list(zip(text.hits, msgspec.msgpack.decode(octets, type=tuple[str, ...]), strict=True))


def _counted(rule: CompiledRule) -> frozenset[str]:
    """Return the detectors whose hits a rule counts."""
    return frozenset(one for leaf in rule.condition.leaves for one in leaf.detectors)


def _fingerprint(keys: Sealer, mark: bytes, detector: str, value: str) -> bytes:
    return keys.hash(Purpose.LEAK_EXCEPTION, mark, detector.encode(), value.encode())


def _opened(keys: Sealer, row: LeakExceptionRow) -> LeakException:
    octets = keys.open(Kind.LEAK_EXCEPTION, row.sealed, row.id)
    return LeakException(row, msgspec.msgpack.decode(octets, type=LeakExceptionText))
