"""Lists and aliases when addresses get other names: they move with their domain, and name people by what these are called.

STRATEGIES  Only what differs is written, so that a killed run is simply run again. A list or alias of the old domain becomes
            one of the new domain; its old address stands for it from then on, for a list by one commit. Whom lists and aliases of the whole company name by an old address they name by the new one:
            old addresses end one day, membership does not.
SECURITY    Whoever calls has asked for rights over both domains. Texts and members stay sealed, bound to their new address.
"""

from collections.abc import Iterable, Mapping

import msgspec

from smartmail.domain.addressing import Member, StandIn, StandInKind, Targets
from smartmail.domain.errors import AlreadyExists
from smartmail.domain.ids import OrganizationId
from smartmail.domain.principal import Actor
from smartmail.formats.address import split_address
from smartmail.ports.store_addressing import AddressingStore
from smartmail.service.flow.addressing.lists import ListService
from smartmail.service.flow.addressing.standing import StandInService
from smartmail.service.people.organization.ground import Ground

PAGE = 500


class Following:
    """Lets lists and aliases follow."""

    def __init__(self, ground: Ground[AddressingStore], lists: ListService, stand_ins: StandInService) -> None:
        self._ground = ground
        self._store = ground.store
        self._lists = lists
        self._stand_ins = stand_ins

    async def inside(self, organization_id: OrganizationId, domain: str) -> list[StandIn]:
        """Return the lists and aliases of a domain; not its catch-all, which is no address."""
        return [
            row for row in await self._all(organization_id, "list", "alias")
            if split_address(row.address)[1] == domain and not row.address.startswith("@")
        ]  # fmt: skip

    async def has_moved(self, row: StandIn, domain: str) -> bool:
        """Say whether an address of an old domain only stands for one of another that took its place."""
        if row.kind != "alias":
            return False
        targets = (await self._stand_ins.targets(row.address)).addresses
        if len(targets) != 1 or split_address(targets[0])[1] != domain:
            return False
        return any(one.kind in {"alias", "list"} for one in await self._store.stand_ins(targets))

    async def has_begun(self, row: StandIn, new: str) -> bool:
        """Say whether a run that was killed has made the namesake already: one that is quite the same."""
        for one in await self._store.stand_ins([new]):
            if one.kind != row.kind or one.organization_id != row.organization_id:
                return False
            if row.kind == "list":
                return await self._lists.text(new) == await self._lists.text(row.address)
            return await self._stand_ins.targets(new) == await self._stand_ins.targets(row.address)
        return False

    async def move(self, actor: Actor, organization_id: OrganizationId, moves: Iterable[tuple[str, str]]) -> int:
        """Give lists and aliases other addresses (old, new); return how many moved now. Raises AlreadyExists."""
        known = {row.address: row for row in await self._all(organization_id, "list", "alias")}
        moved = 0
        for old, new in moves:
            row = known.get(old)
            if row is None or await self.has_moved(row, split_address(new)[1]):
                continue
            if row.kind == "list":
                await self._move_list(actor, row, new)
            else:
                if new not in known:
                    await self._stand_ins.put_alias(actor, new, (await self._stand_ins.targets(old)).addresses)
                await self._stand_ins.put_alias(actor, old, (new,))
            moved += 1
        return moved

    async def _move_list(self, actor: Actor, row: StandIn, new: str) -> None:
        members = await self._lists.members(row.address)
        try:
            await self._lists.create(actor, new, await self._lists.text(row.address))
        except AlreadyExists:
            if not any(one.kind == "list" for one in await self._store.stand_ins([new])):
                raise
        await self._lists.add(actor, new, members)
        await self._stand_ins.stand_for(actor, row, Targets((new,)))

    async def follow(self, actor: Actor, organization_id: OrganizationId, names: Mapping[str, str]) -> int:
        """Let lists and aliases of a company name people by other addresses (old → new); return how many changed."""
        changed = 0
        for row in await self._all(organization_id, "list", "alias") if names else ():
            if row.kind == "alias":
                text = await self._stand_ins.targets(row.address)
                targets = _named(text.addresses, names)
                if targets != text.addresses and row.address not in targets:
                    await self._stand_ins.put_alias(actor, row.address, targets)
                    changed += 1
                continue
            changed += await self._follow_list(actor, row.address, names)
        return changed

    async def _follow_list(self, actor: Actor, address: str, names: Mapping[str, str]) -> bool:
        before = await self._lists.text(address)
        after = msgspec.structs.replace(
            before, owners=_named(before.owners, names), moderators=_named(before.moderators, names)
        )
        if after != before:
            await self._lists.change(actor, address, after)
        old = [one for one in await self._lists.members(address) if one.address in names]
        if old:
            await self._lists.add(actor, address, [Member(names[one.address]) for one in old])
            for one in old:
                await self._lists.remove(actor, address, one)
        return after != before or bool(old)

    async def _all(self, organization_id: OrganizationId, *kinds: StandInKind) -> list[StandIn]:
        found: list[StandIn] = []
        for kind in kinds:
            found += await self._stand_ins.list_all(organization_id, kind)
        return found


def _named(addresses: Iterable[str], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names.get(one, one) for one in addresses))
