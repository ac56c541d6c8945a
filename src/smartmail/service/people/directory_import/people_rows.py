"""From rows of a table to people as they shall be (`Wanted`), each error with its line and column.

STRATEGIES  Empty cells leave what is there: a person keeps other seats, the duty in the same department, and facts that the
            table does not name. Somebody is found by employee number, else by login.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from smartmail.base.i18n import LANGUAGES
from smartmail.domain.absence import Absence
from smartmail.domain.account import Account
from smartmail.domain.directory_import import Finding
from smartmail.domain.errors import Invalid
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.organization import PersonRow, PersonWrite, Seat, TitleKind, Wanted, WantedSeat, path_of
from smartmail.formats.address import normalize, split_address
from smartmail.service.people.directory_import.absences import AWAY_WORDS, HERE_WORDS
from smartmail.service.people.directory_import.columns import FACTS, plain
from smartmail.service.people.directory_import.drafts import Record, several
from smartmail.service.people.directory_import.store import Store
from smartmail.service.people.organization.ground import MAX_NAME
from smartmail.service.people.organization.writing import MAX_NUMBER, Tables, tables

_YES = frozenset(map(plain, (
    "y", "yes", "true", "1", "o", "active", "enabled", "사용", "예", "有効", "启用", "啟用", "是",
)))  # fmt: skip
_NO = frozenset(map(plain, (
    "n", "no", "false", "0", "x", "inactive", "disabled", "left", "closed", "퇴직", "퇴사", "미사용", "아니오", "退職", "無効", "离职",
    "停用", "離職", "否",
)))  # fmt: skip

NewCode = Callable[[str, int], str]
"""Returns the code of a department that a name or path in a line shall have. Raises Invalid."""


class RowError(Exception):
    """A cell that is wrong."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


@dataclass(slots=True)
class Present:
    """A company as it is."""

    organization_id: OrganizationId
    accounts: dict[AccountId, Account]
    rows: dict[AccountId, PersonRow]
    seats: dict[AccountId, tuple[Seat, ...]]
    domains: Sequence[str]
    known: Tables
    away: dict[AccountId, Absence] = field(default_factory=dict)
    by_login: dict[str, Account] = field(default_factory=dict)
    by_number: dict[str, Account] = field(default_factory=dict)
    by_name: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        there = {one.id for one in self.accounts.values() if one.wrapped_key}
        self.by_login = {one.login: one for one in self.accounts.values() if one.id in there}
        numbered = [row for row in self.rows.values() if row.employee_number and row.account_id in there]
        self.by_number = {row.employee_number: self.accounts[row.account_id] for row in numbered}
        for one in self.known.departments.values():
            for word in {plain(one.name), plain(path_of(self.known.departments, one.id))}:
                self.by_name.setdefault(word, []).append(one.code)

    def row(self, account: Account) -> PersonRow:
        """Return what is stored of a person."""
        return self.rows.get(account.id) or PersonRow(account.id, account.organization_id)

    def stands(self, account_id: int) -> PersonWrite | None:
        """Return somebody as they stand, None for who is not there."""
        account = self.accounts.get(AccountId(account_id))
        if account is None:
            return None
        seats = self.seats.get(account.id, ())
        return PersonWrite(
            self.row(account), account.name, account.department_id, account.department, account.title, seats
        )


async def present_of(store: Store, organization_id: OrganizationId) -> Present:
    """Read a company."""
    seats: dict[AccountId, tuple[Seat, ...]] = {}
    for one in await store.seats(organization_id):
        seats[one.account_id] = (*seats.get(one.account_id, ()), one)
    return Present(
        organization_id,
        {one.id: one for one in await store.accounts(organization_id)},
        {row.account_id: row for row in await store.people(organization_id)},
        seats,
        [row.name for row in await store.domains() if row.organization_id == organization_id],
        await tables(store, organization_id),
        {row.account_id: row for row in await store.absences(organization_id)},
    )


@dataclass(frozen=True, slots=True)
class PersonWanted:
    """A row, read: whom it wants, who that is today, and the first password of a new person."""

    record: Record
    wanted: Wanted
    account: Account | None
    password: str = field(default="", repr=False)
    password_hash: str = field(default="", repr=False)


