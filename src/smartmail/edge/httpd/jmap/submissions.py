"""EmailSubmission/get, changes, set (RFC 8621 §7)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import msgspec

from smartmail.base.i18n import translate
from smartmail.domain.errors import Invalid, MailError, PolicyRejected
from smartmail.domain.ids import AccountId, IdentityId, MessageId, SubmissionId
from smartmail.domain.submission import SubmissionRow
from smartmail.edge.httpd.jmap import email_set, ids
from smartmail.edge.httpd.jmap.context import (
    Call,
    account_of,
    changes_answer,
    changes_since,
    is_own,
    numbers,
    show_time,
    state_of,
)
from smartmail.edge.httpd.jmap.delays import delay_of
from smartmail.edge.httpd.jmap.envelope_parameters import mail_parameters, recipient_parameters
from smartmail.edge.httpd.jmap.secure_mail import wish_of
from smartmail.edge.httpd.jmap.setting import Refused, Report, implied, in_state, refuse, unknown_properties, why
from smartmail.edge.httpd.jmap.sources import load
from smartmail.edge.httpd.jmap.waiting import waits_for
from smartmail.proto.jmap import core
from smartmail.proto.jmap import submissions as shapes
from smartmail.proto.jmap.core import (
    ChangesAnswer,
    ChangesArguments,
    GetAnswer,
    GetArguments,
    SetArguments,
)
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.session import OWN
from smartmail.proto.jmap.submissions import SUBMISSION_PROPERTIES
from smartmail.service.flow.addressing.allowance import TooManyOutside
from smartmail.service.flow.outgoing.judging import MAX_RECIPIENTS
from smartmail.service.flow.outgoing.labelling import LabelStaysInside
from smartmail.service.flow.outgoing.leaks import LeakBlocked, ReasonNeeded
from smartmail.service.flow.outgoing.limits import MessageTooLarge, OriginalsStayInside, TooManyRecipients
from smartmail.service.flow.outgoing.reaching import Unreachable
from smartmail.service.flow.submission_record import DeliveryStatus, EnvelopeParameters, Submission
from smartmail.service.flow.submission_request import Request, header_recipients

_CREATE = frozenset({"identityId", "emailId", "envelope", "secure", "recipientsChecked"})
_TOLD = {
    "label.outside": "refused.label.outside",
    "label.lowered": "refused.label.lowered",
    "originals.outside": "refused.originals.outside",
}
"""Reasons of refusals and the keys of their words; words of leak rules are in the sender's language already."""


async def get(call: Call, arguments: GetArguments) -> GetAnswer[Any]:
    """EmailSubmission/get."""
    account_id = await account_of(call, arguments.account_id)
    properties = core.wanted(arguments.properties, SUBMISSION_PROPERTIES)
    state = await state_of(call, account_id, "submission")
    service, actor = call.context.services.submissions, call.context.actor
    if arguments.ids is None:
        found = await service.list_all(actor, account_id)
        call.context.limits.check_get(len(found))
        missing: list[str] = []
    else:
        call.context.limits.check_get(len(arguments.ids))
        asked, missing = numbers(ids.SUBMISSION, arguments.ids)
        found = await service.list_all(actor, account_id, [SubmissionId(one) for one in asked])
        known = {one.row.id for one in found}
        missing += [text for number, text in asked.items() if number not in known]
    objects = [core.project(_show(one), properties) for one in found]
    return GetAnswer(account_id=arguments.account_id, state=state, list=objects, not_found=missing)


def _show(submission: Submission) -> shapes.EmailSubmission:
    row, text = submission.row, submission.text
    return shapes.EmailSubmission(
        id=ids.show(ids.SUBMISSION, row.id),
        identity_id=ids.show(ids.IDENTITY, row.identity_id),
        email_id=ids.show(ids.EMAIL, row.message_id),
        thread_id=ids.show(ids.THREAD, row.thread_id),
        envelope=shapes.Envelope(
            shapes.SubmissionAddress(text.mail_from, text.parameters.mail or None),
            [shapes.SubmissionAddress(one, text.parameters.rcpt.get(one)) for one in text.rcpt_to],
        ),
        send_at=show_time(row.send_at),
        undo_status=row.undo_status,
        delivery_status={address: _status(one) for address, one in text.status.items()},
        dsn_blob_ids=[],
        mdn_blob_ids=[],
    )


def _status(status: DeliveryStatus) -> shapes.DeliveryStatus:
    return shapes.DeliveryStatus(status.reply, cast("Any", status.delivered), cast("Any", status.displayed))


