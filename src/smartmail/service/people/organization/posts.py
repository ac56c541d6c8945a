"""직책메일: a shared account that belongs to a post. Whoever has the duty in the department works in it; its history stays.

The grant names the post, not the person, so that whoever takes the seat over has the mail within a second and whoever
leaves it has not.
"""

from dataclasses import dataclass

from smartmail.domain.account import Account
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import Post
from smartmail.domain.principal import Actor
from smartmail.domain.rights import SEND_AS, SHARE_ROLES, WHOLE_ACCOUNT, Grantee
from smartmail.formats.address import normalize, split_address
from smartmail.service.flow.directory import NewPerson
from smartmail.service.mailbox.sharing import SharingService
from smartmail.service.people.organization.ground import Ground, cleaned, found
from smartmail.service.people.organization.store import Store
from smartmail.service.people.organization.writing import tables
from smartmail.service.people.provisioning import ProvisioningService

RIGHTS = (SHARE_ROLES["manage"] - {"a"}) | {SEND_AS}


@dataclass(frozen=True, slots=True)
class PostShown:
    """A post in words, and who holds it."""

    account: Account
    department: str
    duty: str
    holders: tuple[Account, ...]


class PostService:
    """Makes posts and shows who holds them."""

    def __init__(self, ground: Ground[Store], provisioning: ProvisioningService, sharing: SharingService) -> None:
        self._ground = ground
        self._store = ground.store
        self._provisioning = provisioning
        self._sharing = sharing

    async def create(self, actor: Actor, department_id: int, duty: str, login: str, name: str = "") -> Account:
        """Make the account of a post; return it. Raises NotFound (department, domain), Invalid (duty), AlreadyExists,
        Forbidden.
        """
        department = await found(self._ground, actor, "account.change", department_id)
        organization = department.organization_id
        await self._ground.company(actor, "account.change", organization)
        domain = await self._store.domain(split_address(normalize(login))[1])
        if domain is None or domain.organization_id != organization:
            raise NotFound(f"{login} is in no domain of the department's company")
        known = await tables(self._store, organization)
        duty_id = known.title("duty", cleaned(duty, "a post"))
        shown = name or f"{department.name} {duty}"
        account = await self._provisioning.person(NewPerson(login, shown, kind="shared"), None, by=actor.named)
        record = self._ground.record(actor, "post.create", f"account:{account.id}")
        await self._store.put_post(Post(account.id, organization, department.id, duty_id), record)
        # The account acts for itself: who may make a post need not administer shared accounts.
        own = Actor(account.id, organization, account.login, is_admin=False, origin=actor.origin)
        await self._sharing.share(own, account.id, WHOLE_ACCOUNT, Grantee("post", account.id), RIGHTS, quiet=True)
        self._ground.tell(organization)
        return account

    async def remove(self, actor: Actor, account_id: AccountId) -> None:
        """Let an account follow the post no more; it stays, and what it was shared with. Raises NotFound, Forbidden."""
        await self._ground.person(actor, "account.change", account_id)
        await self._store.drop_post(account_id, self._ground.record(actor, "post.remove", f"account:{account_id}"))
        self._ground.tell((await self._store.account(account_id)).organization_id)

    async def list_all(self, actor: Actor, organization_id: OrganizationId) -> list[PostShown]:
        """Return the posts of a company. Raises Forbidden, NotFound."""
        await self._ground.company(actor, "organization.read", organization_id)
        known = await tables(self._store, organization_id)
        found = []
        for post in await self._store.posts(organization_id):
            holders = [await self._store.account(one) for one in await self._store.post_holders(post.account_id)]
            department = known.departments.get(post.department_id)
            found.append(
                PostShown(
                    await self._store.account(post.account_id),
                    department.name if department else "",
                    known.name(post.duty_id),
                    tuple(one for one in holders if one.may("shown")),
                )
            )
        return found
