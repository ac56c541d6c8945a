"""Addresses: lists that somebody answers for or is in, aliases and forwards that lead to them, registered machines."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.account_life import Choice, Holding
from smartmail.domain.addressing import Member, StandIn, StandInKind
from smartmail.domain.errors import NotFound
from smartmail.service.people.account_life.holdings.base import HoldingType, holding, replaced

PAGE = 1_000


class _Addresses(HoldingType):
    async def _own(self, account: Account) -> frozenset[str]:
        return await self._means.transfers.addresses(account)

    async def _all(self, account: Account, kind: StandInKind) -> AsyncIterator[StandIn]:
        after = ""
        while page := await self._store.stand_ins_of(account.organization_id, kind, after=after, limit=PAGE):
            for row in page:
                yield row
            after = page[-1].address


class ListOffices(_Addresses):
    """Lists (그룹메일) whose owner or moderator somebody is."""

    async def find(self, account: Account) -> list[Holding]:
        """Return them. A list that would have no owner is handed over or kept as it is, never left alone."""
        own, found = await self._own(account), []
        async for row in self._all(account, "list"):
            text = await self._means.addressing.book.list_text(row)
            if own & {*text.owners}:
                alone = {*text.owners} <= own
                choices: tuple[Choice, ...] = ("hand", "hold") if alone else ("hand", "end")
                found.append(holding("list-owner", row.address, row.address, *choices))
            if own & {*text.moderators}:
                found.append(holding("list-moderator", row.address, row.address, "hand", "end"))
        return found

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Put the successor in the leaver's place, or leave them out."""
        own, lists = await self._own(account), self._means.addressing.lists
        heir = successor if choice == "hand" else None
        with suppress(NotFound):
            text = await lists.text(one.thing)
            if one.kind == "list-owner":
                text = msgspec.structs.replace(text, owners=replaced(text.owners, own, heir))
            else:
                text = msgspec.structs.replace(text, moderators=replaced(text.moderators, own, heir))
            await lists.change(self.house(account), one.thing, text)


class ListMembers(_Addresses):
    """Lists that somebody is in by address. By group, department or seat they leave with those."""

    async def find(self, account: Account) -> list[Holding]:
        """Return them."""
        own, found = await self._own(account), []
        async for row in self._all(account, "list"):
            members = {one.address for one in await self._means.addressing.book.members(row)}
            found += [holding("list-member", f"{row.address} {one}", row.address, "end", "hand")
                      for one in sorted(own & members)]  # fmt: skip
        return found

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Take them out, and put the successor in."""
        address, _, member = one.thing.partition(" ")
        lists = self._means.addressing.lists
        with suppress(NotFound):
            if choice == "hand" and successor is not None:
                await lists.add(self.house(account), address, [Member(successor.login)])
            await lists.remove(self.house(account), address, Member(member))


class Aliases(_Addresses):
    """Aliases (별칭) and forwards that lead to somebody, and the forward of their own mail."""

    async def find(self, account: Account) -> list[Holding]:
        """Return them."""
        own, found, book = await self._own(account), [], self._means.addressing.book
        kinds: tuple[StandInKind, ...] = ("alias", "forward")
        for kind in kinds:
            async for row in self._all(account, kind):
                if row.address in own:
                    found.append(holding("alias", f"{kind} {row.address}", f"{kind} of their own", "end"))
                elif own & {*(await book.targets(row)).addresses}:
                    found.append(holding("alias", f"{kind} {row.address}", f"{kind} {row.address}", "hand", "end"))
        return found

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Lead them to the successor; what would lead nowhere ends."""
        kind, _, address = one.thing.partition(" ")
        own, stand_ins, actor = await self._own(account), self._means.addressing.stand_ins, self.house(account)
        found: StandInKind = "alias" if kind == "alias" else "forward"
        with suppress(NotFound):
            text = await stand_ins.targets(address, found)
            targets = replaced(text.addresses, own, successor if choice == "hand" else None)
            if address in own or not targets:
                await stand_ins.retire(actor, address, found)
            elif found == "alias":
                await stand_ins.put_alias(actor, address, targets)
            else:
                holder = await self._store.account((await self._store.resolve([address]))[address])
                await stand_ins.put_forward(actor, holder, targets, keep=text.keep)


class Relays(_Addresses):
    """Machines that send for somebody (릴레이)."""

    async def find(self, account: Account) -> list[Holding]:
        """Return them."""
        mine = [one for one in await self._store.relays() if one.account_id == account.id]
        return [holding("relay", one.id, f"relay {one.id}: {' '.join(one.networks)}", "hand", "end") for one in mine]

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Let the successor answer for it, or take it off the register."""
        record = self._ground.record(self.house(account), "relay.leave", f"relay:{one.thing}")
        for row in await self._store.relays():
            if str(row.id) != one.thing or row.account_id != account.id:
                continue
            if choice == "hand" and successor is not None:
                await self._store.put_relay(replace(row, account_id=successor.id), record)
            else:
                await self._store.delete_relay(row.id, record)
