"""Reasons are whole sentences in all languages: every rule, with as many facts as the code that finds it tells."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import smartmail
from smartmail.app import catalogues
from smartmail.base.i18n import LANGUAGES
from smartmail.domain.inspection import Inspection, Reason
from smartmail.domain.trace import Event, Facts
from smartmail.formats.file_names import Sign
from smartmail.service.flow.tracing.service import Story
from smartmail.service.flow.tracing.telling import checked
from smartmail.service.flow.tracing.wording import lines_of
from smartmail.service.kernel.inspection.wording import UNKNOWN, reason_text
from smartmail.service.protection.filtering.rules.table import WEIGHTS

SOURCE = Path(smartmail.__file__).parent
# What stands in the place of a rule's name where it is no literal: the names that it takes.
NAMED = {
    "RULE": ["subscription-bomb"], "LEARNED": ["learned"], "IMPERSONAL": ["letter-impersonal"], "UNPROVED": ["list-unproved"], "LONG_WAY": ["long-way"],
    "COUNTRY_CHANGED": ["country-changed"], "PREFIX + one.rule.name": ["pack.parcel"], "act[1]": ["list-allow", "list-block"],
    "f'dmarc-{wanted}'": ["dmarc-reject", "dmarc-quarantine"],
    "'advertisement' if mark == 'compliant' else 'advertisement-variant'": ["advertisement", "advertisement-variant"],
    "best.intent.rule": [one for one in WEIGHTS if one.startswith("intent-")],
    "f'file-{one.sign}'": [f"file-{sign}" for sign in Sign.__args__ if sign != "qr"],
    "_RULES[asked.kind]": ["list-address", "list-domain", "list-link", "list-welcome"],
}  # fmt: skip
# `rule` is a loop's or a parameter's: what it takes, by file.
LOOPED = {
    "service/protection/filtering/rules/page.py": [
        one for one in WEIGHTS if one.startswith(("text-", "page-", "picture-"))
    ],
    "service/protection/filtering/rules/proof.py": ["spf-fail", "spf-softfail", "dmarc-fail"],
    "service/protection/filtering/lists.py": ["list-allow", "list-block"],
}
LINKS = {2: ["link-contradicts", "link-scripts"],
         1: ["link-address", "link-user", "link-port", "link-shortener", "link-program"]}  # fmt: skip
# These pass on what others have found.
PASSED_ON = {"match.rule", "str(one[0])", "name"}


def told() -> Iterator[tuple[str, int]]:
    """Yield (rule, how many facts it tells) for every place in the program that finds a reason."""
    for path in sorted(SOURCE.rglob("*.py")):
        place, text = path.relative_to(SOURCE).as_posix(), path.read_text("utf-8")
        # Each worker does this while it collects: parsing the files that name neither took two seconds.
        for node in ast.walk(ast.parse(text)) if "Match" in text or "Reason" in text else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Match", "Reason"}:
                facts = node.args[{"Match": 1, "Reason": 2}[node.func.id] :][:1]
                yield from ((rule, _count(facts)) for rule in _rules(place, node.args[0], _count(facts)))


def _count(facts: list[ast.expr]) -> int:
    if not facts:
        return 0
    return len(facts[0].elts) if isinstance(facts[0], ast.Tuple) else 2  # a name: those of a rule pack


def _rules(place: str, name: ast.expr, count: int) -> list[str]:
    if isinstance(name, ast.Constant):
        return [str(name.value)]
    said = ast.unparse(name)
    if said in PASSED_ON:
        return []
    if said == "rule":
        return LINKS[count] if place.endswith("urls.py") else LOOPED[place]
    return NAMED[said]


REASONS = sorted(set(told()))


def test_all_rules_are_found_in_the_source():
    assert set(WEIGHTS) - {"file-qr"} <= {rule for rule, _count in REASONS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_is_whole_with_what_its_rule_tells(language: str):
    catalogues.load()
    for rule, count in REASONS:
        text = reason_text(language, Reason(rule, 1.0, tuple(f"<{place}>" for place in range(count))))
        assert not {"{", "}", UNKNOWN} & set(text), (language, rule, count, text)
        assert not text.startswith(rule), (language, rule)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reason_that_tells_less_than_its_text_has_places_stays_a_sentence(language: str):
    catalogues.load()
    for rule, _count in REASONS:
        text = reason_text(language, Reason(rule, 1.0))
        assert "{" not in text, (language, rule, text)


def test_braces_in_what_was_seen_are_only_letters():
    catalogues.load()
    assert "{0} {x} {1}" in reason_text("ko", Reason("file-program", 6.0, ("{0} {x} {1}",)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_story_tells_reasons_with_what_they_saw(language: str):
    catalogues.load()
    reasons = (
        Reason("file-program", 6.0, ("청구서.exe",)), Reason("learned", 4.0, ("97", "비밀 대출")),
        Reason("list-address", 3.5, ("a list", "192.0.2.1")), Reason("date-missing", 0.8),
    )  # fmt: skip
    (event,) = checked(Inspection(reasons=reasons))
    (line,) = lines_of(Story(1, 1, Facts("", ()), ((0, event),)), language)
    assert not any("{" in one for one in line.rules)
    assert "청구서.exe" in line.rules[0] and "97" in line.rules[1]
    assert "a list" in line.rules[2] and "192.0.2.1" in line.rules[2]
    assert "대출" not in str(event), "words out of the text are not for whoever reads stories"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_story_that_was_kept_without_what_was_seen_tells_whole_sentences(language: str):
    catalogues.load()
    event = Event("checked", rules=(("file-program", 6.0), ("long-way", 1.0)))
    (line,) = lines_of(Story(1, 1, Facts("", ()), ((0, event),)), language)
    assert len(line.rules) == 2 and not any("{" in one for one in line.rules)


def test_every_warning_of_the_webmail_is_of_a_rule_with_words():
    source = (SOURCE.parents[1] / "web" / "webmail" / "src" / "reading" / "warnings.ts").read_text("utf-8")
    names = {
        name
        for found in re.findall(r"new Set\(\[(.*?)\]\)", source, re.DOTALL)
        for name in re.findall(r"'(.+?)'", found)
    }
    texts = json.loads((Path(catalogues.__file__).parent / "ko.json").read_text("utf-8"))
    assert names and {f"rule.{name}" for name in names} <= texts.keys()
