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
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_organization import OrganizationStore


@dataclass(frozen=True, slots=True)
class Branch:
    """A department in the order of the tree, the top first."""

    department: Department
    depth: int
    people: int
    """Those in it and below it whom the directory shows."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The departments of a company, and where the asker sits in it: the primary seat first."""

    company: str
    branches: list[Branch]
    own: list[int]


class TreeService:
    """Shows departments and their people to whoever works there."""

    def __init__(self, store: OrganizationStore, companies: DirectoryStore) -> None:
        self._store = store
        self._companies = companies

    async def whole(self, actor: Actor, *, language: str | None = None) -> Tree:
        """Return the departments of the actor's company, each behind the one above it; those that nobody put in an order
        stand by name as readers of `language` expect it.
        """
        company = await self._companies.organization(actor.organization_id)
        known = await self._store.departments(actor.organization_id)
        sizes = dict(await self._store.department_sizes(actor.organization_id))
        ordered = in_order(known) if language is None else in_order(known, lambda one: sort_key(one.name, language))
        seats = await self._store.seats(actor.organization_id, actor.account_id)
        return Tree(
            company.name,
            [Branch(one, depth, sizes.get(one.id, 0)) for one, depth in ordered],
            [one.department_id for one in seats],
        )

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
