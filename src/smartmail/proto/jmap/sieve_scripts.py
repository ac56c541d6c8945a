"""SieveScript (RFC 9661): properties, arguments, filter."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import UNSET, Struct, UnsetType

from smartmail.proto.jmap.core import Answer, Arguments, Id, SetArguments
from smartmail.proto.jmap.errors import SetError


class SieveScript(Struct, frozen=True, rename="camel"):
    """RFC 9661 §2.1. What was not asked for stays UNSET."""

    id: str
    name: str | UnsetType = UNSET
    blob_id: str | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


SCRIPT_SORTS: Final = frozenset({"name", "isActive"})


class SieveScriptCreate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 9661 §2.4: without a name the server makes one."""

    blob_id: Id
    name: str | None = None


class SieveScriptUpdate(Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """RFC 9661 §2.4."""

    blob_id: Id | UnsetType = UNSET
    name: str | UnsetType = UNSET


class SieveScriptSetArguments(SetArguments, frozen=True, kw_only=True):
    """RFC 9661 §2.4: what is activated once all else has gone well; the id may be `#creation`."""

    on_success_activate_script: Id | None = None
    on_success_deactivate_script: bool = False


class SieveScriptFilter(Struct, frozen=True, rename="camel"):
    """RFC 9661 §2.5."""

    name: str | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class ValidateArguments(Arguments, frozen=True, kw_only=True):
    """RFC 9661 §2.6."""

    blob_id: Id


class ValidateAnswer(Answer, frozen=True, kw_only=True):
    """RFC 9661 §2.6: `error` null when the script compiles."""

    error: SetError | None = None


class ForeseeArguments(Arguments, frozen=True, kw_only=True):
    """Ours: what a script would do with mail that is there."""

    blob_id: Id
    email_ids: list[Id]


class ForeseenEmail(Struct, frozen=True, rename="camel"):
    """`mailbox_ids` null: it stays where it is; empty: the script throws it away. `missing`: mailboxes that are not there.
    `sends`: the script would also send something, which is not done for mail that has come already.
    """

    id: str
    mailbox_ids: Mapping[str, bool] | None
    missing: Sequence[str]
    keywords: Mapping[str, bool]
    sends: bool


class ForeseeAnswer(Answer, frozen=True, kw_only=True):
    """Only messages that the script does something with. `not_found` are not the person's to read, or gone."""

    list: Sequence[ForeseenEmail]
    not_found: Sequence[str]
