"""Plants small faults into two trees of the product and counts how many of them their tests find.

    tools/planted_faults.py choose OLD NEW FAULTS.json       one fault a file, by layer, where both trees have the same statement
    PYTHONPATH=tools PLANTED=FAULTS.json:TREE:HITS.json .venv/bin/python -m pytest -p planted_faults tests/unit tests/flows …
    tools/planted_faults.py plant TREE FAULTS.json HITS.json RESULT.json

The second command runs in the tree (OLD or NEW) and notes which tests run the lines; the third plants each fault there, runs at most
MOST of those tests and takes it out again. A fault is one condition turned, one `not` or branch left out, or one call dropped.
Reads Python alone; must not know what the product does.
"""

import ast
import json
import os
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

MOST: Final = 70
SEED: Final = 15
PATIENCE_S: Final = 400
LAYERS: Final = {
    **{f"service/{name}": 4 for name in
       ("people", "operations", "governance", "flow", "mailbox", "identity", "protection", "kernel")},
    "adapters/sql": 6, "edge": 6, "app": 2, "policy": 2,
}  # fmt: skip
"""How many files of a layer get a fault."""
_MONITORING: Final[Any] = getattr(sys, "monitoring", None)
"""Of Python 3.12 and later."""
_TURNED: Final = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.Is: "is not", ast.IsNot: "is",
    ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
Key = tuple[str, str, str, int]
Place = tuple[str, int, int, int, str]
"""File, line, the bytes from and to, and what is put there."""


def sites(root: Path) -> dict[Key, list[Place]]:
    """Return where a fault can be planted: by function, statement, kind and its number in the statement."""
    found: dict[Key, list[Place]] = defaultdict(list)
    for path in sorted((root / "src").rglob("*.py")):
        source = path.read_bytes()
        starts = [0]
        for line in source.split(b"\n"):
            starts.append(starts[-1] + len(line) + 1)
        for function in [
            one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.AsyncFunctionDef | ast.FunctionDef)
        ]:
            for key, node, text in _faults(function, source, starts):
                first, last = _span(node, starts)
                found[key].append((str(path.relative_to(root)), node.lineno, first, last, text))
    return found


def _span(node: Any, starts: list[int]) -> tuple[int, int]:
    return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset


def _faults(function: Any, source: bytes, starts: list[int]) -> Iterator[tuple[Key, Any, str]]:
    def text(node: ast.AST) -> str:
        return source[slice(*_span(node, starts))].decode()

    for statement in ast.walk(function):
        if isinstance(statement, ast.Expr):
            call = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
            if isinstance(call, ast.Call):
                yield (function.name, ast.unparse(statement), "drop", 0), statement, "pass"
            continue
        value = getattr(statement, "test" if isinstance(statement, ast.If | ast.While) else "value", None)
        if not isinstance(statement, ast.stmt) or not isinstance(value, ast.AST):
            continue
        for number, node in enumerate(ast.walk(value)):
            changed = _changed(node, text)
            if changed:
                yield (function.name, ast.unparse(value), type(node).__name__, number), node, f"({changed})"


def _changed(node: ast.AST, text: Any) -> str:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return f"{text(node.left)} {_TURNED[type(node.ops[0])]} {text(node.comparators[0])}"
    if isinstance(node, ast.BoolOp) and len(node.values) == 2:
        return f" {'or' if isinstance(node.op, ast.And) else 'and'} ".join(map(text, node.values))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return str(text(node.operand))
    return str(text(node.body)) if isinstance(node, ast.IfExp) else ""


def choose(old: Path, new: Path) -> list[dict[str, Place]]:
    """Return faults that both trees can have, each with its place in them."""
    before, after = sites(old), sites(new)
    both = sorted(key for key in after if len(after[key]) == len(before.get(key, ())) == 1)
    chance, chosen = random.Random(SEED), []
    for layer, count in LAYERS.items():
        files: dict[str, list[Key]] = defaultdict(list)
        for key in both:
            if after[key][0][0].startswith(f"src/smartmail/{layer}/"):
                files[after[key][0][0]].append(key)
        names = sorted(files)
        chance.shuffle(names)
        keys = [chance.choice(files[name]) for name in names[:count]]
        chosen += [{str(old): before[key][0], str(new): after[key][0]} for key in keys]
    return chosen


