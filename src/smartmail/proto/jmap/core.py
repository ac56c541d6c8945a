"""Shapes of the standard methods (RFC 8620 §5) and of blobs (§6): arguments in, responses out.

A response leaves out what is UNSET. Ids are any string here: what is no id of ours is simply not found.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType

from smartmail.proto.jmap.errors import MethodError, SetError

# RFC 8620 §1.2: 1 to 255 octets. §1.3: integers that every JSON reader keeps exact.
Id = Annotated[str, Meta(min_length=1, max_length=255)]
Int = Annotated[int, Meta(ge=-(2**53) + 1, le=2**53 - 1)]
UnsignedInt = Annotated[int, Meta(ge=0, le=2**53 - 1)]
# RFC 8620 §1.4: RFC 3339, UTC with `Z`, no fraction that is zero.
# RFC 8620 §1.4: a fraction of a second is left out when it is zero; one that is not may end in zeros (RFC 3339 §5.6).
UTCDate = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9]\d*)?Z$")]
Object = dict[str, Any]
T = TypeVar("T")


class Arguments(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """Arguments of a method on one account; an argument that the method does not have is refused."""

    account_id: Id


class Answer(Struct, frozen=True, rename="camel", kw_only=True):
    """A response about one account."""

    account_id: str


# -- /get -----------------------------------------------------------------------------------------------------------


class GetArguments(Arguments, frozen=True, kw_only=True):
    """RFC 8620 §5.1. `ids` None means all."""

    ids: list[Id] | None = None
    properties: list[str] | None = None


class GetAnswer(Answer, Generic[T], frozen=True, kw_only=True):
    """RFC 8620 §5.1."""

    state: str
    list: Sequence[T]
    not_found: Sequence[str] = ()


def wanted(asked: Sequence[str] | None, known: Sequence[str]) -> tuple[str, ...]:
    """Return the properties to tell: `id` always, each once. Raises invalidArguments for one that does not exist."""
    if asked is None:
        return tuple(known)
    unknown = next((name for name in asked if name not in known), None)
    if unknown is not None:
        raise MethodError("invalidArguments", f"no such property: {unknown[:100]}")
    return tuple(dict.fromkeys(("id", *asked)))


def project(value: Struct, properties: Sequence[str]) -> Object:
    """Return only the asked properties of a Struct, under their JSON names; UNSET ones are left out."""
    out: Object = {}
    for field, name in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
        if name in properties and (found := getattr(value, field)) is not UNSET:
            out[name] = found
    return out


# -- /changes -------------------------------------------------------------------------------------------------------


class ChangesArguments(Arguments, frozen=True, kw_only=True):
    """RFC 8620 §5.2."""

    since_state: str
    max_changes: Annotated[int, Meta(gt=0, le=2**53 - 1)] | None = None


class ChangesAnswer(Answer, frozen=True, kw_only=True):
    """RFC 8620 §5.2. `updated_properties` is of Mailbox alone (RFC 8621 §2.2)."""

    old_state: str
    new_state: str
    has_more_changes: bool
    created: Sequence[str] = ()
    updated: Sequence[str] = ()
    destroyed: Sequence[str] = ()
    updated_properties: Sequence[str] | UnsetType | None = UNSET


# -- /set -----------------------------------------------------------------------------------------------------------


class SetArguments(Arguments, frozen=True, kw_only=True):
    """RFC 8620 §5.3. Values of `create` are objects, of `update` patches; both are judged one by one."""

    if_in_state: str | None = None
    create: dict[Id, Object] | None = None
    update: dict[str, Object] | None = None
    destroy: list[str] | None = None

    def count(self) -> int:
        """Return how many objects would change."""
        return len(self.create or ()) + len(self.update or ()) + len(self.destroy or ())


class SetAnswer(Answer, frozen=True, kw_only=True):
    """RFC 8620 §5.3."""

    old_state: str | None
    new_state: str
    created: Mapping[str, Any] | None = None
    updated: Mapping[str, Any] | None = None
    destroyed: Sequence[str] | None = None
    not_created: Mapping[str, SetError] | None = None
    not_updated: Mapping[str, SetError] | None = None
    not_destroyed: Mapping[str, SetError] | None = None


# -- /copy ----------------------------------------------------------------------------------------------------------


class CopyArguments(Arguments, frozen=True, kw_only=True):
    """RFC 8620 §5.4."""

    from_account_id: Id
    create: dict[Id, Object]
    if_from_in_state: str | None = None
    if_in_state: str | None = None
    on_success_destroy_original: bool = False
    destroy_from_if_in_state: str | None = None


class CopyAnswer(Answer, frozen=True, kw_only=True):
    """RFC 8620 §5.4."""

    from_account_id: str
    old_state: str | None
    new_state: str
    created: Mapping[str, Any] | None = None
    not_created: Mapping[str, SetError] | None = None


# -- /query ---------------------------------------------------------------------------------------------------------


class QueryArguments(Arguments, frozen=True, kw_only=True):
    """RFC 8620 §5.5. `filter` and `sort` are judged by `filters`, whose errors have types of their own."""

    filter: Object | None = None
    sort: list[Object] | None = None
    position: Int = 0
    anchor: Id | None = None
    anchor_offset: Int = 0
    limit: UnsignedInt | None = None
    calculate_total: bool = False


class QueryAnswer(Answer, frozen=True, kw_only=True):
    """RFC 8620 §5.5. `limit` is told only when it is not what was asked for."""

    query_state: str
    can_calculate_changes: bool
    position: int
    ids: Sequence[str]
    total: int | UnsetType = UNSET
    limit: int | UnsetType = UNSET


class QueryChangesArguments(Arguments, frozen=True, kw_only=True):
    """RFC 8620 §5.6."""

    since_query_state: str
    filter: Object | None = None
    sort: list[Object] | None = None
    max_changes: UnsignedInt | None = None
    up_to_id: Id | None = None
    calculate_total: bool = False


class AddedItem(Struct, frozen=True):
    """RFC 8620 §5.6: where an id stands now."""

    id: str
    index: int


class QueryChangesAnswer(Answer, frozen=True, kw_only=True):
    """RFC 8620 §5.6."""

    old_query_state: str
    new_query_state: str
    removed: Sequence[str]
    added: Sequence[AddedItem]
    total: int | UnsetType = UNSET


def differences(
    results: Sequence[str], changed: Collection[str], before: Collection[str], up_to_id: str | None, most: int | None
) -> tuple[list[str], list[AddedItem]]:
    """Return (removed, added) of a `/queryChanges` (RFC 8620 §5.6).

    `results` are all ids of the query now; `changed` those of objects that may have come, moved or changed; `before`
    those that may have been in the old results and are not where they were. Beyond `up_to_id` nothing is told as
    added: the caller gives it only when no result can have moved. Raises tooManyChanges above `most`.
    """
    last = len(results)
    if up_to_id is not None and up_to_id in results:
        last = results.index(up_to_id) + 1
    added = [AddedItem(one, index) for index, one in enumerate(results[:last]) if one in changed]
    if most is not None and len(before) + len(added) > most:
        raise MethodError("tooManyChanges")
    return list(before), added


def query_changes_answer(
    results: Sequence[str],
    changed: Collection[str],
    before: Collection[str],
    query: QueryChangesArguments,
    *,
    state: str,
    up_to_id: str | None = None,
) -> QueryChangesAnswer:
    """Return the answer of a `/queryChanges`, as `differences` finds it. Raises tooManyChanges."""
    removed, added = differences(results, changed, before, up_to_id, query.max_changes)
    return QueryChangesAnswer(
        account_id=query.account_id,
        old_query_state=query.since_query_state,
        new_query_state=state,
        removed=removed,
        added=added,
        total=len(results) if query.calculate_total else UNSET,
    )


def window(ids: Sequence[str], query: QueryArguments, most: int) -> tuple[int, Sequence[str]]:
    """Return (position, ids of the window) out of all results in order; at most `most` ids.

    RFC 8620 §5.5: an anchor outweighs the position; a negative position counts from the end. Raises anchorNotFound.
    """
    if query.anchor is not None:
        try:
            start = ids.index(query.anchor) + query.anchor_offset
        except ValueError:
            raise MethodError("anchorNotFound") from None
    else:
        start = query.position if query.position >= 0 else len(ids) + query.position
    start = max(0, start)
    length = most if query.limit is None else min(query.limit, most)
    return start, ids[start : start + length]


def query_answer(
    found: Sequence[str], query: QueryArguments, *, state: str, most: int, can_calculate_changes: bool
) -> QueryAnswer:
    """Return the answer of a `/query` whose results are all known; at most `most` ids. Raises anchorNotFound."""
    position, ids = window(found, query, most)
    return QueryAnswer(
        account_id=query.account_id,
        query_state=state,
        can_calculate_changes=can_calculate_changes,
        position=position,
        ids=ids,
        total=len(found) if query.calculate_total else UNSET,
        limit=UNSET if len(found) <= most or (query.limit or most) < most else most,
    )


# -- blobs ----------------------------------------------------------------------------------------------------------


class UploadAnswer(Answer, frozen=True, kw_only=True):
    """RFC 8620 §6.1: the body of the answer to an upload."""

    blob_id: str
    type: str
    size: int


class BlobCopyArguments(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 8620 §6.3."""

    from_account_id: Id
    account_id: Id
    blob_ids: list[Id]


class BlobCopyAnswer(Answer, frozen=True, kw_only=True):
    """RFC 8620 §6.3."""

    from_account_id: str
    copied: Mapping[str, str] | None = None
    not_copied: Mapping[str, SetError] | None = None
