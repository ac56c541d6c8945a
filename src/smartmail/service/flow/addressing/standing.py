"""Aliases, catch-alls and forwards, for administrators. An address that was given up is not given to anybody else.

SECURITY  An alias lies in a domain of ours; whom it stands for is sealed. Each change is audited by address, without targets.
"""

from collections.abc import Sequence

from smartmail.domain.account import Account, DomainRow
from smartmail.domain.addressing import StandIn, StandInKind, Targets
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.address import domain_to_ascii, normalize, split_address
from smartmail.service.flow.addressing.book import FORWARDS, STAND_INS, AddressBook
from smartmail.service.flow.addressing.expansion import MAX_TARGETS
from smartmail.service.kernel.authority import Authority


class StandInService:
    """Makes, shows and retires what stands for others."""

    def __init__(self, book: AddressBook, authority: Authority) -> None:
        self._book = book
        self._authority = authority
        self._store = book.store

    async def put_alias(self, actor: Actor, address: str, targets: Sequence[str]) -> StandIn:
        """Make an alias, or give it other targets; `@domain` is the domain's catch-all.

        Raises Invalid, NotFound (domain), AlreadyExists (the address is, or was, somebody's).
        """
        await require_domain(self._authority, actor, address)
        row = await self.domain_of(address)
        key = spelled(address)
        text = Targets(checked(targets))
        if key in text.addresses:
            raise Invalid("an alias does not stand for itself", reason="alias.itself")
        return await self._put(actor, row.organization_id, key, "alias", text)

    async def put_forward(self, actor: Actor, account: Account, targets: Sequence[str], *, keep: bool) -> StandIn:
        """Forward an account's mail; `keep`: it gets its copy as well. Raises Invalid."""
        await self._authority.require(actor, "account.change", Scope("account", str(int(account.id))))
        text = Targets(checked(targets), keep)
        if set(await self._store.addresses(account.id)) & set(text.addresses):
            raise Invalid("an account does not forward to itself", reason="alias.forward")
        return await self._put(actor, account.organization_id, account.login, "forward", text)

    async def put_known(self, actor: Actor, addresses: Sequence[str]) -> int:
        """Note who has an account in the other system of a domain; return how many are new. Raises Invalid, NotFound."""
        made = 0
        for address in addresses:
            await require_domain(self._authority, actor, address)
            row = await self.domain_of(address)
            try:
                await self._make(actor, row.organization_id, spelled(address), "known", Targets(()), fresh=True)
                made += 1
            except AlreadyExists:
                continue
        return made

    async def stand_for(self, actor: Actor, row: StandIn, text: Targets) -> StandIn:
        """Let the address of a list stand for what took its place, by one commit; its members go behind that.

        Raises Forbidden, NotFound.
        """
        await require_domain(self._authority, actor, row.address)
        made = await self._make(actor, row.organization_id, row.address, "alias", text, fresh=False)
        record = self._audit(actor, "list.leave", row.address)
        while page := await self._store.list_members(row.address):
            for one in page:
                await self._store.drop_member(row.address, one.key, record)
        return made

    async def _put(
        self, actor: Actor, organization_id: OrganizationId, address: str, kind: StandInKind, text: Targets
    ) -> StandIn:
        known = await self._store.stand_ins([address])
        if known and known[0].kind not in {kind, "retired"}:
            raise AlreadyExists(f"{address} is in use ({known[0].kind})", reason="address.taken", address=address)
        # A forward that was ended may begin again: it is the same account's.
        fresh = not known
        if known and known[0].kind == "retired":
            if kind != "forward":
                raise AlreadyExists(
                    f"{address} was in use before; an address is not used twice",
                    reason="address.before",
                    address=address,
                )
            await self._store.retire_stand_in(address, self._audit(actor, f"{kind}.renew", address), forget=True)
            fresh = True
        return await self._make(actor, organization_id, address, kind, text, fresh=fresh)

    async def _make(
        self,
        actor: Actor,
        organization_id: OrganizationId,
        address: str,
        kind: StandInKind,
        text: Targets,
        *,
        fresh: bool,
    ) -> StandIn:
        sealed = await self._book.seal(organization_id, address, text)
        row = StandIn(address, organization_id, kind, sealed, self._book.clock.now())
        await self._store.put_stand_in(row, self._audit(actor, f"{kind}.put", address), fresh=fresh)
        await self._book.note_use(FORWARDS if kind == "forward" else STAND_INS)
        return row

    async def targets(self, address: str, kind: StandInKind = "alias") -> Targets:
        """Return whom an address stands for. Raises NotFound."""
        return await self._book.targets(await self.row(address, kind))

    async def row(self, address: str, kind: StandInKind) -> StandIn:
        """Return what stands at an address. Raises NotFound."""
        for row in await self._store.stand_ins([spelled(address)]):
            if row.kind == kind:
                return row
        raise NotFound(f"there is no {kind} {address}")

    async def list_all(self, organization_id: OrganizationId, kind: StandInKind) -> list[StandIn]:
        """Return all of a kind, by address."""
        found: list[StandIn] = []
        while page := await self._store.stand_ins_of(
            organization_id, kind, after=found[-1].address if found else "", limit=1000
        ):
            found += page
        return found

    async def retire(self, actor: Actor, address: str, kind: StandInKind, *, forget: bool = False) -> None:
        """Give an address up. `forget`: somebody else may have it afterwards. Raises NotFound."""
        if kind == "forward":
            found = (await self._store.resolve([spelled(address)])).get(spelled(address), 0)
            scope = Scope("account", str(int(found)))
            await self._authority.require(actor, "account.change", scope, f"there is no {kind} {address}")
        else:
            await require_domain(self._authority, actor, address, f"there is no {kind} {address}")
        rows = await self._store.stand_ins([spelled(address)])
        if not rows or rows[0].kind not in ({kind, "retired"} if forget else {kind}):
            raise NotFound(f"there is no {kind} {address}")
        # A forward and a catch-all are nobody's address: they may begin again.
        again = forget or kind == "forward" or rows[0].address.startswith("@")
        await self._store.retire_stand_in(
            rows[0].address, self._audit(actor, f"{kind}.retire", rows[0].address), forget=again
        )

    async def domain_of(self, address: str) -> DomainRow:
        """Return the domain of ours that an address lies in. Raises Invalid, NotFound."""
        domain = domain_to_ascii(split_address(address.strip())[1])
        row = await self._store.domain(domain) if domain else None
        if row is None:
            raise NotFound(f"{address} is in no domain of ours")
        return row

    def _audit(self, actor: Actor, action: str, address: str) -> AuditRecord:
        return audit(self._book, actor, action, f"address:{address}")


