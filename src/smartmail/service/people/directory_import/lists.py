"""Tables of distribution lists: what a list is like, who answers for it, who may write to it, who is in it.

A list stands in one row, or in a row for each of its members. What a list is like is one act, each member is another: so
undoing takes out whom the table put in, and leaves whom others put in since. Who does an act asks the rights again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

import msgspec

from smartmail.domain.addressing import ListText, Member
from smartmail.domain.directory_import import Act, Outcome
from smartmail.domain.errors import MailError
from smartmail.domain.ids import OrganizationId
from smartmail.domain.principal import Actor
from smartmail.service.flow.addressing.lists import ListService
from smartmail.service.flow.addressing.standing import StandInService
from smartmail.service.people.directory_import.drafts import DONE, UNDONE, Draft, Options, Record, failed, left
from smartmail.service.people.directory_import.list_rows import ListReader, ListWanted, member_word, read_all
from smartmail.service.people.directory_import.store import Store
from smartmail.service.people.directory_import.working import CHANGED, USED, back
from smartmail.service.people.organization import Ground

TOGETHER: Final = 500
"""Members that are put into a list by one commit."""


@dataclass(slots=True)
class Lists:
    """A company's lists as they are, members read when they are asked for; groups and departments by their names."""

    organization_id: OrganizationId
    texts: dict[str, ListText]
    groups: Mapping[str, int]
    departments: Mapping[str, int]
    domains: frozenset[str]
    members: dict[str, set[Member]] = field(default_factory=dict)