def plant(tree: Path, faults: list[dict[str, Place]], hits: dict[str, list[str]]) -> Iterator[tuple[int, str]]:
    """Yield for each fault whether it was found, missed, or reached by no test."""
    for number, fault in enumerate(faults):
        path, _, first, last, text = fault[str(tree)]
        tests = _spread(hits.get(str(number), []))
        if not tests:
            yield number, "unreached"
            continue
        source = (tree / path).read_bytes()
        (tree / path).write_bytes(source[:first] + text.encode() + source[last:])
        try:
            command = [str(tree / ".venv/bin/python"), "-m", "pytest", "-x", "-q", *tests]
            ended = subprocess.run(command, cwd=tree, capture_output=True, timeout=PATIENCE_S, check=False)
            yield number, "missed" if ended.returncode == 0 else "found"
        except subprocess.TimeoutExpired:
            yield number, "found"
        finally:
            (tree / path).write_bytes(source)


def _spread(tests: list[str]) -> list[str]:
    """Return at most MOST tests, a few of each file before more of one."""
    by_file: dict[str, list[str]] = defaultdict(list)
    for one in sorted(tests):
        by_file[one.split("::")[0]].append(one)
    rounds = sorted((number, one) for some in by_file.values() for number, one in enumerate(some))
    return [one for _, one in rounds[:MOST]]


class Recorder:
    """A plugin of pytest: notes which tests run the lines that get a fault. Its workers write files of their own."""

    def __init__(self, faults: str, tree: str, hits: str) -> None:
        self._lines: dict[tuple[str, int], list[int]] = defaultdict(list)
        for number, fault in enumerate(json.loads(Path(faults).read_text("utf-8"))):
            path, line, *_ = fault[tree]
            self._lines[f"{tree}/{path}", line].append(number)
        self._found: dict[int, set[str]] = defaultdict(set)
        self._test, self._hits = "", f"{hits}.{os.getpid()}"
        watch = _MONITORING
        watch.use_tool_id(watch.PROFILER_ID, "planted faults")
        watch.register_callback(watch.PROFILER_ID, watch.events.LINE, self._on_line)
        watch.set_events(watch.PROFILER_ID, watch.events.LINE)

    def _on_line(self, code: Any, line: int) -> Any:
        numbers = self._lines.get((code.co_filename, line))
        if numbers is None:
            return _MONITORING.DISABLE
        for number in numbers:
            self._found[number].add(self._test)
        return None

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Remember the test that runs."""
        self._test = nodeid

    def pytest_sessionfinish(self) -> None:
        """Write what was noted."""
        _MONITORING.set_events(_MONITORING.PROFILER_ID, 0)
        found = {str(number): sorted(tests - {""}) for number, tests in self._found.items()}
        Path(self._hits).write_text(json.dumps(found), encoding="utf-8")


def pytest_configure(config: Any) -> None:
    """Begin to note, as a plugin."""
    config.pluginmanager.register(Recorder(*os.environ["PLANTED"].split(":")), "planted")


def main(words: list[str]) -> int:
    """Run one of the commands above."""
    if words[:1] == ["choose"] and len(words) == 4:
        chosen = choose(Path(words[1]), Path(words[2]))
        Path(words[3]).write_text(json.dumps(chosen), encoding="utf-8")
        print(f"{len(chosen)} faults")
        return 0
    if words[:1] != ["plant"] or len(words) != 5:
        print(__doc__)
        return 64
    faults = json.loads(Path(words[2]).read_text("utf-8"))
    hits: dict[str, list[str]] = defaultdict(list)
    for file in Path(words[3]).parent.glob(f"{Path(words[3]).name}.*"):
        for number, tests in json.loads(file.read_text("utf-8")).items():
            hits[number] += tests
    result = {}
    for number, state in plant(Path(words[1]), faults, hits):
        result[number] = state
        print(f"{number + 1} of {len(faults)}  {state}", flush=True)
        Path(words[4]).write_text(json.dumps(result), encoding="utf-8")
    print(", ".join(f"{state} {list(result.values()).count(state)}" for state in ("found", "missed", "unreached")))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
