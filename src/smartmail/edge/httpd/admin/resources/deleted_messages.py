"""/accounts/{id}/deleted-messages: messages that an account deleted for good and that can be restored without a backup.

SECURITY  Who looks is on record before it is shown, as with any look into a mailbox; the text of a message is not told.
"""

from typing import Annotated

from msgspec import Meta

from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, time_of
from smartmail.service.mailbox.vault import VaultMessage


class DeletedMessage(Output, frozen=True):
    """A message that can be brought back until `until`. `reason`: how it went. Sender and subject "": not shown to this role."""

    id: Id
    sender: str
    subject: str
    size: Count
    reason: str
    deleted_at: Time
    until: Time


class DeletedMessageQuery(Input, frozen=True):
    """`find`: a part of sender or subject."""

    find: Annotated[str, Meta(max_length=200)] = ""


class DeletedMessageRestore(Input, frozen=True):
    """Which messages to bring back, and why; the reason is kept with the record."""

    ids: Annotated[list[Id], Meta(min_length=1, max_length=100)]
    reason: Annotated[str, Meta(min_length=5, max_length=500)]


class DeletedMessagesRestored(Output, frozen=True):
    """How many came back; the rest were gone for good, or back already."""

    restored: Count


api = Resource(asks="handler")
_AT = "/accounts/{id}/deleted-messages"
MOST = 1_000


async def _whose(call: Call) -> AccountId:
    account_id = AccountId(call.number())
    await call.may(Scope("account", str(account_id)))
    return account_id


@api.get(_AT, "Deleted messages of an account that can be restored.", "backup.restore", query=DeletedMessageQuery)
async def _list(call: Call) -> Page[DeletedMessage]:
    account_id, words = await _whose(call), call.query.find.casefold()
    hidden = await call.services.authority.masks(call.actor, "backup.restore", Scope("account", str(account_id)))
    found, _ = await call.services.vault.deleted(account_id, limit=MOST)
    told = [_told(one, hidden) for one in found]
    fitting = [one for one in told if words in f"{one.sender}\n{one.subject}".casefold()]
    # The last that went is the first; a page begins behind the one that the page before ended with.
    after = call.page.after_number
    start = next((at + 1 for at, one in enumerate(fitting) if int(one.id) == after), 0)
    shown = fitting[start : start + call.page.limit]
    await call.services.witness.saw(call.actor, account_id, "list", [int(one.id) for one in shown])
    return Page(shown, shown[-1].id if start + len(shown) < len(fitting) else None)


@api.post(f"{_AT}/restore", "Restore deleted messages of an account.", "backup.restore", DeletedMessageRestore)
async def _restore(call: Call) -> DeletedMessagesRestored:
    account_id, body = await _whose(call), call.body
    await call.services.admin_api.events.note_reason(call.actor, call.operation.name, call.request.path, body.reason)
    wanted = [MessageId(int(one)) for one in body.ids]
    return DeletedMessagesRestored(len(await call.services.vault.restore_for(call.actor, account_id, wanted)))


def _told(one: VaultMessage, hidden: frozenset[str]) -> DeletedMessage:
    row, author = one.row, next((each.address for each in one.summary.from_ if each.address), "")
    return DeletedMessage(
        str(int(row.message_id)), "" if "addresses" in hidden else author,
        "" if "subject" in hidden else one.summary.subject, row.size, row.reason, time_of(row.at), time_of(one.until),
    )  # fmt: skip
