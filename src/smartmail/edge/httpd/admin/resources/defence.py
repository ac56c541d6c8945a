"""/bans, /allows, /sending-stops: who is shut out, who never is, whose sending is stopped."""

from typing import Annotated

from msgspec import Meta

from smartmail.domain.defence import Allow, Ban, SendingStop
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.resources.naming import with_addresses
from smartmail.edge.httpd.admin.shapes import Asked, Id, Page, Time, Told, milliseconds, part, time_of

Network = Annotated[str, Meta(min_length=2, max_length=50, examples=["192.0.2.0/24"])]
Note = Annotated[str, Meta(max_length=500)]
SYSTEM = Scope("system")


class BanTold(Told, frozen=True):
    """A network that no door opens for. `evidence` counts."""

    id: Id
    network: str
    reason: str
    evidence: dict[str, int]
    since: Time
    until: Time
    by: str


class BanNew(Asked, frozen=True):
    """A network to be shut out until a time."""

    network: Network
    until: Time
    note: Note = ""


class AllowTold(Told, frozen=True):
    """An exception with an end."""

    subject: str
    kind: str
    since: Time
    until: Time
    by: str


class AllowNew(Asked, frozen=True):
    """A network that is never shut out until a time; `partner`: its mail is not put off either."""

    network: Network
    until: Time
    partner: bool = False
    note: Note = ""


class NetworkAsked(Asked, frozen=True):
    """A network."""

    network: Network


class StopTold(Told, frozen=True):
    """An account that may not send."""

    account_id: Id
    reason: str
    since: Time
    by: str
    address: str = ""


async def _bans(call: Call) -> Page[BanTold]:
    await call.may(SYSTEM)
    return part(await call.services.defence.bans(), lambda one: one.id, call.page, _ban)


async def _new_ban(call: Call) -> BanTold:
    await call.may(SYSTEM)
    body = call.body
    return _ban(await call.services.defence.ban(call.actor, body.network, milliseconds(body.until), body.note))


async def _release(call: Call) -> None:
    await call.may(SYSTEM)
    await call.services.defence.release(call.actor, call.query.network)


async def _allows(call: Call) -> Page[AllowTold]:
    await call.may(SYSTEM)
    return part(await call.services.defence.allows(), lambda one: f"{one.kind} {one.subject}", call.page, _allow)


async def _new_allow(call: Call) -> AllowTold:
    await call.may(SYSTEM)
    body = call.body
    made = call.services.defence.allow_address(
        call.actor, body.network, milliseconds(body.until), body.note, partner=body.partner
    )
    return _allow(await made)


async def _disallow(call: Call) -> None:
    await call.may(SYSTEM)
    await call.services.defence.disallow_address(call.actor, call.query.network)


async def _stops(call: Call) -> Page[StopTold]:
    await call.services.authority.organization(call.actor, "defence.read")
    call.touched = True
    may = call.services.authority.may
    rows = [
        one
        for one in await call.services.defence.sending_stops()
        if await may(call.actor, "defence.read", Scope("account", str(one.account_id)))
    ]
    return await with_addresses(call, part(rows, lambda one: int(one.account_id), call.page, _stop))


async def _stop_sending(call: Call) -> None:
    account = await call.services.directory.account(await call.account())
    await call.services.defence.stop_sending(call.actor, account)


async def _resume(call: Call) -> None:
    account = await call.services.directory.account(await call.account())
    await call.services.defence.resume_sending(call.actor, account)


def _ban(one: Ban) -> BanTold:
    return BanTold(
        str(one.id), one.subject, one.reason, dict(one.evidence), time_of(one.since), time_of(one.until), one.by
    )


def _allow(one: Allow) -> AllowTold:
    return AllowTold(one.subject, one.kind, time_of(one.since), time_of(one.until), one.by)


def _stop(one: SendingStop) -> StopTold:
    return StopTold(str(one.account_id), one.reason, time_of(one.since), one.by)


OPERATIONS = (
    Operation("GET", "/bans", "Networks that are shut out.", _bans, "defence.read", Page[BanTold], paged=True),
    Operation("POST", "/bans", "Shut a network out.", _new_ban, "defence.change", BanTold, BanNew, status=201),
    Operation("DELETE", "/bans", "Let a network in again.", _release, "defence.change", query=NetworkAsked),
    Operation("GET", "/allows", "Exceptions.", _allows, "defence.read", Page[AllowTold], paged=True),
    Operation("POST", "/allows", "Never shut out.", _new_allow, "defence.change", AllowTold, AllowNew, status=201),
    Operation("DELETE", "/allows", "Take an exception back.", _disallow, "defence.change", query=NetworkAsked),
    Operation("GET", "/sending-stops", "Whose sending is stopped.", _stops, "defence.read", Page[StopTold], paged=True),
    Operation("PUT", "/sending-stops/{id}", "Stop an account's sending.", _stop_sending, "defence.change"),
    Operation("DELETE", "/sending-stops/{id}", "Let an account send again.", _resume, "defence.change"),
)
