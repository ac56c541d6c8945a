"""The store's part for quarantine: what lies held and for whom, digests, and lists of senders."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.quarantine import HeldRow, RuleKind, RulePlace, SenderRule, Told
from smartmail.domain.queue import NewQueueEntry


class QuarantineStore(Protocol):
    """Held recipients are rows of the queue; acts on them are `change_queue`."""

    async def quarantined(
        self,
        *,
        account_id: AccountId | None = None,
        organization_id: OrganizationId | None = None,
        entries: Sequence[QueueEntryId] = (),
        created_before: int | None = None,
        after: QueueEntryId = QueueEntryId(0),  # noqa: B008 -- a number
        limit: int,
    ) -> list[HeldRow]:
        """Return what lies in quarantine in entries after an id, ascending; at most `limit` entries, each whole."""
        ...

    async def count_quarantined(self, organization_id: OrganizationId) -> int:
        """Count the entries of an organisation that have something in quarantine."""
        ...

    async def quarantine_newest(self) -> dict[AccountId, QueueEntryId]:
        """Return for each account that has something in quarantine the newest entry."""
        ...

    async def quarantine_told(self, account_id: AccountId) -> Told:
        """Return up to which entry a person was told."""
        ...

    async def tell_quarantine(self, account_id: AccountId, before: Told, told: Told, notice: NewQueueEntry) -> bool:
        """Queue a digest and remember it, in one commit; False where somebody else did since `before`."""
        ...

    async def sender_rules(self, owner: RulePlace) -> list[SenderRule]:
        """Return the rules of an owner, the newest first."""
        ...

    async def find_sender_rules(self, hashes: Sequence[bytes]) -> list[SenderRule]:
        """Return rules, of whomever, whose hash is one of these."""
        ...

    async def has_sender_kinds(self, kinds: Sequence[RuleKind]) -> bool:
        """Say whether anybody has a rule of one of these kinds."""
        ...

    async def put_sender_rule(self, rule: SenderRule, most: int, audit: AuditRecord) -> SenderRule:
        """Keep a rule; one about the same subject is replaced, its id stays. Raises OverQuota beyond `most`."""
        ...

    async def remove_sender_rule(self, owner: RulePlace, rule_id: int, audit: AuditRecord) -> None:
        """Forget a rule of an owner. Raises NotFound."""
        ...

    async def note_sender_hits(self, rule_ids: Sequence[int], now: int) -> None:
        """Count that rules matched."""
        ...

    async def drop_sender_rules(self, before: int) -> int:
        """Forget rules that ended before; return how many."""
        ...
