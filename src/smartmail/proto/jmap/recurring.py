"""Shapes of our own RecurringMail: a letter that is sent again and again."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from smartmail.proto.jmap.core import Id

Every = Literal["day", "weekday", "week", "month"]
OnHoliday = Literal["keep", "before", "after"]
_Time = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
_Zone = Annotated[str, Meta(min_length=1, max_length=64)]
_Days = Annotated[list[Annotated[int, Meta(ge=1, le=7)]], Meta(max_length=7)]
_DayOfMonth = Annotated[int, Meta(ge=1, le=31)]
_Count = Annotated[int, Meta(ge=1, le=366)]


class RecurringMailObject(Struct, frozen=True, rename="camel", kw_only=True):
    """A plan; its id is that of its Email, which lies among planned mail and can be read there.

    `onHoliday`: what becomes of a turn on a weekend or holiday (policy names them): it is sent all the same, or on the
    working day before or after it. `every` "week" has `days` (1 is Monday), "month" has `day` (a shorter month: its last day). `state` "held": a turn was
    refused, and `reason` says why; "active" with the reason "limit": the turn is tried again by itself.
    """

    id: Id
    email_id: Id
    identity_id: Id
    every: Every
    days: list[int]
    day: int | None
    time: str
    time_zone: str
    until: str | None
    count: int | None
    on_holiday: OnHoliday
    state: Literal["active", "paused", "held"]
    reason: str
    next_at: str | None
    ends_at: str
    turns: int


class RecurringMailWish(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """A plan to be begun with a draft."""

    email_id: str
    identity_id: Id
    every: Every
    time: _Time
    time_zone: _Zone
    days: _Days = []
    day: _DayOfMonth | None = None
    until: _Day | None = None
    count: _Count | None = None
    on_holiday: OnHoliday = "keep"


class RecurringMailPatch(Struct, frozen=True, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """What can be changed. `state` "paused" stops it, "active" lets it go on."""

    every: Every | UnsetType = UNSET
    time: _Time | UnsetType = UNSET
    time_zone: _Zone | UnsetType = UNSET
    days: _Days | UnsetType = UNSET
    day: _DayOfMonth | UnsetType | None = UNSET
    until: _Day | UnsetType | None = UNSET
    count: _Count | UnsetType | None = UNSET
    on_holiday: OnHoliday | UnsetType = UNSET
    state: Literal["active", "paused"] | UnsetType = UNSET


RECURRING_PROPERTIES: Final = RecurringMailObject.__struct_encode_fields__
