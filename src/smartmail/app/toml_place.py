"""The place of a key in a TOML text, which tomllib does not keep: for error messages, and to change one value."""

import json
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


def with_value(text: str, table: str, key: str, value: str) -> str:
    """Return a TOML text in which `key` of `table` is the string `value`; all else stays as it was written."""
    line = f"{key} = {json.dumps(value)}"
    lines = text.splitlines()
    header = next((at for at, one in enumerate(lines) if one.split("#")[0].strip() == f"[{table}]"), None)
    if header is None:
        return "\n".join([*lines, *([""] if lines else []), f"[{table}]", line]) + "\n"
    for at in range(header + 1, len(lines)):
        stripped = lines[at].strip()
        if stripped.startswith("["):
            break
        if stripped.partition("=")[0].strip().strip("\"'") == key:
            return "\n".join([*lines[:at], line, *lines[at + 1 :]]) + "\n"
    return "\n".join([*lines[: header + 1], line, *lines[header + 1 :]]) + "\n"
