"""Where the running program lies: known to the supervisor too, which imports next to nothing of it."""

import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
"""The directory that holds `src`, the lock files and the launcher: a checkout, or a version that was installed."""
HOME: Final = Path(sys.prefix).parent
"""Where the launcher and its environment lie: what was installed first, whichever version runs."""
INSTALLER: Final = HOME / ".cache" / "launcher" / "tool" / "bin" / "uv"
"""Kept by the launcher (tools/launcher/environment.py)."""
VENDOR_KEY: Final = "vendor.key"
"""Next to the launcher, where the installation came as a package: the key whose updates it takes."""


def vendor_key() -> str:
    """Return the key that the installation came with, "" for none."""
    try:
        return (HOME / VENDOR_KEY).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
