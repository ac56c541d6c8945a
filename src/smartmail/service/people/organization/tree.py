"""The tree of a company's departments as its own people see it, and who is in one: for choosing recipients.

SECURITY  A company sees its own tree only; a department of another answers like one that is not there. Nothing is told
          that a look-up of people does not tell: closed accounts are not in.
"""

from dataclasses import dataclass
from itertools import groupby

from smartmail.domain.account import Account
from smartmail.domain.errors import NotFound
from smartmail.domain.organization import Department, in_order
from smartmail.domain.principal import Actor
from smartmail.formats.collation import sort_key
from smartmail.ports.store_organization import OrganizationStore


@dataclass(frozen=True, slots=True)
class Branch:
    """A department in the order of the tree, the top first."""

    department: Department
    depth: int


class TreeService:
    """Shows departments and their people to whoever works there."""

    def __init__(self, store: OrganizationStore) -> None:
        self._store = store

    async def branches(self, actor: Actor) -> list[Branch]:
        """Return the departments of the actor's company, each behind the one above it."""
        known = await self._store.departments(actor.organization_id)
        return [Branch(one, depth) for one, depth in in_order(known)]

    async def people(
        self, actor: Actor, department_id: int, *, below: bool, language: str | None = None
    ) -> list[Account]:
        """Return who is in a department, and in those below it: by title (직위), then by name as readers of `language`
        expect it. Raises NotFound.
        """
        known = await self._store.departments(actor.organization_id)
        if all(one.id != department_id for one in known):
            raise NotFound
        found = await self._store.department_people(department_id, below=below)
        shown = [one for one in found if one.may("shown")]
        if language is None:
            return shown
        ranks = [list(people) for _, people in groupby(shown, key=lambda one: one.title)]
        return [
            one for people in ranks for one in sorted(people, key=lambda one: (sort_key(one.name, language), one.login))
        ]
