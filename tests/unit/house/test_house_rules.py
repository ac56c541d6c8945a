"""Rules that the tree names by a code stand in docs/rules.md, and nothing names a page that is not in the tree."""

import pytest
from tests.unit.house.tree import ROOT, tool

rulexref = tool("rulexref")

PAGE = "# Rules\n\n## BR: buyers\n\n- **BR-1** A rule.\n- **BR-2** Another one.\n- **BR-10** A third one.\n"
ALL = "# BR-1 to BR-2, BR-10\n"


def tree(root, page=PAGE, code=ALL, **pages):
    files = {
        "docs/rules.md": page,
        "src/one.py": code,
        "docs/architecture.md": "# Architecture\n\n## 4.8 Hooks\n",
        **pages,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return rulexref.judge(root)


def test_a_tree_whose_rules_are_all_told_is_in_order(tmp_path):
    assert tree(tmp_path) == (3, [])


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (ALL + "# BR-3\n", "src/one.py:2: BR-3 is not in docs/rules.md"),
        (ALL + "# as T-A4 (2) wants it\n", "src/one.py:2: T-A4 is not in docs/rules.md"),
        ("# BR-1, BR-2\n", "docs/rules.md: nothing names BR-10"),
        (ALL + "# buyer.md 2.8\n", "src/one.py:2: buyer.md is not in the tree"),
        (ALL + "# docs/architecture.md 1.15\n", "src/one.py:2: docs/architecture.md 1.15 is not in the tree"),
    ],
)
def test_what_nobody_can_look_up_dangles(tmp_path, code, problem):
    assert tree(tmp_path, code=code) == (3, [problem])


@pytest.mark.parametrize(
    "code", ["# docs/architecture.md 4.8\n", "# SHA-1, UTF-8, BR-200x, XBR-7, KG7ab\n", '("KR", "BR", 20)\n']
)
def test_what_is_no_reference_does_not_dangle(tmp_path, code):
    assert tree(tmp_path, code=ALL + code) == (3, [])


def test_rules_stand_once_and_in_order(tmp_path):
    _, problems = tree(tmp_path, PAGE + "- **BR-2** Again.\n")
    assert problems == ["docs/rules.md: BR-2 stands there twice", "docs/rules.md is not in the order of codes"]


def test_references_are_seen_in_every_language_of_the_tree(tmp_path):
    pages = {f"{name}": "BR-9" for name in ("web/a.ts", "web/b.svelte", "tests/c.txt", "tools/d.py", "docs/testing.md")}
    _, problems = tree(tmp_path, **pages)
    assert sorted(one.partition(":")[0] for one in problems) == sorted(pages)


def test_rules_of_the_tree_do_not_dangle():
    count, problems = rulexref.judge(ROOT)
    assert problems == []
    assert count > 80
