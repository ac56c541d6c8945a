"""The source tree that developer commands work on."""

import os
import sys
from pathlib import Path


def root() -> Path:
    """Return the root of the checkout, or end the command where there is none (installed from a wheel)."""
    place = Path(__file__).resolve().parents[4]
    if not (place / "pyproject.toml").exists():
        print("smartmail: this command works in a checkout of the source only", file=sys.stderr)
        raise SystemExit(2)
    return place


def tool(name: str) -> str:
    """Return the path of a program of the environment."""
    return str(Path(sys.executable).parent / name)


def environment() -> dict[str, str]:
    """Return the environment for tools: their caches stay in the checkout, colours follow the terminal."""
    return {
        **os.environ,
        "PYTHONPATH": str(root() / "src"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
