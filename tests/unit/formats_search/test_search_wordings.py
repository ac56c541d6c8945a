"""Terms, ways to write a needle, highlights: each switch alone and by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats.search import hangul, postings, segment, terms
from smartmail.formats.search.document import Document, Field, compose, pack, region, unpack
from smartmail.formats.search.excerpt import excerpt
from smartmail.formats.search.wording import ALL_SWITCHES, NO_SWITCHES, Switch, clause, spans


def holds(needle: str, body: str, *switches: Switch, field: Field = Field.COMMON) -> bool:
    asked = clause(field, [needle], frozenset(switches))
    assert asked is not None
    return asked.holds(compose(body=body))


@pytest.mark.parametrize(
    ("needle", "body", "switch"),
    [
        ("ㅎㅇㅈㄹ", "오늘 회의자료를", Switch.INITIALS),
        ("회ㅇ", "오늘 회의자료를", None),
        ("ㅎㅇ ㅈㄹ", "오늘 회의 자료", Switch.INITIALS),
        ("ghldmlwkfy", "오늘 회의자료를", Switch.KEYBOARD),
        ("GHLDML", "오늘 회의자료를", Switch.KEYBOARD),
        ("ㅡㄷㄷ샤ㅜㅎ", "the Meeting room", Switch.KEYBOARD),
        ("회의", "本日の會議です", Switch.HANJA),
        ("會議", "오늘 회의자료를", Switch.HANJA),
        ("会议", "本日の會議です", Switch.VARIANTS),
        ("會議", "今天的会议", Switch.VARIANTS),
        ("圖書館", "图书馆", Switch.VARIANTS),
    ],
)
def test_each_switch_opens_its_way_and_no_other(needle: str, body: str, switch: Switch | None):
    assert not holds(needle, body)
    if switch is None:
        return
    assert holds(needle, body, switch)
    assert not holds(needle, body, *(ALL_SWITCHES - {switch}))
    asked = clause(Field.COMMON, [needle], ALL_SWITCHES)
    assert asked is not None and asked.hows(compose(body=body)) == {switch}


@pytest.mark.parametrize(
    ("needle", "body"),
    [
        ("ＡＢＣ", "xabcx"),
        ("abc", "ＡＢＣ１"),
        ("カタ", "ｶﾀｶﾅ"),
        ("ｶﾀ", "カタカナ"),
        ("STRASSE", "Straße"),
        ("(주)", "㈜스마트"),
        ("fi", "ﬁle"),
    ],
)
def test_width_case_and_compatibility_forms_are_one_by_nature(needle: str, body: str):
    assert holds(needle, body)
    asked = clause(Field.COMMON, [needle], ALL_SWITCHES)
    assert asked is not None and asked.hows(compose(body=body)) == set()


@pytest.mark.parametrize(
    ("needle", "body"),
    [
        ("Vertragsabschluss", "Vertrags\u00adab\u00adschluss"),
        ("계약서", "계\u200b약\u2060서"),
        ("café", "cafe\u00ad\u0301"),
        ("می\u200cخواهم", "میخواهم"),
        ("soft\u00adware", "software"),
        ("葛城", "葛\U000e0100城"),
        ("☎ 02", "☎\ufe0f 02"),
    ],
)
def test_what_nobody_sees_makes_no_difference(needle: str, body: str):
    """Soft hyphens, joiners, zero width spaces, variation selectors: text and needle fold alike, and so do terms."""
    assert holds(needle, body)
    document = compose(body=body)
    asked = clause(Field.COMMON, [needle])
    assert asked is not None
    known = terms.of_document(document)
    _sure, maybe = asked.judge(lambda term: int(term in known), 1)
    assert maybe
    found = excerpt(document, (), (asked,)).text
    assert found is not None and found.spans, "the excerpt marks it"


TEXTS = st.text(st.sampled_from("회의자료 ㅎㅇ 會議会议图圖カﾀa Bc1-ß½ﬁ.\n\x00é\u0301\u00ad\u200d"), max_size=12)


@given(
    st.lists(TEXTS, min_size=6, max_size=6), TEXTS, st.sampled_from(list(Field)), st.sets(st.sampled_from(list(Switch)))
)
def test_terms_never_miss_and_never_lie(texts: list[str], needle: str, field: Field, switches: set[Switch]):
    """What the terms alone say is what the text says: all matches are candidates, sure ones match."""
    document = compose(
        subject=texts[0], from_=texts[1], to=texts[2], other=texts[3], body=texts[4], files=[(texts[5], texts[0])]
    )
    asked = clause(field, [needle], frozenset(switches))
    if asked is None:
        return
    known = terms.of_document(document)
    sure, maybe = asked.judge(lambda term: int(term in known), 1)
    assert not sure or asked.holds(document)
    assert maybe or not asked.holds(document)


@given(st.text(max_size=60))
def test_documents_come_back_as_they_were(text: str):
    document = compose(subject=text, body=text, files=[(text, text)])
    again = unpack(pack(document))
    assert again.joined == document.joined.encode("utf-8", "replace").decode()
    assert region(again.folded, Field.ANYWHERE) == again.folded


@pytest.mark.parametrize("octets", [b"", b"\x02abc", b"\x01abc", pack(compose(body="x"))[:-3]])
def test_damaged_documents_are_told(octets: bytes):
    with pytest.raises(ValueError):
        assert unpack(octets).joined.count("\x00") >= 6


def test_a_word_of_letters_needs_no_text():
    document = compose(subject="the meeting room", body="x" * 20)
    known = terms.of_document(document)
    for needle, sure in (("meeting", 1), ("meetin", 0), ("the meeting", 0)):
        asked = clause(Field.COMMON, [needle])
        assert asked is not None and asked.judge(lambda term: int(term in known), 1) == (sure, 1)


@given(st.sets(st.integers(0, 999)), st.integers(1000, 1200))
def test_lists_of_postings_come_back(numbers: set[int], messages: int):
    size = postings.width(messages)
    octets = postings.encode(sorted(numbers), size)
    assert len(octets) <= size
    assert postings.numbers_of(octets, size) == sorted(numbers)
    assert postings.positions(postings.bits_of(octets, size), size) == sorted(numbers)


@given(st.binary(max_size=60))
def test_no_octets_break_a_bucket_or_a_list_of_messages(octets: bytes):
    for read in (postings.Bucket, segment.Contents.unpack):
        try:
            read(octets)
        except ValueError:
            continue


def test_hangul_as_the_two_languages_of_a_keyboard():
    for korean, keys in (
        ("회의자료", "ghldmlwkfy"),
        ("값이", "rkqtdl"),
        ("닭", "ekfr"),
        ("까치", "Rkcl"),
        ("왜", "dho"),
    ):
        assert hangul.typed_as_korean(keys) == korean
        assert hangul.typed_as_latin(korean) == keys
    assert hangul.typed_as_korean("meeting") is None, "that leaves letters alone"


# -- excerpts -------------------------------------------------------------------------------------------------------


def marked(document: Document, needle: str, switches: frozenset[Switch] = NO_SWITCHES) -> tuple[str, ...]:
    asked = clause(Field.COMMON, [needle], switches)
    assert asked is not None
    found = excerpt(document, [asked], [asked])
    return tuple(
        one.text[start:stop] for one in (found.subject, found.text, found.file) if one for start, stop in one.spans
    )


def test_excerpts_mark_what_was_found_however_it_was_found():
    document = compose(
        subject="회의 안내", body="a " * 200 + "분기 회의자료 첨부", files=[("회의록.hwp", "본문 x 會議 y")]
    )
    assert marked(document, "회의") == ("회의", "회의")
    assert marked(document, "ㅎㅇㅈㄹ", ALL_SWITCHES) == ("회의자료",)
    assert marked(document, "會議") == ("會議",)
    found = excerpt(document, [], [clause(Field.COMMON, ["會議"])])
    assert found.file is not None and found.file.text == "회의록.hwp" and found.text is not None
    assert excerpt(document, [], [clause(Field.FILE, ["회의록"])]).file is not None
    text = excerpt(document, [], [clause(Field.COMMON, ["회의자료"])]).text
    assert text is not None and len(text.text) <= 250 and "회의자료" in text.text


def test_marks_are_apart_and_in_order():
    asked = [clause(Field.COMMON, [one]) for one in ("회의", "회의자료", "자료")]
    assert spans(asked, "회의자료 자료 회의") == [(0, 4), (5, 7), (8, 10)]
