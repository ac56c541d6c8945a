"""What all parts of the organisation stand on: the store, the one door for rights, audit records, news for others."""

from typing import Generic, TypeVar

from smartmail.domain.audit import AuditRecord
from smartmail.domain.authority import Permission
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import Department
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.ports.bus import Bus
from smartmail.ports.clock import Clock
from smartmail.ports.store_organization import OrganizationStore
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import TOPIC as POLICY_TOPIC

TOPIC = "directory"
"""Payload: the id of a company whose directory has changed."""
MAX_NAME = 200
MONTH = 30 * DAY + DAY // 2


S_co = TypeVar("S_co", covariant=True)


class Ground(Generic[S_co]):
    """Shared by services of people; `Ground[…]` names what one of them asks of the store."""

    def __init__(self, store: S_co, authority: Authority, keyring: Keyring, bus: Bus, clock: Clock) -> None:
        self.store = store
        self.authority = authority
        self.keyring = keyring
        self.bus = bus
        self.clock = clock

    async def company(self, actor: Actor, permission: Permission, organization_id: OrganizationId) -> None:
        """Let pass who holds a permission over a company. Raises Forbidden, NotFound."""
        await self.authority.require(actor, permission, Scope("organization", str(organization_id)))

    async def person(self, actor: Actor, permission: Permission, account_id: AccountId) -> None:
        """Let pass who holds a permission over an account. Raises Forbidden, NotFound."""
        await self.authority.require(actor, permission, Scope("account", str(account_id)))

    async def department(
        self, actor: Actor, permission: Permission, organization_id: OrganizationId, code: str
    ) -> None:
        """Let pass who holds a permission over a department. Raises Forbidden, NotFound."""
        await self.authority.require(actor, permission, Scope("department", f"{organization_id}:{code}"))

    def record(self, actor: Actor, action: str, thing: str) -> AuditRecord:
        """Return the audit record of an act."""
        return AuditRecord(self.clock.now(), actor.named, action, thing, actor.origin.address, door=actor.origin.door)

    def tell(self, *organizations: OrganizationId) -> None:
        """Tell every process that directories changed, and with them what holds for people and whom grants reach."""
        self.bus.publish(POLICY_TOPIC, "0")
        for one in organizations:
            self.bus.publish(TOPIC, str(one))


async def found(
    ground: Ground[OrganizationStore], actor: Actor, permission: Permission, department_id: int
) -> Department:
    """Return a department that is looked for by its id, of a company where the actor holds a permission anywhere.

    Raises Forbidden before anything is looked up; NotFound: not there, or another company's.
    """
    if await ground.authority.organization(actor, permission) is None:
        return await ground.store.department(department_id)
    row = await ground.store.department(department_id)
    if row.organization_id != actor.organization_id:
        raise NotFound
    return row


def cleaned(name: str, what: str) -> str:
    """Return a name that somebody typed, without blanks around it. Raises Invalid."""
    text = " ".join(name.split())
    if not text or len(text) > MAX_NAME or not text.isprintable():
        raise Invalid(f"{what} has a name of 1 to {MAX_NAME} characters", reason="name.length", most=MAX_NAME)
    return text
