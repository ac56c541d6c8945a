"""Where the running program lies: known to the supervisor too, which imports next to nothing of it."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
"""The directory that holds `src`, the lock files and the launcher: a checkout, or a version that was installed."""