async def changes(call: Call, arguments: ChangesArguments) -> ChangesAnswer:
    """EmailSubmission/changes."""
    account_id = await account_of(call, arguments.account_id)
    found = await changes_since(call, arguments, account_id, "submission")
    return changes_answer(arguments, found, ids.SUBMISSION)


# -- set ------------------------------------------------------------------------------------------------------------


async def set_(call: Call, arguments: shapes.SubmissionSetArguments) -> list[tuple[str, Any]]:
    """EmailSubmission/set, and the Email/set that its success brings along."""
    account_id = await account_of(call, arguments.account_id)
    call.context.limits.check_set(arguments.count())
    before = await state_of(call, account_id, "submission")
    report = Report(call.created_ids)
    with in_state(account_id, "submission", before, arguments.if_in_state, own=is_own(call, account_id)):
        submitted = await _change(call, account_id, arguments, report)
    answer = report.answer(arguments.account_id, before, await state_of(call, account_id, "submission"))
    answers: list[tuple[str, Any]] = [("EmailSubmission/set", answer)]
    updates, destroyed = shapes.success_updates(arguments, submitted)
    if updates or destroyed:
        # RFC 8621 §7.5: one more response, with the same call id.
        more = SetArguments(account_id=arguments.account_id, update=updates or None, destroy=destroyed or None)
        answers.append(await implied("Email/set", email_set.set_, call, more))
    return answers


async def _change(
    call: Call, account_id: AccountId, arguments: shapes.SubmissionSetArguments, report: Report
) -> dict[str, str]:
    """Make the changes; return id, and `#creation`, of each that went well → its email id."""
    submitted: dict[str, str] = {}
    for key, raw in (arguments.create or {}).items():
        try:
            made, email_id = await _create(call, account_id, raw)
            report.made(key, made)
            submitted[f"#{key}"] = submitted[made["id"]] = email_id
        except (Refused, MailError) as error:
            report.not_created[key] = why(error)
    for key, (target, patch) in report.updates(arguments).items():
        try:
            submitted[key] = submitted[target] = await _cancel(call, account_id, target, patch)
            report.updated[key] = None
        except (Refused, MailError) as error:
            report.not_updated[key] = why(error)
    for key, target in report.destroys(arguments).items():
        try:
            submitted[key] = submitted[target] = await _destroy(call, account_id, target)
            report.destroyed.append(key)
        except (Refused, MailError) as error:
            report.not_destroyed[key] = why(error)
    return submitted


async def _create(call: Call, account_id: AccountId, raw: dict[str, Any]) -> tuple[dict[str, Any], str]:
    bad = unknown_properties(raw, _CREATE)
    if bad:
        raise refuse(*bad)
    try:
        wish = msgspec.convert(raw, shapes.SubmissionCreate)
    except msgspec.ValidationError as error:
        named = [name for name in _CREATE if f"$.{name}" in str(error) or f"`{name}`" in str(error)]
        raise refuse(*named or ["envelope"], description=str(error)[:200]) from None
    request, thread_id = await _request(call, account_id, wish)
    request = replace(request, secure=wish_of(wish.secure), ask=not wish.recipients_checked)
    try:
        row = await call.context.services.submissions.submit(call.context.actor, account_id, request)
    except PolicyRejected as error:
        raise Refused(_forbidden(request, error, await _words(call, error))) from None
    except Unreachable as error:
        raise Refused(SetError("invalidRecipients", error.public, invalid_recipients=error.addresses)) from None
    except MessageTooLarge as error:
        raise Refused(SetError("tooLarge", error.public, max_size=error.most)) from None
    except Invalid as error:
        raise refuse("envelope" if wish.secure is None else "secure", description=error.public) from None
    made: dict[str, Any] = {
        "id": ids.show(ids.SUBMISSION, row.id),
        "threadId": thread_id,
        "sendAt": show_time(row.send_at),
        "undoStatus": row.undo_status,
    }
    if OWN in call.using and row.undo_status == "pending":
        made["approval"] = await waits_for(call, row)
    return made, ids.show(ids.EMAIL, row.message_id)


