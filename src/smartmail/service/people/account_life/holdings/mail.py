"""Mail that somebody still has under way, and conversations that they take care of."""

from contextlib import suppress

from smartmail.domain.account import Account
from smartmail.domain.account_life import Choice, Holding
from smartmail.domain.approving import OPEN
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.ids import AccountId, QueueEntryId, SubmissionId, ThreadId
from smartmail.ports.store_tx import MailTx
from smartmail.service.people.account_life.holdings.base import HoldingType, holding


class PlannedMail(HoldingType):
    """Mail that was to leave later (예약발송): it never goes out. That of shared accounts is theirs and does."""

    async def find(self, account: Account) -> list[Holding]:
        """Return what has not left."""
        found = await self._store.planned_mail(account.id)
        return [holding("planned-mail", f"{number}/{queue}", f"submission {number}", "end") for number, queue in found]

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Take it back. It is held since the commit by which the account left."""
        number, _, queue = one.thing.partition("/")

        async def body(tx: MailTx) -> None:
            await tx.cancel_queue_entry(QueueEntryId(int(queue)))
            with suppress(NotFound):
                await tx.update_submission(SubmissionId(int(number)), undo_status="canceled")

        await self._store.write(account.id, body)


class Approvals(HoldingType):
    """Mail that waits for approval: it is refused."""

    async def find(self, account: Account) -> list[Holding]:
        """Return the questions about the account's own mail."""
        rows = await self._store.approving.of_sender(account.id, 1_000)
        mine = [row for row in rows if row.state in OPEN and row.kind != "list"]
        return [holding("approval", row.id, f"approval {row.id}", "end") for row in mine]

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Say no."""
        with suppress(NotFound, AlreadyExists):
            await self._means.addressing.approvals.decide(self.house(account), int(one.thing), approve=False)


class Assignments(HoldingType):
    """Conversations of shared accounts."""

    async def find(self, account: Account) -> list[Holding]:
        """Return the open ones."""
        found = []
        for box in await self._store.accounts(account.organization_id):
            if box.kind == "person" and box.id == account.id:
                continue
            for row in await self._assigned(box, account):
                label = f"{box.login}, conversation {row}"
                found.append(holding("assignment", f"{box.id}/{row}", label, "hand", "end", "hold"))
        return found

    async def _assigned(self, box: Account, account: Account) -> list[ThreadId]:
        if box.kind == "person" and not await self._store.grants(box.id):
            return []
        rows = await self._store.assignments(box.id, None)
        return [row.thread_id for row in rows if row.assignee == account.id and row.state == "open"]

    async def settle(self, account: Account, one: Holding, choice: Choice, successor: Account | None) -> None:
        """Give it to the successor, or to nobody."""
        box, _, thread = one.thing.partition("/")
        rows = await self._store.assignments(AccountId(int(box)), [ThreadId(int(thread))])
        now = self._ground.clock.now()

        async def body(tx: MailTx) -> None:
            for row in rows:
                if choice == "hand" and successor is not None:
                    await tx.put_assignment(row.message_id, successor.id, row.assigned_by, now, "open")
                else:
                    await tx.drop_assignment(row.thread_id)

        await self._store.write(AccountId(int(box)), body)
        self._ground.hints.account_changed(AccountId(int(box)))
