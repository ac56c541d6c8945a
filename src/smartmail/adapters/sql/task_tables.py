"""Leased work as data: what its tables have in common, and the statements that follow from it.

A row of such a table waits, is leased by one worker until a time, and is done or waits again. What differs is data of a
`TaskTable`: the key, what a lease returns, which rows are due. A group of the store declares its own next to its statements, in `TASKS`;
the queue, whose entries are leased with many recipients at once, has none (adapters.sql.queue).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """Acts at a time, done by the first process: `waiting` says whether one is due. $1: now."""

    kind: str
    waiting: str

    @property
    def looks(self) -> list[str]:
        """As TaskTable.looks."""
        return [self.waiting]


@dataclass(frozen=True, slots=True)
class TaskTable:
    """A table whose rows are leased.

    `kind` names the work; `due` is the SQL condition under which a row may be leased apart from its lease, with $1 the time now.
    `order` says which of several is the first. `sets` is changed by a lease too, $1 again the time. `renewable`: the
    worker that holds a row may lease it again. `progress`: how far a row is, and of how much.
    `until` is the column of the end of the lease. `polled`: each process looks every second whether a row is due; other kinds are
    begun by an administrator, or looked at once a minute by one node. `also`: a statement that says what else makes the kind due.
    """

    kind: str
    table: str
    due: str = ""
    key: tuple[str, ...] = ("id",)
    order: str = "id"
    sets: str = ""
    renewable: bool = False
    progress: str = "0, 0"
    until: str = "leased_until"
    polled: bool = True
    also: str = ""

    @property
    def first(self) -> str:
        """The key of the row to be leased first. $1: now."""
        return f"select {', '.join(self.key)} from {self.table} where {self._free} order by {self.order} limit 1"

    def lease(self, columns: str) -> str:
        """Lease a row and return columns of it; nothing where another worker was faster. $1: now; $2: until; $3: the worker;
        then the key. All conditions are looked at again: on PostgreSQL two workers may have found the same row.
        """
        sets = f", {self.sets}" if self.sets else ""
        own = f" or (({self.due}) and worker = $3)" if self.renewable else ""
        key = " and ".join(f"{name} = ${number}" for number, name in enumerate(self.key, 4))
        return f"""update {self.table} set {self.until} = $2, worker = $3{sets}
            where {key} and ({self._free}{own}) returning {columns}"""

    @property
    def held(self) -> str:
        """What workers hold. $1: now; $2: how many."""
        return f"""select {self.progress}, worker, {self.until}, {", ".join(self.key)} from {self.table}
            where {self.until} > 0 and worker > '' and {self.until} > $1 order by worker limit $2"""

    @property
    def workers(self) -> str:
        """Who holds rows."""
        return f"select distinct worker from {self.table} where {self.until} > 0 and worker > ''"

    @property
    def release(self) -> str:
        """End all leases of a worker. $1: the worker."""
        return f"update {self.table} set {self.until} = 0, worker = '' where worker = $1 and {self.until} > 0"

    @property
    def looks(self) -> list[str]:
        """Each statement says whether there is something to do. $1: now."""
        waiting = f"select 1 from {self.table} where {self.due if self.renewable else self._free}"
        return [one for one in (waiting, self.also) if one] if self.polled else []

    @property
    def _free(self) -> str:
        return f"({self.due}) and {self.until} <= $1" if self.due else f"{self.until} <= $1"


Tasks = tuple[TaskTable | Look, ...]
