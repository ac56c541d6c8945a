"""Lines of words: folded, and found wherever all words are in one line."""

from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain.trace import Event, Facts
from smartmail.service.flow.tracing import words


def look(text: bytes, *wanted: str) -> list[int]:
    return words.matches(text, [word.encode() for one in wanted for word in words.fold(one).split()])


def test_words_of_a_subject_and_of_a_reply_are_found_in_any_spelling():
    text = words.story_line(0xA, Facts("kim@a.example", ("lee@b.example",), "9월 견적서  FW: ＱＵＯＴＥ"))
    text += words.event_line(0xB, Event("bounced", "x@y", 550, "5.7.1", "Message\tREJECTED as spam", "mx.y"))
    assert look(text, "견적") == [0xA]
    assert look(text, "quote 9월") == [0xA]
    assert look(text, "lee@b.EXAMPLE") == [0xA]
    assert look(text, "rejected mx.y 550") == [0xB]
    # Words of two lines are no match, neither is an id.
    assert look(text, "견적서 spam") == []
    assert look(words.line(0xABC, "nothing"), "abc") == []


def test_only_what_somebody_else_said_is_a_line():
    assert words.event_line(1, Event("accepted", text="checked by us")) == b""
    assert words.event_line(1, Event("delivered", "a@b", 250, "2.0.0", "ok", account_id=3)) == b""
    assert words.event_line(1, Event("delivered", "a@b", 250, "2.0.0", "Queued as 7F", "mx.b")) != b""
    assert words.story_line(1, Facts("", (), "\r\n \t")) == b""


TEXT = st.text(alphabet="ab 가나\n\tＡ\x85\u2028", max_size=12)


@given(st.lists(TEXT, max_size=8), st.lists(st.text(alphabet="ab가나", min_size=1, max_size=3), min_size=1, max_size=3))
def test_found_is_what_reading_every_line_finds(subjects, wanted):
    lines = [words.line(number, subject) for number, subject in enumerate(subjects)]
    assert all(one.count(b"\n") == (1 if one else 0) for one in lines)
    expected = {
        number for number, subject in enumerate(subjects)
        if all(words.fold(word) in words.fold(subject) for word in wanted)
    }  # fmt: skip
    found = look(b"".join(lines), *wanted)
    assert set(found) == expected
    assert found == sorted(found, reverse=True)
