"""Finds in the pure packages what import contracts cannot see: dynamic imports, clocks, open(), randomness.

Prints each place and fails when there is one.
"""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PURE = ("proto", "domain", "policy", "formats")
CALLS = {"open", "__import__", "eval", "exec", "input", "print", "breakpoint", "compile"}
# Attribute calls by their last two names, whatever the module was imported as.
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}
IN_MEMORY = {"io", "io.StringIO", "io.BytesIO"}
"""`from io import StringIO` touches no file."""
MODULES = {"email.utils", "importlib", "io", "random", "secrets", "sys", "tempfile", "time", "uuid"}


def impurities(source: str, name: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        what = _call(node) if isinstance(node, ast.Call) else _import(node)
        if what:
            found.append(f"{name}:{node.lineno}: {what}")
    return found


def _call(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Name) and function.id in CALLS:
        return f"{function.id}()"
    if isinstance(function, ast.Attribute):
        owner = function.value
        last = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
        if (last, function.attr) in CLOCKS:
            return f"{last}.{function.attr}()"
    return ""


def _import(node: ast.AST) -> str:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.module:
        names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    else:
        return ""
    if isinstance(node, ast.ImportFrom) and set(names) <= IN_MEMORY:
        return ""
    return next((f"import {name}" for name in names if name in MODULES), "")


def main() -> int:
    found = []
    for package in PURE:
        for path in sorted((ROOT / "src" / "smartmail" / package).rglob("*.py")):
            found += impurities(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
    print("\n".join(found) if found else "pure")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
