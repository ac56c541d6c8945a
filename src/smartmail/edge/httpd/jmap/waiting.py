"""The approval that a letter waits for, or would wait for, as its sender is told of it."""

from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.submission import SubmissionRow
from smartmail.edge.httpd.jmap.approvals import Names
from smartmail.edge.httpd.jmap.context import Call
from smartmail.proto.jmap.submissions import ApprovalReason, SubmissionApproval
from smartmail.service.flow.approvals import Approval


async def waits_for(call: Call, row: SubmissionRow) -> SubmissionApproval | None:
    """Return what a letter that was sent waits for; None: for no approval."""
    context = call.context
    approvals = context.services.addressing.approvals
    for one in await approvals.about(context.actor.organization_id, [row.queue_id]):
        if one.row.kind == "misdelivery":
            return None
        names = Names(call)
        return SubmissionApproval(
            id=f"{one.row.id:x}", line=one.row.subject if one.row.kind == "leak" else one.line.name if one.has_line else "",
            approvers=[await names.of(each) for each in sorted(one.course.approvers)],
            reasons=_reasons(one),
            afterwards=one.line.afterwards,
        )  # fmt: skip
    return None


def _reasons(one: Approval) -> list[ApprovalReason]:
    lowered, text = one.text.lowered, one.text
    found = [ApprovalReason("lowered", " → ".join(lowered[:2]))] if lowered else []
    if one.row.kind == "label" and not lowered:
        found.append(ApprovalReason("label", text.reason))
    return [*found, ApprovalReason("rule", text.reason)] if one.row.kind == "leak" else found


async def would_wait_for(call: Call, account_id: AccountId, message_id: MessageId) -> SubmissionApproval | None:
    """Return what a stored draft would wait for if it were sent now; None: for no approval, or it could not be sent."""
    foreseen = await call.context.services.submissions.foreseeing.approval(call.context.actor, account_id, message_id)
    if foreseen is None:
        return None
    names = Names(call)
    return SubmissionApproval(
        id=None, line=foreseen.line, approvers=[await names.of(each) for each in foreseen.approvers],
        reasons=[ApprovalReason(kind, text) for kind, text in foreseen.reasons], afterwards=foreseen.afterwards,
    )  # fmt: skip
