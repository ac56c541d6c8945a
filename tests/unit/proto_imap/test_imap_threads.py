"""THREAD: the algorithms of RFC 5256 §3 on hand-made mail."""

import pytest

from smartmail.proto.imap import threads
from smartmail.proto.imap.threads import Threaded


def mail(number, *references, id_=None, subject="a", sent=None, reply=False):
    return Threaded(
        number,
        number if sent is None else sent,
        id_ or f"m{number}",
        tuple(f"m{one}" for one in references),
        subject,
        reply,
    )


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        ([], b""),
        ([mail(1)], b"(1)"),
        # RFC 5256 §4: a child, two children, and their children.
        ([mail(1), mail(2, 1), mail(3, 1, 2)], b"(1 2 3)"),
        ([mail(1), mail(2, 1), mail(3, 1), mail(4, 1, 3)], b"(1 (2)(3 4))"),
        # Two answers to a message that is not here: a placeholder holds them together.
        ([mail(2, 1), mail(3, 1)], b"((2)(3))"),
        # One answer to what is not here stands for itself (step 3).
        ([mail(2, 1)], b"(2)"),
        ([mail(5, 1, 2, 3)], b"(5)"),
        # Children by sent date, not by number (step 6).
        ([mail(1, sent=0), mail(2, 1, sent=9), mail(3, 1, sent=5)], b"(1 (3)(2))"),
        # A loop of references links what it can and ends.
        ([mail(1, 2, subject="x"), mail(2, 1, subject="y")], b"(2 1)"),
        # A message that names no other has no parent, whatever others said of it (step 1.B).
        ([mail(2, 9, 1), mail(1), mail(9, subject="x")], b"(1 2)(9)"),
        # The same id twice: the second stands for itself, and is gathered by its subject (step 5).
        ([mail(1, id_="same", subject="x"), mail(2, id_="same", subject="y")], b"(1)(2)"),
        # Step 5: replies without references go below the message with their subject; equals get a placeholder.
        ([mail(1, subject="plan"), mail(2, subject="plan", reply=True)], b"(1 2)"),
        ([mail(1, subject="plan"), mail(2, subject="plan")], b"((1)(2))"),
        ([mail(1, subject="plan", reply=True), mail(2, subject="plan")], b"(2 1)"),
        ([mail(1, subject=""), mail(2, subject="")], b"(1)(2)"),
    ],
)
def test_references(messages, text):
    assert threads.references(messages) == text


def test_ordered_subject_is_one_level_deep():
    messages = [
        mail(1, subject="b", sent=5),
        mail(2, subject="a", sent=3),
        mail(3, subject="b", sent=4),
        mail(4, subject="a"),
    ]
    assert threads.ordered_subject(messages) == b"(2 4)(3 1)"
    assert threads.ordered_subject([]) == b""
    assert threads.ordered_subject([mail(1), mail(2), mail(3)]) == b"(1 (2)(3))"


def test_a_chain_of_any_length_needs_no_stack():
    count = 20_000
    messages = [mail(1), *(mail(number, number - 1) for number in range(2, count))]
    assert threads.references(messages) == b"(" + b" ".join(b"%d" % number for number in range(1, count)) + b")"


def test_every_message_is_told_once():
    messages = [mail(number, (number * 7) % 40 + 1, subject=f"s{number % 5}") for number in range(1, 41)]
    for text in (threads.references(messages), threads.ordered_subject(messages)):
        told = sorted(int(one) for one in text.replace(b"(", b" ").replace(b")", b" ").split())
        assert told == list(range(1, 41))
        assert text.count(b"(") == text.count(b")")
