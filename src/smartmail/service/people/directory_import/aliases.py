"""Tables of aliases: an address and whom it stands for.

Who does an act asks the rights again, as from any other door.
"""

from collections.abc import Sequence

from smartmail.domain.directory_import import Act, Finding, Outcome
from smartmail.domain.errors import MailError
from smartmail.domain.ids import OrganizationId
from smartmail.domain.principal import Actor
from smartmail.formats.address import split_address
from smartmail.service.flow.addressing.standing import StandInService, checked, spelled
from smartmail.service.people.directory_import.drafts import DONE, UNDONE, Draft, Options, Record, left, several, twice
from smartmail.service.people.directory_import.store import Store
from smartmail.service.people.directory_import.working import CHANGED, back, each
from smartmail.service.people.organization import Ground


class AliasWork:
    """Tables of aliases: an address and whom it stands for."""

    def __init__(self, ground: Ground[Store], stand_ins: StandInService) -> None:
        self._ground = ground
        self._stand_ins = stand_ins

    async def begin(self, actor: Actor, organization_id: OrganizationId) -> dict[str, list[str]]:
        """Return aliases with their targets. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "domain.change", organization_id)
        return await self._present(actor, organization_id)

    async def _present(self, actor: Actor, organization_id: OrganizationId) -> dict[str, list[str]]:
        rows = await self._stand_ins.list_all(organization_id, "alias")
        return {row.address: sorted((await self._stand_ins.targets(row.address)).addresses) for row in rows}

    async def plan(
        self, actor: Actor, organization_id: OrganizationId, records: Sequence[Record], how: Options
    ) -> Draft:
        """Compare a table with the aliases. Raises Forbidden, NotFound."""
        present = await self.begin(actor, organization_id)
        draft = Draft(active=len(present))
        domains = {row.name for row in await self._ground.store.domains() if row.organization_id == organization_id}
        keys = [self._full(record.get("address"), how) for record in records]
        once, draft.findings = twice(records, keys, "address")
        read = [(record, key) for record, key in zip(records, keys, strict=True) if record in once]
        taken = await self._taken([key for _, key in read if key and key not in present])
        for record, key in read:
            act, finding = self._act(present, record, key or "", how, domains, taken)
            draft.findings += [finding] if finding else []
            draft.acts += [act] if act else []
            draft.unchanged += act is None and finding is None
        return draft

    def _full(self, text: str | None, how: Options) -> str | None:
        return spelled(text if "@" in text or not how.domain else f"{text}@{how.domain}") if text else None

    async def _taken(self, addresses: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for start in range(0, len(addresses), 500):
            part = addresses[start : start + 500]
            found |= set(await self._ground.store.resolve(part))
            found |= {row.address for row in await self._ground.store.stand_ins(part)}
        return found

    def _act(
        self, present: dict[str, list[str]], record: Record, key: str, how: Options, domains: set[str], taken: set[str]
    ) -> tuple[Act | None, Finding | None]:
        if not key:
            return None, record.wrong("address", "empty")
        local, domain = split_address(key)
        if not domain or (not local and not key.startswith("@")) or " " in key:
            return None, record.wrong("address", "no-address", key)
        if domain not in domains:
            return None, record.wrong("address", "foreign-domain", domain)
        if key in taken:
            return None, record.wrong("address", "address-taken", key)
        words = several(record.get("targets") or "")
        try:
            targets = sorted(
                checked([word if "@" in word or not how.domain else f"{word}@{how.domain}" for word in words])
            )
        except MailError:
            return None, record.wrong("targets", "no-address" if words else "empty", record.values["targets"])
        if key in targets:
            return None, record.wrong("targets", "circle", key)
        before = {"targets": present[key]} if key in present else None
        if before == {"targets": targets}:
            return None, None
        what = "change" if before else "make"
        return Act(what=what, key=key, line=record.line, before=before, after={"targets": targets}), None  # type: ignore[arg-type]

    async def perform(
        self, actor: Actor, present: dict[str, list[str]], acts: Sequence[Act], *, again: bool
    ) -> list[Outcome]:
        """Do acts."""

        async def one(act: Act) -> Outcome:
            stands, targets = present.get(act.key), (act.after or {})["targets"]
            if stands == targets:
                return DONE
            if stands != (act.before or {}).get("targets"):
                return Outcome(ending="failed", detail=CHANGED)
            await self._stand_ins.put_alias(actor, act.key, targets)
            present[act.key] = targets
            return DONE

        return await each(acts, one)

    async def revert(
        self, actor: Actor, present: dict[str, list[str]], acts: Sequence[Act], outcomes: Sequence[Outcome]
    ) -> list[Outcome]:
        """Take acts back: new aliases go, as if they had never been; others get their targets again."""

        async def one(act: Act) -> Outcome:
            stands, before = present.get(act.key), (act.before or {}).get("targets")
            if stands == before:
                return UNDONE
            if stands != (act.after or {})["targets"]:
                return left(CHANGED)
            if before is None:
                await self._stand_ins.retire(actor, act.key, "alias", forget=True)
                del present[act.key]
            else:
                await self._stand_ins.put_alias(actor, act.key, before)
                present[act.key] = before
            return UNDONE

        return await back(acts, outcomes, one)

    async def rows(self, actor: Actor, organization_id: OrganizationId) -> list[Sequence[str]]:
        """Return all aliases as rows of a table."""
        await self._ground.company(actor, "domain.read", organization_id)
        return [
            (key, ";".join(targets)) for key, targets in sorted((await self._present(actor, organization_id)).items())
        ]
