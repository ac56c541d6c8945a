"""What acts change in what is there, field by field, for who looks at an import before it is done. Pure.

New things are not told here, their rows say all; nor are secrets. At most MAX_CHANGES are told of an import.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from smartmail.domain.addressing import ListText
from smartmail.domain.directory_import import Act, TableKind, What
from smartmail.domain.organization import PersonWrite, Seat
from smartmail.service.people.directory_import.columns import FIELDS, SECRETS
from smartmail.service.people.organization.writing import Tables

MAX_CHANGES: Final = 1_000
MAX_TEXT: Final = 200
_TOLD: Final[tuple[What, ...]] = ("rename", "reopen", "close", "away", "return")


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one thing. `key`: what the table calls the thing; `name`: of a person; `field` "": the act says all."""

    what: What
    line: int
    key: str
    name: str = ""
    field: str = ""
    old: str = dataclasses.field(default="", repr=False)
    new: str = dataclasses.field(default="", repr=False)


def of_person(
    known: Tables, act: Act, before: PersonWrite, after: PersonWrite, facts: Sequence[Mapping[str, str]] = ()
) -> list[Change]:
    """Return what an act changes in a person. `facts`: before and after, for who may see them."""
    old, new = _cells(known, before, before.seats), _cells(known, after, before.seats)
    if facts:
        old, new = {**old, **facts[0]}, {**new, **facts[1]}
    one = Change(act.what, act.line, act.key, before.name)
    return _different(one, FIELDS["people"], old, new)


def of_state(act: Act, name: str) -> Change:
    """Return an act that is no change of fields: an account is closed, is back, has another login."""
    one = Change(act.what, act.line, act.key, name)
    if act.what == "rename":
        return replace(one, field="login", old=act.key, new=str((act.after or {}).get("new", "")))
    return one


def is_state(act: Act) -> bool:
    """Tell whether an act is of this sort."""
    return act.what in _TOLD


def of_thing(kind: TableKind, act: Act) -> list[Change]:
    """Return what an act changes in something that is no person."""
    one = Change(act.what, act.line, act.key)
    if act.what == "close":
        return [one]
    if act.before is None or act.after is None:
        return []
    # Who may do what in a shared account is no text: such an act is told without a field.
    return _different(one, FIELDS[kind], _plain(act.before), _plain(act.after)) or [one]


def _plain(kept: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what an act keeps by fields; of a list that lies one floor deeper."""
    return msgspec.structs.asdict(msgspec.convert(kept["text"], ListText)) if "text" in kept else kept


def _different(one: Change, fields: Sequence[str], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    return [
        replace(one, field=name, old=_text(old.get(name)), new=_text(new.get(name)))
        for name in fields if name not in SECRETS and _text(old.get(name)) != _text(new.get(name))
    ]  # fmt: skip


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple, set, frozenset)):
        return "; ".join(sorted(_text(one) for one in value))[:MAX_TEXT]
    return "" if value is None else str(value)[:MAX_TEXT]


def _cells(known: Tables, one: PersonWrite, seated: tuple[Seat, ...] | None) -> dict[str, str]:
    """Return what a person's columns would hold. `seated`: where they sit, if the write leaves that."""
    seats = [
        (known.departments[seat.department_id].name, known.name(seat.duty_id))
        for seat in (one.seats if one.seats is not None else seated or ()) if seat.department_id in known.departments
    ]  # fmt: skip
    department, duty = seats[0] if seats else ("", "")
    return {
        "name": one.name, "employee_number": one.row.employee_number, "department": department, "duty": duty,
        "other_seats": "; ".join("/".join(filter(None, seat)) for seat in seats[1:]),
        "position": known.name(one.row.position_id), "grade": known.name(one.row.grade_id),
        "honorific": known.name(one.row.honorific_id),
    }  # fmt: skip
