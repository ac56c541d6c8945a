"""Stories of browsers share one company in any order, its people, lists and mailboxes: a subject belongs to one file."""

import ast
import re
from dataclasses import dataclass, field

import pytest
from tests.unit.house.tree import ROOT

# Which argument of a call says the subject, or words of a mail that is waited for.
TELLS = {"letter": 1, "compose": 1, "wait_for_mail": 1}
# Files that know the company; the others have a demo page of their own.
IN_COMPANY = re.compile(r"\bnew_person\b|\bCompany\b")
ANSWER = re.compile(r"^(Re|FW|Fwd|Read): ")


@dataclass
class Story:
    """What a file says: subjects that it gives or waits for, with their lines; and every text in it."""

    subjects: dict[str, int] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)


def told(tree):
    """Yield (expression of a subject, the functions around it) of a module."""
    tells = dict(TELLS)
    while True:
        found, known = [], len(tells)
        for function in [tree, *(one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef))]:
            for call in (one for one in ast.walk(function) if isinstance(one, ast.Call)):
                name = getattr(call.func, "attr", getattr(call.func, "id", ""))
                given = call.args[tells[name]] if name in tells and len(call.args) > tells[name] else None
                if name == "fill" and "제목" in ast.unparse(call.func) and call.args:
                    given = call.args[0]
                if given is None:
                    continue
                found.append(given)
                # Handed through: who calls this function tells the subject.
                names = [one.arg for one in function.args.args] if isinstance(function, ast.FunctionDef) else []
                if isinstance(given, ast.Name) and given.id in names and not function.name.startswith("test_"):
                    tells.setdefault(function.name, names.index(given.id))
        if len(tells) == known:
            return found


def story(source):
    """Read a file of stories."""
    tree = ast.parse(source)
    constants = {
        target.id: one.value.value
        for one in tree.body
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant) and isinstance(one.value.value, str)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    texts = (one.value for one in ast.walk(tree) if isinstance(one, ast.Constant))
    made = Story(texts={one for one in texts if isinstance(one, str)})
    for given in told(tree):
        text = given.value if isinstance(given, ast.Constant) else constants.get(getattr(given, "id", ""), "")
        if isinstance(text, str) and (words := ANSWER.sub("", text).strip()):
            made.subjects[words] = given.lineno
    return made


def shared(stories):
    """Return a line for each subject that another file has in its texts too."""
    return [
        f"{name}:{line}: {words!r} is in {other} too"
        for name, one in stories.items()
        for words, line in one.subjects.items()
        for other, its in stories.items()
        if other != name and any(words in text for text in its.texts)
    ]


def test_no_two_files_of_stories_have_a_subject_in_common():
    paths = [path for folder in ("e2e", "guide") for path in sorted((ROOT / "tests" / folder).glob("*.py"))]
    sources = {path.name: path.read_text(encoding="utf-8") for path in paths}
    stories = {name: story(source) for name, source in sources.items() if IN_COMPANY.search(source)}
    assert len([subject for one in stories.values() for subject in one.subjects]) > 90
    assert shared(stories) == []


@pytest.mark.parametrize(
    "other",
    [
        "letter(TEAM, '납기 문의')",
        "SUBJECT = '납기 문의'\ndef test_it(): person.compose(TEAM, SUBJECT)",
        "page.get_by_role('textbox', name='제목').fill('급한 납기 문의')",
        "def bring(company, subject): company.deliver(TEAM, letter(TEAM, subject))\nbring(company, '납기 문의')",
    ],
)
def test_a_subject_of_two_files_is_seen(other):
    stories = {"a.py": story("wait_for_mail(session, 'Re: 납기 문의')"), "b.py": story(other)}
    assert shared(stories)
    assert story(other).subjects


def test_subjects_of_their_own_are_left_alone():
    assert shared({"a.py": story("letter(HERO, '납기 문의')"), "b.py": story("letter(HERO, '견적 문의')")}) == []
