"""Tables of departments.

Who does an act asks the rights again, as from any other door.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from smartmail.domain.directory_import import Act, Finding, Outcome
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.organization import TOP, Department, in_order, path_of
from smartmail.domain.principal import Actor
from smartmail.service.people.directory_import.columns import plain
from smartmail.service.people.directory_import.drafts import DONE, UNDONE, Draft, Options, Record, left, twice
from smartmail.service.people.directory_import.store import Store
from smartmail.service.people.directory_import.working import CHANGED, back, each
from smartmail.service.people.organization import DepartmentService, Ground
from smartmail.service.people.organization.departments import MAX_CODE
from smartmail.service.people.organization.ground import MAX_NAME


@dataclass(slots=True)
class Tree:
    """A company's departments by code, and what only this table brings."""

    organization_id: OrganizationId
    by_code: dict[str, Department]
    by_name: dict[str, list[str]] = field(default_factory=dict)

    def code(self, word: str) -> str | None:
        """Return the code of a department that is named by code, path or name; None where that is not one."""
        if word in self.by_code:
            return word
        found = self.by_name.get(plain(word), [])
        return found[0] if len(found) == 1 else None

    def above(self, row: Department) -> str:
        """Return the code of the department above, "" at the top."""
        return next((one.code for one in self.by_code.values() if one.id == row.parent_id), "")


class DepartmentWork:
    """Tables of departments. They make and change; a department that a table does not name stays."""

    def __init__(self, ground: Ground[Store], departments: DepartmentService) -> None:
        self._ground = ground
        self._departments = departments

    async def begin(self, actor: Actor, organization_id: OrganizationId) -> Tree:
        """Return the tree as it is now. Raises Forbidden, NotFound."""
        rows = await self._departments.list_all(actor, organization_id)
        by_id = {one.id: one for one in rows}
        tree = Tree(organization_id, {one.code: one for one in rows})
        for one in rows:
            for word in {plain(one.name), plain(path_of(by_id, one.id))}:
                tree.by_name.setdefault(word, []).append(one.code)
        return tree

    async def plan(
        self, actor: Actor, organization_id: OrganizationId, records: Sequence[Record], how: Options
    ) -> Draft:
        """Compare a table with the tree. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "organization.change", organization_id)
        tree = await self.begin(actor, organization_id)
        draft = Draft(active=len(tree.by_code))
        codes = [record.get("code") or self._own(tree, record) for record in records]
        once, draft.findings = twice(records, codes, "code" if records and "code" in records[0].values else "name")
        made = {code: record for record, code in zip(records, codes, strict=True) if record in once and code}
        names: dict[str, list[str]] = {}
        for code, record in made.items():
            names.setdefault(plain(record.values["name"]), []).append(code)
        for code, record in made.items():
            act, finding = self._act(tree, record, code, made, names)
            draft.findings += [finding] if finding else []
            draft.acts += [act] if act else []
            draft.unchanged += act is None and finding is None
        draft.findings += [
            record.wrong("name", "empty") for record, code in zip(records, codes, strict=True) if not code
        ]
        draft.acts, circles = _parents_first(draft.acts, tree)
        draft.findings += [made[act.key].wrong("parent", "circle", act.key) for act in circles]
        return draft

    def _own(self, tree: Tree, record: Record) -> str | None:
        """Return the code of a row without one: of the department of that name, else its name."""
        name = record.get("name")
        return (tree.code(name) or name) if name else None

    def _act(
        self, tree: Tree, record: Record, code: str, made: dict[str, Record], names: dict[str, list[str]]
    ) -> tuple[Act | None, Finding | None]:
        name, row = " ".join((record.get("name") or "").split()), tree.by_code.get(code)
        if not name:
            return None, record.wrong("name", "empty")
        if len(name) > MAX_NAME or not name.isprintable() or len(code) > MAX_CODE or not code.isprintable():
            return None, record.wrong("name" if len(code) <= MAX_CODE else "code", "too-long", name)
        order = record.get("order") or ""
        if order and not order.lstrip("-").isdecimal():
            return None, record.wrong("order", "no-number", order)
        parent = record.get("parent")
        above = tree.above(row) if row else ""
        if parent == "":
            above = ""
        elif parent is not None:
            new = names.get(plain(parent), [])
            found = parent if parent in made else tree.code(parent) or (new[0] if len(new) == 1 else None)
            if found is None:
                return None, record.wrong("parent", "no-such-department", parent)
            above = found
        after = {"name": name, "parent": above, "order": int(order) if order else row.position if row else 0}
        before = {"name": row.name, "parent": tree.above(row), "order": row.position} if row else None
        if before == after:
            return None, None
        return Act(what="change" if row else "make", key=code, line=record.line, before=before, after=after), None

    async def perform(self, actor: Actor, present: Tree, acts: Sequence[Act], *, again: bool) -> list[Outcome]:
        """Do acts, parents first."""

        async def one(act: Act) -> Outcome:
            row, after = present.by_code.get(act.key), act.after or {}
            if self._facts(present, row) == after:
                return DONE
            if self._facts(present, row) != act.before:
                return Outcome(ending="failed", detail=CHANGED)
            await self._put(actor, present, act.key, row, after)
            return DONE

        return await each(acts, one)

    async def _put(self, actor: Actor, tree: Tree, code: str, row: Department | None, facts: dict[str, Any]) -> None:
        above = tree.by_code.get(facts["parent"])
        if facts["parent"] and above is None:
            raise NotFound(f"there is no department {facts['parent']}")
        parent = above.id if above else TOP
        if row is None:
            made = await self._departments.create(
                actor, tree.organization_id, facts["name"], code=code, parent_id=parent, position=facts["order"]
            )
        else:
            made = await self._departments.change(
                actor, row.id, name=facts["name"], parent_id=parent, position=facts["order"]
            )
        tree.by_code[code] = made

    def _facts(self, tree: Tree, row: Department | None) -> dict[str, Any] | None:
        return {"name": row.name, "parent": tree.above(row), "order": row.position} if row else None

    async def revert(
        self, actor: Actor, present: Tree, acts: Sequence[Act], outcomes: Sequence[Outcome]
    ) -> list[Outcome]:
        """Take acts back: new departments go if nobody is in them, others are again as they were."""

        async def one(act: Act) -> Outcome:
            row = present.by_code.get(act.key)
            facts = self._facts(present, row)
            if facts == act.before:
                return UNDONE
            if row is None or facts != act.after:
                return left(CHANGED)
            if act.before is None:
                await self._departments.remove(actor, row.id)
                del present.by_code[act.key]
            else:
                await self._put(actor, present, act.key, row, act.before)
            return UNDONE

        return await back(acts, outcomes, one)

    async def rows(self, actor: Actor, organization_id: OrganizationId) -> list[Sequence[str]]:
        """Return all departments as rows of a table, from the top down."""
        tree = await self.begin(actor, organization_id)
        return [
            (one.code, one.name, tree.above(one), str(one.position))
            for one, _ in in_order(list(tree.by_code.values()))
        ]  # fmt: skip


def _parents_first(acts: Sequence[Act], tree: Tree) -> tuple[list[Act], list[Act]]:
    """Return acts in an order in which every new parent is there before what stands below it, and those in a circle."""
    waiting, there, ordered = list(acts), set(tree.by_code), list[Act]()
    while waiting:
        ready = [act for act in waiting if not (act.after or {})["parent"] or (act.after or {})["parent"] in there]
        if not ready:
            break
        ordered += ready
        there |= {act.key for act in ready}
        waiting = [act for act in waiting if act not in ready]
    return ordered, waiting
