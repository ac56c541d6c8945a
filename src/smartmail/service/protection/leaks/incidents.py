"""Incidents: letters that a leak rule matched, as an officer looks at them.

STRATEGIES  Written before the letter is refused, held or let go, so that nothing is done that nobody can see. What an officer is
            shown holds masked values alone; the plain values lie sealed apart, under the same company's key.
LIMITS      `VALUES_MS` for values, `KEPT_MS` for incidents; MAX_SHOWN hits of one letter.
SECURITY    Unmasking needs its own permission (`leak.unmask`) over the sender's account and a reason, and is recorded with
            that; names of people in it are what the letter has, and are shown to who may read incidents.
Must not know how a letter is read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import msgspec

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.leaks import ActionKind, Exit, IncidentQuery, IncidentRow, LeakVerdict, ReviewState
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats import csv_table
from smartmail.formats.audit_chain import timestamp
from smartmail.formats.seal import Kind
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_leaks import LeakStore
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.protection.leaks.letter import OutgoingLetter

KEPT_MS: Final = 3 * 365 * DAY
VALUES_MS: Final = 90 * DAY
MAX_SHOWN: Final = 200
COLUMNS: Final = (
    "id", "at", "login", "recipients", "subject", "exit", "action", "rule", "findings", "state", "reviewer",
)  # fmt: skip


class _Store(AccountStore, AuditLog, Protocol):
    @property
    def leaks(self) -> LeakStore: ...


class ShownHit(msgspec.Struct, frozen=True, array_like=True):
    """A finding as an officer sees it."""

    detector: str
    confidence: str
    masked: str
    place: str


class ShownRule(msgspec.Struct, frozen=True, array_like=True):
    """What became of a rule (domain.leaks.Tried)."""

    id: int
    name: str
    stage: str
    outcome: str
    held: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


class IncidentText(msgspec.Struct, frozen=True, array_like=True):
    """What an officer sees of a letter. New fields go to the end, with a default. `reason`: what the sender said, or
    the objection of who reviewed it.
    """

    login: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    size: int
    rule: str
    hits: tuple[ShownHit, ...]
    rules: tuple[ShownRule, ...]
    reason: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Incident:
    """One, opened."""

    row: IncidentRow
    text: IncidentText


class Incidents:
    """Keeps and tells them."""

    def __init__(self, store: _Store, keyring: Keyring, authority: Authority, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._authority = authority
        self._clock = clock
        self._texts = RecordTexts(keyring, clock)

    async def note(self, letter: OutgoingLetter, verdict: LeakVerdict, action: ActionKind) -> int:
        """Keep that a letter matched and what was done with it; return its id. Raises NotFound, Unavailable."""
        account = await self._store.account(letter.account_id)
        keys = await self._keyring.organization(account.organization_id)
        number = self._clock.new_id()
        hits = verdict.hits[:MAX_SHOWN]
        rule_id = verdict.rule.id if verdict.rule is not None else next((one.rule_id for one in verdict.matched), 0)
        if action == "approve" and verdict.rule is None:
            rule_id = 0
        values = msgspec.msgpack.encode([one.value for one in hits])
        await self._store.leaks.add(IncidentRow(
            number, account.organization_id, account.id, self._clock.now(), letter.exit, action, rule_id, verdict.epoch, "open",
            keys.seal(Kind.LEAK_INCIDENT, msgspec.msgpack.encode(_text(account, letter, verdict)), number),
            keys.seal(Kind.LEAK_VALUES, values, number) if hits else None,
        ))  # fmt: skip
        return number

    async def objected(
        self, account_id: AccountId, sender: str, recipients: Sequence[str], subject: str, size: int, rule: str,
        objection: str, exit_: Exit, rule_id: int, files: Sequence[str],
    ) -> IncidentRow:  # fmt: skip
        """Return an incident of a letter that has left and whose reviewer objects, to be committed with that. Raises NotFound."""
        account = await self._store.account(account_id)
        keys, number = await self._keyring.organization(account.organization_id), self._clock.new_id()
        text = IncidentText(
            account.login, sender, tuple(recipients), subject, size, rule, (), (), objection, tuple(files)
        )
        return IncidentRow(
            number, account.organization_id, account.id, self._clock.now(), exit_, "object", rule_id, 0, "open",
            keys.seal(Kind.LEAK_INCIDENT, msgspec.msgpack.encode(text), number),
        )  # fmt: skip

    async def list(self, actor: Actor, organization_id: OrganizationId, query: IncidentQuery) -> list[Incident]:
        """Return incidents of a company that the actor may read, newest first. Raises Unavailable."""
        rows = await self._store.leaks.incidents(organization_id, query)
        seen = [row for row in rows if await self._authority.may(actor, "leak.read", _scope(row))]
        return [await self._opened(row) for row in seen]

    async def one(self, actor: Actor, organization_id: OrganizationId, incident_id: int) -> Incident:
        """Return one. Raises NotFound, Forbidden."""
        row = await self._store.leaks.incident(organization_id, incident_id)
        await self._authority.require(actor, "leak.read", _scope(row))
        return await self._opened(row)

    async def unmask(
        self, actor: Actor, organization_id: OrganizationId, incident_id: int, reason: str
    ) -> tuple[str, ...]:
        """Return the plain values, in the order of the incident's findings; its record is written before. Raises NotFound (also
        when the values are forgotten), Forbidden, Invalid (no reason).
        """
        row = await self._store.leaks.incident(organization_id, incident_id)
        await self._authority.require(actor, "leak.unmask", _scope(row))
        given = given_reason(reason)
        if row.sealed_values is None:
            raise NotFound("the values are not kept any more")
        record = self._record(actor, "leak-incident.unmask", row)
        sealed = await self._texts.seal(organization_id, record.action, record.object, record.at, {"reason": given})
        await self._store.audit(replace(record, sealed_detail=sealed), row.account_id)
        keys = await self._keyring.organization(organization_id)
        return msgspec.msgpack.decode(keys.open(Kind.LEAK_VALUES, row.sealed_values, row.id), type=tuple[str, ...])

    async def review(
        self, actor: Actor, organization_id: OrganizationId, incident_id: int, state: ReviewState
    ) -> Incident:
        """Note what an officer made of one. Raises NotFound, Forbidden."""
        row = await self._store.leaks.incident(organization_id, incident_id)
        await self._authority.require(actor, "leak.change", _scope(row))
        record = self._record(actor, "leak-incident.review", row)
        await self._store.leaks.review(organization_id, incident_id, state, actor.named, record)
        return await self._opened(replace(row, state=state, reviewed_by=actor.named))

    async def table(
        self, actor: Actor, organization_id: OrganizationId, query: IncidentQuery, reason: str, language: str
    ) -> bytes:
        """Return those of a company that the actor may read as CSV, newest first, values masked; recorded with the reason where
        there are some: who may read none learns no more of a company than of none. Raises Invalid (no reason), Unavailable.
        """
        given, now = given_reason(reason), self._clock.now()
        head = [translate(language, f"leaks.column.{one}") for one in COLUMNS]
        found = await self.list(actor, organization_id, query)
        if not found:
            return csv_table.write(head, ())
        about = f"leak-incidents count:{len(found)}"
        sealed = await self._texts.seal(organization_id, "leak-incident.export", about, now, {"reason": given})
        origin = actor.origin
        await self._store.audit(
            AuditRecord(now, actor.named, "leak-incident.export", about, origin.address, sealed, origin.door)
        )
        return csv_table.write(head, map(_cells, found))

    async def forget(self) -> None:
        """Drop what is old; a job of every day."""
        now = self._clock.now()
        await self._store.leaks.forget(now - KEPT_MS, now - VALUES_MS)

    async def _opened(self, row: IncidentRow) -> Incident:
        keys = await self._keyring.organization(row.organization_id)
        octets = keys.open(Kind.LEAK_INCIDENT, row.sealed, row.id)
        return Incident(row, msgspec.msgpack.decode(octets, type=IncidentText))

    def _record(self, actor: Actor, action: str, row: IncidentRow) -> AuditRecord:
        return AuditRecord(
            self._clock.now(),
            actor.named,
            action,
            f"leak-incident:{row.id}",
            actor.origin.address,
            door=actor.origin.door,
        )


def _cells(one: Incident) -> tuple[str, ...]:
    row, text = one.row, one.text
    found = "; ".join(f"{hit.detector} {hit.masked} ({hit.place})" for hit in text.hits)
    return (
        str(row.id), timestamp(row.at), text.login, ", ".join(text.recipients), text.subject, row.exit, row.action, text.rule,
        found, row.state, row.reviewed_by,
    )  # fmt: skip


def _scope(row: IncidentRow) -> Scope:
    return Scope("account", str(row.account_id))


def _text(account: Account, letter: OutgoingLetter, verdict: LeakVerdict) -> IncidentText:
    named = verdict.rule.name if verdict.rule is not None else next((one.name for one in verdict.matched), "")
    return IncidentText(
        account.login, letter.sender, tuple(letter.recipients), letter.summary.subject, letter.summary.size, named,
        tuple(ShownHit(one.detector, one.confidence, one.masked, one.place) for one in verdict.hits[:MAX_SHOWN]),
        tuple(ShownRule(one.rule_id, one.name, one.stage, one.outcome, one.held, one.failed) for one in verdict.tried),
        letter.reason, tuple(one.name for one in letter.summary.parts if one.is_file),
    )  # fmt: skip
