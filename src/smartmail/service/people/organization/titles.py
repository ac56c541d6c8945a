"""The tables of 직위·직책·직급·호칭 of a company; the order of 직위 is the order of every list of people (BR-8)."""

from collections.abc import Sequence
from dataclasses import replace

from smartmail.domain.errors import AlreadyExists, Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.organization import TITLE_KINDS, Title, TitleKind
from smartmail.domain.principal import Actor
from smartmail.ports.store_organization import OrganizationStore
from smartmail.service.people.organization.ground import Ground, cleaned

STEP = 10


class TitleService:
    """Makes, orders and removes titles."""

    def __init__(self, ground: Ground[OrganizationStore]) -> None:
        self._ground = ground
        self._store = ground.store

    async def list_all(self, actor: Actor, organization_id: OrganizationId) -> list[Title]:
        """Return all titles by kind and place. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "organization.read", organization_id)
        return await self._store.titles(organization_id)

    async def set_order(
        self, actor: Actor, organization_id: OrganizationId, kind: TitleKind, names: Sequence[str]
    ) -> list[Title]:
        """Let a table of a company be these words in this order; words that are new are made, others come behind.

        Return the table. Raises Invalid, Forbidden, NotFound.
        """
        await self._ground.company(actor, "organization.change", organization_id)
        if kind not in TITLE_KINDS:
            raise Invalid(f"kinds of titles are {', '.join(TITLE_KINDS)}", reason="title.kind")
        order = list(dict.fromkeys(cleaned(name, "a title") for name in names))
        known = {one.name: one for one in await self._store.titles(organization_id) if one.kind == kind}
        order += [name for name in known if name not in order]
        rows = [
            replace(known[name], position=place * STEP) if name in known
            else Title(0, organization_id, kind, name, place * STEP)
            for place, name in enumerate(order, start=1)
        ]  # fmt: skip
        record = self._ground.record(actor, "title.order", f"title:{organization_id}:{kind}")
        made = await self._store.put_titles(rows, record)
        self._ground.tell(organization_id)
        return [one for one in made if one.kind == kind]

    async def rename(self, actor: Actor, title_id: int, organization_id: OrganizationId, name: str) -> Title:
        """Call a title something else, for all who have it. Raises NotFound, AlreadyExists, Invalid, Forbidden."""
        row = await self._one(actor, title_id, organization_id)
        changed = replace(row, name=cleaned(name, "a title"))
        try:
            await self._store.put_titles([changed], self._ground.record(actor, "title.rename", f"title:{title_id}"))
        except AlreadyExists:
            raise AlreadyExists(
                f"there is a title {changed.name} already", reason="name.taken", name=changed.name
            ) from None
        self._ground.tell(organization_id)
        return changed

    async def remove(self, actor: Actor, title_id: int, organization_id: OrganizationId) -> None:
        """Remove a title that nobody has. Raises NotFound, Invalid, Forbidden."""
        await self._one(actor, title_id, organization_id)
        await self._store.drop_title(title_id, self._ground.record(actor, "title.remove", f"title:{title_id}"))
        self._ground.tell(organization_id)

    async def _one(self, actor: Actor, title_id: int, organization_id: OrganizationId) -> Title:
        await self._ground.company(actor, "organization.change", organization_id)
        for one in await self._store.titles(organization_id):
            if one.id == title_id:
                return one
        raise NotFound
