"""Every statement that takes a lease runs where a node whose clock is off is refused (session.Database.lease)."""

import re
from pathlib import Path

import smartmail.adapters.sql as sql
from smartmail.adapters.sql import SqlStore

FOLDER = Path(sql.__file__).parent


def test_every_lease_is_taken_through_the_one_door():
    takers = [path for path in FOLDER.glob("*.py") if re.search(r"^_LEASE = ", path.read_text(), re.MULTILINE)]
    for path in (*takers, FOLDER / "queue.py", FOLDER / "cluster.py", FOLDER / "tasks.py"):
        text = path.read_text()
        assert "db.lease(" in text, path.name
        assert not re.search(r"\.change\([^\n]*_LEASE\b", text), path.name


def test_every_kind_of_leased_work_is_leased_by_the_one_engine_and_declared():
    files = {path.stem: path.read_text() for path in FOLDER.glob("*.py") if path.stem != "task_tables"}
    described = {name for name, text in files.items() if re.search(r"= TaskTable\(", text)}
    leased = {name for name, text in files.items() if "_LEASING = Leasing(_TASK, " in text}
    own = {"directory_import"}  # begins and undoes: it is leased into a state
    assert described == leased | own
    assert len(described) == len(SqlStore(None, None).tasks.tables), "a group that does not say so in TASKS"
