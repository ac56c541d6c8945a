"""What the admin web asks for exists in the admin API: a renamed path would show only where somebody presses the button."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PREFIX = "/admin/v1"
CALL = re.compile(r"""\bcall(?:<[^()]*?>)?\(\s*'(GET|POST|PUT|PATCH|DELETE)',\s*(?:'([^']*)'|`([^`]*)`)""")
VERB = re.compile(r"""\b(?:begin|onVolume|step|decide)\('([a-z-]+)'\)|\bat\(one, '([a-z-]+)'\)""")
VALUES = re.compile(r"\$\{(?:[^{}]|\{[^}]*\})*\}")
DATABASE = {"check", "optimise", "give-back", "rewrite"}
"""Kinds of maintenance are in the body."""


def operations() -> list[tuple[str, str]]:
    """Return (method, path) of each operation; each value in a path is `x`."""
    document = json.loads((ROOT / "docs/reference/admin-api.json").read_text(encoding="utf-8"))
    return [
        (method.upper(), re.sub(r"\{.*?\}", "x", path.removeprefix(PREFIX)))
        for path, methods in document["paths"].items()
        for method in methods
    ]


def sources() -> list[Path]:
    src = ROOT / "web/admin/src"
    return [one for kind in ("*.ts", "*.svelte") for one in src.rglob(kind) if one.name != "types.ts"]


def asked(text: str) -> list[tuple[str, str]]:
    """Return (method, path) of each call whose path is written there; each value in it becomes `x`."""
    return [(method, VALUES.sub("x", plain or made)) for method, plain, made in CALL.findall(text)]


def exists(method: str, path: str) -> bool:
    bare = path.partition("?")[0].rstrip("/")
    # `${base}/activate`: the end is judged alone.
    fits = (lambda known: known.endswith(bare[1:])) if bare.startswith("x/") else (lambda known: known == bare)
    return any(one == method and fits(known) for one, known in operations())


def test_every_path_that_is_asked_for_is_an_operation():
    calls = {call for one in sources() for call in asked(one.read_text(encoding="utf-8"))}
    assert len(calls) > 150
    # A path that ends in a value may end in a verb: those are judged by name below.
    verbs = {
        path for _, path in calls if re.fullmatch(r"/(?:backups|volumes|policy-changes|proposals|quarantine)/x/x", path)
    }
    assert sorted(call for call in calls if call[1] not in verbs and not exists(*call)) == []


def test_every_verb_that_is_handed_to_a_call_ends_the_path_of_an_operation():
    found = {a or b for one in sources() for a, b in VERB.findall(one.read_text(encoding="utf-8"))} - DATABASE
    endings = {path.rpartition("/")[2] for method, path in operations() if method == "POST"}
    assert {"restore-test", "cancel-drain", "approve"} <= found
    assert sorted(found - endings) == []


@pytest.mark.parametrize("path", ["/backups/x/rehearsal", "/no-such-thing"])
def test_a_path_that_is_gone_is_seen(path: str):
    assert not exists("POST", path)
