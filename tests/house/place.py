"""Where the files of tests lie: in memory when the machine has a roomy memory file system, else where Python puts them.

A sync of a disk takes milliseconds, and a store syncs at each commit: most of a test's time was that wait. In memory the
same calls are made and return at once, so nothing of the product is switched off (PostgreSQL's driver refuses a server
that runs without fsync, and rightly). What a sync promises is tested by layers of files that fail on purpose
(tests/contract/test_store_sqlite.py, test_blobs_faults.py) and by killed processes, neither of which needs a disk.
"""

import os
from pathlib import Path

MEMORY = "/dev/shm"
ROOM = 4 << 30
"""Octets that must be free there: containers have 64 MiB by custom, which a test of large mail would fill."""


def folder() -> Path | None:
    """Return the folder in memory, None where there is none or too little room."""
    try:
        facts = os.statvfs(MEMORY)
    except OSError:
        return None
    free = facts.f_bavail * facts.f_frsize
    return Path(MEMORY) if free >= ROOM and os.access(MEMORY, os.W_OK | os.X_OK) else None


def install() -> None:
    """Let pytest make its temporary folders there, unless whoever runs it names another place."""
    place = folder()
    if place is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(place))
