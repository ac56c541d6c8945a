"""Entries of the queue are built in two places (ADR 81): what others write, and what the house writes."""

import re
from pathlib import Path

SOURCE = Path(__file__).parents[3] / "src" / "smartmail"


def users(name: str) -> set[str]:
    """Return the modules that import a name from a service module."""
    line = re.compile(rf"^from smartmail\.service\.\S+ import .*\b{name}\b", re.MULTILINE)
    return {str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py") if line.search(path.read_text())}


def test_entries_are_built_in_one_module_only():
    assert users("new_entry") == {"service/kernel/letter_entries.py"}


def test_who_builds_entries_for_what_others_write():
    assert users("LetterEntries") == {
        "app/wiring/flow/outgoing.py", "service/flow/addressing/copying.py", "service/flow/filters/effects.py", "service/kernel/house_letters.py",
        "service/flow/outgoing/service.py", "service/flow/secure_release.py",
    }  # fmt: skip
