"""Tables of shared accounts (공용메일): what they are called, who works in them, who sends as them.

An account and its rights are one act. A new account is removed again when all that has happened to it is what the table
said: the store looks at its counters as with people. Who does an act asks the rights again, as from any other door.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.directory_import import Act, Finding, MadeAccount, Outcome
from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import Step, Wanted
from smartmail.domain.principal import Actor
from smartmail.domain.rights import NOTHING, WHOLE_ACCOUNT, Grantee
from smartmail.formats.address import normalize, split_address
from smartmail.service.flow.directory import NewPerson
from smartmail.service.mailbox.sharing.granting import SharingService
from smartmail.service.people.directory_import.drafts import DONE, UNDONE, Draft, Options, Record, failed, left, twice
from smartmail.service.people.directory_import.shared_rows import Grants, RowError, Shared, cells, wanted_grants
from smartmail.service.people.directory_import.store import Store
from smartmail.service.people.directory_import.working import CHANGED, USED, back, each
from smartmail.service.people.organization import Ground, PeopleService
from smartmail.service.people.organization.ground import MAX_NAME
from smartmail.service.people.provisioning import ProvisioningService

PAGE: Final = 500


@dataclass(slots=True)
class SharedAccounts:
    """A company's shared accounts by login, with what is known of their rights; other logins that are in use."""

    organization_id: OrganizationId
    accounts: dict[str, Account]
    domains: frozenset[str]
    grants: dict[AccountId, Grants] = field(default_factory=dict)
    named: dict[str, Grantee] = field(default_factory=dict)

    def usual(self, how: Options) -> str:
        """Return the domain of words without one, "" where that is not clear."""
        return how.domain or (next(iter(self.domains)) if len(self.domains) == 1 else "")


