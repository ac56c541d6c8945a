"""Shapes that many resources share: pages, ids, times, problems. Names on the wire are camelCase, times RFC 3339 in UTC."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from msgspec import Meta, Struct

from smartmail.edge.httpd.admin.operation import PageWish

T = TypeVar("T")
R = TypeVar("R")

Id = Annotated[str, Meta(pattern="^[0-8]?[0-9]{1,18}$", description="Number of the thing, as text.", examples=["1"])]
Time = Annotated[datetime, Meta(tz=True, examples=["2026-11-26T09:00:00Z"])]
Count = Annotated[int, Meta(ge=0)]
Word = Annotated[str, Meta(min_length=1, max_length=200)]
Address = Annotated[str, Meta(min_length=3, max_length=320, examples=["kim@a.example"])]
DomainName = Annotated[str, Meta(min_length=1, max_length=253, examples=["a.example"])]


class Told(Struct, rename="camel", frozen=True):
    """Something that is answered."""


class Asked(Struct, rename="camel", frozen=True, forbid_unknown_fields=True):
    """Something that a client sends; what is not known is refused."""


class Page(Told, Generic[T], frozen=True):
    """A part of a list. `next` goes into `after` for the following part, null at the end."""

    items: list[T]
    next: str | None = None


class Problem(Told, frozen=True, omit_defaults=True):
    """What went wrong (RFC 9457). `code` is stable, `title` in the reader's language, `detail` for who writes
    programs; `wants` what a sign-in still owes, or `step-up`: prove yourself again.
    """

    type: str
    title: str
    status: int
    code: str
    request_id: str
    detail: str = ""
    wants: list[str] = []


def time_of(milliseconds: int) -> datetime:
    """Return milliseconds of Unix time as told."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def time_or_none(milliseconds: int | None) -> datetime | None:
    """The same where there may be none; 0 means none."""
    return time_of(milliseconds) if milliseconds else None


def milliseconds(when: datetime) -> int:
    """Return a time that was sent in milliseconds."""
    return int(when.timestamp() * 1000)


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
