"""Every statement that takes a lease runs where a node whose clock is off is refused (session.Database.lease)."""

import re
from pathlib import Path

import smartmail.adapters.sql as sql

FOLDER = Path(sql.__file__).parent


def test_every_lease_is_taken_through_the_one_door():
    takers = [path for path in FOLDER.glob("*.py") if re.search(r"^_LEASE = ", path.read_text(), re.MULTILINE)]
    assert len(takers) >= 11
    for path in (*takers, FOLDER / "queue.py", FOLDER / "cluster.py"):
        text = path.read_text()
        assert "_db.lease(" in text, path.name
        assert not re.search(r"\.change\([^\n]*_LEASE\b", text), path.name
