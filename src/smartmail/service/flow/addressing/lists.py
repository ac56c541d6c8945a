"""Distribution lists, for their owners and administrators: what a list is like and who is in it."""

from collections.abc import Sequence

import msgspec

from smartmail.domain.addressing import ListText, Member, MemberRow, StandIn
from smartmail.domain.errors import AlreadyExists, Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.principal import Actor
from smartmail.formats.address import domain_to_ascii, normalize, split_address
from smartmail.service.flow.addressing import leaving
from smartmail.service.flow.addressing.book import STAND_INS, AddressBook
from smartmail.service.flow.addressing.mediating import MAX_MEMBERS, Mediator
from smartmail.service.flow.addressing.standing import audit, checked, require_domain, spelled
from smartmail.service.kernel.authority import Authority

STEP = 500
"""Members that one transaction adds."""


class ListService:
    """Makes and changes lists."""

    def __init__(self, book: AddressBook, mediator: Mediator, authority: Authority) -> None:
        self._book = book
        self._authority = authority
        self._store = book.store
        self._mediator = mediator

    async def create(self, actor: Actor, address: str, text: ListText) -> StandIn:
        """Make a list. Raises Invalid, NotFound (domain), AlreadyExists."""
        await require_domain(self._authority, actor, address)
        key = spelled(address)
        local, domain = split_address(key)
        row = await self._store.domain(domain_to_ascii(domain))
        if row is None or not local:
            raise NotFound(f"{address} is in no domain of ours")
        return await self._put(actor, row.organization_id, key, _checked(text), fresh=True)

    async def change(self, actor: Actor, address: str, text: ListText) -> StandIn:
        """Change what a list is like. Raises NotFound, Invalid."""
        await require_domain(self._authority, actor, address, f"there is no list {address}")
        row = await self.row(address)
        return await self._put(actor, row.organization_id, row.address, _checked(text), fresh=False)

    async def _put(
        self, actor: Actor, organization_id: OrganizationId, address: str, text: ListText, *, fresh: bool
    ) -> StandIn:
        sealed = await self._book.seal(organization_id, address, text)
        row = StandIn(address, organization_id, "list", sealed, self._book.clock.now())
        try:
            await self._store.put_stand_in(row, audit(self._book, actor, "list.put", f"address:{address}"), fresh=fresh)
        except AlreadyExists:
            raise AlreadyExists(f"{address} is, or was, somebody's", reason="login.taken", login=address) from None
        await self._book.note_use(STAND_INS)
        self._mediator.forget(address)
        return row

    async def row(self, address: str) -> StandIn:
        """Return a list. Raises NotFound."""
        for row in await self._store.stand_ins([spelled(address)]):
            if row.kind == "list":
                return row
        raise NotFound(f"there is no list {address}")

    async def text(self, address: str) -> ListText:
        """Return what a list is like. Raises NotFound."""
        return await self._book.list_text(await self.row(address))

    async def members(self, address: str) -> list[Member]:
        """Return who is in a list. Raises NotFound."""
        return sorted(await self._book.members(await self.row(address)), key=_order)

    async def add(self, actor: Actor, address: str, members: Sequence[Member]) -> int:
        """Put members in; who is in stays. Return how many the list has now. Raises NotFound, Invalid."""
        await require_domain(self._authority, actor, address, f"there is no list {address}")
        row = await self.row(address)
        cleaned = [_member(one) for one in members]
        if len(await self._book.members(row)) + len(cleaned) > MAX_MEMBERS:
            raise Invalid(f"a list has at most {MAX_MEMBERS} members", reason="count.most", most=MAX_MEMBERS)
        record = audit(self._book, actor, "list.members", f"address:{row.address}")
        for start in range(0, len(cleaned), STEP):
            rows = []
            for member in cleaned[start : start + STEP]:
                key = await self._book.member_key(row, member)
                rows.append(MemberRow(row.address, key, await self._book.seal_member(row, member, key)))
            await self._store.add_members(rows, record)
        self._mediator.forget(row.address)
        return len(await self._book.members(row))

    async def remove(self, actor: Actor, address: str, member: Member) -> bool:
        """Take a member out; False when they were in it only through another list or group. Raises NotFound."""
        await require_domain(self._authority, actor, address, f"there is no list {address}")
        return await self._remove(actor, address, member)

    async def _remove(self, actor: Actor, address: str, member: Member) -> bool:
        row = await self.row(address)
        key = await self._book.member_key(row, _member(member))
        record = audit(self._book, actor, "list.leave", f"address:{row.address}")
        done = await self._store.drop_member(row.address, key, record)
        self._mediator.forget(row.address)
        return done

    def read_token(self, token: str) -> tuple[str, str] | None:
        """Return (list, member) of a link of ours, None for any other."""
        return leaving.read_token(token, self._book.keyring.installation_mac)

    async def leave(self, actor: Actor, token: str) -> str:
        """One click (RFC 8058): take the member of a link off its list; return the list. Twice is once.

        Raises NotFound: no link of ours, or the list has gone.
        """
        found = self.read_token(token)
        if found is None:
            raise NotFound("this link is not valid")
        await self._remove(actor, found[0], Member(found[1]))
        return found[0]


def _order(member: Member) -> tuple[int, int, str]:
    return member.department, member.group, member.address


def _member(member: Member) -> Member:
    """Return a member in its kept form. Raises Invalid."""
    if member.group or member.department:
        return member
    return msgspec.structs.replace(member, address=checked([member.address])[0])


def _checked(text: ListText) -> ListText:
    owners = checked(text.owners)
    moderators = tuple(dict.fromkeys(normalize(one) for one in text.moderators))
    return msgspec.structs.replace(text, owners=owners, moderators=moderators)
