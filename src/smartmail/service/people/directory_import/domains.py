"""Tables of domains: served at once where the installation's administrator brings them, else claimed.

Who does an act asks the rights again, as from any other door.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from smartmail.domain.directory_import import Act, Outcome
from smartmail.domain.errors import AlreadyExists, MailError, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.service.people.directory_import.drafts import DONE, UNDONE, Draft, Options, Record, failed, left, twice
from smartmail.service.people.directory_import.store import Store
from smartmail.service.people.directory_import.working import CHANGED, USED, back, each
from smartmail.service.people.organization import DomainService, Ground
from smartmail.service.people.organization.domains import checked_domain


@dataclass(slots=True)
class Domains:
    """All domains with their company, and the company's own and claimed ones."""

    organization_id: OrganizationId
    owners: dict[str, OrganizationId]
    claimed: set[str]
    whole: bool


class DomainWork:
    """Tables of domains: served at once where the installation's administrator brings them, else claimed."""

    def __init__(self, ground: Ground[Store], domains: DomainService) -> None:
        self._ground = ground
        self._domains = domains

    async def begin(self, actor: Actor, organization_id: OrganizationId) -> Domains:
        """Return the domains as they are now. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "domain.change", organization_id)
        return await self._present(actor, organization_id)

    async def _present(self, actor: Actor, organization_id: OrganizationId) -> Domains:
        claims = await self._domains.claims(actor, organization_id)
        return Domains(
            organization_id,
            {row.name: row.organization_id for row in await self._ground.store.domains()},
            {one.name for one in claims},
            await self._ground.authority.may(actor, "domain.change", Scope("system")),
        )

    async def plan(
        self, actor: Actor, organization_id: OrganizationId, records: Sequence[Record], how: Options
    ) -> Draft:
        """Compare a table with the domains. Raises Forbidden, NotFound."""
        present = await self.begin(actor, organization_id)
        draft = Draft(active=sum(owner == organization_id for owner in present.owners.values()))
        read: list[Record] = []
        names: list[str | None] = []
        for record in records:
            try:
                names.append(checked_domain(record.get("domain") or ""))
                read.append(record)
            except MailError:
                draft.findings.append(record.wrong("domain", "no-domain", record.values["domain"]))
        once, wrong = twice(read, names, "domain")
        draft.findings += wrong
        for record, name in zip(read, names, strict=True):
            owner = present.owners.get(name or "")
            if record not in once or name is None:
                continue
            if owner is not None and owner != organization_id:
                draft.findings.append(record.wrong("domain", "domain-taken", name))
            elif owner is not None or (not present.whole and name in present.claimed):
                draft.unchanged += 1
            else:
                draft.acts.append(Act(what="make", key=name, line=record.line, after={"claim": not present.whole}))
        return draft

    async def perform(self, actor: Actor, present: Domains, acts: Sequence[Act], *, again: bool) -> list[Outcome]:
        """Add or claim domains."""
        if not present.whole:

            async def claim(act: Act) -> Outcome:
                await self._domains.claim(actor, act.key, present.organization_id)
                return DONE

            return await each(acts, claim)
        new = set(await self._domains.add_domains(actor, [act.key for act in acts], present.organization_id))
        present.owners = {row.name: row.organization_id for row in await self._ground.store.domains()}
        own = {name for name, owner in present.owners.items() if owner == present.organization_id}
        return [
            DONE
            if act.key in new or act.key in own
            else failed(AlreadyExists(f"{act.key} is a domain already", reason="domain.taken", domain=act.key))
            for act in acts
        ]

    async def revert(
        self, actor: Actor, present: Domains, acts: Sequence[Act], outcomes: Sequence[Outcome]
    ) -> list[Outcome]:
        """Give new domains up in which there is nothing yet, and claims."""
        added = [act.key for act, one in zip(acts, outcomes, strict=True) if _added(act, one)]
        if added:
            await self._ground.authority.require(actor, "domain.change", Scope("system"))
        record = self._ground.record(
            actor, "domain.drop", f"organization:{present.organization_id} domains:{len(added)}"
        )
        await self._ground.store.drop_new_domains(present.organization_id, added, record)
        there = {row.name for row in await self._ground.store.domains()}

        async def one(act: Act) -> Outcome:
            if not (act.after or {})["claim"]:
                return left(USED) if act.key in there else UNDONE
            try:
                await self._domains.drop_claim(actor, act.key, present.organization_id)
            except NotFound:
                return left(CHANGED) if act.key in there else UNDONE
            return UNDONE

        return await back(acts, outcomes, one)

    async def rows(self, actor: Actor, organization_id: OrganizationId) -> list[Sequence[str]]:
        """Return all domains of a company as rows of a table."""
        await self._ground.company(actor, "domain.read", organization_id)
        present = await self._present(actor, organization_id)
        return [(name,) for name, owner in sorted(present.owners.items()) if owner == organization_id]


def _added(act: Act, outcome: Outcome) -> bool:
    return outcome.ending == "done" and not (act.after or {})["claim"]
