"""/keys: API keys."""

from typing import Annotated

import msgspec
from msgspec import Meta

from smartmail.domain.authority import Permission
from smartmail.domain.errors import Forbidden
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.naming import with_addresses
from smartmail.edge.httpd.admin.shapes import Id, Input, Output, Page, Time, milliseconds, part
from smartmail.service.operations.admin_jobs import KeyView


class ApiKey(Output, frozen=True, omit_defaults=True):
    """An API key. `secret` is returned only once, when it is created."""

    id: Id
    account_id: Id
    label: str
    permissions: list[str]
    networks: list[str]
    created_at: Time
    expires_at: Time
    last_used_at: Time | None
    address: str = ""
    secret: str = ""


class ApiKeyCreate(Input, frozen=True):
    """An API key to create, with a subset of the own permissions, for at most a year."""

    label: Annotated[str, Meta(min_length=1, max_length=100)]
    permissions: Annotated[list[Permission], Meta(min_length=1, max_length=100)]
    expires_at: Time
    networks: Annotated[list[Annotated[str, Meta(max_length=50)]], Meta(max_length=32)] = msgspec.field(
        default_factory=list
    )


api = Resource(asks="organization")


def _told(view: KeyView) -> ApiKey:
    row = view.row
    return ApiKey.from_row(row, label=view.label, secret=view.secret)


@api.get("/keys", "API keys.", "role.read")
async def _list(call: Call) -> Page[ApiKey]:
    rows = await call.services.admin_api.keys.list_all(call.home)
    return await with_addresses(call, part(rows, lambda one: one.row.id, call.page, _told))


@api.post("/keys", "Create an API key.", "role.change", ApiKeyCreate, status=201)
async def _create(call: Call) -> ApiKey:
    body, held = call.body, set[str]()
    for one in await call.services.authority.holdings(call.actor):
        held |= one.permissions
    if set(body.permissions) - held:
        raise Forbidden("a key has no permission that its account has not", reason="role.more")
    keys = call.services.admin_api.keys
    made = keys.create(call.actor, body.label, body.permissions, body.networks, milliseconds(body.expires_at))
    return _told(await made)


@api.delete("/keys/{id}", "Revoke an API key.", "role.change")
async def _delete(call: Call) -> None:
    await call.services.admin_api.keys.delete(call.actor, call.home, call.number())
