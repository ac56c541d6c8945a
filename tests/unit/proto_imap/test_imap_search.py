"""Evaluation: cheap first, text only where nothing else decides."""

import pytest

from smartmail.base.text import fold
from smartmail.proto.imap.grammar import Parsed, parse
from smartmail.proto.imap.search import ABSENT, bind, headers_wanted, indices, scope
from smartmail.proto.imap.view import MailboxView, UidPool

DAY = 86_400


class Columns:
    """Four messages; texts can be switched off, and every look at one is counted."""

    internal_dates = [0, DAY - 1, DAY, 10 * DAY]
    sent_days = [0, 1, 2, 3]
    sizes = [100, 200, 300, 400]
    modseqs = [1, 5, 9, 9]
    flags = [{"\\Seen"}, set(), {"\\Seen", "$Work"}, {"\\Flagged"}]
    subjects = ["회의 안건", "Straße", None, ""]
    bodies = ["alpha", "beta", "gamma 견적서", "delta"]

    def __init__(self, *, headers=True, texts=True):
        self.headers, self.texts = headers, texts
        self.looked = 0

    def has_flag(self, flag):
        wanted = flag.casefold()
        owners = {i for i, flags in enumerate(self.flags) if wanted in {one.casefold() for one in flags}}
        return owners.__contains__ if owners else None

    def object_id(self, index, *, thread):
        return f"{'T' if thread else 'M'}{index}"

    def header(self, index, field):
        if not self.headers:
            return None
        value = self.subjects[index] if field == "subject" else None
        return ABSENT if value is None else fold(value)

    def body(self, index):
        self.looked += 1
        return fold(self.bodies[index]) if self.texts else None

    def text(self, index):
        self.looked += 1
        return fold(f"{self.subjects[index]} {self.bodies[index]}") if self.texts else None


def run(text: str, facts: Columns | None = None):
    parsed = parse(b"t SEARCH " + text.encode())
    assert isinstance(parsed, Parsed), parsed
    view = MailboxView(UidPool().make([11, 12, 13, 14]))
    facts = facts or Columns()
    test = bind(parsed.command.key, view, facts)
    assert test is not None
    answers = {i: test(i) for i in indices(scope(parsed.command.key, view))}
    return [i for i, answer in answers.items() if answer], [i for i, answer in answers.items() if answer is None]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ALL", [0, 1, 2, 3]),
        ("SEEN", [0, 2]),
        ("UNSEEN KEYWORD x", []),
        ("KEYWORD $WORK", [2]),
        ("OR FLAGGED KEYWORD $work", [2, 3]),
        ("NOT OR SEEN FLAGGED", [1]),
        ("BEFORE 2-Jan-1970", [0, 1]),
        ("ON 2-Jan-1970", [2]),
        ("SINCE 2-Jan-1970", [2, 3]),
        ("SENTON 2-Jan-1970", [1]),
        ("SENTBEFORE 2-Jan-1970", [0]),
        ("SENTSINCE 3-Jan-1970", [2, 3]),
        ("LARGER 200", [2, 3]),
        ("SMALLER 200", [0]),
        ("UID 12:13,99", [1, 2]),
        ("1,3:4", [0, 2, 3]),
        ("NOT 1,3:4", [1]),
        ("2:* UID 11:12", [1]),
        ("MODSEQ 5", [1, 2, 3]),
        ("EMAILID M2", [2]),
        ("SUBJECT STRASSE", [1]),
        ('HEADER Subject ""', [0, 1, 3]),
        ("NOT SUBJECT zzz", [0, 1, 2, 3]),
        ("BODY GAMMA", [2]),
        ('TEXT "견적"', [2]),
        ('TEXT "회의" SEEN', [0]),
        ('BODY ""', [0, 1, 2, 3]),
    ],
)
def test_matches(text, found):
    assert run(text) == (found, [])


def test_missing_text_leaves_open_only_what_nothing_else_decides():
    nothing = Columns(headers=False, texts=False)
    assert run("UNSEEN BODY beta", nothing) == ([], [1, 3])
    assert run("OR SEEN BODY beta", nothing) == ([0, 2], [1, 3])
    assert run("NOT (SEEN SUBJECT x)", nothing) == ([1, 3], [0, 2])
    assert run("OR BODY a SUBJECT b", nothing) == ([], [0, 1, 2, 3])


def test_texts_are_looked_at_last():
    facts = Columns()
    assert run("BODY beta SUBJECT zzz 2 SMALLER 10", facts) == ([], [])
    assert facts.looked == 0
    run("OR TEXT x ALL", facts)
    assert facts.looked == 0


def test_scope_narrows_before_anything_is_tested():
    parsed = parse(b"t SEARCH UID 12:13 UNSEEN")
    view = MailboxView(UidPool().make([11, 12, 13, 14]))
    view.apply(removed=[13])
    assert scope(parsed.command.key, view) == [(1, 2)]


def test_out_of_range_is_a_mistake():
    view = MailboxView(UidPool().make([1]))
    for text in (b"t SEARCH 2", b"t SEARCH NOT OR 5 ALL", b"t UID SEARCH 1:2"):
        assert bind(parse(text).command.key, view, Columns()) is None


def test_headers_wanted():
    assert headers_wanted(parse(b"t SEARCH OR FROM a NOT HEADER X-Y b").command.key) == {"from", "x-y"}
