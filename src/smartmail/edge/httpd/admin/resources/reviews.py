"""/audit-reviews, /access-records and /audit-anchor: monthly access reviews, access records, the end of the audit chain."""

import re
from typing import Annotated

from msgspec import Meta

from smartmail.domain.audit import AuditQuery, FoundRecord
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.domain.records import ReviewRow
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.jobs import Task
from smartmail.edge.httpd.admin.resources.jobs import told as job_told
from smartmail.edge.httpd.admin.shapes import (
    Count,
    Id,
    Input,
    Output,
    Page,
    Time,
    milliseconds,
    part,
    time_of,
    time_or_none,
)
from smartmail.service.operations.admin_jobs import AUDIT_VERIFY
from smartmail.service.operations.records.reviewing import Review

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}", re.ASCII)
Month = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}$", examples=["2026-10"])]


class AccessReview(Output, frozen=True):
    """A monthly access review. `reviewerId` null: not assigned."""

    month: Month
    made_at: Time
    due_at: Time
    reviewer_id: Id | None
    signed_at: Time | None
    signed_by_id: Id | None
    overdue_told_at: Time | None


class AccessReviewFinding(Output, frozen=True):
    """A number: the total, and its largest parts (name and number)."""

    name: str
    total: Count
    top: list[tuple[str, int]]


class AccessReviewDetail(Output, frozen=True):
    """A review with its findings and the reviewer's comment."""

    review: AccessReview
    records: Count
    findings: list[AccessReviewFinding]
    comment: str


class AccessReviewAssignRequest(Input, frozen=True):
    """The reviewer."""

    account_id: Id


class AccessReviewSignRequest(Input, frozen=True):
    """What was examined and found."""

    comment: Annotated[str, Meta(min_length=1, max_length=4000)]


class AccessRecord(Output, frozen=True):
    """An access to an account's messages by another account. `object`: which messages (`ids`, `count`)."""

    id: str
    at: Time
    actor: str
    account_id: Id | None
    action: str
    object: str
    address: str | None
    country: str
    door: str


class AccessQuery(Input, frozen=True):
    """Whose mail, by whom (`account:7`, `cli`), when."""

    account_id: Id | None = None
    actor: Annotated[str, Meta(max_length=200)] = ""
    since: Time | None = None
    until: Time | None = None


class AuditAnchor(Output, frozen=True):
    """The end of the audit chain, and the key that verifies anchors and exports."""

    seq: Count
    digest: str
    public_key: str


api = Resource(asks="organization")
_ONE = "/audit-reviews/{month}"


@api.get("/audit-reviews", "Monthly access reviews.", "audit.read", cli="audit reviews")
async def _list(call: Call) -> Page[AccessReview]:
    rows = await call.services.reviews.reviews(call.actor, call.home)
    # The newest first: the key counts backwards.
    return part(rows, lambda one: 1_000_000 - int(one.month.replace("-", "")), call.page, _row)


@api.get(_ONE, "One access review with its findings.", "audit.read", cli="audit review")
async def _get(call: Call) -> AccessReviewDetail:
    return _whole(await call.services.reviews.review(call.actor, call.home, _month(call)))


def _month(call: Call) -> str:
    """Return the month of the path. Raises NotFound: what is no month has no review."""
    month = call.path["month"]
    if not _MONTH.fullmatch(month):
        raise NotFound
    return month


@api.post(
    f"{_ONE}/assign", "Assign an access review.", "review.sign", AccessReviewAssignRequest,
    cli="audit assign-review accountId",
)  # fmt: skip
async def _assign(call: Call) -> None:
    account_id = AccountId(int(call.body.account_id))
    await call.may(Scope("account", str(account_id)), "account.read")
    await call.services.reviews.assign(call.actor, call.home, _month(call), account_id)


@api.post(f"{_ONE}/sign", "Sign an access review.", "review.sign", AccessReviewSignRequest, cli="audit sign-review")
async def _sign(call: Call) -> None:
    await call.services.reviews.sign(call.actor, call.home, _month(call), call.body.comment)


@api.get(
    "/access-records", "Access records, newest first.", "audit.read", query=AccessQuery, cli="audit access-records"
)
async def _looks(call: Call) -> Page[AccessRecord]:
    query = call.query
    if query.account_id is not None:
        await call.may(Scope("account", query.account_id))
    until = milliseconds(query.until) if query.until else None
    if call.page.after:
        until = min(call.page.after_number + 1, until or 1 << 60)
    hidden = await call.services.authority.masks(call.actor, "audit.read", Scope("organization", str(call.home)))
    rows = await call.services.audit.find(
        AuditQuery(
            call.home, None if query.account_id is None else AccountId(int(query.account_id)),
            milliseconds(query.since) if query.since else None, until, call.page.limit + 1, query.actor, kind="access",
        )
    )  # fmt: skip
    shown = rows[: call.page.limit]
    following = str(shown[-1].row.record.at) if len(rows) > call.page.limit else None
    return Page([_look(one, addresses="login-address" not in hidden) for one in shown], following)


@api.get("/audit-anchor", "The end of the audit chain.", "audit.read", cli="audit anchor")
async def _anchor(call: Call) -> AuditAnchor:
    ends = [one for one in await call.services.audit.anchors() if one.organization_id == call.home]
    if not ends:
        raise NotFound
    return AuditAnchor(ends[0].seq, ends[0].digest.hex(), call.services.anchors.public_key)


@api.post("/audit-records/verify", "Verify the audit chain, as a task.", "audit.read", status=202)
async def _verify(call: Call) -> Task:
    return job_told(await call.services.admin_api.jobs.start(call.actor, AUDIT_VERIFY, {}))


def _row(row: ReviewRow) -> AccessReview:
    return AccessReview.from_row(
        row,
        reviewer_id=str(row.reviewer) if row.reviewer else None,
        signed_by_id=None if row.signed_by is None else str(row.signed_by),
        overdue_told_at=time_or_none(row.alarmed_at),
    )


def _whole(one: Review) -> AccessReviewDetail:
    counted = {name: value for name, value in one.body.items() if isinstance(value, dict)}
    findings = [
        AccessReviewFinding(name, value["total"], [(str(thing), int(count)) for thing, count in value["top"]])
        for name, value in counted.items()
    ]
    return AccessReviewDetail(_row(one.row), int(one.body.get("records", 0)), findings, one.comment)


def _look(one: FoundRecord, *, addresses: bool) -> AccessRecord:
    record = one.row.record
    return AccessRecord(
        f"{one.row.source}-{one.row.id}", time_of(record.at), record.actor, str(one.row.account_id) if one.row.account_id else None, record.action,
        record.object, record.address if addresses else None, "" if one.link is None else one.link.facts.country,
        one.row.door,
    )  # fmt: skip
