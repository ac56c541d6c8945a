"""Every reason of a refusal is told in words by the admin web, in each of its languages, with the facts that are given."""

import ast
import functools
import json
import re
from pathlib import Path

import pytest

from smartmail.base.i18n import LANGUAGES
from smartmail.domain.errors import AuthFailed, Forbidden, Internal, Invalid, NotFound, ProofNeeded, WeakPassword
from smartmail.edge.httpd.admin.problems import document_of

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src/smartmail"
CATALOGUES = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "web/i18n/admin").glob("*.json"))}
SERVER = json.loads((SOURCE / "app/catalogues/en.json").read_text())
NO_FACTS = {"detail", "reason", "public"}
UNTOLD = {"NotFound", "Internal"}
"""Told by their code alone: nobody reads their English."""
LEFT = 163
"""How many refusals that an administrator could meet are still told in English only. It only ever shrinks."""
LEFT_IN = (
    "service/mailbox/",
    "service/flow/",
    "service/kernel/metadata",
    "edge/httpd/sign_in/",
    "adapters/sql/",
    "domain/figures",
)
"""Where they are: what the webmail and mail programs meet, or no form at all."""
PLACE = re.compile(r"\{(\w+)\}")


@functools.cache
def _trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in sorted(SOURCE.rglob("*.py"))}


@functools.cache
def _errors() -> set[str]:
    """Names of the classes whose refusals have a reason and facts: those of the catalogue that add no arguments."""
    tree = _trees()[SOURCE / "domain/errors.py"]
    own = {"AuthFailed", "ProofNeeded", "WeakPassword"}
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef)} - own


def _calls() -> list[tuple[str, ast.Call]]:
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno}", node)
        for path, tree in _trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in _errors()
    ]


@functools.cache
def reasons() -> dict[str, tuple[set[str], str]]:
    """Reason → facts that are given with it, and where. All who give a reason give the same facts."""
    found: dict[str, tuple[set[str], str]] = {}
    for where, call in _calls():
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        assert None not in given, f"{where}: facts stand one by one"
        facts = {str(name) for name in given} - NO_FACTS
        if "reason" not in given:
            assert not facts, f"{where}: facts {facts} without a reason"
            continue
        reason = given["reason"]
        assert isinstance(reason, ast.Constant), f"{where}: a reason is written where it is raised"
        known, first = found.setdefault(str(reason.value), (facts, where))
        assert known == facts, f"{where}: facts of {reason.value} are {known} in {first}"
    for key in SERVER:
        if key.startswith("password.reason."):
            found["password." + key.rpartition(".")[2]] = (set(PLACE.findall(SERVER[key])), key)
    return found


@functools.cache
def _reached() -> set[Path]:
    """The modules that resources of the admin API stand on, and the stores behind their ports."""
    modules = {
        ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in _trees()
    }
    waiting = [name for name in modules if name.startswith(("smartmail.edge.httpd.admin", "smartmail.adapters.sql"))]
    seen = set(waiting)
    while waiting:
        news = {name for name in _imported(_trees()[modules[waiting.pop()]]) if name in modules} - seen
        seen |= news
        waiting += news
    return {modules[name] for name in seen}


def _imported(tree: ast.Module) -> set[str]:
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_every_refusal_of_the_admin_api_has_a_reason() -> None:
    left = [
        str(Path(where).relative_to("src/smartmail"))
        for where, call in _calls()
        if ROOT / where.rpartition(":")[0] in _reached()
        and call.args
        and getattr(call.func, "id", "") not in UNTOLD
        and not any(keyword.arg == "reason" for keyword in call.keywords)
    ]
    assert [where for where in left if not where.startswith(LEFT_IN)] == [], (
        "give it a reason, and words in each language"
    )
    assert len(left) == LEFT, "fewer: lower the number; more: give the new one a reason, and words in each language"


def test_languages_are_all() -> None:
    assert set(CATALOGUES) == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words_with_its_facts(language: str) -> None:
    words = CATALOGUES[language]
    known = reasons()
    assert len(known) > 7
    assert [f"{reason} ({where})" for reason, (_, where) in known.items() if f"refusal.{reason}" not in words] == []
    for reason, (facts, where) in known.items():
        assert set(PLACE.findall(json.dumps(words[f"refusal.{reason}"]))) == facts, f"{reason} ({where})"


def test_no_words_without_a_reason() -> None:
    assert {key for key in CATALOGUES["ko"] if key.startswith("refusal.")} == {f"refusal.{one}" for one in reasons()}


def test_a_problem_carries_reason_and_facts_beside_the_english() -> None:
    told = document_of(Invalid("at most 9 of x", reason="made.up", most=9, name="x"), "r", "ko")
    assert (told.detail, told.reasons, told.facts) == ("at most 9 of x", ["made.up"], {"most": 9, "name": "x"})
    plain = document_of(Forbidden("no"), "r", "ko")
    assert (plain.detail, plain.reasons, plain.facts, plain.wants) == ("no", [], {}, [])
    assert document_of(ProofNeeded("step-up"), "r", "ko").wants == ["step-up"]


def test_a_weak_password_tells_all_its_reasons() -> None:
    told = document_of(WeakPassword("Short. Common.", ("short", "common"), least=12), "r", "ja")
    assert (told.reasons, told.facts) == (["password.short", "password.common"], {"least": 12})


@pytest.mark.parametrize(
    "error", [NotFound("gone", reason="made.up", name="x"), Internal("oh", reason="made.up", name="x")]
)
def test_what_is_told_by_its_code_alone_has_no_reason(error: NotFound | Internal) -> None:
    told = document_of(error, "r", "ko")
    assert (told.detail, told.reasons, told.facts) == ("", [], {})


def test_why_a_proof_failed_stays_on_the_page_where_one_signs_in() -> None:
    assert document_of(AuthFailed(reason="ended"), "r", "ko").reasons == []
