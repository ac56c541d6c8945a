"""Domains: a company claims one and proves it in DNS before anything is served; whole domains get other names.

STRATEGIES  A claim is no domain: nobody logs in under it, mail for it is refused like any other outside address, and it
            keeps nobody else from claiming the same. The proof is a TXT record that only this installation can name for
            this company and this domain (a keyed hash), so nothing is kept for it. What the installation's
            administrator adds needs no proof.
            A domain gets another name person by person in commits of `STEP`; old addresses stay for some months.
SECURITY    A foreign proof proves nothing: it names the company that claims.
"""

import base64
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from smartmail.domain.account import DomainRow
from smartmail.domain.errors import AlreadyExists, Invalid, NotFound, Unavailable
from smartmail.domain.ids import OrganizationId
from smartmail.domain.organization import DomainClaim, Renaming
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.address import domain_to_ascii, split_address
from smartmail.formats.seal import Purpose
from smartmail.ports.dns import DnsFailure, Resolver
from smartmail.service.people.organization.following import Following
from smartmail.service.people.organization.ground import MONTH, Ground
from smartmail.service.people.organization.people import PeopleService
from smartmail.service.people.organization.store import Store

PREFIX = "_smartmail-challenge"
STEP = 200
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")


@dataclass(frozen=True, slots=True)
class Proof:
    """The TXT record that proves a domain."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class DomainPlan:
    """What giving a domain another name would do. `clashes`: addresses whose name is taken there, with what they get.
    `moves`: its lists and aliases with the addresses that they get; the old ones stand for them.
    """

    renamings: tuple[Renaming, ...]
    clashes: tuple[tuple[str, str], ...]
    moves: tuple[tuple[str, str], ...] = ()
    old: str = ""
    new: str = ""


class DomainService:
    """Claims, proves and renames domains."""

    def __init__(
        self, ground: Ground[Store], resolver: Resolver | None, people: PeopleService, following: Following
    ) -> None:
        self._ground = ground
        self._store = ground.store
        self._resolver = resolver
        self._people = people
        self._following = following

    async def add(self, actor: Actor, name: str, organization_id: OrganizationId) -> DomainRow | DomainClaim:
        """Take a domain for a company: at once by the installation's administrator, else as a claim to be proved.

        Raises Invalid, AlreadyExists, Forbidden, NotFound.
        """
        await self._ground.company(actor, "domain.change", organization_id)
        if (await self._store.organization(organization_id)).state != "active":
            raise Invalid("the company is closed", reason="company.closed")
        domain = checked_domain(name)
        record = self._ground.record(actor, "domain.add", f"domain:{domain}")
        if await self._ground.authority.may(actor, "domain.change", Scope("system")):
            row = DomainRow(domain, organization_id)
            if not await self._store.add_domains([row], record):
                raise AlreadyExists(f"{domain} is a domain already", reason="domain.taken", domain=domain)
            self._ground.tell(organization_id)
            return row
        return await self.claim(actor, domain, organization_id)

    async def claim(self, actor: Actor, name: str, organization_id: OrganizationId) -> DomainClaim:
        """Say that a domain is a company's, to be proved. Raises Invalid, AlreadyExists, Forbidden, NotFound."""
        await self._ground.company(actor, "domain.change", organization_id)
        domain = checked_domain(name)
        claim = DomainClaim(domain, organization_id, self._ground.clock.now())
        try:
            await self._store.claim_domain(claim, self._ground.record(actor, "domain.claim", f"domain:{domain}"))
        except AlreadyExists:
            raise AlreadyExists(f"{domain} is a domain already", reason="domain.taken", domain=domain) from None
        return claim

    async def add_domains(self, actor: Actor, names: Sequence[str], organization_id: OrganizationId) -> list[str]:
        """Take many domains at once, as the installation's administrator; return those that are new.

        Raises Invalid (nothing is added then), Forbidden.
        """
        await self._ground.authority.require(actor, "domain.change", Scope("system"))
        await self._store.organization(organization_id)
        rows = [DomainRow(checked_domain(name), organization_id) for name in names]
        record = self._ground.record(actor, "domain.add", f"organization:{organization_id}")
        made: list[str] = []
        for start in range(0, len(rows), STEP):
            made += await self._store.add_domains(rows[start : start + STEP], record)
        self._ground.tell(organization_id)
        return made

    async def claims(self, actor: Actor, organization_id: OrganizationId) -> list[DomainClaim]:
        """Return what a company claims and has not proved. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "domain.read", organization_id)
        return await self._store.domain_claims(organization_id)

    async def drop_claim(self, actor: Actor, name: str, organization_id: OrganizationId) -> None:
        """Claim a domain no more. Raises NotFound, Forbidden."""
        await self._ground.company(actor, "domain.change", organization_id)
        domain = checked_domain(name)
        record = self._ground.record(actor, "domain.unclaim", f"domain:{domain}")
        if not await self._store.drop_claim(domain, organization_id, record):
            raise NotFound(f"{domain} is not claimed")

    def proof(self, name: str, organization_id: OrganizationId) -> Proof:
        """Return the record that a company publishes to prove a domain."""
        domain = checked_domain(name)
        mac = self._ground.keyring.installation_mac(Purpose.DOMAIN_PROOF, b"%d" % organization_id, domain.encode())
        return Proof(f"{PREFIX}.{domain}", "smartmail-domain=" + base64.b32encode(mac[:20]).decode().lower())

    async def prove(self, actor: Actor, name: str, organization_id: OrganizationId) -> DomainRow:
        """Look for the record; the domain serves mail from then on.

        Raises Invalid (not seen), Unavailable (DNS), NotFound (no claim), AlreadyExists (another was faster), Forbidden.
        """
        await self._ground.company(actor, "domain.change", organization_id)
        domain, proof = checked_domain(name), self.proof(name, organization_id)
        if not any(one.name == domain for one in await self._store.domain_claims(organization_id)):
            raise NotFound(f"{domain} is not claimed")
        if proof.text.encode() not in await self._texts(proof.name):
            raise Invalid(
                f'DNS does not show {proof.name} TXT "{proof.text}" yet',
                reason="domain.unproved",
                name=proof.name,
                text=proof.text,
            )
        row = DomainRow(domain, organization_id)
        if not await self._store.add_domains([row], self._ground.record(actor, "domain.prove", f"domain:{domain}")):
            raise AlreadyExists(f"{domain} is a domain already", reason="domain.taken", domain=domain)
        self._ground.tell(organization_id)
        return row

    async def _texts(self, name: str) -> list[bytes]:
        if self._resolver is None:
            raise Unavailable(detail="no resolver")
        try:
            return [text.strip() for text in await self._resolver.txt(name)]
        except DnsFailure as error:
            raise Unavailable("DNS gave no answer; try again later", detail=str(error), reason="dns.silent") from None

    async def close(self, actor: Actor, name: str) -> DomainRow:
        """Let a domain of which all accounts are closed serve no more; its lists and aliases go.

        Raises NotFound, Invalid (accounts are in use), Forbidden.
        """
        row = await self._domain(actor, name)
        record = self._ground.record(actor, "domain.close", f"domain:{row.name}")
        await self._store.close_domain(row, record)
        self._ground.tell(row.organization_id)
        return replace(row, state="closed")

    # --- other names ---

    async def plan_rename(self, actor: Actor, old: str, new: str, months: int = 6) -> DomainPlan:
        """Return what giving all accounts, lists and aliases of a domain names in another one of the same company would do.

        A name that is taken there gets a number: kim becomes kim2. Raises NotFound, Invalid, Forbidden.
        """
        source, target = await self._domain(actor, old), await self._domain(actor, new)
        if source.organization_id != target.organization_id or source.name == target.name:
            raise Invalid("both are different domains of one company", reason="domain.pair")
        ends_at = self._ground.clock.now() + months * MONTH if months > 0 else None
        accounts = await self._store.accounts(source.organization_id)
        moving = [one for one in accounts if split_address(one.login)[1] == source.name]
        others, begun = await self._unmoved(source, target)
        fresh = [one for one in others if one not in begun]
        names = begun | await free_names([*(one.login for one in moving), *fresh], target.name, self._taken)
        clashes = [(old, new) for old, new in names.items() if split_address(old)[0] != split_address(new)[0]]
        return DomainPlan(
            tuple(Renaming(one.id, one.login, names[one.login], ends_at) for one in moving), tuple(clashes),
            tuple((one, names[one]) for one in others), source.name, target.name,
        )  # fmt: skip

    async def _unmoved(self, source: DomainRow, target: DomainRow) -> tuple[list[str], dict[str, str]]:
        """Return the lists and aliases of a domain that have not moved to the other one, and what a killed run has made."""
        found, begun = list[str](), dict[str, str]()
        for row in await self._following.inside(source.organization_id, source.name):
            if await self._following.has_moved(row, target.name):
                continue
            found.append(row.address)
            namesake = f"{split_address(row.address)[0]}@{target.name}"
            if await self._following.has_begun(row, namesake):
                begun[row.address] = namesake
        return found, begun

    async def rename(self, actor: Actor, plan: DomainPlan) -> int:
        """Carry a plan out; who has the new login already is passed by, so that it may be repeated. Return how many.

        Raises AlreadyExists, Forbidden.
        """
        done = 0
        for start in range(0, len(plan.renamings), STEP):
            step: list[Renaming] = []
            for one in plan.renamings[start : start + STEP]:
                account = await self._store.account(one.account_id)
                await self._ground.company(actor, "domain.change", account.organization_id)
                step += [one] if account.login == one.old else []
            await self._people.rename_many(actor, step)
            done += len(step)
        if plan.old:
            await self._follow(actor, plan)
        return done

    async def _follow(self, actor: Actor, plan: DomainPlan) -> None:
        """Let lists and aliases follow, also those of an earlier run that was killed before them."""
        target = await self._domain(actor, plan.new)
        await self._following.move(actor, target.organization_id, plan.moves)
        names = dict(plan.moves)
        for account in await self._store.accounts(target.organization_id):
            if split_address(account.login)[1] == plan.new:
                own = await self._store.addresses(account.id)
                names |= {one: account.login for one in own if split_address(one)[1] == plan.old}
        await self._following.follow(actor, target.organization_id, names)

    async def _domain(self, actor: Actor, name: str) -> DomainRow:
        row = await self._store.domain(checked_domain(name))
        if row is None:
            raise NotFound(f"{name} is no domain of ours")
        await self._ground.authority.require(actor, "domain.change", Scope("domain", row.name))
        return row

    async def _taken(self, addresses: Sequence[str]) -> set[str]:
        found = set(await self._store.resolve(addresses))
        return found | {row.address for row in await self._store.stand_ins(addresses) if row.kind != "forward"}


async def free_names(
    addresses: Sequence[str], domain: str, taken: Callable[[Sequence[str]], Awaitable[set[str]]]
) -> dict[str, str]:
    """Return for each address the one that it gets in a domain; a name that is taken there gets a number: kim2."""
    wanted = [f"{split_address(one)[0]}@{domain}" for one in addresses]
    used = await taken(wanted)
    found: dict[str, str] = {}
    for address, name in zip(addresses, wanted, strict=True):
        given, number = name, 2
        while given in used or (given != name and await taken([given])):
            given, number = name.replace("@", f"{number}@", 1), number + 1
        used.add(given)
        found[address] = given
    return found


def checked_domain(name: str) -> str:
    """Return a domain in its kept form. Raises Invalid for a name that DNS cannot hold."""
    domain = domain_to_ascii(name.strip().rstrip("."))
    if len(domain) > 253 or not all(_LABEL.match(label) for label in domain.split(".")):
        raise Invalid(f"not a domain name: {name!r}", reason="domain.form", domain=name)
    return domain