class ListWork:
    """Plans and does tables of lists; `whole`: whom a list's rows do not name leaves it."""

    def __init__(self, ground: Ground[Store], stand_ins: StandInService, lists: ListService) -> None:
        self._ground = ground
        self._stand_ins = stand_ins
        self._lists = lists

    async def begin(self, actor: Actor, organization_id: OrganizationId) -> Lists:
        """Return the lists as they are now. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "domain.change", organization_id)
        return await self._present(organization_id)

    async def _present(self, organization_id: OrganizationId) -> Lists:
        store = self._ground.store
        rows = await self._stand_ins.list_all(organization_id, "list")
        return Lists(
            organization_id,
            {row.address: await self._lists.text(row.address) for row in rows},
            {one.name: one.id for one in await store.groups(organization_id)},
            {one.code: one.id for one in await store.departments(organization_id)},
            frozenset(row.name for row in await store.domains() if row.organization_id == organization_id),
        )

    async def _members(self, present: Lists, address: str) -> set[Member]:
        if address not in present.members:
            there = address in present.texts
            present.members[address] = set(await self._lists.members(address)) if there else set()
        return present.members[address]

    # --- plan ---

    async def plan(
        self, actor: Actor, organization_id: OrganizationId, records: Sequence[Record], how: Options
    ) -> Draft:
        """Compare a table with the lists. Raises Forbidden, NotFound."""
        present = await self.begin(actor, organization_id)
        draft = Draft(active=len(present.texts))
        reader = ListReader(present.texts, present.groups, present.departments, present.domains, how.domain)
        found, draft.findings = read_all(reader, records)
        taken = await self._taken([key for key in found if key not in present.texts])
        for key, one in found.items():
            if key in taken:
                draft.findings.append(one.record.wrong("address", "address-taken", key))
            else:
                await self._acts(draft, present, key, one, whole=how.whole)
        return draft

    async def _taken(self, addresses: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for start in range(0, len(addresses), TOGETHER):
            part = addresses[start : start + TOGETHER]
            found |= set(await self._ground.store.resolve(part))
            found |= {row.address for row in await self._ground.store.stand_ins(part)}
        return found

    async def _acts(self, draft: Draft, present: Lists, key: str, one: ListWanted, *, whole: bool) -> None:
        stands, acts, line = present.texts.get(key), list[Act](), one.record.line
        if stands != one.text:
            before = None if stands is None else msgspec.to_builtins(stands)
            what = "make" if stands is None else "change"
            after = msgspec.to_builtins(one.text)
            acts.append(Act(what=what, key=key, line=line, before=_kept(before), after=_kept(after)))  # type: ignore[arg-type]
        there = await self._members(present, key)
        gone = (there - one.members.keys()) if one.emptied or (whole and one.names_members) else set()
        acts += [_act("join", key, one.members[who], who) for who in one.members if who not in there]
        acts += [_act("leave", key, line, who) for who in sorted(gone, key=_order)]
        draft.acts += acts
        draft.unchanged += not acts

    # --- do ---

    async def perform(self, actor: Actor, present: Lists, acts: Sequence[Act], *, again: bool) -> list[Outcome]:
        """Do acts; those who come into one list come together."""
        found: list[Outcome] = []
        for (what, key), group in groupby(acts, key=lambda one: (one.what, one.key)):
            same = list(group)
            if what == "join":
                for start in range(0, len(same), TOGETHER):
                    found += await self._join(actor, present, key, same[start : start + TOGETHER])
            else:
                found += [await self._told(actor, present, act) for act in same]
        return found

    async def _join(self, actor: Actor, present: Lists, key: str, acts: Sequence[Act]) -> list[Outcome]:
        """Put members in; where all of them together cannot come in, each does for itself."""
        there = await self._members(present, key)
        wanted = [one for one in map(_member, acts) if one not in there]
        try:
            if wanted:
                await self._lists.add(actor, key, wanted)
        except MailError as error:
            if len(acts) == 1:
                return [failed(error)]
            return [out for act in acts for out in await self._join(actor, present, key, [act])]
        there.update(wanted)
        return [DONE] * len(acts)

    async def _told(self, actor: Actor, present: Lists, act: Act) -> Outcome:
        try:
            return await (self._leave if act.what == "leave" else self._put)(actor, present, act)
        except MailError as error:
            return failed(error)

    async def _leave(self, actor: Actor, present: Lists, act: Act) -> Outcome:
        there, who = await self._members(present, act.key), _member(act)
        if who in there:
            await self._lists.remove(actor, act.key, who)
            there.discard(who)
        return DONE

    async def _put(self, actor: Actor, present: Lists, act: Act) -> Outcome:
        stands, after = present.texts.get(act.key), _text(act.after)
        if stands == after or after is None:
            return DONE
        if stands != _text(act.before):
            return Outcome(ending="failed", detail=CHANGED)
        await (self._lists.create if stands is None else self._lists.change)(actor, act.key, after)
        present.texts[act.key] = after
        return DONE

    # --- take back ---

    async def revert(
        self, actor: Actor, present: Lists, acts: Sequence[Act], outcomes: Sequence[Outcome]
    ) -> list[Outcome]:
        """Take acts back: who came leaves, who left comes again, new lists go once nobody else is in them."""

        async def one(act: Act) -> Outcome:
            if act.what in {"join", "leave"}:
                return await self._unmember(actor, present, act)
            return await self._unput(actor, present, act)

        return await back(acts, outcomes, one)

    async def _unmember(self, actor: Actor, present: Lists, act: Act) -> Outcome:
        if act.key not in present.texts:
            return UNDONE
        there, who = await self._members(present, act.key), _member(act)
        if act.what == "join" and who in there:
            await self._lists.remove(actor, act.key, who)
            there.discard(who)
        elif act.what == "leave" and who not in there:
            await self._lists.add(actor, act.key, [who])
            there.add(who)
        return UNDONE

    async def _unput(self, actor: Actor, present: Lists, act: Act) -> Outcome:
        stands, before = present.texts.get(act.key), _text(act.before)
        if stands == before:
            return UNDONE
        if stands != _text(act.after):
            return left(CHANGED)
        if before is not None:
            await self._lists.change(actor, act.key, before)
            present.texts[act.key] = before
            return UNDONE
        if await self._members(present, act.key):
            return left(USED)
        await self._stand_ins.retire(actor, act.key, "list", forget=True)
        del present.texts[act.key]
        return UNDONE

    # --- out ---

    async def rows(self, actor: Actor, organization_id: OrganizationId) -> list[Sequence[str]]:
        """Return all lists as rows of a table."""
        await self._ground.company(actor, "domain.read", organization_id)
        present = await self._present(organization_id)
        groups = {number: name for name, number in present.groups.items()}
        departments = {number: code for code, number in present.departments.items()}
        found: list[Sequence[str]] = []
        for key, text in sorted(present.texts.items()):
            members = sorted(await self._members(present, key), key=_order)
            words = [member_word(one, groups, departments) for one in members]
            found.append(
                (key, text.name, ";".join(text.owners), ";".join(text.moderators), text.post, text.moderation,
                 text.reply_to, text.prefix, ";".join(filter(None, words)))
            )  # fmt: skip
        return found


def _kept(text: Any) -> dict[str, Any] | None:
    return None if text is None else {"text": text}


def _text(kept: dict[str, Any] | None) -> ListText | None:
    return None if kept is None else msgspec.convert(kept["text"], ListText)


def _act(what: Any, key: str, line: int, who: Member) -> Act:
    return Act(what=what, key=key, line=line, after={"member": msgspec.to_builtins(who)})


def _member(act: Act) -> Member:
    return msgspec.convert((act.after or {})["member"], Member)


def _order(member: Member) -> tuple[int, int, str, bool]:
    return member.department, member.group, member.address, member.below
