"""/accounts/{id}/photograph: somebody's face, as colleagues see it beside the name."""

import base64
import binascii
from typing import Annotated

from msgspec import Meta

from smartmail.domain.errors import Invalid
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Asked, Time, Told, time_of
from smartmail.service.photographs import MAX_OCTETS

_ENCODED = MAX_OCTETS * 4 // 3 + 4


class PhotographTold(Told, frozen=True):
    """A photograph. `picture`: a JPEG of 256 pixels a side, in base64."""

    picture: str
    changed_at: Time


class PhotographPut(Asked, frozen=True):
    """A picture: JPEG, PNG, WebP or GIF, in base64; what is kept is cut square and holds nothing but pixels."""

    file: Annotated[str, Meta(min_length=1, max_length=_ENCODED)]


async def _get(call: Call) -> PhotographTold:
    octets, version = await call.services.photographs.administered(call.actor, await call.account())
    return PhotographTold(base64.b64encode(octets).decode(), time_of(version))


async def _put(call: Call) -> None:
    account_id = await call.account()
    try:
        octets = base64.b64decode(call.body.file, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("the picture is not in base64") from error
    await call.services.photographs.put(call.actor, account_id, octets)


async def _drop(call: Call) -> None:
    await call.services.photographs.drop(call.actor, await call.account())


_ONE = "/accounts/{id}/photograph"
OPERATIONS = (
    Operation("GET", _ONE, "Somebody's photograph.", _get, "account.read", PhotographTold),
    Operation(
        "PUT",
        _ONE,
        "Put a photograph there.",
        _put,
        "account.change",
        body=PhotographPut,
        body_octets=_ENCODED + 100,
        first=Call.account,
    ),
    Operation("DELETE", _ONE, "Remove a photograph.", _drop, "account.change"),
)
