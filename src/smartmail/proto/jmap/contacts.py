"""Shapes of AddressBook and ContactCard (RFC 9610), and of our own methods that read files in and write them out."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from msgspec import UNSET, Struct, UnsetType, field

from smartmail.proto.jmap.core import Answer, Arguments, Id, SetArguments, UnsignedInt, UTCDate


class BookRights(Struct, frozen=True, rename="camel"):
    """RFC 9610 §2, AddressBookRights."""

    may_read: bool
    may_write: bool
    may_share: bool
    may_delete: bool


class AddressBookObject(Struct, frozen=True, rename="camel", kw_only=True):
    """RFC 9610 §2."""

    id: str
    name: str
    description: str | None
    sort_order: int
    is_default: bool
    is_subscribed: bool
    share_with: None
    my_rights: BookRights


class AddressBookWish(Struct, frozen=True, rename="camel", kw_only=True):
    """What a client may say of a book."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    sort_order: UnsignedInt | UnsetType = UNSET
    is_subscribed: bool | UnsetType = UNSET
    share_with: UnsetType | None = UNSET


BOOK_PROPERTIES: Final = AddressBookObject.__struct_encode_fields__
BOOK_CHANGED: Final = AddressBookWish.__struct_encode_fields__


class AddressBookSetArguments(SetArguments, frozen=True, kw_only=True):
    """RFC 9610 §2.3."""

    on_destroy_remove_contents: bool = False
    on_success_set_is_default: Id | None = None


class CardFilter(Struct, frozen=True, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """RFC 9610 §3.3.1."""

    in_address_book: Id | UnsetType = UNSET
    uid: str | UnsetType = UNSET
    has_member: str | UnsetType = UNSET
    kind: str | UnsetType = UNSET
    created_before: UTCDate | UnsetType = UNSET
    created_after: UTCDate | UnsetType = UNSET
    updated_before: UTCDate | UnsetType = UNSET
    updated_after: UTCDate | UnsetType = UNSET
    text: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    given: str | UnsetType = field(name="name/given", default=UNSET)
    surname: str | UnsetType = field(name="name/surname", default=UNSET)
    surname2: str | UnsetType = field(name="name/surname2", default=UNSET)
    nickname: str | UnsetType = UNSET
    organization: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    online_service: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    note: str | UnsetType = UNSET


CARD_SORTS: Final = frozenset({"name", "name/given", "name/surname", "name/surname2", "created", "updated"})
"""RFC 9610 §3.3.2; `name` is ours: as it is shown."""
CARD_WORDS: Final = (
    "text", "name", "name/given", "name/surname", "name/surname2", "nickname", "organization", "email", "phone",
    "onlineService", "address", "note",
)  # fmt: skip


class CardImportArguments(Arguments, frozen=True, kw_only=True):
    """ContactCard/import, ours. `format` null: seen from the octets; `addressBookId` null: the default one."""

    blob_id: Id
    format: Literal["vcard", "csv"] | None = None
    address_book_id: Id | None = None
    on_duplicate: Literal["skip", "add"] = "skip"
    dry_run: bool = False


class CardImportEntry(Struct, frozen=True, rename="camel", kw_only=True):
    """What became of one entry; `error` in the person's language."""

    index: int
    line: int
    name: str
    emails: Sequence[str]
    outcome: str
    id: str | None
    error: str | None


class CardImportAnswer(Answer, frozen=True, kw_only=True):
    """The entries in the order of the file."""

    old_state: str
    new_state: str
    dry_run: bool
    format: str
    charset: str
    total: int
    created: int
    duplicates: int
    failed: int
    entries: Sequence[CardImportEntry]


class CardExportArguments(Arguments, frozen=True, kw_only=True):
    """ContactCard/export, ours. `ids` null: all of the book, or of all books."""

    ids: list[Id] | None = None
    address_book_id: Id | None = None
    format: Literal["vcard3", "vcard4", "csv"] = "vcard4"


class CardExportAnswer(Answer, frozen=True, kw_only=True):
    """A blob that can be downloaded as one that was uploaded."""

    blob_id: str
    type: str
    size: int
    name: str
    count: int


def contacts_capability(*, max_books_per_card: int, may_create: bool) -> Mapping[str, Any]:
    """Return the account's `urn:ietf:params:jmap:contacts` (RFC 9610 §1.5.1)."""
    return {"maxAddressBooksPerCard": max_books_per_card, "mayCreateAddressBook": may_create}
