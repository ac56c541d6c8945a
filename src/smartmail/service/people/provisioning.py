"""Making accounts ready to use: account, mailboxes, identity, password, in an order that can be repeated."""

from dataclasses import replace
from typing import Protocol

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid
from smartmail.domain.ids import OrganizationId
from smartmail.formats.address import normalize, split_address
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_directory import DomainStore
from smartmail.service.flow.directory import DirectoryService, NewPerson
from smartmail.service.identity.auth import AuthService
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.mailbox.identities import IdentityService
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.quotas import QuotaService


class _Store(AuditLog, DomainStore, Protocol): ...


class ProvisioningService:
    """Used by the command line, the demo and, later, the admin API."""

    def __init__(
        self,
        store: _Store,
        clock: Clock,
        directory: DirectoryService,
        mailboxes: MailboxService,
        identities: IdentityService,
        auth: AuthService,
        policy: PolicyService,
        quotas: QuotaService,
    ) -> None:
        self._store = store
        self._clock = clock
        self._directory = directory
        self._mailboxes = mailboxes
        self._identities = identities
        self._auth = auth
        self._policy = policy
        self._quotas = quotas

    async def organization(self, name: str) -> OrganizationId:
        """Return the organisation of that name, making it if it is new."""
        for row in await self._directory.organizations():
            if row.name == name:
                return row.id
        return (await self._directory.create_organization(name)).id

    async def person(self, person: NewPerson, password: str | None, *, by: str = "system") -> Account:
        """Make a person's account with mailboxes and identity. Without a password nobody can log in yet. `by`: who makes
        it, as the audit names them.

        Raises NotFound (domain), AlreadyExists (address), Invalid (password, a language that policy does not offer).
        """
        account = await self._directory.create_person(await self._in_a_language(person))
        # Before anything else: whoever gets hold of the account later on is told from who made it.
        record = AuditRecord(self._clock.now(), by, "account.create", f"account:{account.id}")
        await self._store.audit(record)
        await self._quotas.begin(account.id)
        await self._mailboxes.create_defaults(account)
        await self._identities.create_default(account)
        if password is not None:
            await self._auth.set_password(account.id, password)
        return await self._directory.account(account.id)

    async def _in_a_language(self, person: NewPerson) -> NewPerson:
        """Return the person with the language of its organisation where none was named. Raises Invalid."""
        row = await self._store.domain(split_address(normalize(person.login))[1])
        if row is None:
            return person
        policy = await self._policy.of_place(row.organization_id, row.name, person.department)
        if person.language and person.language not in policy[knobs.OFFERED_LANGUAGES]:
            raise Invalid(f"policy offers {', '.join(policy[knobs.OFFERED_LANGUAGES])}", reason="language.offered")
        return replace(person, language=person.language or policy[knobs.LANGUAGE])
