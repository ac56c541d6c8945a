"""To which organisation's chain a record belongs.

To that of the account it was on, else of the first account or domain that its object names, else of who did it, else to
the installation's own.
"""

from typing import Final, Protocol

from smartmail.domain.audit import INSTALLATION, AuditRow
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DomainStore


class _Store(AccountStore, DomainStore, Protocol): ...


MAX_KNOWN: Final = 50_000
# Words of objects whose number is, or begins with, that of an account ("message:17/3").
_OF_ACCOUNTS: Final = frozenset(("account", "mailbox", "message", "thread"))


class Homes:
    """Finds organisations; what an account or domain belongs to never changes, so answers are kept."""

    def __init__(self, store: _Store) -> None:
        self._store = store
        self._known: dict[str, OrganizationId] = {}

    async def of(self, row: AuditRow) -> OrganizationId:
        """Return the organisation of a record, INSTALLATION when it is nobody's."""
        if row.account_id is not None:
            return await self._of(f"account:{row.account_id}")
        for word in (*row.record.object.split(), row.record.actor):
            home = await self._of(word)
            if home != INSTALLATION:
                return home
        return INSTALLATION

    async def _of(self, word: str) -> OrganizationId:
        kind, _, name = word.partition(":")
        if kind not in _OF_ACCOUNTS and kind != "domain":
            return INSTALLATION
        if word not in self._known:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[word] = await self._look_up(kind, name.partition("/")[0])
        return self._known[word]

    async def _look_up(self, kind: str, name: str) -> OrganizationId:
        if kind == "domain":
            domain = await self._store.domain(name)
            return INSTALLATION if domain is None else domain.organization_id
        if not name.isdecimal() or len(name) > 18:
            return INSTALLATION
        try:
            return (await self._store.account(AccountId(int(name)))).organization_id
        except NotFound:
            return INSTALLATION
