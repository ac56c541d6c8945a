"""What the job and administrators do with alarms."""

from dataclasses import replace
from typing import Final, Protocol

import msgspec

from smartmail.base import log
from smartmail.domain.alarms import LEVELS, Alarm, AlarmLevel, Condition, Reading, Watch, WatchState
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.policy import Scope
from smartmail.domain.principal import SYSTEM_ORIGIN, Actor
from smartmail.ports.clock import Clock
from smartmail.ports.direct_mail import DirectRelay, Securing
from smartmail.ports.store_alarms import AlarmStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.audit import AuditService
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.operations.alarms.conditions import BY_NAME, CONDITIONS
from smartmail.service.operations.alarms.measures import SEEN, Measures
from smartmail.service.operations.alarms.telling import MOST_ADDRESSES, RELAY, SCOPE, Telling


class _Store(AlarmStore, DirectoryStore, DomainStore, SettingStore, Protocol): ...


KEPT: Final = 400 * DAY
PAGE: Final = 500
LISTED: Final = 200
MOST_SILENCE: Final = 30 * DAY
LOOK_STALE: Final = 15 * MINUTE
"""How old a look may be to say anything of now; one is taken every minute."""
NEED_A_READING: Final = frozenset({"backup.age", "rehearsal.age", "disk.days-left", "disk.free"})
"""Without a value nobody can say whether these are well. Of the others, no value means that there is nothing to watch."""
_LOOKED: Final = "looked"
SYSTEM: Final = Scope("system")
_BY: Final = SYSTEM_ORIGIN.door


class _Rule(msgspec.Struct, frozen=True):
    """What an administrator changed of a condition."""

    warning: int
    critical: int
    quiet_minutes: int
    enabled: bool = True
    silent_until: int = 0


class _Look(msgspec.Struct, frozen=True):
    """When measures were taken last, the conditions that were measured, and those of them without a value to tell."""

    at: int
    measured: list[str]
    unread: list[str]


