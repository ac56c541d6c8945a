"""NAME
    changing: one owner's key, a step at a time: announced, switched to, taken back, destroyed

STRATEGIES
    Each step reads the row, makes the next chain (formats.keychain) and puts it where the row is still the one that was
    read. So two workers may do a step at once, and each step may be done again: what is done is seen by the chain.

SECURITY
    A next key is made here and lies wrapped under the one in use at once; keys are in memory only.

Must not know why a key is changed, nor what lies under it.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from smartmail.domain.account import Account, Organization
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.rekeying import RekeyScope, RekeyState
from smartmail.formats import keychain
from smartmail.formats.keychain import Chain, OpenChain
from smartmail.formats.seal import KEY_OCTETS, Kind, SealError, SealKey, unwrap_key
from smartmail.ports.clock import Clock
from smartmail.service.kernel.keyring import Keyring, Sealer, account_place, queue_place
from smartmail.service.operations.keys.store import Store


class KeyChanges:
    """Steps over the key of an account, and over that of a company."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock

    def of(self, scope: RekeyScope, state: RekeyState) -> Callable[[int], Awaitable[bool]]:
        """Return the step of a state, for the owners of a scope."""
        whole = scope == "organization"
        if state == "announcing":
            return self.announce_organization if whole else self.announce_account
        if state == "switching":
            return self.switch_organization if whole else self.switch_account
        return self.withdraw_organization if whole else self.withdraw_account

    async def sealer(self, scope: RekeyScope, owner: int) -> Sealer:
        """Return an owner's sealer, as its row is now. Raises NotFound, SealError."""
        if scope == "organization":
            return self._keyring.organization_of(await self._store.organization(OrganizationId(owner)))
        return await self._keyring.account_by_id(AccountId(owner))

    # --- accounts ---

    async def announce_account(self, account_id: int) -> bool:
        """Have a next key beside the one in use; say whether it was not there yet. Raises SealError."""
        account, chain, known, _top = await self._account(account_id)
        if known.coming is not None:
            return False
        return await self._put_account(account, self._announced(chain, known, Kind.KEY_OF_ACCOUNT, account.id))

    async def switch_account(self, account_id: int) -> bool:
        """Use the next key from now on; say whether there was one. Raises SealError."""
        account, chain, known, top = await self._account(account_id)
        if known.coming is None:
            return False
        head = top.wrap_at(account_place(account), known.coming)
        return await self._put_account(account, self._switched(chain, known, head, Kind.KEY_OF_ACCOUNT, account.id))

    async def withdraw_account(self, account_id: int) -> bool:
        """Take the next key back. Raises SealError."""
        account, chain, known, _top = await self._account(account_id)
        return known.coming is not None and await self._put_account(account, keychain.without_coming(chain))

    async def destroy_account(self, account_id: int, until: int) -> bool:
        """Destroy the keys that went out of use up to a time; say whether there were any. Raises SealError."""
        account, chain, known, _top = await self._account(account_id)
        if not any(one.at <= until for one in known.earlier):
            return False
        return await self._put_account(account, keychain.without_earlier(chain, until))

    def has_earlier(self, account: Account, until: int) -> bool:
        """Say whether keys hang on an account's that went out of use up to a time. Raises SealError."""
        links = keychain.parse(account.wrapped_key).links
        return any(one.role is Kind.KEY_EARLIER and one.at <= until for one in links)

    async def hang_account(self, account: Account, top: Sealer) -> bool:
        """Wrap an account's key under the company's key in use; say whether it was not yet. Raises SealError."""
        chain, place = keychain.parse(account.wrapped_key), account_place(account)
        if _lies_under(top, place, chain.head):
            return False
        head = top.wrap_at(place, top.unwrap_at(place, chain.head))
        return await self._put_account(account, Chain(head, chain.turn + 1, chain.links))

    async def _account(self, account_id: int) -> tuple[Account, Chain, OpenChain, Sealer]:
        account = await self._store.account(AccountId(account_id))
        # The row itself, not what is remembered of it: another process may just have changed the key.
        top = self._keyring.organization_of(await self._store.organization(account.organization_id))
        chain = keychain.parse(account.wrapped_key)
        key = top.unwrap_at(account_place(account), chain.head)
        return account, chain, keychain.opened(chain, key, Kind.KEY_OF_ACCOUNT, account.id), top

    async def _put_account(self, account: Account, chain: Chain) -> bool:
        return await self._store.replace_account_key(account.id, account.wrapped_key, keychain.to_octets(chain))

    # --- companies ---

    async def announce_organization(self, organization_id: int) -> bool:
        """As of an account. Raises SealError."""
        row, chain, known = await self._organization(organization_id)
        if known.coming is not None:
            return False
        return await self._put_organization(row, self._announced(chain, known, Kind.KEY_OF_ORGANIZATION, row.id))

    async def switch_organization(self, organization_id: int) -> bool:
        """As of an account. Raises SealError."""
        row, chain, known = await self._organization(organization_id)
        if known.coming is None:
            return False
        head = self._keyring.wrapped_organization(row, known.coming)
        return await self._put_organization(row, self._switched(chain, known, head, Kind.KEY_OF_ORGANIZATION, row.id))

    async def withdraw_organization(self, organization_id: int) -> bool:
        """As of an account. Raises SealError."""
        row, chain, known = await self._organization(organization_id)
        return known.coming is not None and await self._put_organization(row, keychain.without_coming(chain))

    async def hang_all(self, organization_id: OrganizationId) -> int:
        """Wrap the keys of a company's accounts and of its queue under its key in use; return how many were not yet."""
        home = await self._store.organization(organization_id)
        top = self._keyring.organization_of(home)
        hung = int(await self.hang_queue(home, top))
        for one in await self._store.accounts(home.id):
            if one.wrapped_key:
                with suppress(SealError):  # damaged before: nothing of it opens
                    hung += int(await self.hang_account(one, top))
        return hung

    async def hang_queue(self, row: Organization, top: Sealer) -> bool:
        """Wrap the key of a company's queue under the key in use; say whether it was not yet. Raises SealError."""
        place, wrapped = queue_place(row), row.wrapped_queue_key
        if _lies_under(top, place, wrapped):
            return False
        return await self._store.replace_queue_key(row.id, wrapped, top.wrap_at(place, top.unwrap_at(place, wrapped)))

    async def _organization(self, organization_id: int) -> tuple[Organization, Chain, OpenChain]:
        row = await self._store.organization(OrganizationId(organization_id))
        chain = keychain.parse(row.wrapped_key)
        sealer = self._keyring.organization_of(row)
        return row, chain, keychain.opened(chain, sealer.key, Kind.KEY_OF_ORGANIZATION, row.id)

    async def _put_organization(self, row: Organization, chain: Chain) -> bool:
        return await self._store.replace_organization_key(row.id, row.wrapped_key, keychain.to_octets(chain))

    # --- both ---

    def _announced(self, chain: Chain, known: OpenChain, kind: Kind, owner: int) -> Chain:
        made = SealKey(self._clock.random(KEY_OCTETS))
        return keychain.announced(chain, known, made, kind, owner, self._clock.now(), self._clock.random)

    def _switched(self, chain: Chain, known: OpenChain, head: bytes, kind: Kind, owner: int) -> Chain:
        return keychain.switched(chain, known, head, kind, owner, self._clock.now(), self._clock.random)


def _lies_under(top: Sealer, place: bytes, wrapped: bytes) -> bool:
    try:
        unwrap_key(top.key, place, wrapped)
    except SealError:
        return False
    return True
