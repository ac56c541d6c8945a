"""From what a source says of a person to the rows that shall stand. Pure over tables that were read before.

What is shown beside a name is the 호칭, else the 직위, else the 직책 of the primary seat: `김민지 책임 / 구매1팀`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from smartmail.domain.account import Account
from smartmail.domain.errors import Invalid
from smartmail.domain.ids import AccountId, ModSeq, OrganizationId
from smartmail.domain.organization import Department, PersonRow, PersonWrite, Seat, Title, TitleKind, Wanted
from smartmail.ports.store_organization import OrganizationStore

MAX_NUMBER = 64


@dataclass(frozen=True, slots=True)
class Tables:
    """A company's departments and titles by what people call them and by id."""

    organization_id: OrganizationId
    departments: dict[int, Department]
    by_code: dict[str, Department]
    titles: dict[int, Title]
    by_name: dict[tuple[TitleKind, str], Title]

    def department(self, code: str) -> Department:
        """Return a department. Raises Invalid."""
        found = self.by_code.get(code)
        if found is None:
            raise Invalid(f"there is no department with code {code}", reason="department.none", code=code)
        return found

    def title(self, kind: TitleKind, name: str) -> int:
        """Return the id of a title, 0 for none. Raises Invalid."""
        if not name:
            return 0
        found = self.by_name.get((kind, name))
        if found is None:
            raise Invalid(f"there is no {kind} {name}", reason="title.none", name=name)
        return found.id

    def name(self, title_id: int) -> str:
        """Return the word of a title."""
        return self.titles[title_id].name if title_id in self.titles else ""


async def tables(store: OrganizationStore, organization_id: OrganizationId) -> Tables:
    """Read the tables of a company."""
    departments = await store.departments(organization_id)
    titles = await store.titles(organization_id)
    return Tables(
        organization_id,
        {one.id: one for one in departments},
        {one.code: one for one in departments},
        {one.id: one for one in titles},
        {(one.kind, one.name): one for one in titles},
    )


def write_of(
    known: Tables, account: Account, row: PersonRow, seats: Sequence[Seat], wanted: Wanted, sealed: bytes | None
) -> PersonWrite:
    """Return the rows of a person as a source wants them; what it does not know stays. Raises Invalid.

    `sealed`: the facts, sealed anew where the source brings any.
    """
    number = row.employee_number if wanted.employee_number is None else wanted.employee_number.strip()
    if len(number) > MAX_NUMBER or not (number.isprintable()):
        raise Invalid(f"an employee number has at most {MAX_NUMBER} characters", reason="text.long", most=MAX_NUMBER)
    made = replace(
        row,
        employee_number=number,
        position_id=_title(known, "position", wanted.position, row.position_id),
        grade_id=_title(known, "grade", wanted.grade, row.grade_id),
        honorific_id=_title(known, "honorific", wanted.honorific, row.honorific_id),
        sealed=row.sealed if wanted.facts is None else sealed,
    )
    sits = tuple(seats) if wanted.seats is None else _seats(known, account, wanted)
    first = sits[0] if sits else None
    department = known.departments.get(first.department_id) if first else None
    shown = known.name(made.honorific_id) or known.name(made.position_id) or known.name(first.duty_id if first else 0)
    return PersonWrite(
        made,
        account.name if wanted.name is None else (" ".join(wanted.name.split()) or account.name),
        department.id if department else 0,
        department.name if department else "",
        shown,
        sits,
    )


def _title(known: Tables, kind: TitleKind, name: str | None, present: int) -> int:
    return present if name is None else known.title(kind, name)


def _seats(known: Tables, account: Account, wanted: Wanted) -> tuple[Seat, ...]:
    seats = [
        Seat(account.id, known.department(one.department).id, known.title("duty", one.duty), primary=place == 0)
        for place, one in enumerate(wanted.seats or ())
    ]
    if len({one.department_id for one in seats}) != len(seats):
        raise Invalid("a person has one seat in a department", reason="person.oneseat")
    return tuple(seats[:1] + sorted(seats[1:], key=lambda one: one.department_id))


def nobody(organization_id: OrganizationId) -> Account:
    """Return an account that is not there, to see beforehand whether what is wanted of it can be."""
    return Account(
        AccountId(0), organization_id, "person", "active", "", "", "", is_admin=False, wrapped_key=b"",
        modseq=ModSeq(0), horizon=ModSeq(0), quota=None, used=0, messages=0, auth_epoch=0,
    )  # fmt: skip
