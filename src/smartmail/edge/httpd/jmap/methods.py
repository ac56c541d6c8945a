"""The table of all methods, and Blob/copy (RFC 8620 §6.3)."""

from typing import Any

from smartmail.domain.errors import NotFound
from smartmail.edge.httpd.jmap import email_set, emails, identities, ids, mailboxes, queries, submissions
from smartmail.edge.httpd.jmap.context import Call, Context, Handler, account_of, guarded
from smartmail.proto.jmap import core
from smartmail.proto.jmap import emails as email_shapes
from smartmail.proto.jmap import mailboxes as mailbox_shapes
from smartmail.proto.jmap import submissions as submission_shapes
from smartmail.proto.jmap.dispatch import Dispatch, Method
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.proto.jmap.session import CORE, MAIL, SUBMISSION


async def copy_blobs(call: Call, arguments: core.BlobCopyArguments) -> core.BlobCopyAnswer:
    """Blob/copy: within one account a blob is there already; no other account can be reached yet."""
    account_id = account_of(call, arguments.account_id)
    if arguments.from_account_id != arguments.account_id:
        raise MethodError("fromAccountNotFound")
    copied: dict[str, str] = {}
    lost: dict[str, SetError] = {}
    for text in arguments.blob_ids:
        try:
            name = ids.blob_named(text)
            await call.context.services.reading.reader(call.context.actor, account_id, name.blob_id)
            copied[text] = text
        except NotFound:
            lost[text] = SetError("notFound")
    return core.BlobCopyAnswer(
        account_id=arguments.account_id,
        from_account_id=arguments.from_account_id,
        copied=copied or None,
        not_copied=lost or None,
    )


_TABLE: tuple[tuple[str, str, Any, Handler], ...] = (
    ("Blob/copy", CORE, core.BlobCopyArguments, copy_blobs),
    ("Mailbox/get", MAIL, core.GetArguments, mailboxes.get),
    ("Mailbox/changes", MAIL, core.ChangesArguments, mailboxes.changes),
    ("Mailbox/query", MAIL, mailbox_shapes.MailboxQueryArguments, mailboxes.query),
    ("Mailbox/queryChanges", MAIL, mailbox_shapes.MailboxQueryChangesArguments, mailboxes.query_changes),
    ("Mailbox/set", MAIL, mailbox_shapes.MailboxSetArguments, mailboxes.set_),
    ("Thread/get", MAIL, core.GetArguments, emails.get_threads),
    ("Thread/changes", MAIL, core.ChangesArguments, emails.thread_changes),
    ("Email/get", MAIL, email_shapes.EmailGetArguments, emails.get),
    ("Email/changes", MAIL, core.ChangesArguments, emails.changes),
    ("Email/query", MAIL, email_shapes.EmailQueryArguments, queries.query),
    ("Email/queryChanges", MAIL, email_shapes.EmailQueryChangesArguments, mailboxes.query_changes),
    ("Email/set", MAIL, core.SetArguments, email_set.set_),
    ("Email/copy", MAIL, core.CopyArguments, email_set.copy),
    ("Email/import", MAIL, email_shapes.EmailImportArguments, email_set.import_),
    ("Email/parse", MAIL, email_shapes.EmailParseArguments, emails.parse),
    ("SearchSnippet/get", MAIL, email_shapes.SnippetArguments, queries.snippets),
    ("Identity/get", SUBMISSION, core.GetArguments, identities.get),
    ("Identity/changes", SUBMISSION, core.ChangesArguments, identities.changes),
    ("Identity/set", SUBMISSION, core.SetArguments, identities.set_),
    ("EmailSubmission/get", SUBMISSION, core.GetArguments, submissions.get),
    ("EmailSubmission/changes", SUBMISSION, core.ChangesArguments, submissions.changes),
    ("EmailSubmission/query", SUBMISSION, core.QueryArguments, submissions.query),
    ("EmailSubmission/queryChanges", SUBMISSION, core.QueryChangesArguments, mailboxes.query_changes),
    ("EmailSubmission/set", SUBMISSION, submission_shapes.SubmissionSetArguments, submissions.set_),
)

METHODS: Dispatch[Context] = {
    name: Method(capability, shape, guarded(handler)) for name, capability, shape, handler in _TABLE
}
CAPABILITIES = frozenset({CORE, MAIL, SUBMISSION})
