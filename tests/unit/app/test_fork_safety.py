"""Processes are forked after the program is imported: what importing makes would be the same in all of them (ADR 65)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import smartmail

# Called while a module is imported, these give every process of a tree the same number, time or id, or a thread that a
# fork does not copy.
_NOT_AT_IMPORT = {
    "getpid", "urandom", "token_bytes", "token_hex", "token_urlsafe", "randbelow", "randrange", "randint", "getrandbits",
    "uuid1", "uuid4", "monotonic", "monotonic_ns", "time_ns", "perf_counter", "Thread", "Timer", "ThreadPoolExecutor",
    "new_event_loop", "socketpair", "Popen",
}  # fmt: skip


def calls_at_import(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that importing makes: all but those in bodies of functions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            yield node
        yield from calls_at_import(node)


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def wrong(text: str) -> list[str]:
    found = (name_of(call) for call in calls_at_import(ast.parse(text)))
    return [name for name in found if name in _NOT_AT_IMPORT]


def test_no_module_makes_at_import_what_each_process_must_make():
    root = Path(smartmail.__file__).parent
    found = {str(path.relative_to(root)): wrong(path.read_text(encoding="utf-8")) for path in root.rglob("*.py")}
    assert len(found) > 500
    assert {name: calls for name, calls in found.items() if calls} == {}


def test_it_would_be_seen():
    assert wrong("import os\nSELF = os.getpid()") == ["getpid"]
    assert wrong("class A:\n    at = time.monotonic()") == ["monotonic"]
    assert wrong("def f():\n    return os.getpid()") == []
