"""Every statement that takes a lease runs where a node whose clock is off is refused (session.Database.lease)."""

import re
from pathlib import Path

import smartmail.adapters.sql as sql
from smartmail.adapters.sql import tasks

FOLDER = Path(sql.__file__).parent


def test_every_lease_is_taken_through_the_one_door():
    takers = [path for path in FOLDER.glob("*.py") if re.search(r"^_LEASE = ", path.read_text(), re.MULTILINE)]
    for path in (*takers, FOLDER / "queue.py", FOLDER / "cluster.py", FOLDER / "tasks.py"):
        text = path.read_text()
        assert "db.lease(" in text, path.name
        assert not re.search(r"\.change\([^\n]*_LEASE\b", text), path.name


def test_every_kind_of_leased_work_is_leased_by_the_one_engine():
    leasing = re.compile(r"^_LEASING = Leasing\((\w+), ", re.MULTILINE)
    used = {name for path in FOLDER.glob("*.py") for name in leasing.findall(path.read_text())}
    own = {"DIRECTORY_IMPORT"}  # begins and undoes: it is leased into a state
    assert used | own == {name for name, value in vars(tasks).items() if isinstance(value, tasks.TaskTable)}
