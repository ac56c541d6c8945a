"""What imports are asked with and answer with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from smartmail.domain.directory_import import Act, Finding, Outcome, TableKind
from smartmail.domain.ids import AccountId
from smartmail.service.people.directory_import.changes import Change
from smartmail.service.people.directory_import.drafts import Options
from smartmail.service.people.organization.sources import CATCH


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and how it is to be read. `encoding` "": found out; `columns`: header → field, "" leaves one out."""

    kind: TableKind
    octets: bytes = field(repr=False)
    encoding: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True)
class Report:
    """A dry run. `counts`: acts by sort; `columns`: header → field as they were recognised; `changes`: the first of
    `change_count` fields that it would change in what is there; `new_departments`: paths of those that it would make.
    """

    kind: TableKind
    rows: int
    counts: Mapping[str, int]
    unchanged: int
    findings: tuple[Finding, ...]
    columns: Mapping[str, str]
    unknown: tuple[str, ...]
    active: int = 0
    spared: int = 0
    encoding: str = ""
    changes: tuple[Change, ...] = ()
    change_count: int = 0
    new_departments: tuple[str, ...] = ()

    @property
    def closing(self) -> int:
        """How many people would be closed."""
        return self.counts.get("close", 0)

    @property
    def needs_consent(self) -> bool:
        """Whether it would close more people than a slip of a source may."""
        return self.closing * 100 > self.active * CATCH


class Step(msgspec.Struct, frozen=True, array_like=True):
    acts: tuple[Act, ...]
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One act with its outcome; None: not yet."""

    act: Act
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time token with which a new person sets the first password."""

    account_id: AccountId
    login: str
    name: str
    token: str = field(repr=False)
