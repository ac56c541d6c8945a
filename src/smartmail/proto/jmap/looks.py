"""Shapes of our own MailAccess/query: who but oneself looked at one's messages."""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from smartmail.proto.jmap.core import Answer, Arguments

MAX_LOOKS: Final = 500


class LookArguments(Arguments, frozen=True, kw_only=True):
    """The newest looks, or those before a time."""

    before: str | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_LOOKS)] = 100


class LookObject(Struct, frozen=True, rename="camel", kw_only=True):
    """Looks of one person within one minute. `name`: address of a colleague, "cli" for who has the server. `act`: list,
    read, delete, export. `count` messages; `emailIds` are at most the first fifty of them.
    """

    at: str
    name: str
    act: str
    count: int
    email_ids: Sequence[str]
    address: str
    country: str | None
    door: str


class LookAnswer(Answer, frozen=True, kw_only=True):
    """MailAccess/query: the objects themselves, not ids: nobody keeps a copy of them."""

    list: Sequence[LookObject]
