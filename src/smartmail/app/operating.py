"""What a process can do with the machine that it runs on: its processes, places of backups, rehearsals."""

from dataclasses import dataclass

from smartmail.ports.backup import BackupHost, NodeFiles, Rehearser
from smartmail.ports.processes import NoProcesses, NoTree, ProcessTable, TreeSigns
from smartmail.ports.pull_source import NoPullSource, PullSource


@dataclass(frozen=True, slots=True)
class Operating:
    """Given by who opens a node; without it nothing of this can be done from the browser."""

    processes: ProcessTable = NoProcesses()  # noqa: RUF009 -- it has no state
    places: BackupHost | None = None
    rehearser: Rehearser | None = None
    files: NodeFiles | None = None
    pull_source: PullSource = NoPullSource()  # noqa: RUF009 -- it has no state
    """Reaches mailboxes of other providers."""
    signs: TreeSigns = NoTree()  # noqa: RUF009 -- it has no state
    """Tell whether the process's parent lives and the key is there."""
