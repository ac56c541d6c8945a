"""The list of words has one meaning for each, and words that are not used do not come back."""

import json
import subprocess

import pytest
from tests.unit.house.tree import ROOT, tool

from smartmail.app.cli import check

vocabulary = tool("vocabulary")
PAGE = (ROOT / vocabulary.PAGE).read_text(encoding="utf-8")
WORDS = vocabulary.counted(PAGE)


def test_the_tree_has_no_more_of_them_than_recorded(capsys):
    assert vocabulary.main([]) == 0, capsys.readouterr().out


def test_the_check_runs_the_lint():
    assert ["vocabulary"] == [one.name for one in check.checks(ROOT) if "tools/vocabulary.py" in one.command]


def test_the_list_has_the_words_of_each_field():
    fields = {heading for heading, cells in vocabulary.rows(PAGE) if len(cells) == 4}
    assert len(fields) == 7
    assert 120 <= len(vocabulary.listed(PAGE)) <= 260
    assert all(len(cells) in {3, 4} and all(cells) for _, cells in vocabulary.rows(PAGE))


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("| Look | – | a record | – |\n| look | – | a file shown | – |\n", "2 meanings"),
        ("| Session | – | a login | seat |\n| Seat | – | a place | – |\n", "must not be called 'seat'"),
        ("| anew | all | again |\n| anew, door | all | again |\n", "counted twice"),
    ],
)
def test_a_fault_of_the_list_is_seen(rows, fault):
    assert [one for one in vocabulary.faults(rows) if fault in one]


def test_the_list_is_faultless():
    assert vocabulary.faults(PAGE) == []
    # Refused in one sense only, which the brackets say.
    assert vocabulary.faults("| Approval | – | yes | consent (to a proposal) |\n| Consent | – | yes | – |\n") == []


def tree(tmp_path, file, text):
    """Make a tree of one file, with the list of this one."""
    for name, content in ((vocabulary.PAGE, PAGE), (file, text)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


def found(root):
    """Return {(word, place): number} of a tree."""
    counts = vocabulary.count(root, WORDS)
    return {(word, place): number for word, places in counts.items() for place, number in places.items()}


API, EVENTS, CLI = "docs/reference/admin-api.json", "docs/reference/events.md", "docs/reference/commands.md"
MODULE = "src/smartmail/service/one.py"


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (API, '   "AlarmTold": {\n    "title": "AlarmTold",\n', {("*Told", "api"): 1}),
        (API, '     "description": "Whoever asks.",\n', {("whoever", "api"): 1}),
        (API, '  "/admin/v1/policy/obedience": {\n', {("obedience", "api"): 1}),
        (EVENTS, "| `alarm.untold` | warning | It failed. |\n", {("untold", "events"): 1}),
        (EVENTS, "| `defence.shed` | warning | Strangers. |\n", {("shed", "event-names"): 1, ("strangers", "events"): 1}),
        ("docs/reference/policy.md", "| `quota.max-octets` | 1 | octets |\n", {("octets", "knobs"): 1}),
        ("src/smartmail/app/wiring/kernel.py", '            Job("keys-of-before", 1),\n', {("of before", "jobs"): 1}),
        (CLI, "### policy obey\n\nmake it\n\n| `--door A,B` | where |\n", {("obey", "cli"): 1, ("door", "cli"): 1}),
        ("web/i18n/admin/en.json", '  "door.x": "Write anew",\n', {("anew", "catalogue admin"): 1}),
        ("web/i18n/catalogues/en.json", '  "a": "Beside it",\n', {("beside", "catalogue webmail"): 1}),
        ("src/smartmail/app/catalogues/en.json", '  "a": "It stands",\n', {("stands", "catalogue server"): 1}),
        ("docs/guide-admin/en/alarms.md", "It came to nothing.\n", {("came to nothing", "guide admin"): 1}),
        ("README.md", "The way back.\n", {("way back", "readme"): 1}),
        (MODULE, '"""Somebody knocks."""\n', {("somebody", "src/service text"): 1, ("knocks", "src/service text"): 1}),
        (MODULE, "x = 1  # anew\n", {("anew", "src/service text"): 1}),
        (MODULE, "def by_door(told: int) -> None:\n", {("door", "src/service names"): 1, ("told", "src/service names"): 1}),
        (MODULE, "class JobWish:\n    max_octets: int = 1\n", {("*Wish", "src/service names"): 1, ("octets", "src/service names"): 1}),
    ],
)  # fmt: skip
def test_a_seeded_word_is_counted_at_its_place(tmp_path, file, text, expected):
    counts = found(tree(tmp_path, file, text))
    assert {key: number for key, number in counts.items() if key in expected} == expected
    assert {word for word, _ in counts} == {word for word, _ in expected}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (MODULE, '"""Octets as RFC 5321 §4.5.3 has them."""\n'),
        (MODULE, '"""Says "whoever" and “octets”, calls `door`."""\n'),
        (MODULE, 'ROWS = """select octets from door"""\nlog.event("alarm.untold", doors=1)\n'),
        (MODULE, "send(door=knocked(), told=untold)\n"),  # a use of names that were made elsewhere
        (MODULE, '"""What `x` stands for; outdoors, besides, understood; the hold and the threshold."""\n'),
        ("src/smartmail/proto/one.py", '"""Sizes in octets."""\nmax_octets = 1\n'),
        ("docs/guide-admin/en/alarms.md", "Set `door.imap`.\nOctets of RFC 5321.\n"),
        ("docs/guide-admin/ko/alarms.md", "door anew\n"),
        ("web/i18n/admin/en.json", '  "door.octets": "Port",\n'),
        (API, '        "$ref": "#/components/schemas/AlarmTold"\n   "Page_AlarmTold_": {\n'),
        (EVENTS, "| `mail.read` | info | Unread mail was shed and undone. |\n"),
    ],
)
def test_quotations_and_code_words_are_not_counted(tmp_path, file, text):
    assert found(tree(tmp_path, file, text)) == {}


