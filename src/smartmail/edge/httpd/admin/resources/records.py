"""/holds and /audit-records: legal holds and audit records."""

from typing import Annotated, Literal

from msgspec import Meta

from smartmail.domain.account import Hold
from smartmail.domain.audit import AuditQuery, FoundRecord
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.naming import with_addresses
from smartmail.edge.httpd.admin.shapes import Id, Input, Output, Page, Time, Word, milliseconds, part

MessageNumber = Annotated[int, Meta(ge=0, le=1 << 53, description="0: everything of the account.")]
FILE = "application/octet-stream"
Mark = Annotated[str, Meta(max_length=200)]


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
    """An audit record. `seq`: position in the audit chain, null until it is assigned; `id` never changes."""

    id: str
    seq: int | None
    at: Time
    actor: str
    action: str
    object: str
    address: str


class AuditExportRequest(Input, frozen=True):
    """Which records to export, and why (at least ten characters). A file of JSON lines can be verified."""

    reason: Annotated[str, Meta(min_length=10, max_length=500)]
    form: Literal["jsonl", "csv"] = "jsonl"
    since: Time | None = None
    until: Time | None = None
    account_id: Id | None = None
    actor: Mark = ""
    action: Mark = ""
    address: Mark = ""
    door: Mark = ""
    result: Mark = ""


class RecordQuery(Input, frozen=True):
    """Which records. `action` is one, or with a dot at its end whatever begins so."""

    since: Time | None = None
    until: Time | None = None
    account_id: Id | None = None
    actor: Mark = ""
    action: Mark = ""
    address: Mark = ""
    door: Mark = ""
    result: Mark = ""
    country: Mark = ""


async def _holds(call: Call) -> Page[LegalHold]:
    await call.services.authority.organization(call.actor, "hold.read")
    call.touched = True
    may = call.services.authority.may
    rows = [
        one
        for one in await call.services.governing.holds()
        if await may(call.actor, "hold.read", Scope("account", str(one.account_id)))
    ]
    page = part(rows, lambda one: f"{one.account_id:018}-{one.message_id:018}-{one.matter}", call.page, _hold)
    return await with_addresses(call, page)


async def _place(call: Call) -> None:
    account_id = AccountId(int(call.body.account_id))
    await call.may(Scope("account", str(account_id)))
    await call.services.governing.hold(call.actor, account_id, call.body.matter, call.body.message_id)


async def _lift(call: Call) -> None:
    account_id = AccountId(int(call.query.account_id))
    await call.may(Scope("account", str(account_id)))
    await call.services.governing.release(call.actor, account_id, call.query.matter, call.query.message_id)


async def _records(call: Call) -> Page[AuditRecord]:
    home = await call.may_here()
    query = call.query
    if query.account_id is not None:
        await call.may(Scope("account", query.account_id))
    # The cursor is a time: records of its very millisecond may be shown twice, none is left out.
    until = milliseconds(query.until) if query.until else None
    if call.page.after:
        until = min(call.page.after_number + 1, until or 1 << 60)
    rows = await call.services.audit.find(
        AuditQuery(
            home, None if query.account_id is None else AccountId(int(query.account_id)),
            milliseconds(query.since) if query.since else None, until, call.page.limit + 1, query.actor, query.action,
            query.address, country=query.country, door=query.door, result=query.result,
        )
    )  # fmt: skip
    shown = rows[: call.page.limit]
    following = str(shown[-1].row.record.at) if len(rows) > call.page.limit else None
    hidden = await call.services.authority.masks(call.actor, "audit.read", Scope("organization", str(home)))
    return Page([_record(one, hide="login-address" in hidden) for one in shown], following)


async def _export(call: Call) -> None:
    """Answer the file itself: what is taken is on record before a byte leaves, and nothing of it stays here."""
    home, body = await call.may_here(), call.body
    if body.account_id is not None:
        await call.may(Scope("account", body.account_id))
    query = AuditQuery(
        home, None if body.account_id is None else AccountId(int(body.account_id)),
        milliseconds(body.since) if body.since else None, milliseconds(body.until) if body.until else None, 1,
        body.actor, body.action, body.address, door=body.door, result=body.result,
    )  # fmt: skip
    made = await call.services.record_exports.export(call.actor, query, body.form, body.reason)
    name = f'attachment; filename="records-{made.id}.{body.form}"'
    await call.answer.whole(200, made.octets, FILE, [("content-disposition", name)])


def _hold(one: Hold) -> LegalHold:
    return LegalHold.from_row(one)


def _record(one: FoundRecord, *, hide: bool) -> AuditRecord:
    record = one.row.record
    seq = None if one.link is None else one.link.seq
    return AuditRecord.from_row(
        record, id=f"{one.row.source}-{one.row.id}", seq=seq, address="" if hide else record.address
    )


OPERATIONS = (
    Operation("GET", "/holds", "Legal holds.", _holds, "hold.read", Page[LegalHold], paged=True, commands=("hold list",), columns=("matter", "address", "messageId", "at", "actor")),
    Operation("POST", "/holds", "Place a hold.", _place, "hold.change", body=LegalHoldCreate, commands=("hold place accountId matter",)),
    Operation("DELETE", "/holds", "Lift a hold.", _lift, "hold.change", query=LegalHoldCreate, commands=("hold release accountId matter",)),
    Operation(
        "GET", "/audit-records", "Audit records, newest first.", _records, "audit.read", Page[AuditRecord],
        query=RecordQuery, paged=True,
    ),
    Operation(
        "POST", "/audit-records/export", "Export audit records.", _export, "audit.export", body=AuditExportRequest,
        stream=FILE,
    ),
)  # fmt: skip
