"""The store's part for learning: lessons that wait, and models."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from smartmail.domain.ids import AccountId, MessageId, OrganizationId
from smartmail.domain.lessons import LessonOutcome, LessonRow, ModelRow


class LessonTx(Protocol):
    """Lessons of one account inside its transaction, so that what a person does and what is learned from it are one."""

    async def note_lessons(self, wishes: Mapping[MessageId, bool]) -> None:
        """Note that messages were called spam (True) or good; the last word on a message counts."""
        ...


class LessonStore(Protocol):
    """Lessons and models of all accounts."""

    async def pending_lessons(self, limit: int) -> list[LessonRow]:
        """Return lessons that wait, those with fewest failures and oldest first."""
        ...

    async def lessons(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> list[LessonRow]:
        """Return what was said about messages."""
        ...

    async def model(self, organization_id: OrganizationId, account_id: int) -> ModelRow | None:
        """Return a model; account 0 is the organisation's."""
        ...

    async def model_versions(self, organization_id: OrganizationId, account_ids: Sequence[int]) -> dict[int, int]:
        """Return the versions of those models that exist."""
        ...

    async def models(self, organization_id: OrganizationId) -> list[tuple[int, int, int, int]]:
        """Return (account, good, bad, updated at) of all models of an organisation, without what they hold."""
        ...

    async def keep_lessons(self, models: Sequence[ModelRow], outcomes: Sequence[LessonOutcome]) -> bool:
        """Keep models and outcomes in one transaction. `version` of each model is its new one; False, and nothing is
        changed, when one of them is not at the version before any more.
        """
        ...

    async def fail_lesson(self, account_id: AccountId, message_id: MessageId) -> None:
        """Count a failure; a lesson that failed five times waits no longer."""
        ...

    async def forget_lessons(self, before: int, limit: int) -> int:
        """Remove lessons said before a time that do not wait: they can no longer be taken back; return how many."""
        ...
