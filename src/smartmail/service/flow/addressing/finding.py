"""Finding: what an address is to us, one step of the way.

The order: an account, what stands for others, the same without a sub-address (RFC 5233), a list's own addresses, ways
back of forwards, postmaster and abuse (RFC 5321 §4.5.1, RFC 2142), whatever else the domain takes, another system.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from smartmail.domain.account import Account, DomainRow
from smartmail.domain.addressing import StandIn
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.formats import srs
from smartmail.formats.address import normalize, split_address
from smartmail.formats.seal import Purpose
from smartmail.service.flow.addressing.absentees import Absentees
from smartmail.service.flow.addressing.book import FORWARDS, AddressBook, DomainRules
from smartmail.service.flow.addressing.expansion import Place
from smartmail.service.flow.addressing.walls import Walls
from smartmail.service.kernel.clock import DAY

LIST_SUFFIXES = ("-bounces", "-owner", "-request")
"""A list's own addresses: where its failures go, who answers for it (RFC 2142 §6)."""
OTHER = "/other"
"""What the way to the other system of a shared domain ends with: no domain name has a slash."""
HERE = "/here"
"""The way to our own worker, for an address of a domain whose mail goes elsewhere otherwise."""


@dataclass(frozen=True, slots=True)
class _Spelling:
    """An address as it is looked for. `names` from the most to the least exact."""

    typed: str
    local: str
    row: DomainRow
    rules: DomainRules

    @property
    def exact(self) -> str:
        return f"{self.local}@{self.row.name}"

    @property
    def plain(self) -> str:
        """Without the sub-address, where the domain has them."""
        local = self.local.split("+", 1)[0] if self.rules.subaddress else self.local
        return f"{local or self.local}@{self.row.name}"

    def names(self) -> list[str]:
        found = [self.exact, self.plain, f"@{self.row.name}"]
        base = self.plain.rpartition("@")[0]
        # A bounce address may name the member it was sent to: list-bounces+member=host@domain.
        found += [f"{base.removesuffix(suffix)}@{self.row.name}" for suffix in LIST_SUFFIXES if base.endswith(suffix)]
        return list(dict.fromkeys(found))


