"""Tables of groups of people and their members.

Who does an act asks the rights again, as from any other door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from smartmail.domain.account import Group
from smartmail.domain.directory_import import Act, Finding, Outcome
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor
from smartmail.formats.address import normalize
from smartmail.ports.store_directory import DirectoryStore
from smartmail.service.governance.governing import GovernanceService
from smartmail.service.people.directory_import.drafts import DONE, UNDONE, Draft, Options, Record, left, several
from smartmail.service.people.directory_import.working import CHANGED, USED, back, each
from smartmail.service.people.organization import Ground

MAX_PRIORITY: Final = 1_000_000


@dataclass(slots=True)
class Groups:
    """A company's groups by name, their members, and logins."""

    organization_id: OrganizationId
    by_name: dict[str, Group]
    members: dict[str, set[AccountId]]
    logins: dict[str, AccountId]


class GroupWork:
    """Tables of groups of people, with members in one cell or a row for each; `whole`: whom a group's rows do not name
    leaves it.
    """

    def __init__(self, ground: Ground[DirectoryStore], governing: GovernanceService) -> None:
        self._ground = ground
        self._governing = governing

    async def begin(self, actor: Actor, organization_id: OrganizationId) -> Groups:
        """Return the groups as they are now. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "group.change", organization_id)
        return await self._present(actor, organization_id)

    async def _present(self, actor: Actor, organization_id: OrganizationId) -> Groups:
        rows = await self._governing.groups(organization_id)
        members = {row.name: set(await self._governing.members(row.id)) for row in rows}
        accounts = await self._ground.store.accounts(organization_id)
        return Groups(
            organization_id, {row.name: row for row in rows}, members, {one.login: one.id for one in accounts}
        )

    async def plan(
        self, actor: Actor, organization_id: OrganizationId, records: Sequence[Record], how: Options
    ) -> Draft:
        """Compare a table with the groups. Raises Forbidden, NotFound."""
        present = await self.begin(actor, organization_id)
        draft, wanted, lines = Draft(active=len(present.by_name)), dict[str, dict[str, Any]](), dict[str, int]()
        for record in records:
            name = " ".join((record.get("group") or "").split())
            priority = record.get("priority") or ""
            if not name or len(name) > 100 or not name.isprintable():
                draft.findings.append(record.wrong("group", "too-long" if name else "empty", name))
            elif priority and not (priority.isdecimal() and int(priority) <= MAX_PRIORITY):
                draft.findings.append(record.wrong("priority", "no-number", priority))
            else:
                facts = wanted.setdefault(name, {"priority": None, "members": set()})
                facts["priority"] = int(priority) if priority else facts["priority"]
                lines.setdefault(name, record.line)
                draft.findings += self._members(present, record, how, facts["members"])
        for name, facts in wanted.items():
            self._acts(draft, present, name, facts, lines[name], whole=how.whole)
        return draft

    def _members(self, present: Groups, record: Record, how: Options, found: set[AccountId]) -> list[Finding]:
        wrong = []
        for word in several(record.get("members") or ""):
            login = normalize(word if "@" in word or not how.domain else f"{word}@{how.domain}")
            if login in present.logins:
                found.add(present.logins[login])
            else:
                wrong.append(record.wrong("members", "no-such-account", word))
        return wrong

    def _acts(self, draft: Draft, present: Groups, name: str, facts: dict[str, Any], line: int, *, whole: bool) -> None:
        row, there, before = present.by_name.get(name), present.members.get(name, set()), len(draft.acts)
        priority = facts["priority"] if facts["priority"] is not None else row.priority if row else 0
        if row is None or row.priority != priority:
            old = {"priority": row.priority} if row else None
            draft.acts.append(
                Act(what="change" if row else "make", key=name, line=line, before=old, after={"priority": priority})
            )
        joining = sorted(facts["members"] - there)
        leaving = sorted(there - facts["members"]) if whole else []
        draft.acts += [Act(what="join", key=name, line=line, after={"account_id": one}) for one in joining]
        draft.acts += [Act(what="leave", key=name, line=line, after={"account_id": one}) for one in leaving]
        draft.unchanged += len(draft.acts) == before

    async def perform(self, actor: Actor, present: Groups, acts: Sequence[Act], *, again: bool) -> list[Outcome]:
        """Do acts."""

        async def one(act: Act) -> Outcome:
            if act.what in {"join", "leave"}:
                return await self._member(actor, present, act, joins=act.what == "join", good=DONE)
            row, priority = present.by_name.get(act.key), (act.after or {})["priority"]
            if row is None:
                made = await self._governing.new_group(actor, present.organization_id, act.key, priority)
                present.by_name[act.key], present.members[act.key] = made, set()
            elif row.priority != priority:
                if act.before is None or act.before["priority"] != row.priority:
                    return Outcome(ending="failed", detail=CHANGED)
                present.by_name[act.key] = await self._changed(actor, row, priority)
            return DONE

        return await each(acts, one)

    async def _changed(self, actor: Actor, row: Group, priority: int) -> Group:
        return await self._governing.change_group(actor, Group(row.id, row.organization_id, row.name, priority))

    async def _member(self, actor: Actor, present: Groups, act: Act, *, joins: bool, good: Outcome) -> Outcome:
        row, account = present.by_name.get(act.key), AccountId((act.after or {})["account_id"])
        if row is None:
            return Outcome(ending="failed", detail=CHANGED) if good is DONE else UNDONE
        there = present.members.setdefault(act.key, set())
        if (account in there) != joins:
            await self._governing.set_member(actor, row.id, account, member=joins)
            (there.add if joins else there.discard)(account)
        return good

    async def revert(
        self, actor: Actor, present: Groups, acts: Sequence[Act], outcomes: Sequence[Outcome]
    ) -> list[Outcome]:
        """Take acts back: members leave or come again, new groups go once nobody else is in them."""

        async def one(act: Act) -> Outcome:
            if act.what in {"join", "leave"}:
                return await self._member(actor, present, act, joins=act.what == "leave", good=UNDONE)
            row = present.by_name.get(act.key)
            if row is None:
                return UNDONE if act.before is None else left(CHANGED)
            if row.priority != (act.after or {})["priority"]:
                return left(CHANGED)
            if act.before is not None:
                present.by_name[act.key] = await self._changed(actor, row, act.before["priority"])
                return UNDONE
            if present.members.get(act.key):
                return left(USED)
            await self._governing.delete_group(actor, row.id)
            del present.by_name[act.key]
            return UNDONE

        return await back(acts, outcomes, one)

    async def rows(self, actor: Actor, organization_id: OrganizationId) -> list[Sequence[str]]:
        """Return all groups as rows of a table."""
        await self._ground.company(actor, "group.read", organization_id)
        present = await self._present(actor, organization_id)
        logins = {number: login for login, number in present.logins.items()}
        return [
            (name, str(row.priority), ";".join(sorted(logins[one] for one in present.members[name] if one in logins)))
            for name, row in sorted(present.by_name.items())
        ]