async def _request(call: Call, account_id: AccountId, wish: shapes.SubmissionCreate) -> tuple[Request, str]:
    """Return what to send and its thread. Raises Refused for all that can be told beforehand."""
    context = call.context
    identity = ids.parse(ids.IDENTITY, call.created_ids.resolve(wish.identity_id) or "")
    identities = {one.row.id for one in await context.services.identities.list_all(context.actor, account_id)}
    if identity not in identities:
        raise refuse("identityId")
    message_id = MessageId(ids.parse(ids.EMAIL, call.created_ids.resolve(wish.email_id) or "") or 0)
    sources = await load(call, account_id, [message_id])
    if message_id not in sources:
        raise refuse("emailId")
    source = sources[message_id]
    if not source.summary.addresses.from_:
        raise Refused(SetError("invalidEmail", properties=["from"]))
    assert source.row is not None
    thread_id = ids.show(ids.THREAD, source.row.thread_id)
    if wish.envelope is None:
        _check_recipients(header_recipients(source.summary))
        return Request(IdentityId(identity), message_id), thread_id
    return _by_envelope(IdentityId(identity), message_id, wish.envelope), thread_id


def _by_envelope(identity: IdentityId, message_id: MessageId, envelope: shapes.Envelope) -> Request:
    """Raises Refused: recipients that cannot be, parameters that are not offered or have no such value."""
    recipients = {one.email: one.parameters or {} for one in reversed(envelope.rcpt_to)}  # of two the first counts
    ordered = tuple(dict.fromkeys(one.email for one in envelope.rcpt_to))
    _check_recipients(ordered)
    given = envelope.mail_from.parameters or {}
    dsn = {address: recipient_parameters(parameters) for address, parameters in recipients.items() if parameters}
    named = EnvelopeParameters(dict(given), {address: dict(recipients[address]) for address in dsn})
    fields = mail_parameters(given)
    return Request(
        identity, message_id, envelope.mail_from.email, ordered, delay_of(given), dsn=dsn, parameters=named, **fields
    )


def _check_recipients(recipients: Sequence[str]) -> None:
    if not recipients:
        raise Refused(SetError("noRecipients"))
    if len(recipients) > MAX_RECIPIENTS:
        raise Refused(SetError("tooManyRecipients", max_recipients=MAX_RECIPIENTS))
    bad = [one for one in recipients if "@" not in one or one != one.strip() or not one.isprintable()]
    if bad:
        raise Refused(SetError("invalidRecipients", invalid_recipients=bad))


async def _words(call: Call, error: PolicyRejected) -> str:
    """Return what the sender is told: in their language where there are words for the reason."""
    key = _TOLD.get(error.reason)
    if key is None:
        return error.public
    account = await call.context.services.directory.account(call.context.actor.account_id)
    return translate(account.language or "ko", key, **error.facts)


def _forbidden(request: Request, error: PolicyRejected, words: str) -> SetError:
    """RFC 8621 §7.5 tells the envelope's sender from the header's, and how many recipients there may be."""
    if isinstance(error, TooManyRecipients | TooManyOutside):
        return SetError("tooManyRecipients", words, max_recipients=error.most)
    if isinstance(error, ReasonNeeded):
        return SetError("reasonNeeded", words)
    if isinstance(error, OriginalsStayInside | LabelStaysInside | LeakBlocked):
        return SetError("forbiddenToSend", words)
    from_envelope = request.mail_from is not None and error.public.startswith(f"{request.mail_from} ")
    return SetError("forbiddenMailFrom" if from_envelope else "forbiddenFrom", words)


async def _cancel(call: Call, account_id: AccountId, target: str, patch: Any) -> str:
    """Take a submission back; return its email id."""
    if not isinstance(patch, dict) or set(patch) != {"undoStatus"} or patch["undoStatus"] != "canceled":
        raise refuse(*(patch if isinstance(patch, dict) else ["undoStatus"]))
    row = await _row(call, account_id, target)
    if not await call.context.services.submissions.cancel(call.context.actor, account_id, row.id):
        raise Refused(SetError("cannotUnsend"))
    return ids.show(ids.EMAIL, row.message_id)


async def _destroy(call: Call, account_id: AccountId, target: str) -> str:
    """Take a submission off the record; return its email id."""
    row = await _row(call, account_id, target)
    await call.context.services.submissions.destroy(call.context.actor, account_id, row.id)
    return ids.show(ids.EMAIL, row.message_id)


async def _row(call: Call, account_id: AccountId, target: str) -> SubmissionRow:
    number = SubmissionId(ids.parse(ids.SUBMISSION, target) or 0)
    found = await call.context.services.submissions.list_all(call.context.actor, account_id, [number])
    if not found:
        raise Refused(SetError("notFound"))
    return found[0].row
