"""What our own capability adds to searching: conditions, and what a result says of itself.

Only for requests that name the capability in `using`; without it Email/query and SearchSnippet/get are RFC 8621's alone.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from smartmail.proto.jmap.core import QueryAnswer, UnsignedInt
from smartmail.proto.jmap.emails import EmailFilter, SearchSnippet, SnippetAnswer

SwitchName = Literal["initials", "keyboard", "hanja", "variants"]
Assigned = Literal["mine", "others", "none", "done"]
"""Of conversations: open and given to who asks, open and given to somebody else, given to nobody, done."""


class OwnEmailFilter(EmailFilter, frozen=True, rename="camel"):
    """RFC 8621 §4.4.1 and ours. `line`: as people type it, with operators; days in it begin in `timeZone` (IANA).
    `fileName`: in the name of an attachment. `switches`: other ways to read all texts of this condition.
    `assignment`: who takes care of the conversation.
    """

    line: Annotated[str, Meta(max_length=2_000)] | UnsetType = UNSET
    time_zone: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    file_name: str | UnsetType = UNSET
    switches: list[SwitchName] | UnsetType = UNSET
    assignment: Assigned | UnsetType = UNSET


class OwnQueryAnswer(QueryAnswer, frozen=True, kw_only=True):
    """`notIndexed`: messages whose text nothing has been looked for yet; 0 when the filter asks for no text."""

    not_indexed: UnsignedInt | UnsetType = UNSET


class OwnSearchSnippet(SearchSnippet, frozen=True, rename="camel"):
    """`file`: name of the attachment that the preview comes from, or that itself matches, as HTML with `<mark>`; null
    for the body. `foundBy`: the switches without which the message would not match; none: as typed.
    """

    file: str | UnsetType | None = UNSET
    found_by: Sequence[SwitchName] | UnsetType = UNSET


class OwnSnippetAnswer(SnippetAnswer, frozen=True, kw_only=True):
    """`notIndexed`: as in Email/query."""

    not_indexed: UnsignedInt | UnsetType = UNSET