class SharedWork:
    """Plans and does tables of shared accounts."""

    def __init__(
        self, ground: Ground[Store], people: PeopleService, provisioning: ProvisioningService, sharing: SharingService
    ) -> None:
        self._ground = ground
        self._store = ground.store
        self._people = people
        self._provisioning = provisioning
        self._sharing = sharing

    async def begin(self, actor: Actor, organization_id: OrganizationId) -> SharedAccounts:
        """Return the shared accounts as they are now. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "account.change", organization_id)
        return await self._present(organization_id)

    async def _present(self, organization_id: OrganizationId) -> SharedAccounts:
        accounts = await self._store.accounts(organization_id)
        domains = await self._store.domains()
        return SharedAccounts(
            organization_id,
            {one.login: one for one in accounts if one.kind == "shared" and one.wrapped_key},
            frozenset(row.name for row in domains if row.organization_id == organization_id),
        )

    async def _stands(self, present: SharedAccounts, login: str) -> Shared | None:
        account = present.accounts.get(login)
        if account is None:
            return None
        if account.id not in present.grants:
            present.grants[account.id] = {
                one.grantee: one.rights for one in await self._store.grants(account.id)
                if one.mailbox_id == WHOLE_ACCOUNT and one.grantee.kind != "post"
            }  # fmt: skip
        return Shared(account.name, present.grants[account.id])

    # --- plan ---

    async def plan(
        self, actor: Actor, organization_id: OrganizationId, records: Sequence[Record], how: Options
    ) -> Draft:
        """Compare a table with the shared accounts. Raises Forbidden, NotFound."""
        present = await self.begin(actor, organization_id)
        draft = Draft(active=len(present.accounts))
        read: list[Record] = []
        keys: list[str | None] = []
        for record in records:
            try:
                keys.append(_login(present, record, how))
                read.append(record)
            except RowError as error:
                draft.findings.append(error.finding)
        once, wrong = twice(read, keys, "address")
        draft.findings += wrong
        pairs = [(record, key) for record, key in zip(read, keys, strict=True) if record in once and key]
        taken = await self._taken([key for _, key in pairs if key not in present.accounts])
        for record, key in pairs:
            if key in taken:
                draft.findings.append(record.wrong("address", "address-taken", key))
            else:
                await self._planned(actor, present, draft, record, key, how)
        return draft

    async def _taken(self, logins: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for start in range(0, len(logins), PAGE):
            part = logins[start : start + PAGE]
            found |= set(await self._store.resolve(part))
            found |= {row.address for row in await self._store.stand_ins(part)}
        return found

    async def _planned(
        self, actor: Actor, present: SharedAccounts, draft: Draft, record: Record, key: str, how: Options
    ) -> None:
        stands = await self._stands(present, key)
        try:
            wanted = await self._wanted(actor, present, record, key, stands, how)
        except RowError as error:
            draft.findings.append(error.finding)
            return
        if wanted == stands:
            draft.unchanged += 1
            return
        what, before = ("make", None) if stands is None else ("change", _kept(stands))
        draft.acts.append(Act(what=what, key=key, line=record.line, before=before, after=_kept(wanted)))  # type: ignore[arg-type]

    async def _wanted(
        self, actor: Actor, present: SharedAccounts, record: Record, key: str, stands: Shared | None, how: Options
    ) -> Shared:
        own, domain = replace(actor, organization_id=present.organization_id), present.usual(how)

        async def named(word: str) -> Grantee:
            if word not in present.named:
                full = word if "@" in word or ":" in word or not domain else f"{word}@{domain}"
                present.named[word] = await self._sharing.named(own, full)
            return present.named[word]

        grants = await wanted_grants(record, stands.grants if stands else {}, named)
        if stands and Grantee("account", present.accounts[key].id) in grants:
            raise RowError(record.wrong("members", "circle", key))
        name = " ".join((record.get("name") or "").split())
        if len(name) > MAX_NAME or not name.isprintable():
            raise RowError(record.wrong("name", "too-long", name))
        return Shared(name or (stands.name if stands else split_address(key)[0]), grants)

    # --- do ---

    async def perform(
        self, actor: Actor, present: SharedAccounts, acts: Sequence[Act], *, again: bool
    ) -> list[Outcome]:
        """Do acts. `again`: they may have been done, or half done, a worker died over them."""

        async def one(act: Act) -> Outcome:
            stands, after = await self._stands(present, act.key), _shared(act.after)
            if act.what == "make":
                return await self._make(actor, present, act.key, stands, after, again=again)
            if stands == after:
                return DONE
            before = _shared(act.before)
            if stands is None or not (stands == before or (again and _between(stands, before, after))):
                return Outcome(ending="failed", detail=CHANGED)
            await self._change(actor, present, act.key, after)
            return DONE

        return await each(acts, one)

    async def _make(
        self, actor: Actor, present: SharedAccounts, key: str, stands: Shared | None, after: Shared, *, again: bool
    ) -> Outcome:
        half = again and stands is not None and _between(stands, Shared(after.name, {}), after)
        if stands is not None and not (half and await self._dropped(actor, present, key)):
            return Outcome(ending="failed", detail=CHANGED)
        await self._ground.company(actor, "account.change", present.organization_id)
        made = await self._provisioning.person(NewPerson(key, after.name, kind="shared"), None, by=actor.named)
        present.accounts[key], present.grants[made.id] = made, {}
        ended = DONE
        try:
            await self._grant(actor, present, made.id, after.grants)
        except MailError as error:
            ended = failed(error)
        account = await self._store.account(made.id)
        kept = {"modseq": account.modseq, "auth_epoch": account.auth_epoch}
        return msgspec.structs.replace(ended, ending="done", account_id=account.id, after=kept)

    async def _change(self, actor: Actor, present: SharedAccounts, key: str, wanted: Shared) -> None:
        account = present.accounts[key]
        if account.name != wanted.name:
            step = Step(kind="change", account_id=account.id, wanted=Wanted(login=account.login, name=wanted.name))
            present.accounts[key] = await self._people.perform(actor, step)
        await self._grant(actor, present, account.id, wanted.grants)

    async def _grant(self, actor: Actor, present: SharedAccounts, account_id: AccountId, wanted: Grants) -> None:
        there = present.grants[account_id]
        for who in [*(one for one in there if one not in wanted), *wanted]:
            rights = wanted.get(who, NOTHING)
            if there.get(who, NOTHING) == rights:
                continue
            await self._sharing.share(actor, account_id, WHOLE_ACCOUNT, who, rights, quiet=True)
            if rights:
                there[who] = rights
            else:
                del there[who]

    async def _dropped(self, actor: Actor, present: SharedAccounts, key: str) -> bool:
        """Remove a new account with its rights, which are given back where it stays."""
        account = present.accounts[key]
        before = dict(present.grants[account.id])
        # Counted first: an account that has mail does not lose its people even for a moment.
        if account.messages > 0:
            return False
        await self._grant(actor, present, account.id, {})
        now = await self._store.account(account.id)
        record = self._ground.record(actor, "account.drop", f"account:{account.id}")
        made = MadeAccount(account.id, now.modseq, now.auth_epoch)
        if not await self._store.drop_new_account(made, record):
            await self._grant(actor, present, account.id, before)
            return False
        del present.accounts[key]
        return True

    # --- take back ---

    async def revert(
        self, actor: Actor, present: SharedAccounts, acts: Sequence[Act], outcomes: Sequence[Outcome]
    ) -> list[Outcome]:
        """Take acts back: new accounts go that nobody has used, others are as they were before."""
        made = {act.key: outcome for act, outcome in zip(acts, outcomes, strict=True)}

        async def one(act: Act) -> Outcome:
            stands = await self._stands(present, act.key)
            if act.what == "make":
                return await self._unmake(actor, present, act, stands, made[act.key])
            before = _shared(act.before)
            if stands == before:
                return UNDONE
            if stands is None or not _between(stands, before, _shared(act.after)):
                return left(CHANGED)
            await self._change(actor, present, act.key, before)
            return UNDONE

        return await back(acts, outcomes, one)

    async def _unmake(
        self, actor: Actor, present: SharedAccounts, act: Act, stands: Shared | None, outcome: Outcome
    ) -> Outcome:
        if stands is None:
            return UNDONE
        account, kept = present.accounts[act.key], outcome.after or {}
        if account.id != outcome.account_id or not _between(stands, Shared(stands.name, {}), _shared(act.after)):
            return left(CHANGED)
        if (account.modseq, account.auth_epoch) != (kept.get("modseq"), kept.get("auth_epoch")):
            return left(USED)
        return UNDONE if await self._dropped(actor, present, act.key) else left(USED)

    # --- out ---

    async def rows(self, actor: Actor, organization_id: OrganizationId) -> list[Sequence[str]]:
        """Return all shared accounts as rows of a table."""
        await self._ground.company(actor, "account.read", organization_id)
        present = await self._present(organization_id)
        own = replace(actor, organization_id=organization_id)
        names: dict[Grantee, str] = {}
        found: list[Sequence[str]] = []
        for login in sorted(present.accounts):
            stands = await self._stands(present, login)
            assert stands is not None
            for who in stands.grants:
                if who not in names:
                    names[who] = await self._name(own, who)
            grants = {names[who]: one for who, one in stands.grants.items() if names[who]}
            found.append((login, stands.name, *cells(grants)))
        return found

    async def _name(self, actor: Actor, who: Grantee) -> str:
        try:
            return await self._sharing.name_of(actor, who)
        except NotFound:
            return ""


def _login(present: SharedAccounts, record: Record, how: Options) -> str:
    text = record.get("address")
    if not text:
        raise RowError(record.wrong("address", "empty"))
    domain = present.usual(how)
    login = normalize(text if "@" in text or not domain else f"{text}@{domain}")
    local, domain = split_address(login)
    wrong: Finding | None = None
    if not local or not domain or not login.isprintable() or " " in login or len(login) > 254:
        wrong = record.wrong("address", "no-address", text)
    elif domain not in present.domains:
        wrong = record.wrong("address", "foreign-domain", domain)
    if wrong is not None:
        raise RowError(wrong)
    return login


def _kept(one: Shared) -> dict[str, Any]:
    return {"name": one.name, "grants": {f"{who.kind}:{who.id}": sorted(rights) for who, rights in one.grants.items()}}


def _shared(kept: Mapping[str, Any] | None) -> Shared:
    found = kept or {"name": "", "grants": {}}
    return Shared(found["name"], {_grantee(who): frozenset(rights) for who, rights in found["grants"].items()})


def _grantee(text: str) -> Grantee:
    kind, _, number = text.partition(":")
    return Grantee(kind, int(number))  # type: ignore[arg-type]


def _between(stands: Shared, before: Shared, after: Shared) -> bool:
    """Say whether nobody else has touched an account that is on its way from one state to another."""
    whom = stands.grants.keys() | before.grants.keys() | after.grants.keys()
    return stands.name in {before.name, after.name} and all(
        stands.grants.get(who, NOTHING) in (before.grants.get(who, NOTHING), after.grants.get(who, NOTHING))
        for who in whom
    )
