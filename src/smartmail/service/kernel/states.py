"""The states of an account's types under the names that clients know them by, for all ways of push.

Must not know how a client is told.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

from smartmail.domain.changes import ChangeType
from smartmail.domain.ids import AccountId, ModSeq
from smartmail.domain.principal import Actor
from smartmail.domain.push import AccountStates
from smartmail.domain.rights import SENDING, Access
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_push import PushStore
from smartmail.service.kernel.rights import Rights


class _Store(AccountStore, PushStore, Protocol): ...


TYPES: Final[Mapping[str, ChangeType]] = {
    "Mailbox": "mailbox", "Email": "message", "Thread": "thread", "Identity": "identity",
    "EmailSubmission": "submission", "Assignment": "assignment", "Note": "note", "Tag": "tag",
    "ShareNotification": "notice", "AddressBook": "address_book", "ContactCard": "contact",
}  # fmt: skip
DELIVERY: Final = "EmailDelivery"
"""RFC 8621 §1.5: changes when a message comes, and only then."""
FILTERS: Final = ("SieveScript", "VacationResponse")
"""They share one state, and are never shared with anybody."""
BULLETIN: Final = "Bulletin"
"""Of the company and no account: told only to who asks for it by name."""
NAMES: Final = frozenset(TYPES) | {DELIVERY, *FILTERS}


class StateService:
    """Reads states."""

    def __init__(self, store: _Store, rights: Rights) -> None:
        self._store = store
        self._rights = rights

    async def of_account(self, actor: Actor, account_id: AccountId) -> tuple[dict[str, str], ModSeq]:
        """Return (type name → state as the actor sees it, the account's modseq). Raises NotFound."""
        access = await self._rights.access(actor, account_id)
        states = await self._seen(account_id, access)
        modseqs = _modseqs(states, access, own=actor.account_id == account_id)
        return _shown(states, modseqs), max(states.modseq, access.since)

    async def modseq(self, actor: Actor, account_id: AccountId) -> ModSeq:
        """Return what rises with every change that the actor may see: for those who look often. Raises NotFound."""
        access = await self._rights.access(actor, account_id)
        if access.everywhere >= {"l", "r"}:
            return max((await self._store.account(account_id)).modseq, access.since)
        return (await self._seen(account_id, access)).modseq

    async def _seen(self, account_id: AccountId, access: Access) -> AccountStates:
        """Return the states of an account as its person, or somebody who sees only a part of it, sees them: not even that
        something happened elsewhere is told.
        """
        states = await self._store.states(account_id)
        if access.everywhere >= {"l", "r"}:
            return states
        listed = await self._rights.seen_state(account_id, access, "l", states.mailbox)
        read = await self._rights.seen_state(account_id, access, "r", states.message)
        return replace(
            states, modseq=max(listed, read), mailbox=listed, message=read, thread=read, assignment=read, note=read,
            arrivals=read,
        )  # fmt: skip

    async def filters(self, actor: Actor, account_id: AccountId) -> ModSeq:
        """Return the state of scripts and absence. Raises NotFound."""
        await self._rights.access(actor, account_id)
        return (await self._store.states(account_id)).filters

    async def since(self, actor: Actor, account_id: AccountId, told: ModSeq) -> tuple[dict[str, str], ModSeq]:
        """Return (type name → state of those that changed after `told`, the modseq to tell next time). Raises NotFound.

        Mail that comes changes messages too: whether it did can only be told as "messages changed".
        """
        access = await self._rights.access(actor, account_id)
        states = await self._seen(account_id, access)
        modseqs = _modseqs(states, access, own=actor.account_id == account_id)
        changed = {name: modseq for name, modseq in modseqs.items() if modseq > told}
        return _shown(states, changed), max(states.modseq, access.since)


def _modseqs(states: AccountStates, access: Access, *, own: bool) -> dict[str, ModSeq]:
    """Return the states of those types that the actor may see; what was told before a change of rights is void."""
    found = {name: max(states.of(kind), access.since) for name, kind in TYPES.items() if own or _may_ask(kind, access)}
    return found | dict.fromkeys(FILTERS, states.filters) if own else found


def _may_ask(kind: ChangeType, access: Access) -> bool:
    """As `Rights.require_kind`: who may not ask for a type is not told of it either."""
    if kind in {"identity", "submission"}:
        return bool(access.everywhere & SENDING)
    if kind in {"notice", "address_book", "contact"}:
        # Contacts of a person are nobody else's, and those of a shared account are asked for (service.mailbox.contacts).
        return False
    return ("l" if kind == "mailbox" else "r") in access.anywhere()


def _shown(states: AccountStates, modseqs: Mapping[str, ModSeq]) -> dict[str, str]:
    arrivals = {DELIVERY: str(states.arrivals)} if "Email" in modseqs else {}
    return {name: str(modseq) for name, modseq in modseqs.items()} | arrivals
