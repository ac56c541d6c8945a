"""The tree as the house tests look at it: tracked and new files, never what git ignores."""

import importlib.util
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "src" / "smartmail"
BINARY = {".png", ".ico", ".woff2", ".eml", ".mbox", ".db", ".bin"}


@cache
def files():
    """Return all files that are, or would be, committed; what is being removed is left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return tuple(path for path in (ROOT / name for name in listed.split("\0") if name) if path.is_file())


def texts():
    """Yield (path, text) of every text file."""
    for path in files():
        if path.suffix not in BINARY:
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue


def sources():
    """Yield (path, text) of every Python module of the package."""
    return ((path, path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py")))


def tool(name):
    """Return a module of tools/."""
    spec = importlib.util.spec_from_file_location(f"smartmail_tools_{name}", ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    if str(ROOT / "tools") not in sys.path:
        sys.path.append(str(ROOT / "tools"))  # a tool may use another
    spec.loader.exec_module(module)
    return module
