"""/webhooks: URLs to which events are sent."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from smartmail.domain.authority import Permission
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, part
from smartmail.service.kernel.clock import HOUR
from smartmail.service.operations.webhooks import WebhookView

Url = Annotated[str, Meta(min_length=9, max_length=2000, examples=["https://events.a.example/smartmail"])]
Label = Annotated[str, Meta(max_length=100)]
EventTypes = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=100)]],
    Meta(max_length=100, description="Beginnings of names, such as account; none: all but logins."),
]


class Webhook(Output, frozen=True, omit_defaults=True):
    """A webhook. `seq`: the last event that it has accepted. `secret` is returned only once."""

    id: Id
    url: str
    label: str
    types: list[str]
    state: str
    seq: Count
    attempts: Count
    failing_since: Time | None
    last_at: Time | None
    last_status: Count
    created_at: Time
    secret: str = ""


class WebhookCreate(Input, frozen=True):
    """A webhook to create."""

    url: Url
    label: Label = ""
    types: EventTypes = msgspec.field(default_factory=list)


class WebhookUpdate(Input, frozen=True):
    """A merge patch (RFC 7396); `state` active resumes a stopped webhook where it was. A changed host gets a new
    `secret`.
    """

    url: Url | UnsetType = UNSET
    label: Label | UnsetType = UNSET
    types: EventTypes | UnsetType = UNSET
    state: Literal["active", "paused"] | UnsetType = UNSET


class WebhookSecretRotateRequest(Input, frozen=True):
    """For how many hours events are signed with the previous secret as well."""

    overlap_hours: Annotated[int, Meta(ge=0, le=720)] = 24


class WebhookReplayRequest(Input, frozen=True):
    """The event after which sending starts again."""

    after: Annotated[int, Meta(ge=0, le=1 << 53)]


api = Resource(asks="organization")
_READ: Final[Permission] = "webhook.read"
_CHANGE: Final[Permission] = "webhook.change"


def _told(view: WebhookView) -> Webhook:
    row = view.row
    return Webhook.from_row(row, url=view.url, label=view.label, secret=view.secret)


@api.get("/webhooks", "Webhooks.", _READ, cli="webhook list", columns="id state url label types seq lastStatus lastAt")
async def _list(call: Call) -> Page[Webhook]:
    rows = await call.services.admin_api.webhooks.list_all(call.home)
    return part(rows, lambda one: one.row.id, call.page, _told)


@api.post("/webhooks", "Create a webhook.", _CHANGE, WebhookCreate, status=201, cli="webhook add url")
async def _create(call: Call) -> Webhook:
    # What is sent is what the records say: who may not read them shall not have them sent.
    await call.may_here("audit.read")
    body = call.body
    return _told(await call.services.admin_api.webhooks.create(call.actor, call.home, body.url, body.label, body.types))


@api.get("/webhooks/{id}", "One webhook.", _READ, cli="webhook show")
async def _get(call: Call) -> Webhook:
    return _told(await call.services.admin_api.webhooks.get(call.home, call.number()))


@api.patch(
    "/webhooks/{id}", "Change a webhook.", _CHANGE, WebhookUpdate,
    cli=("webhook set", "webhook pause state=paused", "webhook resume state=active"), asks="handler",
)  # fmt: skip
async def _change(call: Call) -> Webhook:
    home, body = await call.may_here(), call.body
    await call.may_here("audit.read")
    changed = call.services.admin_api.webhooks.change(
        call.actor, home, call.number(), url=None if body.url is UNSET else body.url,
        label=None if body.label is UNSET else body.label, types=None if body.types is UNSET else body.types,
        state=None if body.state is UNSET else body.state,
    )  # fmt: skip
    return _told(await changed)


@api.delete("/webhooks/{id}", "Remove a webhook.", _CHANGE, cli="webhook remove")
async def _delete(call: Call) -> None:
    await call.services.admin_api.webhooks.delete(call.actor, call.home, call.number())


@api.post(
    "/webhooks/{id}/secret", "Rotate the secret of a webhook.", _CHANGE, WebhookSecretRotateRequest,
    cli="webhook secret",
)  # fmt: skip
async def _rotate(call: Call) -> Webhook:
    overlap = call.body.overlap_hours * HOUR
    return _told(await call.services.admin_api.webhooks.rotate(call.actor, call.home, call.number(), overlap))


@api.post(
    "/webhooks/{id}/replay", "Send events again after a position.", _CHANGE, WebhookReplayRequest,
    cli="webhook replay after",
)  # fmt: skip
async def _replay(call: Call) -> Webhook:
    return _told(await call.services.admin_api.webhooks.replay(call.actor, call.home, call.number(), call.body.after))
