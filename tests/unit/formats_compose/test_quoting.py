"""Reply and forward helpers."""

import pytest

from smartmail.formats import quoting
from smartmail.formats.encoding import flow
from smartmail.formats.html import from_text, render, to_text


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("회의", "Re: 회의"),
        ("Re: 회의", "Re: 회의"),
        ("RE: re: 회신: Re[2]: 회의", "Re: 회의"),
        ("답장：회의", "Re: 회의"),
        ("返信: 回复： 会議", "Re: 会議"),
        ("Fwd: 회의", "Re: Fwd: 회의"),
        ("Regarding: x", "Re: Regarding: x"),
        ("", "Re: "),
    ],
)
def test_reply_subject(subject, expected):
    assert quoting.reply_subject(subject) == expected


def test_forward_subject():
    assert quoting.forward_subject("FW: x") == "Fwd: x"
    assert quoting.forward_subject("전달: x", "전달: ") == "전달: x"
    assert quoting.forward_subject("Re: x") == "Fwd: Re: x"


def test_references_of_a_reply():
    assert quoting.reply_references("c@x", ["a@x", "b@x"], ["b@x"]) == ("a@x", "b@x", "c@x")
    assert quoting.reply_references("c@x", [], ["b@x"]) == ("b@x", "c@x")
    assert quoting.reply_references("c@x", [], ["a@x", "b@x"]) == ("c@x",)
    assert quoting.reply_references("", ["a@x"], []) == ("a@x",)


def test_quoted_text_keeps_its_levels_through_flowed():
    quoted = quoting.quote_text("first line\n\n> older\n" + "long words " * 20, "김민수님이 씀:")
    assert quoted.startswith("김민수님이 씀:\n> first line\n>\n>> older\n> long words")
    flowed = flow(quoted)
    assert all(len(line) <= 78 for line in flowed.split("\r\n"))
    html = from_text(flowed, flowed=True)
    assert html.count("<blockquote>") == 2
    assert [w for w in to_text(html).split() if w != ">"] == [w for w in quoted.split() if w.strip(">")]


def test_quoted_and_forwarded_html_stay_safe():
    quoted = quoting.quote_html(render("<p>x<script>1</script></p>").html, "<b>Kim</b> wrote:")
    assert "&lt;b&gt;Kim" in quoted
    assert 'type="cite"' in render(quoted).html
    forwarded = quoting.forward_html("<p>x</p>", "전달", [("보낸 사람", "Kim <k@x>")])
    assert "<b>보낸 사람:</b> Kim &lt;k@x&gt;" in forwarded
    assert quoting.forward_text("x", "전달", [("제목", "a")]) == "---------- 전달 ----------\n제목: a\n\nx"
