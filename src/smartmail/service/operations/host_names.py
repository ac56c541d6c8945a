"""Host names of the installation: set in a browser, kept in the store, followed by every node.

NAME        host names
PURPOSE     Who sets up a mail system says once under which name the world reaches it; DNS records, greetings, links and the
            certificate are made of that.
STATES      nobody has named it (`domain.host_names.EVERYWHERE`) → set; a node file that sets a name itself wins over it there.
STRATEGIES  The store has what was set. Each node copies it next to its node file, where settings are read before any database
            is open; its processes then start with it one after the other (app.process_tree.renaming).
FAILURE     A node that cannot write the copy serves under its old names and tries again in the next turn.
SECURITY    node.change over the installation: who names the administration decides where administrators type passwords. The old
            loopback names stay served, so that a wrong name shuts nobody out who has a shell on the machine.

Must not know what is done with the names.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid
from smartmail.domain.host_names import KINDS, HostNames
from smartmail.domain.principal import Actor
from smartmail.formats.address import domain_to_ascii
from smartmail.ports.clock import Clock
from smartmail.ports.dns import DnsFailure, Resolver
from smartmail.ports.host_names import NamePlace
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.host_names import NameBook
from smartmail.service.kernel.places import SYSTEM

MAX_ADDRESSES: Final = 8
"""Of a name; more are not asked for their own names."""
_HOST: Final = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""A full host name (RFC 1123 §2.1), in lower case; the last label is no number (RFC 3696 §2)."""


@dataclass(frozen=True, slots=True)
class NameState:
    """`serving`: what this process answers to now; `wanted`: what was set (the same where nothing was); `fixed`: set by the
    node file of this node.
    """

    serving: HostNames
    wanted: HostNames
    fixed: frozenset[str]


@dataclass(frozen=True, slots=True)
class HostAddress:
    """An address of a name, and the names that it claims itself (PTR). `reverse`: "unanswered" where nobody told."""

    address: str
    names: tuple[str, ...]
    reverse: Literal["matches", "different", "missing", "unanswered"]


@dataclass(frozen=True, slots=True)
class HostLook:
    """What the name service says of a host name now."""

    name: str
    state: Literal["published", "missing", "unanswered"]
    addresses: tuple[HostAddress, ...]


class HostNameService:
    """Tells, sets, looks, and lets this node follow."""

    def __init__(
        self, book: NameBook, authority: Authority, clock: Clock, place: NamePlace, resolver: Resolver | None
    ) -> None:
        self._book = book
        self._authority = authority
        self._clock = clock
        self._place = place
        self._resolver = resolver

    async def state(self, actor: Actor) -> NameState:
        """Return the names. Raises Forbidden."""
        await self._authority.require(actor, "node.read", SYSTEM)
        return NameState(self._book.serving, await self._book.kept() or self._book.serving, self._book.fixed)

    async def set(self, actor: Actor, names: HostNames) -> NameState:
        """Name the installation; nodes follow within seconds. Raises Forbidden, Invalid."""
        await self._authority.require(actor, "node.change", SYSTEM)
        names = _checked(names)
        before = await self._book.kept()
        if names != before:
            was = f" was {before.mail} {before.app} {before.admin}" if before else ""
            record = AuditRecord(
                self._clock.now(), actor.named, "names.change",
                f"system mail:{names.mail} app:{names.app} admin:{names.admin}{was}",
                actor.origin.address, door=actor.origin.door,
            )  # fmt: skip
            await self._book.put(names, record)
        await self._place.keep(names)
        return await self.state(actor)

    async def follow(self) -> None:
        """Let this node keep what the store says. Raises Unavailable, StorageFull."""
        names = await self._book.kept()
        if names is not None:
            await self._place.keep(names)

    async def look(self, actor: Actor, name: str) -> HostLook:
        """Return what the name service says of a name now. Raises Forbidden, Invalid."""
        await self._authority.require(actor, "node.read", SYSTEM)
        name = _host("mail", name)
        if self._resolver is None:
            return HostLook(name, "unanswered", ())
        try:
            found = await self._resolver.addresses(name)
        except DnsFailure:
            return HostLook(name, "unanswered", ())
        addresses = tuple([await self._reverse(name, one) for one in found[:MAX_ADDRESSES]])
        return HostLook(name, "published" if addresses else "missing", addresses)

    async def _reverse(self, name: str, address: str) -> HostAddress:
        assert self._resolver is not None
        try:
            names = tuple(await self._resolver.names(address))
        except DnsFailure:
            return HostAddress(address, (), "unanswered")
        return HostAddress(address, names, "matches" if name in names else "different" if names else "missing")


def _checked(names: HostNames) -> HostNames:
    """Return names as they are kept. Raises Invalid."""
    clean = HostNames(**{kind: _host(kind, getattr(names, kind)) for kind in KINDS})
    if len({clean.app, clean.admin, clean.content}) < 3:
        raise Invalid("webmail, administration and files need a host name each", reason="host.each")
    return clean


def _host(kind: str, name: str) -> str:
    clean = domain_to_ascii(name)
    if not _HOST.fullmatch(clean) or clean.endswith(".localhost"):
        raise Invalid(f"not a full host name: {name!r} ({kind})", reason="host.form", name=name)
    return clean
