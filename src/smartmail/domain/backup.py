"""Backup: what a copy of the store is made of, what is noted of each run, how long copies are kept (docs/vocabulary.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from smartmail.domain.ids import BlobId

ColumnKind = Literal["int", "text", "bytes"]


class Column(NamedTuple):
    """A column of a table, and what its values are on both databases."""

    name: str
    kind: ColumnKind


@dataclass(frozen=True, slots=True)
class TableHead:
    """A table of a snapshot. `serial`: the last number that the database gave out for its id, None where it gives none."""

    name: str
    columns: tuple[Column, ...]
    serial: int | None = None

    def place(self, column: str) -> int:
        """Return where a column stands in a row. Raises KeyError."""
        for at, one in enumerate(self.columns):
            if one.name == column:
                return at
        raise KeyError(column)

    def has(self, column: str) -> bool:
        """Say whether there is such a column."""
        return any(one.name == column for one in self.columns)


LEFT_OUT: Final = frozenset({"meta", "node", "named_lock", "node_claim", "session", "backup_run", "audit_untagged"})
"""Tables that are of the running installation: nodes, leases, sign-ins of browsers, what was noted of backups, and the mark
of records from before there were tags, which the migration makes.
"""
MADE_ANEW: Final = frozenset({"meta"})
"""What alone stays behind when a whole database moves to another: the version of its schema, which migrations write."""
KEY_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "organization": ("wrapped_key", "wrapped_queue_key"),
    "account": ("wrapped_key",),
}
"""Wrapped keys whose destruction shreds: a snapshot leaves them blank, they lie apart with their own short life."""
MOVED: Final[Mapping[str, tuple[str, ...]]] = {"blob": ("volume_id", "location")}
"""Columns that say where octets lie: another place after a restore, so no part of what is compared."""
ELSEWHERE: Final = frozenset({"volume"})
"""Tables that a restore writes anew."""

RunKind = Literal["backup", "verify", "rehearsal", "restore"]
RunState = Literal["running", "good", "failed"]


@dataclass(frozen=True, slots=True)
class BackupRun:
    """One run as it is noted. Times in milliseconds; `facts` are counts and ids, never content."""

    id: int
    kind: RunKind
    state: RunState
    snapshot: str
    begun_at: int
    ended_at: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class PackedBlob(NamedTuple):
    """Where a sealed blob lies in a backup: in which pack, from which octet, how many."""

    blob_id: BlobId
    pack: str
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table in a snapshot. `first` and `last` bound the first column where it is a number."""

    id: str
    table: str
    rows: int
    size: int
    sha256: str
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table in a manifest: its head, how many rows, and the sum of their hashes, which knows no order."""

    head: TableHead
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a finished backup holds. It is written last: what has no manifest is no backup.

    `master` names the master key whose backup key sealed it; `packs` are all that hold its blobs; `missing` are blobs
    that the store refers to and the volume did not give, in hex; `files` is the object with the files of the node (its node file,
    its own certificates), "" in a backup that has none.
    """

    name: str
    made_at: int
    master: str
    schema: int
    tables: tuple[TableFacts, ...]
    parts: tuple[Part, ...]
    packs: tuple[str, ...]
    missing: tuple[str, ...] = ()
    files: str = ""

    def rows(self, table: str) -> int:
        """Return how many rows a table has, 0 for one that is not there."""
        return next((one.rows for one in self.tables if one.head.name == table), 0)

    def head(self, table: str) -> TableHead | None:
        """Return a table's head, None for one that is not there."""
        return next((one.head for one in self.tables if one.head.name == table), None)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many backups are kept: the newest of each of so many days, ISO weeks and months."""

    days: int = 7
    weeks: int = 4
    months: int = 12


BackupTrouble = Literal["cut", "missing", "damaged", "foreign", "differs", "unreadable", "old"]
"""cut: no manifest. missing: a part, pack or blob is not there. damaged: octets are not what was written. foreign: sealed
under another key, or put in another one's place. differs: what was restored is not what was backed up. unreadable: it
does not open. old: nothing green within `STALE_DAYS`.
"""
STALE_DAYS: Final = 8


@dataclass(frozen=True, slots=True)
class BackupFinding:
    """One thing that is wrong with a backup."""

    trouble: BackupTrouble
    object: str
    meaning: str
