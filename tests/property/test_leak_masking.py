"""A text or a page in which findings were masked has none any more, and all else is as it was."""

from datetime import date
from html import escape

from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats.html_text import to_text
from smartmail.formats.leaks.detecting import examine
from smartmail.formats.leaks.masking import Place, mask_html, mask_text

TODAY = date(2026, 12, 1)
NUMBERS = st.sampled_from([
    "900101-1234568", "9001011234568", "4111-1111-1111-1111", "4111 1111 1111 1111", "010-1234-5678", "kim@corp.example",
    "220-81-62517", "M12345678", "9００１０１-１２３４５６８", "구공공일공일 일이삼사오육팔", "OTAwMTAxLTEyMzQ1NjgK",
])  # fmt: skip
WORDS = st.sampled_from(
    ["주민등록번호", "카드", "hello", "\n", " ", "- ", "> ", "1", "계좌번호", "여권", "&amp;", "x=1;", "."]
)
TEXTS = st.lists(WORDS | NUMBERS, max_size=30).map(" ".join)
TAGS = st.sampled_from(
    [
        "<b>{}</b>",
        "<p>{}</p>",
        "<td>{}</td>",
        "<!-- {} -->{}",
        "<a href='x?{}'>{}</a>",
        "{}<br>",
        "<i>{}",
        "<blockquote>{}",
    ]
)


def search(text: str) -> list[Place]:
    return [Place(one.start, one.end, 2) for one in examine(text, today=TODAY).findings if one.confidence != "low"]


@given(TEXTS)
def test_a_masked_text_has_no_finding(text):
    masked = mask_text(text, search)
    assert masked is not None
    assert not search(masked)
    if not search(text):
        assert masked == text


@given(st.lists(st.tuples(TAGS, WORDS | NUMBERS), max_size=25), st.booleans())
def test_a_masked_page_has_no_finding_or_is_none(pieces, coded):
    html = "".join(
        tag.replace("{}", "".join(f"&#{ord(sign)};" for sign in words) if coded else escape(words))
        for tag, words in pieces
    )
    masked = mask_html(html, search)
    if masked is not None:
        assert not search(to_text(masked))
        assert masked.count("<") == html.count("<")


@given(NUMBERS.filter(lambda number: any(sign.isdigit() for sign in number)))
def test_a_number_alone_in_its_paragraph_can_always_be_masked(number):
    page = f"<p>주민등록번호 카드번호 여권번호</p><p title='{number}'>{number[:4]}<b>{number[4:]}</b></p>"
    masked = mask_html(page, search)
    assert masked is not None
    if search(to_text(page)):
        assert number not in masked


def test_what_is_hidden_keeps_its_form_and_the_page_its_source():
    page = (
        "<table><tr><td>주민등록번호</td><td title='900101-1234568'>900101&nbsp;-&nbsp;<i>1234568</i></td></tr></table>"
    )
    shown = mask_html(page, lambda text: [
        Place(one.start, one.end, 7) for one in examine(text, ["kr.rrn"], today=TODAY).findings
    ])  # fmt: skip
    assert shown == (
        "<table><tr><td>주민등록번호</td><td title='900101-1******'>900101&nbsp;-&nbsp;<i>1******</i></td></tr></table>"
    )


def test_what_a_search_finds_for_ever_is_none():
    assert mask_text("x", lambda _text: [Place(0, 1)]) is None
    assert mask_html("<p>x</p>", lambda _text: [Place(0, 1)]) is None
