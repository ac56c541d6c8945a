"""Departments that a table of people names and nobody has made yet: found while it is read, made in the same import, gone
again when that is undone and nothing is in them.

STRATEGIES  Until they are made they have ids below zero, which acts on people that are there already keep together with the codes;
            new people are kept by codes alone. Of a path (`영업본부 / 영업9팀`) what is there is taken, the rest is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from smartmail.domain.directory_import import Act, Outcome
from smartmail.domain.errors import Invalid, MailError
from smartmail.domain.ids import OrganizationId
from smartmail.domain.organization import TOP, Department, PersonWrite, Seat, check_move, lineage, path_of
from smartmail.domain.principal import Actor
from smartmail.service.people.directory_import.columns import plain
from smartmail.service.people.directory_import.drafts import DONE, SAME, UNDONE, failed, left
from smartmail.service.people.directory_import.people_rows import Present
from smartmail.service.people.directory_import.working import CHANGED
from smartmail.service.people.organization import DepartmentService
from smartmail.service.people.organization.departments import MAX_CODE
from smartmail.service.people.organization.ground import MAX_NAME
from smartmail.service.people.organization.writing import Tables

MAKE: Final = "make-department"
SLASH: Final = "/"


@dataclass(slots=True)
class NewDepartments:
    """Departments to be made, by code, with the line that names each first. They stand in the tables of `present` as well."""

    present: Present
    lines: dict[str, int] = field(default_factory=dict)

    def code(self, word: str, line: int) -> str:
        """Return the code of the department that a name or path shall have. Raises Invalid: no name of one, or too deep."""
        pieces = [" ".join(one.split()) for one in word.split(SLASH)]
        if not all(one and len(one) <= MAX_NAME and one.isprintable() for one in pieces):
            raise Invalid(f"{word} is no name of a department")
        row: Department | None = None
        for piece in pieces:
            row = self._below(row, piece) or self._make(row, piece, line)
        assert row is not None
        return row.code

    def _below(self, parent: Department | None, name: str) -> Department | None:
        known = self.present.known.departments
        if parent is None:
            found = self.present.by_name.get(plain(name), [])
            return self.present.known.by_code[found[0]] if len(found) == 1 else None
        return next(
            (one for one in known.values() if one.parent_id == parent.id and plain(one.name) == plain(name)), None
        )

    def _make(self, parent: Department | None, name: str, line: int) -> Department:
        known = self.present.known
        above = parent.id if parent else TOP
        check_move(known.departments, 0, above)
        row = Department(-1 - len(self.lines), self.present.organization_id, "", name, above)
        path = SLASH.join([*(one.name for one in reversed(lineage(known.departments, above))), name])
        row = replace(row, code=self._free([name, path]))
        known.departments[row.id] = known.by_code[row.code] = row
        self.lines[row.code] = line
        for word in {plain(name), plain(path_of(known.departments, row.id))}:
            self.present.by_name.setdefault(word, []).append(row.code)
        return row

    def _free(self, wanted: Sequence[str]) -> str:
        for code in [one for one in wanted if len(one) <= MAX_CODE]:
            if code not in self.present.known.by_code:
                return code
        start, number = wanted[0][: MAX_CODE - 8], 2
        while f"{start}-{number}" in self.present.known.by_code:
            number += 1
        return f"{start}-{number}"

    def acts(self, codes: set[str]) -> list[Act]:
        """Return what makes those departments of `codes` that are new, each after the one above it."""
        known = self.present.known
        needed = {
            one.code for code in codes if code in self.lines
            for one in lineage(known.departments, known.by_code[code].id) if one.code in self.lines
        }  # fmt: skip
        return [self._act(known.by_code[code], line) for code, line in self.lines.items() if code in needed]

    def _act(self, row: Department, line: int) -> Act:
        above = self.present.known.departments.get(row.parent_id)
        after = {"name": row.name, "parent": above.code if above else ""}
        return Act(what=MAKE, key=row.code, line=line, after=after)

    def paths(self, acts: Sequence[Act]) -> list[str]:
        """Return what departments that acts make are called, from the top down."""
        known = self.present.known
        return [path_of(known.departments, known.by_code[act.key].id) for act in acts if act.what == MAKE]

    def beside(self, write: PersonWrite) -> list[tuple[int, str]]:
        """Return the ids below zero in a person with their codes, for `settled`."""
        known = self.present.known.departments
        return [
            (one.department_id, known[one.department_id].code) for one in write.seats or () if one.department_id < 0
        ]


def settled(write: PersonWrite, after: Mapping[str, Any], known: Tables) -> PersonWrite:
    """Return a person in departments as they are now. Raises Invalid: one of them was not made."""
    codes = msgspec.convert(after.get("departments", []), list[tuple[int, str]])
    if not codes:
        return write
    ids = {number: known.department(code).id for number, code in codes}
    seats = [_moved(one, ids) for one in write.seats or ()]
    first = ids.get(write.department_id, write.department_id)
    ordered = (*seats[:1], *sorted(seats[1:], key=lambda one: one.department_id))
    return replace(write, department_id=first, seats=ordered)


def _moved(seat: Seat, ids: Mapping[int, int]) -> Seat:
    return replace(seat, department_id=ids.get(seat.department_id, seat.department_id))


class DepartmentActs:
    """Does acts that make departments."""

    def __init__(self, departments: DepartmentService) -> None:
        self._departments = departments

    async def perform(
        self, actor: Actor, present: Present, acts: Sequence[tuple[int, Act]], out: dict[int, Outcome], *, again: bool
    ) -> None:
        """Do acts; a department that others have made meanwhile is theirs, and stays when this is undone."""
        for place, act in acts:
            row = present.known.by_code.get(act.key)
            if row is not None:
                mine = again and _facts(present, row) == act.after
                out[place] = DONE if mine else SAME
                continue
            try:
                made = await self._made(actor, present, act)
            except MailError as error:
                out[place] = failed(error)
                continue
            present.known.departments[made.id] = present.known.by_code[made.code] = made
            out[place] = DONE

    async def _made(self, actor: Actor, present: Present, act: Act) -> Department:
        after = act.after or {}
        parent = present.known.department(after["parent"]).id if after["parent"] else TOP
        home: OrganizationId = present.organization_id
        return await self._departments.create(actor, home, after["name"], code=act.key, parent_id=parent)

    async def revert(
        self, actor: Actor, present: Present, acts: Sequence[tuple[int, Act]], out: dict[int, Outcome]
    ) -> None:
        """Take acts back, the last first; where people are, or what was changed since, is left."""
        for place, act in reversed(acts):
            if place in out:
                continue
            row = present.known.by_code.get(act.key)
            if row is None:
                out[place] = UNDONE
            elif _facts(present, row) != act.after:
                out[place] = left(CHANGED)
            else:
                out[place] = await self._removed(actor, present, row)

    async def _removed(self, actor: Actor, present: Present, row: Department) -> Outcome:
        try:
            await self._departments.remove(actor, row.id)
        except MailError as error:
            return left(error.public or error.code)
        del present.known.by_code[row.code], present.known.departments[row.id]
        return UNDONE


def _facts(present: Present, row: Department) -> dict[str, Any]:
    above = present.known.departments.get(row.parent_id)
    return {"name": row.name, "parent": above.code if above else ""}
