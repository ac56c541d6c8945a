"""The four tiers, by folder: where a test lies says what it costs and when it runs.

pure     code without a store or a socket; the web packages' own tests count here
house    stores, services and listeners of one process, opened by the test
world    whole nodes as processes, beside other mail programs
screens  browsers in front of whole nodes
"""

from collections.abc import Iterable
from pathlib import Path

FOLDERS = {
    "pure": ("unit", "fuzz", "property", "dialogs", "sieve", "corpus", "jmap", "misdelivery"),
    "house": ("contract", "flows", "jmap_server", "admin_api", "bench", "lab"),
    "world": ("peers", "cluster"),
    "screens": ("e2e", "guide"),
}
TIERS = tuple(FOLDERS)
QUICK = ("pure", "house")
# Their tests mostly wait for other programs: the scheduler runs them beside those that compute.
WAITING = frozenset({"world", "screens"})
_TIER_OF = {folder: tier for tier, folders in FOLDERS.items() for folder in folders}


def tier_of(path: str) -> str:
    """Return the tier of a test file or test id ("tests/unit/app/test_x.py::test_y"); "" for one in none."""
    parts = path.split("::", 1)[0].split("/")
    return _TIER_OF.get(parts[1], "") if len(parts) > 2 and parts[0] == "tests" else ""


def test_files(root: Path) -> list[str]:
    """Return all test files of the tree, relative to `root`, sorted."""
    return sorted(path.relative_to(root).as_posix() for path in (root / "tests").rglob("test_*.py"))


def without_tier(files: Iterable[str]) -> list[str]:
    """Return the test files that lie in no tier: an error, because no budget would count them."""
    return [file for file in files if not tier_of(file)]
