"""Our own types for work on shared mail: Assignment, Note, Presence."""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import UNSET, Struct, UnsetType

from smartmail.proto.jmap.core import Answer, Arguments, Id

AssignmentState = Literal["open", "done"]


class Assignment(Struct, frozen=True, rename="camel"):
    """Who takes care of a conversation; the id is the conversation's."""

    id: str
    thread_id: str | UnsetType = UNSET
    email_id: str | UnsetType = UNSET
    assignee_id: str | UnsetType = UNSET
    assigned_by_id: str | UnsetType = UNSET
    assigned_at: str | UnsetType = UNSET
    state: AssignmentState | UnsetType = UNSET


ASSIGNMENT_PROPERTIES: Final = Assignment.__struct_encode_fields__


class AssignmentCreate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """One that exists for the conversation is replaced."""

    email_id: Id
    assignee_id: Id
    state: AssignmentState = "open"


class AssignmentPatch(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What may change."""

    assignee_id: Id | UnsetType = UNSET
    state: AssignmentState | UnsetType = UNSET


class AssignmentFilter(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """`assignee_id` is a principal's."""

    assignee_id: Id | UnsetType = UNSET
    state: AssignmentState | UnsetType = UNSET


ASSIGNMENT_SORTS: Final = frozenset({"assignedAt"})


class CandidatesArguments(Arguments, frozen=True, kw_only=True):
    """To whom the conversation of this message may be given."""

    email_id: Id


class Candidate(Struct, frozen=True, rename="camel", kw_only=True):
    """Somebody who may read the message; `id` is that of the principal."""

    id: str
    name: str
    email: str
    department: str
    title: str


class CandidatesAnswer(Answer, frozen=True, kw_only=True):
    """Assignment/candidates: the objects themselves, by name."""

    list: Sequence[Candidate]


class Note(Struct, frozen=True, rename="camel"):
    """What somebody said about a message, for those who may read it; it never leaves with the mail."""

    id: str
    thread_id: str | UnsetType = UNSET
    email_id: str | UnsetType = UNSET
    author_id: str | UnsetType = UNSET
    author_name: str | UnsetType = UNSET
    created_at: str | UnsetType = UNSET
    edited_at: str | UnsetType | None = UNSET
    text: str | UnsetType = UNSET


NOTE_PROPERTIES: Final = Note.__struct_encode_fields__


class NoteCreate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A new note."""

    email_id: Id
    text: str


class NotePatch(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Only the text changes."""

    text: str


class NoteFilter(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Notes of conversations or messages."""

    thread_ids: list[Id] | UnsetType = UNSET
    email_ids: list[Id] | UnsetType = UNSET
    author_id: Id | UnsetType = UNSET


NOTE_SORTS: Final = frozenset({"createdAt"})


class Presence(Struct, frozen=True, rename="camel"):
    """Somebody is replying to a message, until `until` unless it is renewed. The id is made of message and person."""

    id: str
    email_id: str | UnsetType = UNSET
    principal_id: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    since: str | UnsetType = UNSET
    until: str | UnsetType = UNSET


class PresenceCreate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The actor begins to reply."""

    email_id: Id
