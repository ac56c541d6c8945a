"""Exports of records: with a reason, marked with who took them and when, and on record before a byte leaves.

LIMITS    MAX_RECORDS in one file; ask for a shorter span for more.
SECURITY  KA-44: a reason of ten characters at least, kept sealed in the record of the export. The file names its taker.
FAILURE   When the export cannot be recorded, there is none.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Protocol

from smartmail.domain.audit import AuditLink, AuditQuery, AuditRecord, FoundRecord
from smartmail.domain.errors import Invalid
from smartmail.domain.principal import Actor
from smartmail.formats import audit_chain
from smartmail.formats.record_file import csv_file, json_lines
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditLog, AuditStore
from smartmail.service.kernel.audit.anchoring import AnchorService
from smartmail.service.kernel.audit.links import document
from smartmail.service.kernel.audit.service import AuditService, scope_of
from smartmail.service.kernel.audit.texts import RecordTexts, given_reason
from smartmail.service.kernel.authority import Authority


class _Store(AuditLog, AuditStore, Protocol): ...


MAX_RECORDS: Final = 100_000
Form = Literal["csv", "jsonl"]


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """What was taken."""

    id: str
    records: int
    octets: bytes


class RecordExportService:
    """Makes files of records."""

    def __init__(
        self,
        store: _Store,
        authority: Authority,
        audit: AuditService,
        anchors: AnchorService,
        texts: RecordTexts,
        clock: Clock,
    ) -> None:
        self._store = store
        self._authority = authority
        self._audit = audit
        self._anchors = anchors
        self._texts = texts
        self._clock = clock

    async def export(self, actor: Actor, query: AuditQuery, form: Form, reason: str) -> ExportedFile:
        """Return the records of a query, oldest first, as a file. Raises Invalid, Forbidden, NotFound, Unavailable."""
        home = query.organization_id
        await self._authority.require(actor, "audit.export", scope_of(home))
        if form not in {"csv", "jsonl"}:
            raise Invalid("the form is csv or jsonl", reason="export.form")
        why = given_reason(reason)
        await self._audit.chain()
        found = await self._audit.find(replace(query, limit=MAX_RECORDS + 1))
        if len(found) > MAX_RECORDS:
            raise Invalid(
                f"more than {MAX_RECORDS} records: ask for a shorter time", reason="export.large", most=MAX_RECORDS
            )
        chained = [one for one in reversed(found) if one.link is not None]
        number, now = f"{self._clock.new_id():x}", self._clock.now()
        await self._note(actor, query, number, len(chained), now, why)
        marks = {
            "id": number, "by": actor.named, "at": audit_chain.timestamp(now), "records": len(chained),
            "key": self._anchors.public_key,
        }  # fmt: skip
        if form == "csv":
            return ExportedFile(number, len(chained), csv_file(marks, [_cells(one) for one in chained]))
        lines = [await self._line(one) for one in chained]
        return ExportedFile(number, len(chained), json_lines(marks, lines, self._anchors.sign))

    async def _note(self, actor: Actor, query: AuditQuery, number: str, count: int, now: int, why: str) -> None:
        thing = (
            f"export:{number} chain:{'all' if query.organization_id is None else query.organization_id} count:{count}"
        )
        # Where it is chained: with what the actor is of, as service.kernel.audit.homes says.
        home = actor.organization_id if actor.account_id else None
        sealed = await self._texts.seal(home, "audit.export", thing, now, {"reason": why, "query": _asked(query)})
        await self._store.audit(
            AuditRecord(now, actor.named, "audit.export", thing, actor.origin.address, sealed, actor.origin.door)
        )

    async def _line(self, one: FoundRecord) -> dict[str, Any]:
        link = one.link
        assert link is not None
        previous = await self._digest_before(link)
        record = document(link.organization_id, link.seq, one.row, link.facts.country)
        return {"digest": link.digest.hex(), "prev": previous, "record": record}

    async def _digest_before(self, link: AuditLink) -> str:
        if link.seq == 1:
            return audit_chain.START.hex()
        before = await self._store.audit_links(link.organization_id, link.seq - 2, 1)
        return before[0][0].digest.hex() if before and before[0][0].seq == link.seq - 1 else ""


def _cells(one: FoundRecord) -> list[object]:
    assert one.link is not None
    record, facts = one.row.record, one.link.facts
    subject = f"account:{one.row.account_id}" if one.row.account_id else ""
    return [
        one.link.organization_id, one.link.seq, audit_chain.timestamp(record.at), one.row.kind, record.actor, subject,
        record.action, record.object, record.address, facts.country, one.row.door,
    ]  # fmt: skip


def _asked(query: AuditQuery) -> dict[str, Any]:
    values = {
        "account": query.account_id, "since": query.since, "until": query.until, "actor": query.actor,
        "action": query.action, "address": query.address, "country": query.country, "door": query.door,
        "kind": query.kind, "result": query.result,
    }  # fmt: skip
    return {name: value for name, value in values.items() if value not in {"", None}}
