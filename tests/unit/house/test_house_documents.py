"""Documents stay true: links, commands, decisions, standards, generated pages; nothing of a machine in the tree."""

import re

import pytest
from tests.unit.house.tree import ROOT, SOURCE, files, sources, texts, tool

from smartmail.app import cli

DOCUMENTS = [path for path in files() if path.suffix == ".md" and "node_modules" not in path.parts]
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(text):
    """Return the anchors of a page's headings, as renderers make them."""
    headings = re.findall(r"^#{1,6} +(.+?) *$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_resolve(path):
    for target in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, anchor = target.partition("#")
        linked = (path.parent / name).resolve() if name else path
        assert linked.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in anchors(linked.read_text(encoding="utf-8")), f"{target} has no such heading"


def commands_named(text):
    """Return the commands of `./smartmail COMMAND` in a text, and of a table cell that lists several."""
    named = set(re.findall(r"\./smartmail +([a-z][a-z-]+)", text))
    for row in re.findall(r"^\| *(`\./smartmail [^|]+)\|", text, re.MULTILINE):
        named |= {word.split()[0] for word in re.findall(r"`(?:\./smartmail )?([a-z][a-z -]*)`", row)}
    return named


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_of_documents_exist(path):
    named = commands_named(path.read_text(encoding="utf-8"))
    assert {name for name in named if name not in cli.COMMANDS or not cli._exists(name)} == set()


def test_both_readmes_name_the_same_commands():
    english, korean = (
        commands_named((ROOT / name).read_text(encoding="utf-8")) for name in ("README.md", "README.ko.md")
    )
    assert english == korean
    assert {"serve", "test"} <= english


def options_named(text):
    """Yield (command, option) of every `./smartmail COMMAND --option …` in a text."""
    for line in re.findall(r"\./smartmail +([^`\n]+)", text):
        words = line.split(" -- ")[0].split()
        for word in words[1:]:
            if word.startswith("--") and words[0] in cli.COMMANDS:
                yield words[0], word.partition("=")[0].rstrip(".,;)")


def test_options_of_documents_exist():
    reference = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    offered = dict(re.findall(r"^## ([a-z-]+)\n(.*?)(?=^## |\Z)", reference, re.MULTILINE | re.DOTALL))
    for path in DOCUMENTS:
        for command, option in options_named(path.read_text(encoding="utf-8")):
            assert option in offered[command] or option == "--help", f"{path.relative_to(ROOT)}: {command} {option}"


def test_every_command_has_a_line_of_help():
    for name in cli.COMMANDS:
        if cli._exists(name):
            module = cli._module(name)
            assert module.HELP
            assert module.__doc__
            assert callable(module.run)
            assert callable(module.add_arguments)


# Decisions and standards


def test_decisions_have_unique_numbers_and_their_parts():
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [path.name[:4] for path in pages]
    assert numbers == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert re.match(rf"# ADR {int(path.name[:4])}: .+\n", text), path.name
        assert "**Decision.**" in text, path.name
        assert "**What would change our mind.**" in text, path.name


def test_decisions_that_are_named_exist():
    numbers = {int(path.name[:4]) for path in (ROOT / "docs" / "adr").glob("*.md")}
    for path, text in texts():
        if path.suffix in {".py", ".md", ".ts", ".svelte"} and path.name != "test_house_documents.py":
            assert {int(number) for number in re.findall(r"\bADR (\d{1,4})\b", text)} <= numbers, path


def test_pages_that_code_points_to_exist():
    for path, text in texts():
        if path.suffix in {".py", ".sql", ".toml", ".ts", ".svelte"} and path.name != "test_house_documents.py":
            for name in re.findall(r"\bdocs/[a-z][\w/.-]*\.md\b", text):
                assert (ROOT / name).exists(), f"{path.relative_to(ROOT)} points to {name}"


def test_generated_pages_are_fresh():
    reference = tool("gen_reference")
    assert {
        name for name, text in reference.pages().items() if not reference.same(reference.PAGES / name, text)
    } == set()


def test_the_shapes_of_the_admin_web_are_those_of_the_api():
    shapes = tool("gen_api_ts")
    assert shapes.TARGET.read_text(encoding="utf-8") == shapes.made()


def test_settings_carry_help_in_both_languages():
    reference = tool("gen_reference")
    for name, kind in reference.tables(reference.settings.NodeFile):
        for row in reference.fields(kind):
            assert row[3].strip(), f"{name}: {row[0]}"
            assert re.search("[가-힣]", row[4]), f"{name}: {row[0]}"


def test_standards_are_anchored_densely_in_the_engines():
    """At least ten references in a thousand lines of proto/."""
    rfcxref = tool("rfcxref")
    lines = references = 0
    for path, text in sources():
        if path.is_relative_to(SOURCE / "proto"):
            lines += text.count("\n")
            references += sum(1 for _ in rfcxref.references(text))
    assert references / lines * 1000 >= 10


# Nothing of a machine, nothing without a subject


def test_no_machine_and_no_registry_is_named():
    """Where something is fetched from and where a developer keeps it is the machine's own business."""
    mark = re.compile(
        r"(?<![\w.~-])/(?:root|work|home/[a-z]\w*|tmp/[a-z]\w*|opt/[a-z]\w*|Users/\w+)/[\w.]+"
        r"|\bindex-url\b|\bregistry\.npm|\bpypi\.org|\bpythonhosted\b|--find-links|\"resolved\": *\"http"
    )
    found = []
    for path, text in texts():
        if path.name not in {"test_house_documents.py", "test_house_tools.py"}:
            found += [
                f"{path.relative_to(ROOT)}:{number}: {match[0]}"
                for number, line in enumerate(text.splitlines(), 1)
                if (match := mark.search(line))
            ]
    assert found == []


def test_no_module_is_called_by_what_it_is_not():
    """A helper lives with its subject, or does not exist."""
    refused = re.compile(r"^_?(utils?|helpers?|commons?|misc|shared|lib)$")
    ours = [path for path in files() if path.is_relative_to(ROOT / "src") or path.is_relative_to(ROOT / "web")]
    names = {part for path in ours for part in (*path.relative_to(ROOT).parts[:-1], path.name.split(".")[0])}
    assert not [name for name in names if refused.match(name)]


def test_words_of_the_vocabulary_are_kept_in_names():
    """`folder`, and `user` for an account, name nothing of ours (docs/vocabulary.md)."""
    refused = re.compile(r"(?:^|_)folders?(?:_|$)|(?:^|_)users?(?:_id|$)|Folder|^User")
    named = re.compile(r"^\s*(?:async def|def|class) (\w+)", re.MULTILINE)
    for path, text in sources():
        assert not [name for name in named.findall(text) if refused.search(name)], path


def test_tests_leave_nothing_out():
    """A skipped or expected failure would look like a pass: what cannot be tried must fail and say why."""
    out = re.compile(r"pytest\.(?:skip|importorskip|xfail)\(|mark\.(?:skip|xfail)|unittest\.skip|test\.(?:skip|todo)\(")
    for path, text in texts():
        if (
            path.is_relative_to(ROOT / "tests")
            and path.suffix in {".py", ".ts"}
            and path.name != "test_house_documents.py"
        ):
            assert not out.search(text), path.relative_to(ROOT)


def test_tests_do_not_mock():
    """Fakes that the contract suites verify, not mocks (docs: tests)."""
    for path, text in texts():
        if path.is_relative_to(ROOT / "tests") and path.suffix == ".py" and path.name != "test_house_documents.py":
            assert not re.search(r"unittest(\.| import )mock|\bMagicMock\b|\bmocker\b", text), path.relative_to(ROOT)
