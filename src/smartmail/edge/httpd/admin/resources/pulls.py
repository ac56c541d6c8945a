"""/mail-fetches: external mailbox fetches (외부메일 가져오기): their state, and disabling one."""

from smartmail.domain.errors import NotFound
from smartmail.domain.pulls import ID_OCTETS
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Id, Output, Page, Time, part, time_of, time_or_none
from smartmail.service.flow.pulls import PullSeen


class MailFetch(Output, frozen=True):
    """An external mailbox fetch. The user name there and replies of the other server are private. `reason` "": no
    problem.
    """

    id: str
    account_id: Id
    login: str
    host: str
    protocol: str
    deletes_originals: bool
    is_enabled: bool
    reason: str
    failures: Count
    taken: Count
    pulled_at: Time | None
    created_at: Time


api = Resource()


def _told(one: PullSeen) -> MailFetch:
    row = one.row
    return MailFetch(
        row.id.hex(), str(row.account_id), one.account.login, one.host, one.protocol, one.remove, row.enabled, row.reason,
        row.failures, row.taken, time_or_none(row.pulled_at or None), time_of(row.created_at),
    )  # fmt: skip


@api.get(
    "/mail-fetches", "External mailbox fetches.", "account.read", cli="pull list",
    columns="id login protocol host isEnabled reason taken pulledAt",
)  # fmt: skip
async def _list(call: Call) -> Page[MailFetch]:
    found = await call.services.pulls.oversight.list_all(call.actor, await call.holds())
    await call.services.witness.listed(call.actor, [one.row.account_id for one in found])
    return part(found, lambda one: one.row.id.hex(), call.page, _told)


@api.post(
    "/mail-fetches/{id}/stop", "Disable a fetch; its owner may enable it again.", "account.change", cli="pull stop"
)
async def _stop(call: Call) -> None:
    await call.holds()
    try:
        pull_id = bytes.fromhex(call.path["id"])
    except ValueError:
        raise NotFound from None
    if len(pull_id) != ID_OCTETS:
        raise NotFound
    await call.services.pulls.oversight.stop(call.actor, pull_id)
