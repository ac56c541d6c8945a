"""Shapes that many resources share: pages, ids, times, problems. Names on the wire are camelCase, times RFC 3339 in UTC."""

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Generic, Self, TypeVar, get_args, get_origin

from msgspec import Meta, Struct
from msgspec.structs import fields

from smartmail.domain.errors import Invalid
from smartmail.edge.httpd.admin.operation import PageWish

T = TypeVar("T")
R = TypeVar("R")

Id = Annotated[str, Meta(pattern="^[0-8]?[0-9]{1,18}$", description="Number of the thing, as text.", examples=["1"])]
Time = Annotated[datetime, Meta(tz=True, examples=["2026-11-26T09:00:00Z"])]
Day = Annotated[
    datetime, Meta(tz=True, examples=["2026-11-26T00:00:00+09:00"], extra={"zone": "Asia/Seoul", "day": "begin"})
]
LastDay = Annotated[
    datetime, Meta(tz=True, examples=["2026-11-27T00:00:00+09:00"], extra={"zone": "Asia/Seoul", "day": "end"})
]
"""Times of which people say the day, in Korea: its beginning, and 24:00 of the last one."""
Past = Annotated[datetime, Meta(tz=True, examples=["2026-11-26T09:00:00Z"], extra={"span": "back"})]
"""A time that has been, in a filter: a span that people type counts back from now."""
Count = Annotated[int, Meta(ge=0, le=(1 << 53) - 1)]
"""A number that every reader of JSON holds exactly (as RFC 8620 §1.3 has it)."""
Word = Annotated[str, Meta(min_length=1, max_length=200)]
Address = Annotated[str, Meta(min_length=3, max_length=320, examples=["kim@a.example"])]
DomainName = Annotated[str, Meta(min_length=1, max_length=253, examples=["a.example"])]


class Output(Struct, rename="camel", frozen=True):
    """An object that is returned."""

    @classmethod
    def from_row(cls, row: object, **given: Any) -> Self:
        """Return the fields of a domain object by their names: ids as text, times of Unix milliseconds, tuples as lists.

        `given`: fields that the object lacks or has in another form. A field with a default is never read from the object.
        """
        read = {name: convert(getattr(row, name)) for name, convert in _converters(cls) if name not in given}
        return cls(**read, **given)


class Input(Struct, rename="camel", frozen=True, forbid_unknown_fields=True):
    """An object that a client sends; unknown fields are rejected."""


class Page(Output, Generic[T], frozen=True):
    """A page of a list. Pass `next` as `after` to get the following page; null at the end."""

    items: list[T]
    next: str | None = None


class Problem(Output, frozen=True, omit_defaults=True):
    """An error (RFC 9457). `code` is stable, `title` in the reader's language, `detail` for developers; `wants`: steps
    that a sign-in still owes, or `step-up` for re-authentication. `reasons` are stable and finer than `code`,
    all that apply; `facts` are the values that sentences about them name.
    """

    type: str
    title: str
    status: int
    code: str
    request_id: str
    detail: str = ""
    wants: list[str] = []
    reasons: list[str] = []
    facts: dict[str, str | int] = {}


@cache
def _converters(cls: type[Output]) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """Return (name, conversion) of the required fields of a shape."""
    return tuple((one.name, _converter(one.type)) for one in fields(cls) if one.required)


def _converter(kind: Any) -> Callable[[Any], Any]:
    if kind == Id:
        return str
    if kind == Id | None:
        return _text_or_none
    if kind == Time:
        return time_of
    if kind == Time | None:
        return time_or_none
    if get_origin(kind) is list:
        items = _converter(get_args(kind)[0])
        return lambda values: [items(one) for one in values]
    return _same


def _text_or_none(number: int | None) -> str | None:
    return None if number is None else str(number)


def _same(value: Any) -> Any:
    return value


def time_of(milliseconds: int) -> datetime:
    """Return milliseconds of Unix time as told."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def time_or_none(milliseconds: int | None) -> datetime | None:
    """The same where there may be none; 0 means none."""
    return time_of(milliseconds) if milliseconds else None


def milliseconds(when: datetime) -> int:
    """Return a time that was sent in milliseconds."""
    return int(when.timestamp() * 1000)


def decoded(text: str, otherwise: str) -> bytes:
    """Return what was sent in base64. Raises Invalid, which says `otherwise`."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid(otherwise, reason="file.unreadable") from None


def part(rows: Iterable[T], key: Callable[[T], Any], wish: PageWish, show: Callable[[T], R]) -> Page[R]:
    """Return a part of a list that is at hand whole. Keys are numbers or text; the list is put in their order."""
    ordered = sorted(rows, key=key)
    if wish.after:
        least: Any = wish.after_number if ordered and isinstance(key(ordered[0]), int) else wish.after
        ordered = [one for one in ordered if key(one) > least]
    shown = ordered[: wish.limit]
    following = str(key(shown[-1])) if len(ordered) > wish.limit else None
    return Page([show(one) for one in shown], following)


def cut(rows: Sequence[T], key: Callable[[T], Any], wish: PageWish, show: Callable[[T], R]) -> Page[R]:
    """Return the page of rows of which one more than wanted was asked for."""
    shown = rows[: wish.limit]
    return Page([show(one) for one in shown], str(key(shown[-1])) if len(rows) > wish.limit else None)