class PeopleReader:
    """Reads rows against a company."""

    def __init__(
        self, present: Present, domain: str, facts: Mapping[AccountId, Mapping[str, str]], new: NewCode | None = None
    ) -> None:
        """`domain`: for logins without one; `facts` of people who have any, opened; `new`: for departments to be made."""
        self._present = present
        self._facts = facts
        self._new = new
        self._domain = domain or (present.domains[0] if len(present.domains) == 1 else "")

    def person(self, record: Record) -> PersonWanted:
        """Read a row. Raises RowError."""
        login = self._login(record)
        number = record.get("employee_number")
        if number and (len(number) > MAX_NUMBER or not number.isprintable()):
            raise RowError(record.wrong("employee_number", "too-long", number))
        account = self._present.by_number.get(number or "") or self._present.by_login.get(login)
        if account is not None and account.kind != "person":
            raise RowError(record.wrong("login", "not-a-person", login))
        active = self._active(record)
        if account is not None and account.is_admin and not active:
            raise RowError(record.wrong("active", "administrator", login))
        name = record.get("name")
        if name and (len(name) > MAX_NAME or not name.isprintable()):
            raise RowError(record.wrong("name", "too-long", name))
        wanted = Wanted(
            login=login, name=name or None, employee_number=number, seats=self._seats(record, account),
            position=self._title(record, "position"), grade=self._title(record, "grade"),
            honorific=self._title(record, "honorific"), language=self._language(record),
            facts=self._known_facts(record, account), active=active,
        )  # fmt: skip
        if account is not None:
            return PersonWanted(record, wanted, account)
        secret, hashed = record.values.get("password", ""), record.get("password_hash") or ""
        if secret and hashed:
            raise RowError(record.wrong("password_hash", "hash-beside"))
        return PersonWanted(record, wanted, None, secret, hashed)

    def _login(self, record: Record) -> str:
        text = record.get("login")
        if not text:
            raise RowError(record.wrong("login", "empty"))
        if "@" not in text and self._domain:
            text = f"{text}@{self._domain}"
        login = normalize(text)
        local, domain = split_address(login)
        if not local or not domain or not login.isprintable() or " " in login or len(login) > 254:
            raise RowError(record.wrong("login", "no-address", text))
        if domain not in self._present.domains:
            raise RowError(record.wrong("login", "foreign-domain", domain))
        return login

    def _active(self, record: Record) -> bool:
        text = record.get("active")
        if not text or plain(text) in _YES or plain(text) in AWAY_WORDS | HERE_WORDS:
            return True
        if plain(text) in _NO:
            return False
        raise RowError(record.wrong("active", "no-such-state", text))

    def _language(self, record: Record) -> str:
        text = record.get("language") or ""
        found = {one.casefold(): one for one in LANGUAGES}.get(text.casefold(), "")
        if text and not found:
            raise RowError(record.wrong("language", "no-such-language", text))
        return found

    def _title(self, record: Record, kind: TitleKind) -> str | None:
        name = record.get(kind)
        if name and (kind, name) not in self._present.known.by_name:
            raise RowError(record.wrong(kind, "no-such-title", name))
        return name

    def _seats(self, record: Record, account: Account | None) -> tuple[WantedSeat, ...] | None:
        department, duty, others = (
            record.get("department"),
            self._duty(record, record.get("duty")),
            record.get("other_seats"),
        )
        old = [self._seat(one) for one in self._present.seats.get(account.id, ())] if account else []
        if department is None and duty is None and others is None:
            return None
        if department == "":
            return ()
        first = old[0] if old else None
        code = self._department(record, "department", department) if department else (first.department if first else "")
        if not code:
            raise RowError(record.wrong("department", "empty"))
        if duty is None:
            duty = first.duty if first and first.department == code else ""
        rest = old[1:] if others is None else [self._other(record, word) for word in several(others)]
        return (WantedSeat(code, duty), *(one for one in rest if one.department != code))

    def _seat(self, one: Seat) -> WantedSeat:
        return WantedSeat(
            self._present.known.departments[one.department_id].code, self._present.known.name(one.duty_id)
        )

    def _other(self, record: Record, word: str) -> WantedSeat:
        # `영업1팀/팀장` is a department with a duty, unless a department has that path.
        if plain(word) not in self._present.by_name and word not in self._present.known.by_code:
            department, slash, duty = word.rpartition("/")
            if slash and (self._new is None or ("duty", duty.strip()) in self._present.known.by_name):
                code = self._department(record, "other_seats", department.strip())
                return WantedSeat(code, self._duty(record, duty.strip(), "other_seats") or "")
        return WantedSeat(self._department(record, "other_seats", word))

    def _duty(self, record: Record, name: str | None, column: str = "duty") -> str | None:
        if name and ("duty", name) not in self._present.known.by_name:
            raise RowError(record.wrong(column, "no-such-title", name))
        return name

    def _department(self, record: Record, column: str, word: str) -> str:
        if word in self._present.known.by_code:
            return word
        found = self._present.by_name.get(plain(word), [])
        if len(found) == 1:
            return found[0]
        if not found and self._new is not None:
            try:
                return self._new(word, record.line)
            except Invalid:
                raise RowError(record.wrong(column, "too-long", word)) from None
        raise RowError(record.wrong(column, "department-twice" if found else "no-such-department", word))

    def _known_facts(self, record: Record, account: Account | None) -> dict[str, str] | None:
        said = {name: text for name in FACTS if (text := record.get(name)) is not None}
        if not said:
            return None
        old = self._facts.get(account.id, {}) if account else {}
        return {name: text for name, text in {**old, **said}.items() if text}
