"""Prints the largest functions and files and fails over the limits (docs: small units).

Python: no function over 120 lines, no file over 800; TypeScript and Svelte: no file over 500 (component 300).
The distribution must stay near what well-loved code has: median function <= 10 lines, 90 % <= 35, 99 % <= 80.
"""

import ast
import sys
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parents[1]
SHOWN = 5
# Pure tables and generated text, exempt by name: they are data.
EXEMPT = {"_table.py", "_tables.py", "_data.py"}
LIMITS = {"function": 120, "file": 800, "script": 500, "component": 300}
FUNCTION_QUANTILES = {"median": 10, "90 %": 35, "99 %": 80}


def python_sizes(root: Path):
    functions, files = [], []
    for path in sorted((root / "src").rglob("*.py")):
        if any(path.name.endswith(suffix) for suffix in EXEMPT):
            continue
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(root)
        files.append((text.count("\n"), str(name)))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                functions.append((node.end_lineno - node.lineno + 1, f"{name}:{node.lineno} {node.name}"))
    return functions, files


def web_sizes(root: Path):
    scripts, components = [], []
    for path in sorted((root / "web").rglob("*")):
        parts = path.relative_to(root).parts
        # Shapes of the admin API are generated (tools/gen_api_ts.py): data.
        if parts[-3:] == ("src", "api", "types.ts"):
            continue
        if path.suffix not in {".ts", ".svelte"} or {"node_modules", "dist", ".svelte-kit"} & set(parts):
            continue
        size = (path.read_text(encoding="utf-8").count("\n"), "/".join(parts))
        (components if path.suffix == ".svelte" else scripts).append(size)
    return scripts, components


def main() -> int:
    functions, files = python_sizes(ROOT)
    scripts, components = web_sizes(ROOT) if (ROOT / "web").exists() else ([], [])
    problems = []
    for kind, sizes in {"function": functions, "file": files, "script": scripts, "component": components}.items():
        largest = sorted(sizes, reverse=True)[:SHOWN]
        if largest:
            print(f"largest {kind}s (limit {LIMITS[kind]}):")
            print("\n".join(f"  {lines:5}  {where}" for lines, where in largest))
        problems += [f"{kind} too long: {where} ({n} lines)" for n, where in sizes if n > LIMITS[kind]]
    lengths = [lines for lines, _ in functions]
    if len(lengths) > 100:
        cuts = quantiles(lengths, n=100)
        actual = {"median": median(lengths), "90 %": cuts[89], "99 %": cuts[98]}
        print("functions: " + ", ".join(f"{name} {value:.0f}" for name, value in actual.items()))
        problems += [
            f"functions grow: {name} is {actual[name]:.0f}, at most {limit}"
            for name, limit in FUNCTION_QUANTILES.items()
            if actual[name] > limit
        ]
    print("\n".join(problems) if problems else "all within the limits")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
