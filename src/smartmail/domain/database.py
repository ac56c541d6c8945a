"""The database below the store, as who runs the installation sees it: its size, what lies free in it, its tables."""

from dataclasses import dataclass
from typing import Literal

Engine = Literal["sqlite", "postgres"]


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table with its indexes. `rows` is what the database reckons, counted where that is cheap."""

    name: str
    rows: int
    octets: int


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What a look costs little for. `spare`: octets inside that hold nothing; `log`: the write-ahead log, None where only
    the database's own host knows; `disk`: free octets of its disk, None the same; `stepwise`: spare room can be given back
    a little at a time.
    """

    engine: Engine
    version: str
    octets: int
    spare: int
    log: int | None
    disk: int | None
    stepwise: bool