class Alarming:
    """Looks, compares, keeps, tells."""

    def __init__(
        self,
        store: _Store,
        measures: Measures,
        telling: Telling,
        audit: AuditService,
        authority: Authority,
        clock: Clock,
    ) -> None:
        self._store = store
        self._measures = measures
        self._telling = telling
        self._audit = audit
        self._authority = authority
        self._clock = clock

    # The job

    async def look(self) -> list[Alarm]:
        """Measure, and bring alarms up to date; return those that stand. A job's work."""
        rules = {one.name: one for one in await self._conditions()}
        readings, measured = await self._measures.take()
        standing = {(one.condition, one.subject): one for one in await self._store.standing_alarms()}
        await self._note_look(readings, measured)
        met: set[tuple[str, str]] = set()
        for reading in readings:
            level = rules[reading.condition].level(reading.value)
            if level is not None:
                key = (reading.condition, reading.subject)
                met.add(key)
                await self._meet(rules[reading.condition], reading, level, standing.get(key))
        values = {(one.condition, one.subject): one.value for one in readings}
        for key, alarm in standing.items():
            if key not in met and alarm.condition in measured:
                await self._end(rules[alarm.condition], replace(alarm, value=values.get(key, alarm.value)))
        await self._store.drop_alarms(self._clock.now() - KEPT, PAGE)
        return await self._store.standing_alarms()

    async def _note_look(self, readings: list[Reading], measured: frozenset[str]) -> None:
        """Keep when this was, and what could be said of: what nobody looked at must not pass for good."""
        look = _Look(self._clock.now(), sorted(measured), sorted(unread(measured, readings)))
        await self._store.put_setting(SEEN, _LOOKED, msgspec.json.encode(look).decode())

    async def check_chains(self) -> int:
        """Look through the chains of records and keep what was found for the next look. A job's work."""
        findings = await self._audit.check()
        await self._measures.note_chains(findings)
        return findings

    async def _meet(self, rule: Condition, reading: Reading, level: AlarmLevel, known: Alarm | None) -> None:
        now = self._clock.now()
        if known is None:
            known = await self._again(rule, reading, now)
        if known is None:
            fresh = Alarm(0, rule.name, reading.subject, level, reading.value, reading.value, now, now)
            made = await self._store.add_alarm(fresh, await self._record("alarm.begun", fresh))
            if made is not None:
                log.event(
                    "alarm.begun", condition=rule.name, about=reading.subject, value=reading.value, severity=level
                )
                await self._tell(rule, made)
            return
        worse = LEVELS.index(level) > LEVELS.index(known.level)
        reopened = not known.stands
        alarm = replace(
            known,
            level=level,
            value=reading.value,
            peak=rule.worse(known.peak, reading.value),
            seen_at=now,
            ended_at=None,
        )
        if worse:
            # What somebody has seen to was less bad.
            alarm = replace(alarm, acknowledged_at=None, acknowledged_by="", told_at=None)
        changed = await self._record("alarm.worse" if worse else "alarm.begun", alarm) if worse or reopened else None
        if await self._store.put_alarm(alarm, changed) and self._is_due(rule, alarm, now):
            await self._tell(rule, alarm)

    async def _again(self, rule: Condition, reading: Reading, now: int) -> Alarm | None:
        """Return the alarm that ended a short while ago, if this is it again."""
        for one in await self._store.ended_alarms(now - rule.quiet_minutes * MINUTE, LISTED):
            if (one.condition, one.subject) == (rule.name, reading.subject):
                return one
        return None

    def _is_due(self, rule: Condition, alarm: Alarm, now: int) -> bool:
        if alarm.told_at is None:
            return True
        return alarm.acknowledged_at is None and now - alarm.told_at >= rule.quiet_minutes * MINUTE

    async def _end(self, rule: Condition, alarm: Alarm) -> None:
        ended = replace(alarm, ended_at=self._clock.now())
        if await self._store.put_alarm(ended, await self._record("alarm.ended", ended)):
            log.event("alarm.ended", condition=alarm.condition, about=alarm.subject, value=alarm.value)
            if alarm.told_at is not None and not self._is_silent(rule):
                await self._telling.tell(ended, rule)

    async def _tell(self, rule: Condition, alarm: Alarm) -> None:
        if not self._is_silent(rule) and await self._telling.tell(alarm, rule):
            await self._store.put_alarm(replace(alarm, told_at=self._clock.now()))

    def _is_silent(self, rule: Condition) -> bool:
        return self._clock.now() < rule.silent_until

    # Administrators

    async def standing(self, actor: Actor) -> list[Alarm]:
        """Return the alarms that stand. Raises Forbidden."""
        await self._authority.require(actor, "node.read", SYSTEM)
        return await self._store.standing_alarms()

    async def watched(self, actor: Actor) -> list[Watch]:
        """Return how every condition that is watched was at the last look. Raises Forbidden."""
        await self._authority.require(actor, "node.read", SYSTEM)
        text = await self._store.setting(SEEN, _LOOKED)
        look = msgspec.json.decode(text, type=_Look) if text else _Look(0, [], [])
        fresh = self._clock.now() - look.at < LOOK_STALE
        met = {one.condition for one in await self._store.standing_alarms()}

        def state(name: str) -> WatchState:
            if name in met:
                return "met"
            if not fresh or name not in look.measured:
                return "unknown"
            return "none" if name in look.unread else "clear"

        return [Watch(one, state(one.name)) for one in await self._conditions() if one.enabled]

    async def history(self, actor: Actor, days: int = 30) -> list[Alarm]:
        """Return alarms that have ended, newest first. Raises Forbidden."""
        await self._authority.require(actor, "node.read", SYSTEM)
        return await self._store.ended_alarms(self._clock.now() - days * DAY, LISTED)

    async def acknowledge(self, actor: Actor, alarm_id: int) -> Alarm:
        """Say that somebody sees to it: it is silent until it is over or gets worse. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "node.change", SYSTEM)
        found = next((one for one in await self._store.standing_alarms() if one.id == alarm_id), None)
        if found is None:
            raise NotFound("there is no such alarm, or it is over")
        seen = replace(found, acknowledged_at=self._clock.now(), acknowledged_by=actor.named)
        record = await self._record("alarm.acknowledged", seen, actor)
        if not await self._store.put_alarm(seen, record):
            raise NotFound("it is over")
        return seen

    async def conditions(self, actor: Actor) -> list[Condition]:
        """Return all conditions as they are in force. Raises Forbidden."""
        await self._authority.require(actor, "node.read", SYSTEM)
        return await self._conditions()

    async def set_condition(
        self,
        actor: Actor,
        name: str,
        *,
        warning: int | None = None,
        critical: int | None = None,
        quiet_minutes: int | None = None,
        enabled: bool | None = None,
        silent_until: int | None = None,
    ) -> Condition:
        """Change what is not None of a condition; silence begins at once. Raises Forbidden, NotFound, Invalid."""
        await self._authority.require(actor, "node.change", SYSTEM)
        now = next((one for one in await self._conditions() if one.name == name), None)
        if now is None:
            raise NotFound(f"there is no condition {name}")
        made = replace(
            now,
            warning=now.warning if warning is None else warning,
            critical=now.critical if critical is None else critical,
            quiet_minutes=now.quiet_minutes if quiet_minutes is None else quiet_minutes,
            enabled=now.enabled if enabled is None else enabled,
            silent_until=now.silent_until if silent_until is None else silent_until,
        )
        _check(made)
        if made.silent_until > self._clock.now() + MOST_SILENCE:
            raise Invalid(
                "a silence lasts 30 days at most; a condition that nobody needs is switched off", reason="alarm.silence"
            )
        if made.silent_until <= self._clock.now():
            made = replace(made, silent_until=0)
        kept = _Rule(made.warning, made.critical, made.quiet_minutes, made.enabled, made.silent_until)
        record = AuditRecord(
            self._clock.now(), actor.named, "alarm.rule", f"alarm:{name}", actor.origin.address, door=actor.origin.door
        )
        text = None if made == BY_NAME[name] else msgspec.json.encode(kept).decode()
        await self._store.put_setting(SCOPE, f"rule:{name}", text, audit=record)
        return made

    async def relay(self, actor: Actor) -> DirectRelay | None:
        """Return the relay for alarms about the queue. Raises Forbidden."""
        await self._authority.require(actor, "node.read", SYSTEM)
        return await self._telling.relay()

    async def set_relay(self, actor: Actor, relay: DirectRelay | None) -> None:
        """Name the relay, None for none. Raises Forbidden, Invalid."""
        await self._authority.require(actor, "node.change", SYSTEM)
        if relay is not None:
            _check_relay(relay)
        record = AuditRecord(
            self._clock.now(), actor.named, "alarm.relay", "installation", actor.origin.address, door=actor.origin.door
        )
        text = None if relay is None else msgspec.json.encode(relay).decode()
        await self._store.put_setting(SCOPE, RELAY, text, audit=record)

    async def name_relay(self, actor: Actor, host: str, port: int, tls: Securing, to: tuple[str, ...]) -> None:
        """Name the relay. Raises Forbidden, Invalid."""
        await self.set_relay(actor, DirectRelay(host, port, tls, to))

    async def try_mail(self, actor: Actor) -> int:
        """Send a test to the administrators as an alarm goes; return how many. Raises Forbidden, Unavailable."""
        await self._authority.require(actor, "node.change", SYSTEM)
        return await self._telling.try_mail()

    async def try_relay(self, actor: Actor) -> None:
        """Send a test through the relay. Raises Forbidden, Invalid, Unavailable."""
        await self._authority.require(actor, "node.change", SYSTEM)
        await self._telling.try_relay()

    async def _conditions(self) -> list[Condition]:
        kept = await self._store.settings(SCOPE)
        return [_ruled(one, kept.get(f"rule:{one.name}")) for one in CONDITIONS]

    async def _record(self, action: str, alarm: Alarm, actor: Actor | None = None) -> AuditRecord:
        """Return the record of a change. Where there is one company only, it is its records that tell of it."""
        words = f"alarm:{alarm.condition}" + (f" {alarm.subject}" if alarm.subject else "")
        companies = await self._store.organizations()
        if len(companies) == 1:
            domains = await self._store.domains()
            words += f" domain:{domains[0].name}" if domains else ""
        by, address = (_BY, "") if actor is None else (actor.named, actor.origin.address)
        return AuditRecord(self._clock.now(), by, action, words, address)


def unread(measured: frozenset[str], readings: list[Reading]) -> frozenset[str]:
    """Return the conditions that were measured and yet say nothing: a backup that was never made, a disk that was not
    watched for long enough.
    """
    return (NEED_A_READING & measured) - {one.condition for one in readings}


def _ruled(condition: Condition, text: str | None) -> Condition:
    if text is None:
        return condition
    rule = msgspec.json.decode(text, type=_Rule)
    return replace(
        condition, warning=rule.warning, critical=rule.critical, quiet_minutes=rule.quiet_minutes, enabled=rule.enabled,
        silent_until=rule.silent_until,
    )  # fmt: skip


def _check(condition: Condition) -> None:
    sign = 1 if condition.direction == "above" else -1
    if min(condition.warning, condition.critical) < 0 or sign * condition.critical < sign * condition.warning:
        raise Invalid(
            f"critical must be as bad as warning or worse; {condition.direction} is bad here", reason="alarm.order"
        )
    if not 1 <= condition.quiet_minutes <= 30 * 1440:
        raise Invalid("quiet minutes lie between 1 and 43200", reason="number.range", least=1, most=43_200)


def _check_relay(relay: DirectRelay) -> None:
    if not relay.host or any(ord(one) < 33 for one in relay.host) or not 0 < relay.port < 65_536:
        raise Invalid("a relay has a name and a port", reason="alarm.relay")
    bad = [one for one in relay.to if "@" not in one or any(ord(letter) < 33 for letter in one)]
    if bad or len(relay.to) > MOST_ADDRESSES:
        raise Invalid(
            f"at most {MOST_ADDRESSES} addresses such as admin@example.com",
            reason="alarm.addresses",
            most=MOST_ADDRESSES,
        )
