"""Shares: what others let somebody do, and what somebody lets others do."""

from typing import Final

from smartmail.domain.account import Account
from smartmail.domain.account_life import Choice, Holding
from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.rights import NOTHING, Grant, Grantee
from smartmail.ports.store_tx import MailTx
from smartmail.service.people.account_life.holdings.base import HoldingType, holding

FOR_EVER: Final = 1 << 62


class Got(HoldingType):
    """Rights on shared accounts (공용메일) and on other people's mail (위임)."""

    async def find(self, account: Account) -> list[Holding]:
        """Return the grants that name the account."""
        found = []
        for grant in await self._store.granted_to(account.id):
            owner = await self._store.account(grant.account_id)
            thing, label = f"{owner.id}/{grant.mailbox_id}", f"{owner.login}: {' '.join(sorted(grant.rights))}"
            if owner.kind == "person":
                found.append(holding("delegation-got", thing, label, "end", "hand"))
            else:
                found.append(holding("shared-account", thing, label, "hand", "end"))
        return found

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Give the rights to the successor, beside what they have; the leaver has none."""
        owner, _, mailbox = one.thing.partition("/")
        owner_id, mailbox_id = AccountId(int(owner)), MailboxId(int(mailbox))
        grants = [grant for grant in await self._store.grants(owner_id) if grant.mailbox_id == mailbox_id]
        record = self._ground.record(self.house(account), "share.leave", f"mailbox:{owner_id}/{mailbox_id}")

        mine = next((grant for grant in grants if grant.grantee == Grantee("account", account.id)), None)

        async def body(tx: MailTx) -> None:
            if choice == "hand" and mine is not None and successor is not None and successor.id != owner_id:
                theirs = Grantee("account", successor.id)
                rights, ends_at = _together(mine, next((one for one in grants if one.grantee == theirs), None))
                await tx.set_grant(mailbox_id, theirs, rights, ends_at)
            await tx.set_grant(mailbox_id, Grantee("account", account.id), NOTHING)
            await tx.audit(record)

        await self._store.write(owner_id, body)
        self._means.rights.changed(owner_id)
        self._ground.hints.account_changed(owner_id)


class Given(HoldingType):
    """What the account let others do with its own mail."""

    async def find(self, account: Account) -> list[Holding]:
        """Return its grants, but for that of who reads it while it is kept."""
        row = await self._store.leaving(account.id)
        reader = Grantee("account", row.reader_id) if row is not None and row.reader_id else None
        return [
            holding("delegation-given", f"{one.mailbox_id}/{one.grantee.kind}/{one.grantee.id}",
                    f"{one.grantee.kind} {one.grantee.id}: {' '.join(sorted(one.rights))}", "end")
            for one in await self._store.grants(account.id) if one.grantee != reader
        ]  # fmt: skip

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Take it away."""
        mailbox, kind, number = one.thing.split("/")
        match = [
            grant for grant in await self._store.grants(account.id)
            if str(grant.mailbox_id) == mailbox and grant.grantee.kind == kind and str(grant.grantee.id) == number
        ]  # fmt: skip
        record = self._ground.record(self.house(account), "share.leave", f"mailbox:{account.id}/{mailbox}")

        async def body(tx: MailTx) -> None:
            for grant in match:
                await tx.set_grant(grant.mailbox_id, grant.grantee, NOTHING)
            await tx.audit(record)

        await self._store.write(account.id, body)
        self._means.rights.changed(account.id)


def _together(mine: Grant, theirs: Grant | None) -> tuple[frozenset[str], int]:
    """Return the rights of two grants and when they end. Of two that do not end together the longer one stays alone: what
    was given for a time is not prolonged by being handed over.
    """
    if theirs is None:
        return mine.rights, mine.ends_at
    if theirs.ends_at == mine.ends_at:
        return mine.rights | theirs.rights, mine.ends_at
    longer = max(mine, theirs, key=lambda one: one.ends_at or FOR_EVER)
    return longer.rights, longer.ends_at
