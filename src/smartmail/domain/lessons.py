"""Lessons: what a person said about a message, and what a model holds. Values only; who learns is service.protection.filtering."""

from dataclasses import dataclass

from smartmail.domain.ids import AccountId, MessageId, OrganizationId


@dataclass(frozen=True, slots=True)
class LessonRow:
    """The last word on a message. `wish`: spam or not; `learned`: what the models hold of it, None for nothing."""

    account_id: AccountId
    message_id: MessageId
    wish: bool
    pending: bool
    learned: bool | None
    said_at: int
    failures: int
    sealed: bytes | None


@dataclass(frozen=True, slots=True)
class LessonOutcome:
    """What became of a lesson: what the models now hold of it. With `said_at` of the row that was worked off: what has
    been said since stays pending.
    """

    account_id: AccountId
    message_id: MessageId
    said_at: int
    learned: bool | None
    sealed: bytes | None
    wish: bool


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model as it is kept. `account_id` 0: the organisation's."""

    organization_id: OrganizationId
    account_id: int
    version: int
    good: int
    bad: int
    updated_at: int
    sealed: bytes
