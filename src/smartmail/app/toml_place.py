"""Finds the line of a key in a TOML text, for error messages; tomllib does not keep it."""

import re


def line_of(text: str, key: str) -> int | None:
    """Return the 1-based line that sets dotted `key` (`listen.port_base`), or its table's line, or None."""
    *tables, last = [part for part in re.sub(r"\[[^\]]*\]", "", key).split(".") if part] or [""]
    wanted, current, header = ".".join(tables), "", None
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            current = stripped.strip("[] ").split("]")[0].strip()
            header = number if current in {wanted, f"{wanted}.{last}".strip(".")} else header
        name = stripped.partition("=")[0].strip().strip("\"'")
        if "=" in stripped and f"{current}.{name}".strip(".") == f"{wanted}.{last}".strip("."):
            return number
    return header
