"""Problems of scripts are texts of the catalogue, in every language, with the place."""

import ast
import json
from pathlib import Path

import pytest

from smartmail.app import catalogues
from smartmail.base.i18n import LANGUAGES
from smartmail.proto import sieve
from smartmail.proto.sieve.interpreter import KNOWN
from smartmail.proto.sieve.problems import MAX_VALUE, Problem, fail, shown
from smartmail.proto.sieve.registry import COMMANDS, TESTS, Arg

HOME = Path(catalogues.__file__).parent
SOURCES = [*Path(sieve.__file__).parent.glob("*.py"), *(HOME.parents[1] / "service" / "filters").glob("*.py")]
TEXTS = {tag: json.loads((HOME / f"{tag}.json").read_text("utf-8")) for tag in LANGUAGES}


@pytest.fixture(autouse=True)
def texts():
    catalogues.load()


def calls():
    """Yield (key, names of its values) of every fail("…") of the sources; a computed key is left to the cases."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "fail" and node.args:
                key = node.args[0]
                keys = [key.value] if isinstance(key, ast.Constant) else []
                if isinstance(key, ast.IfExp):
                    keys = [one.value for one in (key.body, key.orelse)]
                for one in keys:
                    yield one, {word.arg: "x" for word in node.keywords}


def test_every_problem_has_a_text_in_every_language():
    found = dict(calls())
    assert len(found) > 60
    for key, values in found.items():
        told = {Problem(1, 1, key, tuple(values.items())).told(tag) for tag in LANGUAGES}
        assert all(told)
        # Both kinds of Chinese may agree.
        assert key == "error" or len(told) >= len(LANGUAGES) - 1, f"{key} is not translated: {told}"


def test_kinds_of_arguments_have_texts():
    for kind in Arg:
        assert kind is Arg.NONE or f"sieve.{kind.value}" in TEXTS["ko"]


def test_a_sentence_names_the_place():
    problem = sieve.check("keep;\r\n  옮기기;".encode())
    assert [one.sentence("en") for one in problem] == ["Line 2, column 3: Unexpected character “옮”."]
    assert problem[0].sentence("ko") == "2행 3열: 여기에 올 수 없는 문자 ‘옮’입니다."
    assert Problem(0, 0, "utf8").sentence("ko") == "스크립트가 UTF-8 글이 아닙니다."


def test_what_is_repeated_is_short_and_harmless():
    assert (
        shown("a\r\n\x1b[2Jb\u202e" + "c" * 999)
        == "a \N{REPLACEMENT CHARACTER}[2Jb\N{REPLACEMENT CHARACTER}" + "c" * (MAX_VALUE - 9) + "…"
    )
    assert fail("address", (1, 1), address="{0} {x} %s").problem.told("en") == "“{0} {x} %s” is not an email address."


def test_several_mistakes_are_told_at_once():
    problems = sieve.check(b'require "nothing";\r\nkeepp;\r\nif treu { redirect "x"; }\r\n')
    assert [(one.line, one.key) for one in problems] == [
        (1, "extension"), (2, "unknown-command"), (3, "unknown-test"), (3, "address"),
    ]  # fmt: skip


def test_the_interpreter_knows_every_word_of_the_registry():
    assert set(COMMANDS) - {"require", "elsif", "else"} | set(TESTS) == KNOWN - {"#fault"}
