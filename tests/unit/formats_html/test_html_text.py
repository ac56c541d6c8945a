"""Text out of HTML and safe HTML out of text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats.html import from_text, render, to_text


def test_blocks_breaks_lists_and_cells():
    html = (
        "<html><head><title>t</title><style>x</style></head><body><h1>제목</h1>\n<p>Hi  <b>there</b><br>you</p>"
        "<ul><li>a<li>b</ul><table><tr><td>1<td>2<tr><td>3</table><script>x</script><!-- c --><img alt=사진></body>"
    )
    assert to_text(html) == "제목\n\nHi there\nyou\n\n- a\n- b\n\n1\t2\n3\n\n사진"


def test_quotes_get_marks_and_preformatted_text_its_spaces():
    html = "<p>x</p><blockquote>q<br>r<blockquote>deep</blockquote></blockquote><pre>a\n  b</pre>"
    assert to_text(html) == "x\n\n> q\n> r\n>\n> > deep\n\na\n  b"


def test_link_targets_on_request():
    assert to_text("<a href='https://e.test/x'>here</a>", links=True) == "here <https://e.test/x>"
    assert to_text("<a href='https://e.test/x'>https://e.test/x</a>", links=True) == "https://e.test/x"
    assert to_text("<a href='https://e.test/x'>here</a>") == "here"


def test_deep_and_long_input_is_walked_without_recursion():
    assert to_text("<blockquote>" * 4000 + "x").endswith("x")


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://e.test/a?b=1&c=2.", "https://e.test/a?b=1&amp;c=2"),
        ("(https://e.test/a_(b))", "https://e.test/a_(b)"),
        ("www.e.test, 보세요", "https://www.e.test"),
        ("메일 kim@e.test로", "mailto:kim@e.test"),
        ("https://e.test/한글 경로", "https://e.test/한글"),
    ],
)
def test_links_in_text(text, link):
    assert f'href="{link}"' in from_text(text)


def test_nothing_is_linked_that_is_not_web_or_mail():
    assert "<a" not in from_text("javascript:alert(1) file:///x a@b 1.2.3")


def test_quote_levels():
    html = from_text("a\n> b\n>> c\n> > d\ne")
    assert html.count("<blockquote>") == html.count("</blockquote>") == 2
    assert to_text(html) == "a\n\n> b\n>\n> > c\n> > d\n\ne"


def test_flowed_text_is_joined_and_the_signature_kept():
    html = from_text("This is \none line\n> quo\n>  ted\n Fro \nm\n-- \nsig", flowed=True)
    assert "This is one line" in html
    assert "Fro m" in html
    assert "-- <br>sig" in html
    assert "한글로" in from_text("한글 \n로", flowed=True, delsp=True)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab> <&\"'\n:/.@wh한tps(")) | st.text(), st.booleans())
def test_from_text_is_safe_by_construction(text, flowed):
    html = from_text(text, flowed=flowed)
    assert render(html).plain is False
    assert "<script" not in html
    opened = html.count("<blockquote>")
    assert opened == html.count("</blockquote>")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["word", "한국어", "a&b", "<x>", "1 < 2"]), max_size=6))
def test_text_survives_the_way_to_html_and_back(lines):
    text = "\n".join(lines).strip()
    assert to_text(from_text(text)) == text
