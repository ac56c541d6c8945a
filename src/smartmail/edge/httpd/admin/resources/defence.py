"""/bans, /ban-exceptions, /defence-settings, /sending-blocks: banned networks, exceptions, settings, accounts that may not send."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from smartmail.domain import defence
from smartmail.domain.defence import Allow, SendingStop
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.naming import with_addresses
from smartmail.edge.httpd.admin.shapes import Id, Input, Output, Page, Time, milliseconds, part
from smartmail.service.protection.defence import DefenceService

Network = Annotated[str, Meta(min_length=2, max_length=50, examples=["192.0.2.0/24"])]
Note = Annotated[str, Meta(max_length=500)]
SYSTEM = Scope("system")


class Ban(Output, frozen=True):
    """A network whose connections are refused. `evidence`: counters; `note`: why, where a person made it."""

    id: Id
    network: str
    reason: str
    evidence: dict[str, int]
    since: Time
    until: Time
    by: str
    released_at: Time | None
    note: str


class BanQuery(Input, frozen=True):
    """Which bans: those in force, or with `ended` the newest of all."""

    ended: bool = False


class BanCreate(Input, frozen=True):
    """A network to ban until a time."""

    network: Network
    until: Time
    note: Note = ""


class BanException(Output, frozen=True):
    """A network that is never banned, until a time. `note`: why."""

    subject: str
    kind: str
    since: Time
    until: Time
    by: str
    note: str


class BanExceptionCreate(Input, frozen=True):
    """A network never to ban until a time; `partner`: its mail is not greylisted either."""

    network: Network
    until: Time
    partner: bool = False
    note: Note = ""


class NetworkQuery(Input, frozen=True):
    """A network."""

    network: Network


class DefenceSetting(Output, frozen=True):
    """A setting of defence and its value."""

    name: str
    value: Any


class DefenceSettingUpdate(Input, frozen=True):
    """The new value, as text."""

    value: Annotated[str, Meta(max_length=100)]


class SendingBlock(Output, frozen=True):
    """An account that may not send."""

    account_id: Id
    reason: str
    since: Time
    by: str
    evidence: dict[str, int]
    address: str = ""


class SendingExceptionUpdate(Input, frozen=True):
    """Until when an account may send much mail without being blocked for it. `note`: why."""

    until: Time
    note: Note = ""


api = Resource()


@api.get("/bans", "Banned networks.", "defence.read", query=BanQuery, cli="ban list")
async def _bans(call: Call) -> Page[Ban]:
    await call.may(SYSTEM)
    defence = call.services.defence
    rows = await (defence.history() if call.query.ended else defence.bans())
    return part(rows, lambda one: one.id, call.page, lambda one: _ban(defence, one))


@api.post("/bans", "Ban a network.", "defence.change", BanCreate, status=201, cli="ban add network")
async def _new_ban(call: Call) -> Ban:
    await call.may(SYSTEM)
    body, defence = call.body, call.services.defence
    return _ban(defence, await defence.ban(call.actor, body.network, milliseconds(body.until), body.note))


@api.delete("/bans", "Remove a ban.", "defence.change", query=NetworkQuery, cli="ban release network")
async def _release(call: Call) -> None:
    await call.may(SYSTEM)
    await call.services.defence.release(call.actor, call.query.network)


@api.get("/ban-exceptions", "Networks that are never banned.", "defence.read", cli="ban exceptions")
async def _allows(call: Call) -> Page[BanException]:
    await call.may(SYSTEM)
    defence = call.services.defence
    rows = await defence.allows()
    return part(rows, lambda one: f"{one.kind} {one.subject}", call.page, lambda one: _allow(defence, one))


@api.post(
    "/ban-exceptions", "Add a ban exception.", "defence.change", BanExceptionCreate, status=201, cli="ban allow network"
)
async def _new_allow(call: Call) -> BanException:
    await call.may(SYSTEM)
    body, defence = call.body, call.services.defence
    made = defence.allow_address(call.actor, body.network, milliseconds(body.until), body.note, partner=body.partner)
    return _allow(defence, await made)


@api.delete(
    "/ban-exceptions", "Remove a ban exception.", "defence.change", query=NetworkQuery, cli="ban disallow network"
)
async def _disallow(call: Call) -> None:
    await call.may(SYSTEM)
    await call.services.defence.disallow_address(call.actor, call.query.network)


@api.get("/defence-settings", "Settings of defence.", "defence.read", cli="ban settings")
async def _settings(call: Call) -> Page[DefenceSetting]:
    await call.may(SYSTEM)
    await call.services.defence.ready()
    settings = msgspec.to_builtins(call.services.defence.settings)
    return part(settings.items(), lambda one: one[0], call.page, lambda one: DefenceSetting(*one))


@api.put(
    "/defence-settings/{setting}", "Change a setting of defence.", "defence.change", DefenceSettingUpdate,
    cli="ban set value",
)  # fmt: skip
async def _set(call: Call) -> DefenceSetting:
    await call.may(SYSTEM)
    name = call.path["setting"]
    settings = await call.services.defence.set(call.actor, name, call.body.value)
    return DefenceSetting(name, msgspec.to_builtins(settings)[name])


@api.get(
    "/sending-blocks", "Accounts that may not send.", "defence.read", cli="account sending",
    columns="address reason evidence since by",
)  # fmt: skip
async def _stops(call: Call) -> Page[SendingBlock]:
    await call.holds()
    may = call.services.authority.may
    rows = [
        one
        for one in await call.services.defence.sending_stops()
        if await may(call.actor, "defence.read", Scope("account", str(one.account_id)))
    ]
    return await with_addresses(call, part(rows, lambda one: int(one.account_id), call.page, _stop))


@api.put("/sending-blocks/{id}", "Block an account from sending.", "defence.change", cli="account stop-sending")
async def _stop_sending(call: Call) -> None:
    account = await call.services.directory.account(await call.account())
    await call.services.defence.stop_sending(call.actor, account)


@api.delete("/sending-blocks/{id}", "Allow an account to send again.", "defence.change", cli="account resume-sending")
async def _resume(call: Call) -> None:
    account = await call.services.directory.account(await call.account())
    await call.services.defence.resume_sending(call.actor, account)


@api.put(
    "/sending-exceptions/{id}", "Expect much mail of an account until a time.", "defence.change",
    SendingExceptionUpdate, cli="account allow-bulk",
)  # fmt: skip
async def _allow_bulk(call: Call) -> BanException:
    account_id, body, defence = await call.account(), call.body, call.services.defence
    return _allow(defence, await defence.allow_bulk(call.actor, account_id, milliseconds(body.until), body.note))


@api.delete(
    "/sending-exceptions/{id}", "Judge the sending of an account like all others again.", "defence.change",
    cli="account disallow-bulk",
)  # fmt: skip
async def _disallow_bulk(call: Call) -> None:
    await call.services.defence.disallow_bulk(call.actor, await call.account())


def _ban(service: DefenceService, one: defence.Ban) -> Ban:
    return Ban.from_row(one, network=one.subject, evidence=dict(one.evidence), note=service.note(one))


def _allow(service: DefenceService, one: Allow) -> BanException:
    return BanException.from_row(one, note=service.note(one))


def _stop(one: SendingStop) -> SendingBlock:
    return SendingBlock.from_row(one, evidence=dict(one.evidence))
