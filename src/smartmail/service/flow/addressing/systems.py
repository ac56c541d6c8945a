"""What domains do, for administrators: stand for another domain, be relayed, share with another system; smarthosts.

`route` tells the relay where mail goes by these rules. Settings; a smarthost's password is sealed under the key of the
organisation that it belongs to.
"""

from ipaddress import ip_network

import msgspec

from smartmail.domain.account import DomainRow
from smartmail.domain.addressing import Smarthost, System
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.address import domain_to_ascii
from smartmail.formats.seal import Kind
from smartmail.service.flow.addressing.book import AddressBook, DomainRules
from smartmail.service.flow.addressing.passing import Passing
from smartmail.service.flow.addressing.standing import audit
from smartmail.service.kernel.authority import Authority

SMARTHOSTS = "smarthosts"


class SystemService:
    """Sets and shows rules of domains."""

    def __init__(self, book: AddressBook, passing: Passing, authority: Authority) -> None:
        self._book = book
        self._authority = authority
        self._store = book.store
        self._passing = passing

    async def rules(self, domain: str) -> DomainRules:
        """Return what a domain does."""
        return await self._book.rules(domain_to_ascii(domain))

    async def domain(self, name: str) -> DomainRow:
        """Return a domain of ours. Raises NotFound."""
        row = await self._store.domain(domain_to_ascii(name))
        if row is None:
            raise NotFound(f"{name} is no domain of ours")
        return row

    async def _mine(self, actor: Actor, domain: str) -> DomainRow:
        """Return a domain that the actor may change. Raises Forbidden, NotFound."""
        scope = Scope("domain", domain_to_ascii(domain))
        await self._authority.require(actor, "domain.change", scope, f"{domain} is no domain of ours")
        return await self.domain(domain)

    async def set_alias(self, actor: Actor, domain: str, target: str | None) -> None:
        """Let a whole domain stand for another of the same organisation, or end that. Raises NotFound, Invalid."""
        row = await self._mine(actor, domain)
        name = None
        if target is not None:
            other = await self.domain(target)
            if other.organization_id != row.organization_id or other.name == row.name:
                raise Invalid("a domain stands for another domain of its organisation", reason="domain.pair")
            if (await self._book.rules(other.name)).alias_of:
                raise Invalid(
                    f"{other.name} stands for another domain itself", reason="domain.standsfor", domain=other.name
                )
            name = other.name
        await self._set(actor, row.name, "alias_of", name)

    async def set_subaddress(self, actor: Actor, domain: str, *, on: bool) -> None:
        """Say whether `kim+word@domain` is kim's. Raises NotFound."""
        await self._set(actor, (await self._mine(actor, domain)).name, "subaddress", None if on else False)

    async def set_relay(self, actor: Actor, domain: str, system: System | None) -> None:
        """Pass all mail of a domain on to another system, or end that. Raises NotFound, Invalid."""
        row = await self._mine(actor, domain)
        await self._set(actor, row.name, "relay", None if system is None else _checked(system))
        self._passing.forget(row.name)

    async def set_other(self, actor: Actor, domain: str, system: System | None) -> None:
        """Share a domain with another system, or end that. Raises NotFound, Invalid."""
        row = await self._mine(actor, domain)
        if system is not None and not (system.unknown or system.copy):
            raise Invalid(
                "the other system gets what is unknown here, a copy of everything, or both", reason="system.what"
            )
        await self._set(actor, row.name, "other", None if system is None else _checked(system))
        self._passing.forget(row.name)

    async def _set(self, actor: Actor, domain: str, name: str, value: object) -> None:
        await self._book.set_rule(domain, name, value, audit(self._book, actor, f"route.{name}", f"domain:{domain}"))

    # -- smarthosts -------------------------------------------------------------------------------------------------

    async def set_smarthost(
        self, actor: Actor, direction: str, domain: str, host: Smarthost | None, password: str = ""
    ) -> None:
        """Send all mail from (a domain of ours) or to a domain through a host. Raises Invalid, NotFound."""
        name = domain_to_ascii(domain)
        if direction not in {"from", "to"}:
            raise Invalid("a smarthost is for mail from a domain of ours, or to any domain", reason="system.smarthost")
        if direction == "to":
            await self._authority.require(actor, "queue.change", Scope("system"))
        owner = (await self._mine(actor, name)).organization_id if direction == "from" else await self._first()
        text = None
        if host is not None:
            sealed = await self._sealed(owner, password) if password else ""
            text = msgspec.json.encode(msgspec.structs.replace(host, sealed=sealed, owner=owner)).decode()
        record = audit(self._book, actor, "route.smarthost", f"domain:{name}")
        await self._store.put_setting(SMARTHOSTS, f"{direction} {name}", text, audit=record)

    async def smarthosts(self) -> dict[str, Smarthost]:
        """Return all, by `from domain` and `to domain`."""
        found = await self._store.settings(SMARTHOSTS)
        return {key: msgspec.json.decode(text, type=Smarthost) for key, text in found.items()}

    async def _first(self) -> OrganizationId:
        found = await self._store.organizations()
        if not found:
            raise NotFound("there is no organisation yet")
        return found[0].id

    async def _sealed(self, owner: OrganizationId, password: str) -> str:
        keys = await self._book.keyring.organization(owner)
        return keys.seal_text(Kind.ORGANIZATION_SETTING, password).hex()


async def password_of(book: AddressBook, host: Smarthost) -> str:
    """Open a smarthost's password. Raises SealError."""
    if not host.sealed:
        return ""
    keys = await book.keyring.organization(OrganizationId(host.owner))
    return keys.open_text(Kind.ORGANIZATION_SETTING, bytes.fromhex(host.sealed))


def _checked(system: System) -> System:
    if not system.hosts or any(not host or not 0 < port < 65536 for host, port, _priority in system.hosts):
        raise Invalid("another system has at least one host, with a port", reason="system.host")
    try:
        networks = tuple(str(ip_network(one, strict=False)) for one in system.networks)
    except ValueError as error:
        raise Invalid(str(error), reason="network.names") from error
    return msgspec.structs.replace(system, networks=networks)
