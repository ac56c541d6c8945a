"""/holds and /audit-records: legal holds and audit records."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from msgspec import Meta

from smartmail.domain.account import Hold
from smartmail.domain.audit import AuditQuery, FoundRecord
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.naming import with_addresses
from smartmail.edge.httpd.admin.shapes import Id, Input, Output, Page, Time, Word, milliseconds, part

MessageNumber = Annotated[int, Meta(ge=0, le=1 << 53, description="0: everything of the account.")]
FILE = "application/octet-stream"
Mark = Annotated[str, Meta(max_length=200)]
Kind = Literal["", "admin", "user", "access", "login"]


class LegalHold(Output, frozen=True):
    """A legal hold on one message, or on everything of an account (`messageId` 0)."""

    account_id: Id
    message_id: int
    matter: str
    at: Time
    actor: str
    address: str = ""


class LegalHoldCreate(Input, frozen=True):
    """A legal hold to place."""

    account_id: Id
    matter: Word
    message_id: MessageNumber = 0


class AuditRecord(Output, frozen=True):
    """An audit record. `seq`: position in the audit chain, null until it is assigned; `id` never changes; `text`: reason and
    changes, where they were asked for.
    """

    id: str
    seq: int | None
    at: Time
    actor: str
    action: str
    object: str
    address: str
    kind: str
    account_id: Id | None
    country: str
    access_protocol: str
    text: dict[str, Any] | None


class AuditExportRequest(Input, frozen=True):
    """Which records to export, and why (at least ten characters). A file of JSON lines can be verified. `installation`:
    records of all organizations and of the installation, for its operators.
    """

    reason: Annotated[str, Meta(min_length=10, max_length=500)]
    form: Literal["jsonl", "csv"] = "jsonl"
    since: Time | None = None
    until: Annotated[Time | None, Meta(extra={"day": "begin"})] = None
    account_id: Id | None = None
    actor: Mark = ""
    action: Mark = ""
    address: Mark = ""
    door: Mark = ""
    result: Mark = ""
    country: Mark = ""
    kind: Kind = ""
    installation: bool = False


class RecordQuery(Input, frozen=True):
    """Which records. `action` is one, or with a dot at its end whatever begins so. `reasons`: show reasons and changes too,
    for who may export records. `installation`: records of all organizations and of the installation, for its operators.
    """

    since: Time | None = None
    until: Annotated[Time | None, Meta(extra={"day": "begin"})] = None
    account_id: Id | None = None
    actor: Mark = ""
    action: Mark = ""
    address: Mark = ""
    door: Mark = ""
    result: Mark = ""
    country: Mark = ""
    kind: Kind = ""
    reasons: bool = False
    installation: bool = False


api = Resource()


@api.get("/holds", "Legal holds.", "hold.read", cli="hold list", columns="matter address messageId at actor")
async def _holds(call: Call) -> Page[LegalHold]:
    await call.holds()
    may = call.services.authority.may
    rows = [
        one
        for one in await call.services.governing.holds()
        if await may(call.actor, "hold.read", Scope("account", str(one.account_id)))
    ]
    page = part(rows, lambda one: f"{one.account_id:018}-{one.message_id:018}-{one.matter}", call.page, _hold)
    return await with_addresses(call, page)


@api.post("/holds", "Place a hold.", "hold.change", LegalHoldCreate, cli="hold place accountId matter")
async def _place(call: Call) -> None:
    account_id = AccountId(int(call.body.account_id))
    await call.may(Scope("account", str(account_id)))
    await call.services.governing.hold(call.actor, account_id, call.body.matter, call.body.message_id)


@api.delete("/holds", "Lift a hold.", "hold.change", query=LegalHoldCreate, cli="hold release accountId matter")
async def _lift(call: Call) -> None:
    account_id = AccountId(int(call.query.account_id))
    await call.may(Scope("account", str(account_id)))
    await call.services.governing.release(call.actor, account_id, call.query.matter, call.query.message_id)


async def _home(call: Call, asked: RecordQuery | AuditExportRequest) -> OrganizationId | None:
    """Return whose records are asked for, None for all. Raises Forbidden, NotFound."""
    home = None
    if asked.installation:
        await call.may(Scope("system"))
    else:
        home = await call.may_here()
    if asked.account_id is not None:
        await call.may(Scope("account", asked.account_id))
    return home


def _query(asked: RecordQuery | AuditExportRequest, home: OrganizationId | None, limit: int) -> AuditQuery:
    return AuditQuery(
        home, None if asked.account_id is None else AccountId(int(asked.account_id)),
        milliseconds(asked.since) if asked.since else None, milliseconds(asked.until) if asked.until else None, limit,
        asked.actor, asked.action, asked.address, asked.country.upper(), asked.door, asked.kind, asked.result,
    )  # fmt: skip


@api.get(
    "/audit-records", "Audit records, newest first.", "audit.read", query=RecordQuery, cli="audit list",
    columns="seq at actor action object address country text",
)  # fmt: skip
async def _records(call: Call) -> Page[AuditRecord]:
    home = await _home(call, call.query)
    scope = Scope("system") if home is None else Scope("organization", str(home))
    if call.query.reasons:
        await call.may(scope, "audit.export")
    query = _query(call.query, home, call.page.limit + 1)
    if call.page.after:
        # The cursor is a time: records of its very millisecond may be shown twice, none is left out.
        query = replace(query, until=min(call.page.after_number + 1, query.until or 1 << 60))
    rows = await call.services.audit.find(query)
    shown = rows[: call.page.limit]
    following = str(shown[-1].row.record.at) if len(rows) > call.page.limit else None
    hidden = await call.services.authority.masks(call.actor, "audit.read", scope)
    texts = [await _text(call, one) if call.query.reasons else None for one in shown]
    pairs = zip(shown, texts, strict=True)
    return Page([_record(one, text, hide="login-address" in hidden) for one, text in pairs], following)


async def _text(call: Call, one: FoundRecord) -> dict[str, Any]:
    home = None if one.link is None else one.link.organization_id
    return await call.services.record_texts.open(home, one.row.record)


@api.post(
    "/audit-records/export", "Export audit records.", "audit.export", AuditExportRequest, stream=FILE,
    cli="audit export",
)  # fmt: skip
async def _export(call: Call) -> None:
    """Answer the file itself: what is taken is on record before a byte leaves, and nothing of it stays here."""
    home, body = await _home(call, call.body), call.body
    made = await call.services.record_exports.export(call.actor, _query(body, home, 1), body.form, body.reason)
    await call.file(made.octets, f"records-{made.id}.{body.form}")


def _hold(one: Hold) -> LegalHold:
    return LegalHold.from_row(one)


def _record(one: FoundRecord, text: dict[str, Any] | None, *, hide: bool) -> AuditRecord:
    row, record, link = one.row, one.row.record, one.link
    return AuditRecord.from_row(
        record, id=f"{row.source}-{row.id}", seq=None if link is None else link.seq, address="" if hide else record.address,
        kind=row.kind, account_id=None if row.account_id is None else str(row.account_id), access_protocol=row.door,
        country="" if link is None else link.facts.country, text=text,
    )  # fmt: skip
