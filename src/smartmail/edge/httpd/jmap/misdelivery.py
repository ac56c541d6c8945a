"""EmailSubmission/check: our own method by which a composer asks before sending whether a person may be the wrong one, which
security label the letter has at least, and what approval it would wait for.
"""

from collections.abc import Sequence

from smartmail.domain.ids import AccountId, MessageId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of
from smartmail.edge.httpd.jmap.waiting import would_wait_for
from smartmail.proto.jmap.misdelivery import CheckAnswer, CheckArguments, CheckedAddress, SubmissionCaution
from smartmail.service.flow.misdelivery import Draft, parties


async def check(call: Call, arguments: CheckArguments) -> CheckAnswer:
    """EmailSubmission/check. The memory asked is that of the person who sends, whatever account the draft lies in."""
    account_id = await account_of(call, arguments.account_id)
    earlier, author = await _answered(call, account_id, arguments.answers_id)
    draft = Draft(
        _named(arguments.to), _named(arguments.cc), _named(arguments.bcc), arguments.subject, arguments.text, arguments.files,
        earlier, author,
    )  # fmt: skip
    found = await call.context.services.misdelivery.cautions(call.context.actor.account_id, draft)
    shown = [
        SubmissionCaution(
            kind=one.kind,
            email=one.address or None,
            instead=one.instead or None,
            text=one.text,
            confidence=one.confidence,
        )
        for one in found
    ]
    foreseeing = call.context.services.submissions.foreseeing
    least = await foreseeing.least_label(call.context.actor, account_id, arguments.refers_to)
    number = ids.parse(ids.EMAIL, call.created_ids.resolve(arguments.email_id) or "") if arguments.email_id else None
    approval = None if number is None else await would_wait_for(call, account_id, MessageId(number))
    return CheckAnswer(account_id=arguments.account_id, list=shown, least_label=least or None, approval=approval)


def _named(people: Sequence[CheckedAddress]) -> list[tuple[str, str]]:
    return [(one.email, one.name or "") for one in people if "@" in one.email]


async def _answered(call: Call, account_id: AccountId, answers_id: str | None) -> tuple[frozenset[str], str]:
    """Return who had part in the message that is answered, and who wrote it; nobody where it is gone."""
    number = ids.parse(ids.EMAIL, call.created_ids.resolve(answers_id) or "") if answers_id else None
    if number is None:
        return frozenset(), ""
    found = await call.context.services.reading.messages(call.context.actor, account_id, [MessageId(number)])
    if not found:
        return frozenset(), ""
    return parties(found[0].summary)
