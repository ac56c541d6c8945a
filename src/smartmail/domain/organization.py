"""Companies and their people: departments, titles, posts, who sits where; what is planned for a day to come.

A department is named by its code, which never changes: rules and grants name the code, so that a renamed or moved
department keeps what was set for it. Names, codes and titles are the directory's and lie open; what is a person's own
(telephone, birthday) is sealed. Pure: the arithmetic of trees is here, no store is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from smartmail.domain.absence import Away
from smartmail.domain.errors import Invalid
from smartmail.domain.ids import AccountId, OrganizationId

TitleKind = Literal["position", "duty", "grade", "honorific"]
"""직위 (what lists are sorted by), 직책 (what somebody does in a department), 직급 (pay), 호칭 (how one is called)."""
TITLE_KINDS: Final[tuple[TitleKind, ...]] = ("position", "duty", "grade", "honorific")
TOP: Final = 0
"""The parent of departments that have none."""
MAX_DEPTH: Final = 32
LAST: Final = 1 << 40
"""Where whoever has no position stands in lists: behind all who have one."""

PlannedState = Literal["waiting", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Department:
    """One department of a company. `position` orders it among its siblings."""

    id: int
    organization_id: OrganizationId
    code: str
    name: str
    parent_id: int = TOP
    position: int = 0


@dataclass(frozen=True, slots=True)
class Title:
    """One word of a company's table of a kind; `position` is its place, the highest-ranking first."""

    id: int
    organization_id: OrganizationId
    kind: TitleKind
    name: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's seat in a department, with a duty (0: none). The first of several is the primary one (겸직)."""

    account_id: AccountId
    department_id: int
    duty_id: int = 0
    primary: bool = True


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What the directory knows of a person beside the account. Numbers are titles, 0 for none."""

    account_id: AccountId
    organization_id: OrganizationId
    employee_number: str = ""
    position_id: int = 0
    grade_id: int = 0
    honorific_id: int = 0
    sealed: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PersonWrite:
    """One person as it shall stand. `department` and `title` are the texts that lists show; `seats` None: those
    that are there stay.
    """

    row: PersonRow
    name: str
    department_id: int
    department: str
    title: str
    seats: tuple[Seat, ...] | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A 직책메일: the shared account that whoever has the duty in the department works in."""

    account_id: AccountId
    organization_id: OrganizationId
    department_id: int
    duty_id: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands: codes of own departments (distance 0) and of those above; posts held (account ids)."""

    departments: Mapping[str, int] = field(default_factory=dict)
    posts: tuple[AccountId, ...] = ()


@dataclass(frozen=True, slots=True)
class DomainClaim:
    """A domain that a company says is its own and has not proved yet. Several may claim one; who proves it has it."""

    name: str
    organization_id: OrganizationId
    created_at: int


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A change with a day of its own. `sealed` holds a `Step`; `detail` is the code of the error of a failed one."""

    id: int
    organization_id: OrganizationId
    effective_at: int
    state: PlannedState
    created_at: int
    actor: str
    sealed: bytes = field(repr=False)
    applied_at: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the directory, as look-ups need it. `rank` is the place of the position; less is higher."""

    account_id: AccountId
    organization_id: OrganizationId
    kind: str
    login: str
    name: str
    department: str
    title: str
    employee_number: str
    rank: int


@dataclass(frozen=True, slots=True)
class Renaming:
    """A new login of an account. The old one stays its address until `ends_at` (None: it goes at once)."""

    account_id: AccountId
    old: str
    new: str
    ends_at: int | None


class WantedSeat(msgspec.Struct, frozen=True, array_like=True):
    """A department by its code, and the name of the duty there ("": none)."""

    department: str
    duty: str = ""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A person as a source of people wants it. None: the source does not know, what is there stays.

    `seats`: the primary one first. `facts`: telephone and so on by name, sealed when kept. Whom it is about is found by
    employee number, else by login.
    """

    login: str
    name: str | None = None
    employee_number: str | None = None
    seats: tuple[WantedSeat, ...] | None = None
    position: str | None = None
    grade: str | None = None
    honorific: str | None = None
    language: str = ""
    facts: dict[str, str] | None = None
    active: bool = True


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is done to a person, now or on a day to come.

    `change`: as `wanted` says. `rename`: to the login `login`, the old one kept for `months`. `close`: no login and no
    mail. `transfer`: to the company of the domain of `login`; `mailbox`: it goes along. `away`: they are away as `away`
    says, `return`: they are back. `rehire`: who left is back, as `wanted` says, with the login `login` ("": the old one).
    """

    kind: Literal["change", "rename", "close", "transfer", "away", "return", "rehire"]
    account_id: int
    wanted: Wanted | None = None
    login: str = ""
    months: int = 0
    mailbox: bool = False
    away: Away | None = None


# --- arithmetic of trees -------------------------------------------------------------------------------------------


def _name_of(department: Department) -> object:
    return department.name


def children(
    departments: Iterable[Department], name: Callable[[Department], object] = _name_of
) -> dict[int, list[Department]]:
    """Return parent → its departments in their order; `name`: by what those sort that nobody put in an order."""
    found: dict[int, list[Department]] = {}
    for one in departments:
        found.setdefault(one.parent_id, []).append(one)
    for siblings in found.values():
        siblings.sort(key=lambda one: (one.position, name(one), one.id))
    return found


def in_order(
    departments: Sequence[Department], name: Callable[[Department], object] = _name_of
) -> list[tuple[Department, int]]:
    """Return the tree from the top down, each department with its depth. What hangs nowhere comes last, depth 0."""
    below = children(departments, name)
    found: list[tuple[Department, int]] = []
    waiting = [(one, 0) for one in reversed(below.get(TOP, ()))]
    while waiting:
        one, depth = waiting.pop()
        found.append((one, depth))
        waiting += [(child, depth + 1) for child in reversed(below.get(one.id, ()))]
    seen = {one.id for one, _ in found}
    return found + [(one, 0) for one in departments if one.id not in seen]


def lineage(departments: Mapping[int, Department], department_id: int) -> list[Department]:
    """Return a department and those above it, the nearest first."""
    found: list[Department] = []
    at = department_id
    while at in departments and len(found) <= MAX_DEPTH:
        found.append(departments[at])
        at = departments[at].parent_id
    return found


def check_move(departments: Mapping[int, Department], department_id: int, parent_id: int) -> None:
    """Raise Invalid unless a department may stand under a parent: not below itself, and not too deep."""
    above = lineage(departments, parent_id)
    if any(one.id == department_id for one in above):
        raise Invalid("a department does not stand below itself", reason="department.itself")
    if parent_id != TOP and not above:
        raise Invalid("there is no such department above", reason="department.above")
    if len(above) + _height(departments, department_id) > MAX_DEPTH:
        raise Invalid(f"departments stand at most {MAX_DEPTH} deep", reason="department.deep", most=MAX_DEPTH)


def _height(departments: Mapping[int, Department], department_id: int) -> int:
    below = children(departments.values())
    level, height = [department_id], 0
    while level and height <= MAX_DEPTH:
        height += 1
        level = [child.id for one in level for child in below.get(one, ())]
    return height


def path_of(departments: Mapping[int, Department], department_id: int) -> str:
    """Return a department's names from the top down: `영업본부 / 영업1팀`."""
    return " / ".join(one.name for one in reversed(lineage(departments, department_id)))
