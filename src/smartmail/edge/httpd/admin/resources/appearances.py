"""/appearances: name, logo and hue of an organization or one of its domains."""

import base64
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from smartmail.domain import appearance
from smartmail.domain.appearance import OURS
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Input, Output, Page, Time, decoded, part, time_of
from smartmail.formats.colour import dark_tokens, light_tokens
from smartmail.formats.png import MOST_OCTETS

DomainOr = Annotated[str, Meta(max_length=253, description='"": the whole company.')]
Hue = Annotated[int, Meta(ge=0, le=359, description="Degrees.")]
Picture = Annotated[
    str, Meta(max_length=MOST_OCTETS * 4 // 3 + 4, description='PNG in base64; "": none.', extra={"names": "file"})
]


class Appearance(Output, frozen=True):
    """The appearance of a domain. `logo`: PNG in base64, "" for none; colours as in CSS, adjusted for contrast."""

    domain: str
    name: str
    hue: int | None
    logo: str
    light: dict[str, str]
    dark: dict[str, str]
    changed_at: Time


class AppearanceUpdate(Input, frozen=True):
    """An appearance: what is absent stays as it was. `hue` null: the default colour; `logo` null: unchanged."""

    domain: DomainOr = ""
    name: Annotated[str, Meta(max_length=60)] | UnsetType = UNSET
    hue: Hue | UnsetType | None = UNSET
    logo: Picture | None = None


class AppearanceQuery(Input, frozen=True):
    """Which appearance."""

    domain: DomainOr = ""


api = Resource(asks="organization")


@api.get(
    "/appearances", "Appearances of domains.", "organization.read", cli="appearance show",
    columns="domain name hue changedAt",
)  # fmt: skip
async def _list(call: Call) -> Page[Appearance]:
    return part(
        await call.services.appearance.list_all(call.actor, call.home), lambda one: one.domain or ".", call.page, _told
    )  # fmt: skip


@api.put(
    "/appearances", "Set the appearance of a domain.", "organization.change", AppearanceUpdate, body_octets=1 << 20,
    cli="appearance set",
)  # fmt: skip
async def _put(call: Call) -> Appearance:
    home, body = call.home, call.body
    logo = None if body.logo is None else decoded(body.logo, "the logo is not in base64")
    domain = body.domain.lower()
    kept = [one for one in await call.services.appearance.list_all(call.actor, home) if one.domain == domain]
    name, hue = (kept[0].name, kept[0].hue) if kept else ("", OURS)
    if body.name is not UNSET:
        name = body.name
    if body.hue is not UNSET:
        hue = OURS if body.hue is None else body.hue
    return _told(await call.services.appearance.put(call.actor, home, domain, name=name, hue=hue, logo=logo))


@api.delete(
    "/appearances", "Remove the appearance of a domain.", "organization.change", query=AppearanceQuery,
    cli="appearance remove",
)  # fmt: skip
async def _drop(call: Call) -> None:
    await call.services.appearance.drop(call.actor, call.home, call.query.domain.lower())


def _told(one: appearance.Appearance) -> Appearance:
    hue = None if one.hue == OURS else one.hue
    return Appearance(
        one.domain, one.name, hue, base64.b64encode(one.logo).decode(),
        {} if hue is None else {name: each.css for name, each in light_tokens(hue).items()},
        {} if hue is None else {name: each.css for name, each in dark_tokens(hue).items()},
        time_of(one.changed_at),
    )  # fmt: skip
