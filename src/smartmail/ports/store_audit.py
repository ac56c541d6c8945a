"""The store's part for the chains of audit records (ports.store).

Promises: a record is in at most one link; links and heads are written in one transaction; nothing here changes a record,
and only `drop_records` removes some, each with a sealed notice in its link.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from smartmail.domain.audit import (
    AuditHead,
    AuditLink,
    AuditQuery,
    AuditRecord,
    AuditRow,
    RecordFacts,
    RecordKind,
    Source,
    UntaggedEnd,
)
from smartmail.domain.ids import AccountId, OrganizationId

RecordTagger = Callable[[bytes, AuditRow], bytes]
"""Returns the MAC over octets that are used once and a record that is being written (its id is not known yet)."""


class AuditStore(Protocol):
    """Records and their links."""

    def tag_records(self, tagger: RecordTagger) -> None:
        """Give every record that is written from now on a tag. Before that they have none."""
        ...

    async def copied_records(self) -> list[tuple[Source, int]]:
        """Return records (the newest of each) whose tag another one has too."""
        ...

    async def untagged_ends(self) -> list[UntaggedEnd]:
        """Return where the records of before there were tags end, as the migration found it."""
        ...

    async def has_tags(self, source: Source, last: int) -> bool:
        """Say whether a record up to this id has a tag."""
        ...

    async def seal_untagged(self, ends: Sequence[UntaggedEnd], audit: AuditRecord) -> None:
        """Seal the ends and record that, all or nothing; nothing where another process has done it."""
        ...

    async def unchained_records(self, source: Source, after: int, limit: int) -> list[AuditRow]:
        """Return records with an id above `after` that no link holds, by ascending id."""
        ...

    async def newest_chained(self, source: Source) -> int:
        """Return the highest id of a record that has a link, 0 when none has."""
        ...

    async def count_unchained(self, before: int) -> int:
        """Return how many records older than a time no link holds."""
        ...

    async def chain_records(self, links: Sequence[AuditLink], heads: Sequence[tuple[AuditHead, int]]) -> None:
        """Append links, and set each head that still has the length given with it (0: that there is none).

        Raises StateMismatch, and writes nothing, when a head has another length or a record has a link.
        """
        ...

    async def audit_organizations(self) -> list[OrganizationId]:
        """Return all organisations that have a chain, 0 for the installation among them."""
        ...

    async def audit_tip(self, organization_id: OrganizationId) -> tuple[AuditHead | None, AuditLink | None]:
        """Return the head of a chain and its last link: they agree unless somebody has been at them."""
        ...

    async def audit_links(
        self, organization_id: OrganizationId, after: int, limit: int
    ) -> list[tuple[AuditLink, AuditRow | None]]:
        """Return links with a number above `after`, each with its record, or None when that is gone."""
        ...

    async def find_links(self, organization_id: OrganizationId, query: AuditQuery) -> list[AuditLink]:
        """Return links of one chain whose facts are those asked for, newest first; the query's organisation is not
        looked at.

        Where every fact that is asked for is common, some hundred thousand of the newest records are looked at.
        """
        ...

    async def records_of(self, links: Sequence[AuditLink]) -> list[tuple[AuditLink, AuditRow | None]]:
        """Return links, each with its record, or None when that is gone."""
        ...

    async def old_links(
        self, organization_id: OrganizationId, kind: RecordKind, before: int, after: tuple[int, int], limit: int
    ) -> list[tuple[AuditLink, AuditRow | None]]:
        """Return links of a kind whose time is before one, by (time, number) from above `after` on."""
        ...

    async def drop_records(self, gone: Sequence[AuditLink], audit: AuditRecord) -> int:
        """Remove the records of links, keep each link's `gone` and forget its facts; record that, where it removed any.

        What another process has dropped is passed over; return how many this one did.
        """
        ...

    async def link_facts(
        self, organization_id: OrganizationId, since: int, until: int, after: tuple[int, int], limit: int
    ) -> list[tuple[int, RecordFacts]]:
        """Return number and facts of records of a span by (time, number) from above `after` on."""
        ...

    async def last_login(self, organization_id: OrganizationId, account_id: AccountId, before: int) -> int | None:
        """Return when an account last logged in before a time."""
        ...


class AuditLog(Protocol):
    """The audit log, as services write it."""

    async def audit(self, record: AuditRecord, account_id: AccountId | None = None) -> None:
        """Append an audit record outside an account transaction. `account_id`: whose data the act was on."""
        ...