async def require_domain(authority: Authority, actor: Actor, address: str, text: str = "") -> None:
    """Raise Forbidden, or NotFound, unless the actor may change what the domain of an address receives."""
    domain = domain_to_ascii(split_address(address.strip())[1])
    told = text or f"{address} is in no domain of ours"
    await authority.require(actor, "domain.change", Scope("domain", domain), told)


def audit(book: AddressBook, actor: Actor, action: str, about: str) -> AuditRecord:
    """Return the record of an administrator's act."""
    who = actor.named
    return AuditRecord(book.clock.now(), who, action, about, actor.origin.address, door=actor.origin.door)


def spelled(address: str) -> str:
    """Return the form that an address is kept in; `@domain` stays such."""
    address = address.strip()
    return f"@{domain_to_ascii(address[1:])}" if address.startswith("@") else normalize(address)


def checked(targets: Sequence[str]) -> tuple[str, ...]:
    """Return addresses in their kept form, each once. Raises Invalid."""
    found = tuple(dict.fromkeys(normalize(one) for one in targets))
    for one in found:
        local, domain = split_address(one)
        if not local or not domain or not one.isprintable() or " " in one:
            raise Invalid(f"not an address: {one!r}", reason="address.form", address=one)
    if not found or len(found) > MAX_TARGETS:
        raise Invalid(f"1 to {MAX_TARGETS} addresses; for more make a list", reason="alias.many", most=MAX_TARGETS)
    return found
