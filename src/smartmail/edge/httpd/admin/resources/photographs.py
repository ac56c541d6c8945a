"""/accounts/{id}/photograph: the photograph of a person."""

import base64
from typing import Annotated

from msgspec import Meta

from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Input, Output, Time, decoded, time_of
from smartmail.service.people.photographs import MAX_OCTETS

_ENCODED = MAX_OCTETS * 4 // 3 + 4


class Photograph(Output, frozen=True):
    """A photograph. `picture`: JPEG of 256 × 256 pixels in base64."""

    picture: str
    changed_at: Time


class PhotographUpdate(Input, frozen=True):
    """A picture in base64: JPEG, PNG, WebP or GIF. It is cropped to a square and stored without metadata."""

    file: Annotated[str, Meta(min_length=1, max_length=_ENCODED)]


api = Resource()
_ONE = "/accounts/{id}/photograph"


@api.get(_ONE, "The photograph of a person.", "account.read")
async def _get(call: Call) -> Photograph:
    octets, version = await call.services.photographs.administered(call.actor, await call.account())
    return Photograph(base64.b64encode(octets).decode(), time_of(version))


@api.put(
    _ONE, "Set the photograph of a person.", "account.change", PhotographUpdate, body_octets=_ENCODED + 100,
    first=Call.account,
)  # fmt: skip
async def _put(call: Call) -> None:
    account_id = await call.account()
    octets = decoded(call.body.file, "the picture is not in base64")
    await call.services.photographs.put(call.actor, account_id, octets)


@api.delete(_ONE, "Remove the photograph of a person.", "account.change")
async def _drop(call: Call) -> None:
    await call.services.photographs.drop(call.actor, await call.account())
