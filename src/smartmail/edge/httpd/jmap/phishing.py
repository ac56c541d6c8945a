"""Email/reportPhishing: one click that makes a report. Where the message is put is the client's next call."""

from smartmail.domain.errors import MailError
from smartmail.domain.ids import MessageId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of
from smartmail.edge.httpd.jmap.errors import set_error
from smartmail.proto.jmap.errors import SetError
from smartmail.proto.jmap.quarantine import ReportAnswer, ReportArguments


async def report(call: Call, arguments: ReportArguments) -> ReportAnswer:
    """Email/reportPhishing. Raises accountNotFound, requestTooLarge."""
    account_id = await account_of(call, arguments.account_id)
    call.context.limits.check_set(len(arguments.ids))
    reported: list[str] = []
    left: dict[str, SetError] = {}
    for text in dict.fromkeys(arguments.ids):
        number = ids.parse(ids.EMAIL, call.created_ids.resolve(text) or "")
        if number is None:
            left[text] = SetError("notFound")
            continue
        try:
            await call.context.services.cases.report(call.context.actor, account_id, MessageId(number))
            reported.append(text)
        except MailError as error:
            left[text] = set_error(error)
    return ReportAnswer(account_id=arguments.account_id, reported=reported, not_reported=left or None)