class AddressFinder:
    """Looks addresses up, one or many at once."""

    def __init__(self, book: AddressBook, walls: Walls) -> None:
        self._book = book
        self._store = book.store
        self.absentees = Absentees(book)
        self._walls = walls

    async def find(self, address: str, *, stay: bool = False, bare: bool = False) -> Place:
        """Return what one address is. `stay`: the mail came from the other system, and does not go back there.

        `bare`: an account is an account, whatever else is done with its mail.
        """
        return (await self.find_many([address], stay=stay, bare=bare))[0]

    async def find_many(
        self, addresses: Sequence[str], *, through_lists: bool = False, stay: bool = False, bare: bool = False
    ) -> list[Place]:
        """Return what each address is. `through_lists`: a list stands for its members."""
        spellings = [await self._spelling(address) for address in addresses]
        names = [name for one in spellings if isinstance(one, _Spelling) for name in one.names()]
        accounts = await self._store.resolve(list(dict.fromkeys(names))) if names else {}
        # An account's own address is nobody else's: only for the others it is looked further.
        rest = [
            name
            for one in spellings
            if isinstance(one, _Spelling) and one.exact not in accounts
            for name in one.names()
        ]
        stand_ins = await self._book.stand_ins(list(dict.fromkeys(rest))) if rest else {}
        if len(addresses) > 1:
            await asyncio.sleep(0)  # a page of a long list is not the only work of this process
        found = []
        for one in spellings:
            place = one if isinstance(one, Place) else await self._find(one, accounts, stand_ins, stay, bare)
            if through_lists and place.kind == "list":
                place = await self._members(stand_ins[place.address])
            found.append(place)
        return found

    async def _spelling(self, address: str) -> _Spelling | Place:
        typed = normalize(address)
        local, domain = split_address(typed)
        if not domain:
            return await self._postmaster(typed, None) if local == "postmaster" else Place("outside", address)
        row = await self._store.domain(domain)
        if row is None or row.state != "active":
            return Place("outside", typed)
        rules = await self._book.rules(domain)
        if rules.alias_of and (target := await self._store.domain(rules.alias_of)) is not None:
            row, rules = target, await self._book.rules(target.name)
        return _Spelling(typed, local, row, rules)

    async def _find(
        self,
        one: _Spelling,
        accounts: Mapping[str, AccountId],
        stand_ins: Mapping[str, StandIn],
        stay: bool,
        bare: bool,
    ) -> Place:
        for name in dict.fromkeys((one.exact, one.plain)):
            if name in accounts:
                return await self._account(one, accounts[name], stay, bare)
            if name in stand_ins:
                return await self._stand_in(one, stand_ins[name])
        special = await self._special(one, stand_ins)
        if special is not None:
            return special
        left = await self._left(one)
        if left is not None:
            return left
        other = one.rules.relay or one.rules.other
        takes_all = stand_ins.get(f"@{one.row.name}")
        if takes_all is not None:
            return await self._stand_in(one, takes_all)
        if other is not None and not stay and (one.rules.relay is not None or other.unknown) and other.verify != "list":
            return self._elsewhere(one)
        return Place("nobody", one.exact, organization_id=one.row.organization_id)

    async def _account(self, one: _Spelling, account_id: AccountId, stay: bool, bare: bool) -> Place:
        address = one.exact
        place = Place("account", address, account_id, one.row.organization_id)
        if bare:
            return place
        if one.rules.other is not None and one.rules.other.copy and not stay:
            place = replace(place, also=(self._elsewhere(one),))
        targets, keep = await self._onward(account_id)
        if not targets:
            return place
        if keep:
            return replace(place, next=targets)
        return Place("several", address, None, one.row.organization_id, targets, also=place.also)

    async def _onward(self, account_id: AccountId) -> tuple[tuple[str, ...], bool]:
        """Return where an account's mail goes too, and whether the account has it itself."""
        away = await self.absentees.of(account_id)
        if away is None and not await self._book.uses(FORWARDS):
            return (), True
        account = await self._store.account(account_id)
        substitute = await self.absentees.substitute(account) if away is not None else ""
        also = (substitute,) if substitute else ()
        forward = await self._book.forward(account.login)
        if forward is None or not account.may("forward"):
            return also, True
        targets = await self._walls.kept_inside(account, forward.addresses)
        if not targets:
            return also, True
        return (*targets, *also), forward.keep

    async def _left(self, one: _Spelling) -> Place | None:
        """Return what a leaver's address is: their successor's, or nobody's, whatever else the domain takes."""
        for row in await self._store.left_addresses(list(dict.fromkeys((one.exact, one.plain)))):
            if row.successor_id and self._book.clock.now() < row.until:
                successor = await self._store.account(row.successor_id)
                if successor.may("receive", self._book.clock.now()):
                    return Place("several", one.exact, None, row.organization_id, (successor.login,))
            return Place("nobody", one.exact, None, row.organization_id)
        return None

    async def _stand_in(self, one: _Spelling, row: StandIn) -> Place:
        if row.kind == "alias":
            targets = await self._book.targets(row)
            return Place("several", row.address, None, row.organization_id, targets.addresses)
        if row.kind == "known":
            return self._elsewhere(one)
        return Place("list", row.address, None, row.organization_id)

    async def _special(self, one: _Spelling, stand_ins: Mapping[str, StandIn]) -> Place | None:
        if srs.is_rewritten(one.local):
            target = srs.back(one.local, self._book.clock.now() // DAY, self.mac)
            if target is None:
                return Place("nobody", one.exact, None, one.row.organization_id)
            return Place("back", one.exact, None, one.row.organization_id, (target,))
        base = one.plain.rpartition("@")[0]
        for suffix in LIST_SUFFIXES:
            row = stand_ins.get(f"{base.removesuffix(suffix)}@{one.row.name}") if base.endswith(suffix) else None
            if row is not None and row.kind == "list":
                owners = (await self._book.list_text(row)).owners
                return Place("several", one.exact, None, row.organization_id, owners)
        if one.local in {"postmaster", "abuse"} and one.rules.relay is None:
            return await self._postmaster(one.typed, one.row.organization_id)
        return None

    async def owner(self, address: str) -> AccountId | None:
        """Return the account that an address belongs to; None where it is nobody's of ours."""
        key = normalize(address)
        return (await self._book.store.resolve([key])).get(key)

    async def reverse_path(self, reverse_path: str, domain: str) -> str:
        """Return the reverse-path of mail that we forward: one of ours stays, one of others leads back through `domain`."""
        host = split_address(normalize(reverse_path))[1]
        if not host or await self._store.domain(host) is not None:
            return reverse_path
        made = srs.forward(reverse_path, domain, self._book.clock.now() // DAY, self.mac)
        # Where the way back does not fit, failures go to whoever answers for the domain.
        return made or f"postmaster@{domain}"

    def mac(self, octets: bytes) -> bytes:
        """Return the keyed hash that ways back are made with."""
        return self._book.keyring.installation_mac(Purpose.BOUNCE_ADDRESS, octets)

    def _elsewhere(self, one: _Spelling) -> Place:
        via = "" if one.rules.relay is not None else one.row.name + OTHER
        return Place("other", one.exact, None, one.row.organization_id, via=via)

    async def _members(self, row: StandIn) -> Place:
        addresses: list[str] = []
        for member in await self._book.members(row):
            if member.group:
                addresses += [account.login for account in await self._group(member.group)]
            elif member.department:
                people = await self._store.department_people(member.department, below=member.below)
                addresses += [account.login for account in people]
            else:
                addresses.append(member.address)
        return Place("several", row.address, None, row.organization_id, tuple(addresses))

    async def _group(self, group_id: int) -> list[Account]:
        found = [await self._store.account(one) for one in await self._store.group_members(group_id)]
        return [account for account in found if account.may("counted", self._book.clock.now())]

    async def _postmaster(self, address: str, organization_id: OrganizationId | None) -> Place:
        found = await self._store.administrators(organization_id)
        if not found:
            return Place("nobody", address, organization_id=organization_id)
        return Place("account", address, found[0].id, found[0].organization_id)
