"""/appearances: how the company, or one of its domains, shows itself: name, logo, the hue of its colour."""

import base64
import binascii
from typing import Annotated

from msgspec import Meta

from smartmail.domain.appearance import OURS, Appearance
from smartmail.domain.errors import Invalid
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Asked, Page, Time, Told, part, time_of
from smartmail.formats.colour import dark_tokens, light_tokens
from smartmail.formats.png import MOST_OCTETS

DomainOr = Annotated[str, Meta(max_length=253, description='"": the whole company.')]
Hue = Annotated[int, Meta(ge=0, le=359, description="Degrees.")]
Picture = Annotated[str, Meta(max_length=MOST_OCTETS * 4 // 3 + 4, description='PNG in base64; "": none.')]


class AppearanceTold(Told, frozen=True):
    """An appearance. `logo`: PNG in base64, "" for none; colours as CSS has them, corrected so that they can be read."""

    domain: str
    name: str
    hue: int | None
    logo: str
    light: dict[str, str]
    dark: dict[str, str]
    changed_at: Time


class AppearancePut(Asked, frozen=True):
    """An appearance. `hue` null: our colour; `logo` null: as it was."""

    domain: DomainOr = ""
    name: Annotated[str, Meta(max_length=60)] = ""
    hue: Hue | None = None
    logo: Picture | None = None


class AppearanceWhere(Asked, frozen=True):
    """Which appearance."""

    domain: DomainOr = ""


async def _list(call: Call) -> Page[AppearanceTold]:
    home = await call.may_here()
    return part(
        await call.services.appearance.list_all(call.actor, home), lambda one: one.domain or ".", call.page, _told
    )  # fmt: skip


async def _put(call: Call) -> AppearanceTold:
    home, body = await call.may_here(), call.body
    try:
        logo = None if body.logo is None else base64.b64decode(body.logo, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("the logo is not in base64") from error
    hue = OURS if body.hue is None else body.hue
    return _told(
        await call.services.appearance.put(
            call.actor, home, body.domain.lower(), name=body.name, hue=hue, logo=logo
        )
    )  # fmt: skip


async def _drop(call: Call) -> None:
    await call.services.appearance.drop(call.actor, await call.may_here(), call.query.domain.lower())


def _told(one: Appearance) -> AppearanceTold:
    hue = None if one.hue == OURS else one.hue
    return AppearanceTold(
        one.domain, one.name, hue, base64.b64encode(one.logo).decode(),
        {} if hue is None else {name: each.css for name, each in light_tokens(hue).items()},
        {} if hue is None else {name: each.css for name, each in dark_tokens(hue).items()},
        time_of(one.changed_at),
    )  # fmt: skip


OPERATIONS = (
    Operation("GET", "/appearances", "Appearances.", _list, "organization.read", Page[AppearanceTold], paged=True),
    Operation(
        "PUT", "/appearances", "Set an appearance.", _put, "organization.change", AppearanceTold, AppearancePut, body_octets=1 << 20,
    ),
    Operation("DELETE", "/appearances", "Take an appearance away.", _drop, "organization.change", query=AppearanceWhere),
)  # fmt: skip
