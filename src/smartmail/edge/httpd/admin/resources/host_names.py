"""/host-names: under which names this installation is reached, and what the name service says of a name."""

from typing import Literal

from smartmail.domain.host_names import HostNames
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import DomainName, Input, Output
from smartmail.service.operations.host_names import NameState


class HostNameSet(Output, frozen=True):
    """Host names. `mail`: in SMTP greetings, Received lines and MX records; `app`: the webmail; `admin`: administration;
    `content`: files and previews, without a session.
    """

    mail: str
    app: str
    admin: str
    content: str


class HostNamesInfo(Output, frozen=True):
    """The host names of the installation. `serving`: those that this process answers to now; `wanted`: those that were set,
    followed by every node within seconds; `fixed`: names that the node file of this node sets itself.
    """

    serving: HostNameSet
    wanted: HostNameSet
    fixed: list[str]


class HostNamesUpdate(Input, frozen=True):
    """All host names; webmail, administration and files need one each."""

    mail: DomainName
    app: DomainName
    admin: DomainName
    content: DomainName


class HostAddress(Output, frozen=True):
    """An address of a host name. `names`: what the address claims to be (PTR); `reverse`: whether that is the host name."""

    address: str
    names: list[str]
    reverse: Literal["matches", "different", "missing", "unanswered"]


class HostLook(Output, frozen=True):
    """DNS records of a host name, looked up now."""

    name: str
    state: Literal["published", "missing", "unanswered"]
    addresses: list[HostAddress]


api = Resource(asks="system")


@api.get("/host-names", "Host names of the installation.", "node.read", cli="host list")
async def _names(call: Call) -> HostNamesInfo:
    return _told(await call.services.host_names.state(call.actor))


@api.put("/host-names", "Set the host names of the installation.", "node.change", HostNamesUpdate, cli="host set")
async def _set(call: Call) -> HostNamesInfo:
    body = call.body
    return _told(
        await call.services.host_names.set(call.actor, HostNames(body.mail, body.app, body.admin, body.content))
    )


@api.get("/host-names/{name}/look", "Look up a host name in DNS.", "node.read", cli="host look")
async def _look(call: Call) -> HostLook:
    one = await call.services.host_names.look(call.actor, call.path["name"])
    return HostLook.from_row(
        one, addresses=[HostAddress.from_row(each, names=list(each.names)) for each in one.addresses]
    )


def _told(one: NameState) -> HostNamesInfo:
    return HostNamesInfo(
        HostNameSet.from_row(one.serving), HostNameSet.from_row(one.wanted), sorted(one.fixed)
    )  # fmt: skip
