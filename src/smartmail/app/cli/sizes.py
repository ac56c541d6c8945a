"""Sizes as people type and read them: 500M, 10G, 1.4 GB."""

import argparse
import re
from typing import Final

_UNITS: Final = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def size_of(text: str) -> int:
    """Return a size such as 500M or 10G in bytes. Raises ArgumentTypeError."""
    match = re.fullmatch(r"(\d{1,12})([kmgt]?)i?b?", text.strip(), re.IGNORECASE)
    if match is None:
        raise argparse.ArgumentTypeError(f"not a size: {text!r} (such as 500M, 10G)")
    return int(match[1]) * _UNITS[match[2].lower()]


def size_text(size: int) -> str:
    """Return bytes in words: 1.4 GB."""
    amount, units = float(size), ["B", "KB", "MB", "GB", "TB"]
    while amount >= 1024 and len(units) > 1:
        amount /= 1024
        units.pop(0)
    return f"{amount:.0f} {units[0]}" if amount >= 100 or units[0] == "B" else f"{amount:.1f} {units[0]}"
