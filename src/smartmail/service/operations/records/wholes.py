"""NAME
    wholes: destroys all that lies under the keys of a whole domain or a whole company (BR-22)

STRATEGIES
    The keys of all accounts go in one transaction, with a company also its own and that of its queue; the entry of the
    register is written in it (service.operations.keys.shredding). What is asked here: that nothing of it is in use any more, and that a
    second person says yes where the company wants that.

SECURITY
    Only a closed domain or company of which every account is closed; one legal hold keeps all of it; permission
    `destruction.run` over the company, class purge.

FAILURE
    All or nothing. Said twice, the second time is refused: the keys were destroyed before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.formats.address import domain_to_ascii, split_address
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.ports.store_policy import HoldStore
from smartmail.service.kernel.audit.texts import given_reason
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.proposals import ProposalService
from smartmail.service.kernel.proposals.acts import Act
from smartmail.service.kernel.proposals.service import Outcome
from smartmail.service.operations.keys.shredding import Shredding
from smartmail.service.operations.records.destroying import MAX_GROUND


class _Store(DirectoryStore, DomainStore, HoldStore, Protocol): ...


DOMAIN_ACT: Final = "domain.destroy"
COMPANY_ACT: Final = "organization.destroy"
Whole = Literal["domain", "organization"]


class WholeArguments(msgspec.Struct, frozen=True):
    """What of whom, on what ground, and why now. `domain` "": the whole company."""

    organization_id: int
    domain: str
    ground: str
    reason: str


@dataclass(frozen=True, slots=True)
class Extent:
    """What would be destroyed. `held`: accounts that a legal hold keeps; `open`: accounts that are not closed."""

    accounts: int
    messages: int
    octets: int
    held: tuple[str, ...]
    open: tuple[str, ...]
    is_closed: bool


class WholeDestruction:
    """Looks at and destroys domains and companies."""

    def __init__(self, store: _Store, authority: Authority, proposals: ProposalService, shredding: Shredding) -> None:
        self._store = store
        self._authority = authority
        self._proposals = proposals
        self._shredding = shredding
        for name in (DOMAIN_ACT, COMPANY_ACT):
            proposals.add(
                Act(name, "purge", "destruction.run", WholeArguments, _scope_of, self._run, check=self._check)
            )  # fmt: skip

    async def extent(self, actor: Actor, organization_id: OrganizationId, domain: str = "") -> Extent:
        """Return what destroying a domain, or (no name) the company, would come to. Raises Forbidden, NotFound."""
        await self._authority.require(actor, "destruction.read", Scope("organization", str(int(organization_id))))
        accounts, is_closed = await self._accounts(organization_id, domain_to_ascii(domain) if domain else "")
        living = [one for one in accounts if one.wrapped_key]
        held = [one.login for one in living if await self._store.holds(one.id)]
        return Extent(
            len(living), sum(one.messages for one in living), sum(one.used for one in living), tuple(held),
            tuple(one.login for one in living if one.state != "closed"), is_closed,
        )  # fmt: skip

    async def destroy(
        self, actor: Actor, organization_id: OrganizationId, domain: str, ground: str, reason: str
    ) -> Outcome:
        """Destroy a domain, or (no name) the company, or ask a second person to consent.

        Raises Invalid (not closed, accounts in use, a hold, no ground or reason, destroyed before), Forbidden, NotFound.
        """
        name = domain_to_ascii(domain) if domain else ""
        arguments = WholeArguments(int(organization_id), name, " ".join(ground.split()), given_reason(reason))
        return await self._proposals.do(actor, DOMAIN_ACT if name else COMPANY_ACT, arguments, reason)

    async def _check(self, _actor: Actor, arguments: WholeArguments) -> None:
        if not 0 < len(arguments.ground) <= MAX_GROUND:
            raise Invalid("a destruction needs its ground", reason="destroy.ground")
        accounts, is_closed = await self._accounts(OrganizationId(arguments.organization_id), arguments.domain)
        if not is_closed:
            raise Invalid("close it first", reason="destroy.close")
        for one in accounts:
            if one.state != "closed":
                raise Invalid(f"{one.login} is still in use", reason="address.used", address=one.login)
            if one.wrapped_key and await self._store.holds(one.id):
                raise Invalid("a legal hold keeps it", reason="hold.keeps")
        row = await self._store.organization(OrganizationId(arguments.organization_id))
        if not any(one.wrapped_key for one in accounts) and (arguments.domain or not row.wrapped_key):
            raise Invalid("its keys were destroyed before", reason="key.destroyed")

    async def _run(self, actor: Actor, arguments: WholeArguments, key: int) -> str:
        await self._check(actor, arguments)
        home = OrganizationId(arguments.organization_id)
        accounts, _ = await self._accounts(home, arguments.domain)
        kind: Whole = "domain" if arguments.domain else "organization"
        number = await self._shredding.shred(
            actor, home, [one for one in accounts if one.wrapped_key], kind=kind,
            subject=f"{kind}:{arguments.domain or home}", ground=arguments.ground, reason=arguments.reason,
            consent=f"{key:x}", whole=kind == "organization",
        )  # fmt: skip
        return f"register:{number}"

    async def _accounts(self, organization_id: OrganizationId, domain: str) -> tuple[Sequence[Account], bool]:
        """Return the accounts of a company, or those whose login is in a domain of it, and whether it is closed."""
        row = await self._store.organization(organization_id)
        found = await self._store.accounts(organization_id)
        if not domain:
            return found, row.state == "closed"
        here = await self._store.domain(domain)
        if here is None or here.organization_id != organization_id:
            raise NotFound(f"{domain} is no domain of the company")
        # A login that was given free ends with a slash and a number behind its domain.
        inside = [one for one in found if split_address(one.login.partition("/")[0])[1] == domain]
        return inside, here.state == "closed"


def _scope_of(arguments: WholeArguments) -> Scope:
    return Scope("organization", str(arguments.organization_id))
