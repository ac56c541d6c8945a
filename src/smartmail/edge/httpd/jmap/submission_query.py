"""EmailSubmission/query and queryChanges (RFC 8621 §7.3, §7.4)."""

from functools import partial

from msgspec import UNSET

from smartmail.domain.ids import AccountId
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, account_of, parse_time
from smartmail.edge.httpd.jmap.query_state import queried, query_changed
from smartmail.proto.jmap.core import QueryAnswer, QueryArguments, QueryChangesAnswer, QueryChangesArguments
from smartmail.proto.jmap.filters import matches, parse_filter, parse_sort
from smartmail.proto.jmap.submissions import SUBMISSION_SORTS, SubmissionFilter
from smartmail.service.flow.submission_record import Submission


async def query(call: Call, arguments: QueryArguments) -> QueryAnswer:
    """EmailSubmission/query."""
    account_id = await account_of(call, arguments.account_id)
    return await queried(call, account_id, "submission", arguments, partial(_results, call, account_id, arguments))


async def query_changes(call: Call, arguments: QueryChangesArguments) -> QueryChangesAnswer:
    """EmailSubmission/queryChanges."""
    account_id = await account_of(call, arguments.account_id)
    work = partial(_results, call, account_id, arguments)
    return await query_changed(call, account_id, "submission", arguments, work, partial(ids.show, ids.SUBMISSION))


async def _results(call: Call, account_id: AccountId, arguments: QueryArguments | QueryChangesArguments) -> list[str]:
    """Return the ids of all results in their order. Raises unsupportedFilter, unsupportedSort, invalidArguments."""
    tree = parse_filter(arguments.filter, SubmissionFilter)
    orders = parse_sort(arguments.sort, SUBMISSION_SORTS, call.context.limits.collations)
    every = await call.context.services.submissions.list_all(call.context.actor, account_id)
    kept = [one for one in every if matches(tree, partial(_matches, one))]
    for order in reversed(orders):
        kept.sort(key=partial(_sort_key, order.property), reverse=not order.is_ascending)
    return [ids.show(ids.SUBMISSION, one.row.id) for one in kept]


def _matches(submission: Submission, wish: SubmissionFilter) -> bool:
    row = submission.row
    tests = (
        wish.identity_ids is UNSET or ids.show(ids.IDENTITY, row.identity_id) in wish.identity_ids,
        wish.email_ids is UNSET or ids.show(ids.EMAIL, row.message_id) in wish.email_ids,
        wish.thread_ids is UNSET or ids.show(ids.THREAD, row.thread_id) in wish.thread_ids,
        wish.undo_status is UNSET or wish.undo_status == row.undo_status,
        wish.before is UNSET or row.send_at < parse_time(wish.before),
        wish.after is UNSET or row.send_at >= parse_time(wish.after),
    )
    return all(tests)


def _sort_key(name: str, submission: Submission) -> int:
    row = submission.row
    return {"emailId": row.message_id, "threadId": row.thread_id, "sentAt": row.send_at}[name]
