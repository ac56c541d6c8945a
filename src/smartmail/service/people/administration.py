"""Administration: what an administrator does to accounts and domains; each act leaves an audit record.

Used by the command line and the admin API. Each act asks service.kernel.authority; what only reads a signing key's public record
asks nothing. Must not know how it is shown.
"""

from dataclasses import dataclass
from typing import Protocol

from smartmail.domain.account import Account, DomainRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.signing import KeyState
from smartmail.formats.address import domain_to_ascii, normalize, split_address
from smartmail.ports.clock import Clock
from smartmail.ports.store_account_life import AccountLifeStore
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_audit import AuditLog
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.proto.mailauth.keys import KeyKind
from smartmail.service.flow.signing import SigningService
from smartmail.service.flow.signing_keys import KeyRecord, Seen
from smartmail.service.identity.auth import AuthService
from smartmail.service.kernel.authority import Authority


class _Store(AccountLifeStore, AccountStore, AuditLog, DirectoryStore, DomainStore, Protocol): ...


@dataclass(frozen=True, slots=True)
class DkimRecord:
    """A signing key as the world sees it: name and text of the TXT record to publish."""

    selector: str
    kind: str
    name: str
    text: str
    state: KeyState = "active"


class AdministrationService:
    """Changes accounts and domains."""

    def __init__(
        self,
        store: _Store,
        auth: AuthService,
        signing: SigningService,
        clock: Clock,
        authority: Authority,
    ) -> None:
        self._store = store
        self._auth = auth
        self._signing = signing
        self._clock = clock
        self._authority = authority

    # --- accounts ---

    async def set_quota(self, actor: Actor, account_id: AccountId, octets: int | None) -> Account:
        """Limit an account's octets, or lift the limit (None). Raises NotFound, Invalid."""
        await self._authority.require(actor, "account.change", Scope("account", str(int(account_id))))
        if octets is not None and octets <= 0:
            raise Invalid("a quota is more than nothing", reason="quota.none")
        account = await self._store.update_account(account_id, quota=-1 if octets is None else octets)
        await self._audit(actor, "account.quota", f"account:{account_id}")
        return account

    async def set_password(
        self, actor: Actor, account_id: AccountId, secret: str, *, keep_programs: bool = False
    ) -> None:
        """Replace an account's password; its sessions end, and unless `keep_programs` all else that opens it.

        Raises Invalid, NotFound.
        """
        await self._authority.require(actor, "account.secrets", Scope("account", str(int(account_id))))
        await self._auth.set_password(account_id, secret, keep_programs=keep_programs)
        await self._audit(actor, "account.password", f"account:{account_id}")

    async def import_password(self, actor: Actor, account_id: AccountId, text: str) -> None:
        """Take another system's password hash over for an account without a password. Raises Invalid, AlreadyExists."""
        await self._authority.require(actor, "account.secrets", Scope("account", str(int(account_id))))
        await self._auth.import_password(account_id, text)
        # The same act as setting one: whoever brings a hash may know the password (domain.independence).
        await self._audit(actor, "account.password", f"account:{account_id}")
        await self._audit(actor, "account.password_hash", f"account:{account_id}")

    async def setup_link(self, actor: Actor, account_id: AccountId) -> str:
        """Return a one-time token that sets the account's password."""
        await self._authority.require(actor, "account.secrets", Scope("account", str(int(account_id))))
        token = await self._auth.new_setup_link(account_id)
        await self._audit(actor, "account.setup_link", f"account:{account_id}")
        return token

    async def close(self, actor: Actor, account_id: AccountId) -> Account:
        """Close an account: no login, no mail; its data stay. Raises Forbidden for the last administrator."""
        await self._authority.require(actor, "account.change", Scope("account", str(int(account_id))))
        record = AuditRecord(
            self._clock.now(),
            actor.named,
            "account.close",
            f"account:{account_id}",
            actor.origin.address,
            door=actor.origin.door,
        )
        closed = await self._store.set_account_state(account_id, "closed", record)
        self._auth.changed(closed)
        return closed

    async def reopen(self, actor: Actor, account_id: AccountId) -> Account:
        """Open a closed account again. Raises Invalid: it is a leaver's, or destroyed."""
        await self._authority.require(actor, "account.change", Scope("account", str(int(account_id))))
        before = await self._store.account(account_id)
        if before.state == "leaving" or not before.wrapped_key:
            raise Invalid(
                "a leaver is restored, not reopened; what was destroyed does not come back", reason="leaver.restored"
            )
        now, named = self._clock.now(), actor.named
        record = AuditRecord(
            now, named, "account.reopen", f"account:{account_id}", actor.origin.address, door=actor.origin.door
        )
        opened = await self._store.set_account_state(account_id, "active", record)
        self._auth.changed(opened)
        return opened

    async def add_alias(self, actor: Actor, account_id: AccountId, address: str) -> str:
        """Let another address of the organisation's domains be the account's too; return its kept form.

        Raises Invalid, NotFound (domain), AlreadyExists.
        """
        await self._authority.require(actor, "account.change", Scope("account", str(int(account_id))))
        alias = normalize(address)
        local, domain = split_address(alias)
        if not local or not domain:
            raise Invalid(f"not an address: {address!r}", reason="address.form", address=address)
        row = await self._store.domain(domain)
        account = await self._store.account(account_id)
        if row is None or row.organization_id != account.organization_id:
            raise NotFound(f"{domain} is no domain of the account's organisation")
        await self._store.add_address(alias, account_id)
        await self._audit(actor, "account.alias", f"account:{account_id}")
        return alias

    # --- domains ---

    async def domain(self, name: str) -> DomainRow:
        """Return a domain of ours. Raises NotFound."""
        row = await self._store.domain(domain_to_ascii(name.strip().rstrip(".")).lower())
        if row is None:
            raise NotFound(f"{name} is no domain of ours")
        return row

    async def create_dkim(self, actor: Actor, domain: DomainRow, selector: str, kind: KeyKind) -> DkimRecord:
        """Make a signing key: the first of its kind signs at once, another one when it is activated.

        Raises Invalid when the selector has a key.
        """
        await self._authority.require(actor, "signing.change", Scope("domain", domain.name))
        made = await self._signing.keys.create(domain.name, domain.organization_id, selector, kind)
        await self._audit(actor, "domain.dkim", f"domain:{domain.name}")
        return _shown(made)

    async def dkim_records(self, domain: DomainRow) -> list[DkimRecord]:
        """Return the records of a domain's signing keys."""
        return [_shown(one) for one in await self._signing.keys.records(domain.name, domain.organization_id)]

    async def check_dkim(self, domain: DomainRow) -> dict[str, Seen]:
        """Ask the name service for the records of all keys; selector → what it says."""
        keys = self._signing.keys
        records = await keys.records(domain.name, domain.organization_id)
        return {one.row.selector: await keys.check(one) for one in records}

    async def activate_dkim(
        self, actor: Actor, domain: DomainRow, selector: str, *, unchecked: bool = False
    ) -> list[str]:
        """Sign with a key from now on; return the selectors that are retired by it.

        Raises NotFound, and Invalid where the world does not see its record yet, unless `unchecked`.
        """
        await self._authority.require(actor, "signing.change", Scope("domain", domain.name))
        seen = (await self.check_dkim(domain)).get(selector)
        if seen is None:
            raise NotFound(f"{domain.name} has no key with selector {selector}")
        if seen != "published" and not unchecked:
            raise Invalid(
                f"the record of selector {selector} is {seen} in DNS", reason="dkim.notyet", selector=selector
            )
        retired = await self._signing.keys.activate(domain.name, selector)
        await self._audit(actor, "domain.dkim-activate", f"domain:{domain.name}")
        return retired

    async def retire_dkim(self, actor: Actor, domain: DomainRow, selector: str) -> bool:
        """Sign with a key no more; say whether another one still signs. Raises NotFound."""
        await self._authority.require(actor, "signing.change", Scope("domain", domain.name))
        others = await self._signing.keys.retire(domain.name, selector)
        await self._audit(actor, "domain.dkim-retire", f"domain:{domain.name}")
        return others

    async def remove_dkim(self, actor: Actor, domain: DomainRow, selector: str, *, now: bool = False) -> None:
        """Remove a retired key. Raises NotFound, Invalid where it is still needed, unless `now`."""
        await self._authority.require(actor, "signing.change", Scope("domain", domain.name))
        await self._signing.keys.remove(domain.name, selector, now=now)
        await self._audit(actor, "domain.dkim-remove", f"domain:{domain.name}")

    async def _audit(self, actor: Actor, action: str, object_id: str) -> None:
        who = actor.named
        await self._store.audit(
            AuditRecord(self._clock.now(), who, action, object_id, actor.origin.address, door=actor.origin.door)
        )


def _shown(record: KeyRecord) -> DkimRecord:
    return DkimRecord(record.row.selector, record.row.kind, record.name, record.text, record.row.state)
