"""Writes web/admin/src/api/types.ts from the same operations that serve and validate the admin API.

Run it after a change of the API: .venv/bin/python tools/gen_api_ts.py. `--check` says whether the file is fresh.
"""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from smartmail.edge.httpd.admin.openapi import document  # noqa: E402
from smartmail.edge.httpd.admin.table import OPERATIONS  # noqa: E402

TARGET = ROOT / "web" / "admin" / "src" / "api" / "types.ts"
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def main() -> int:
    """Write the file, or check it."""
    text = made()
    if "--check" in sys.argv[1:]:
        fresh = TARGET.exists() and TARGET.read_text(encoding="utf-8") == text
        print("fresh" if fresh else f"{TARGET.relative_to(ROOT)} is old: run tools/gen_api_ts.py")
        return 0 if fresh else 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


def made() -> str:
    """Return the file's text."""
    schemas: dict[str, Any] = document(OPERATIONS)["components"]["schemas"]
    lines = ["/** Shapes of the admin API. Made by tools/gen_api_ts.py; do not edit. */", ""]
    for name, schema in sorted(schemas.items()):
        if name.startswith("Page_"):
            continue  # Page<T> says it
        lines += _declared(name, schema)
    lines += [
        "/** A part of a list; `next` goes into `after` for the following part. */",
        "export interface Page<T> {", "  items: T[];", "  next?: string | null;", "}", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _declared(name: str, schema: dict[str, Any]) -> list[str]:
    about = schema.get("description", "")
    lines = [f"/** {' '.join(about.split())} */"] if about else []
    if "properties" not in schema:
        return [*lines, f"export type {name} = {_type(schema)};", ""]
    required = set(schema.get("required", ()))
    lines.append(f"export interface {name} {{")
    for field, one in schema["properties"].items():
        lines.append(f"  {field}{'' if field in required else '?'}: {_type(one)};")
    return [*lines, "}", ""]


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _named(str(schema["$ref"]).rpartition("/")[2])
    if "enum" in schema:
        return " | ".join(
            "null" if one is None else f"'{one}'" if isinstance(one, str) else str(one) for one in schema["enum"]
        )
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " | ".join(dict.fromkeys(_type(one) for one in schema[word]))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(dict.fromkeys(_type({**schema, "type": one}) for one in kind))
    if kind == "array" and "prefixItems" in schema:
        return f"[{', '.join(_type(one) for one in schema['prefixItems'])}]"
    if kind == "array":
        item = _type(schema.get("items", {}))
        return f"({item})[]" if "|" in item else f"{item}[]"
    if kind == "object":
        return (
            f"Record<string, {_type(schema['additionalProperties'])}>"
            if schema.get("additionalProperties")
            else "object"
        )
    return _PLAIN.get(str(kind), "unknown")


def _named(name: str) -> str:
    return f"Page<{name.removeprefix('Page_').removesuffix('_')}>" if name.startswith("Page_") else name


if __name__ == "__main__":
    sys.exit(main())