def test_a_name_is_counted_once_however_often_it_is_made(tmp_path):
    text = "told = 1\ntold = 2\nfor told in x:\n    untold: int = told\n"
    assert found(tree(tmp_path, MODULE, text)) == {("told", "src/service names"): 1, ("untold", "src/service names"): 1}


GUIDE = "docs/guide-user/en/absence.md"


def test_a_rise_names_file_line_and_word(tmp_path, capsys):
    root = tree(tmp_path, GUIDE, "Well.\nSigned anew.\n")
    (root / "tools").mkdir()
    assert vocabulary.main([], root) == 1
    assert "not recorded yet" in capsys.readouterr().out
    assert vocabulary.main(["--record"], root) == 0
    assert vocabulary.main([], root) == 0
    tree(tmp_path, GUIDE, "Well.\nSigned anew.\nOr written\nanew.\n")
    capsys.readouterr()
    assert vocabulary.main(["--record"], root) == 1  # the number is not raised by itself
    output = capsys.readouterr().out
    assert "guide user: 'anew' 2 times, at most 1; write instead: again" in output
    assert f"{GUIDE}:2" in output
    assert f"{GUIDE}:4" in output


def test_a_rise_names_the_new_line_alone_where_git_knows(tmp_path, capsys):
    root = tree(tmp_path, GUIDE, "Signed anew.\nWell.\n")
    (root / "tools").mkdir()
    vocabulary.main(["--record"], root)
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "one"]):
        who = ["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(root), *who, *words], check=True)
    tree(tmp_path, GUIDE, "Signed anew.\nWell.\nAnew.\n")
    capsys.readouterr()
    assert vocabulary.main([], root) == 1
    output = capsys.readouterr().out
    assert f"{GUIDE}:3" in output
    assert f"{GUIDE}:1" not in output


def test_a_fall_passes_and_says_how_it_is_recorded(tmp_path, capsys):
    root = tree(tmp_path, GUIDE, "Signed anew, written anew.\n")
    (root / "tools").mkdir()
    vocabulary.main(["--record"], root)
    tree(tmp_path, GUIDE, "Signed anew.\n")
    capsys.readouterr()
    assert vocabulary.main([], root) == 0
    output = capsys.readouterr().out
    assert "note: 1 fewer than recorded" in output
    assert check._notes(output) == [f"note: 1 fewer than recorded; write it down: {vocabulary.COMMAND}"]
    assert vocabulary.main(["--record"], root) == 0
    assert json.loads((root / vocabulary.RECORD).read_text())["anew"] == {"guide user": 1}
    tree(tmp_path, GUIDE, "Signed anew, written anew.\n")
    assert vocabulary.main([], root) == 1


@pytest.mark.parametrize("name", ["AlarmTold", "AlarmPatch", "AlarmWanted", "AlarmAsked", "AlarmWhere", "AlarmNew"])
def test_an_old_end_of_a_name_does_not_come_back_into_the_api_whatever_is_recorded(tmp_path, capsys, name):
    root = tree(tmp_path, API, f'   "{name}": {{\n')
    end = next(word.pattern for word in WORDS if word.pattern.startswith("*") and name.endswith(word.pattern[1:]))
    (root / "tools").mkdir()
    (root / vocabulary.RECORD).write_text(json.dumps({word.pattern: {} for word in WORDS} | {end: {"api": 5}}))
    assert vocabulary.main([], root) == 1
    assert f"api: '{end}' 1 times, at most 0" in capsys.readouterr().out
