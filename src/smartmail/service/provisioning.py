"""Making accounts ready to use: account, mailboxes, identity, password, in an order that can be repeated."""

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import OrganizationId
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.auth import AuthService
from smartmail.service.directory import DirectoryService, NewPerson
from smartmail.service.identities import IdentityService
from smartmail.service.mailstore.mailboxes import MailboxService


class ProvisioningService:
    """Used by the command line, the demo and, later, the admin API."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        directory: DirectoryService,
        mailboxes: MailboxService,
        identities: IdentityService,
        auth: AuthService,
    ) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._mailboxes = mailboxes
        self._identities = identities
        self._auth = auth

    async def organization(self, name: str) -> OrganizationId:
        """Return the organisation of that name, making it if it is new."""
        for row in await self._directory.organizations():
            if row.name == name:
                return row.id
        return (await self._directory.create_organization(name)).id

    async def person(self, person: NewPerson, password: str | None) -> Account:
        """Make a person's account with mailboxes and identity. Without a password nobody can log in yet.

        Raises NotFound (domain), AlreadyExists (address), Invalid (password).
        """
        account = await self._directory.create_person(person)
        await self._mailboxes.create_defaults(account)
        await self._identities.create_default(account)
        if password is not None:
            await self._auth.set_password(account.id, password)
        record = AuditRecord(self._clock.now(), "system", "account.create", f"account:{account.id}")
        await self._store.audit(record)
        return await self._directory.account(account.id)
