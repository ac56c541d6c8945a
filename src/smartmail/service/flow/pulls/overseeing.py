"""What administrators see of people's pulls, and how they stop one.

SECURITY  Permission account.read over the person to see, account.change to stop. They see the host and how it goes, never the
          login over there, the password or what the other side said: the mailbox is the person's own.
"""

from dataclasses import dataclass, replace
from typing import Final, Protocol

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.domain.pulls import PullReason, PullRow
from smartmail.formats.seal import SealError
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_pulls import PullStore
from smartmail.service.flow.pulls.texts import open_pull
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring


class _Store(AccountStore, PullStore, Protocol): ...


PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class PullSeen:
    """A pull as administrators see it."""

    row: PullRow
    account: Account
    host: str
    protocol: str
    remove: bool

    @property
    def reason(self) -> PullReason:
        """Why it brings nothing, if so."""
        return self.row.reason


class PullOversight:
    """The administrators' part."""

    def __init__(self, store: _Store, keyring: Keyring, authority: Authority, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._authority = authority
        self._clock = clock

    async def list_all(self, actor: Actor, organization_id: OrganizationId | None) -> list[PullSeen]:
        """Return the pulls of a company's people (None: of all) whom the actor may see, in no order that means something."""
        found: list[PullSeen] = []
        after = b""
        while rows := await self._store.pulls_of_organization(organization_id, after, PAGE):
            after = rows[-1].id
            for row in rows:
                try:
                    found.append(await self._seen(row))
                except (NotFound, SealError):
                    continue
        visible = {
            one.id for one in await self._authority.visible(actor, "account.read", [one.account for one in found])
        }
        return [one for one in found if one.account.id in visible]

    async def stop(self, actor: Actor, pull_id: bytes) -> None:
        """Switch one off; its person may switch it on again, unless policy says otherwise. Raises NotFound, Forbidden."""
        row = await self._store.pull(pull_id)
        if row is None:
            raise NotFound
        await self._authority.require(actor, "account.change", Scope("account", str(int(row.account_id))))
        now = self._clock.now()
        record = AuditRecord(
            now, actor.named, "pull.stop", f"pull:{pull_id.hex()}", actor.origin.address, door=actor.origin.door
        )
        stopped = replace(row, enabled=False, reason="stopped", changed_at=now, sealed_said=b"")
        if not await self._store.change_pull(stopped, record):
            raise NotFound

    async def _seen(self, row: PullRow) -> PullSeen:
        account = await self._store.account(row.account_id)
        text = open_pull(await self._keyring.account(account), row).text
        return PullSeen(row, account, text.host, text.protocol, text.remove)
