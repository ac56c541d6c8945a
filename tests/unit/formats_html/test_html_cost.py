"""The sanitiser's parser copies a run of text at each character reference in it: what it is given is bounded, whatever comes.

Counted, not timed: characters that would be copied. Before there was a bound, 2 MiB of `&a` were 16 seconds of copying.
"""

import re

import pytest

from smartmail.formats import html
from smartmail.formats.html_tame import MAX_REFERENCES

SIZE = 300_000
HOSTILE = [
    "&a", "&", ">", "<", "\xa0", "&nbsp;", "&lt;", "&#", "&#x", "&not", "&" * 60 + "<x>", "&" * 60 + "<!---->",
    "&" * 60 + "</x>", "&" * 60 + "</p>", "&" * 60 + "<td>", "<table>" + "&" * 60, "&" * 60 + "<script></script>",
    "<p title='" + "&a" * 20_000 + "'>x", "<a href='http://a.example/?" + "&a" * 20_000 + "'>x</a>", "&" * 60 + "<svg>",
]  # fmt: skip


def copied(markup):
    """Characters that are copied: for each run up to the next tag, its length for each reference in it."""
    return sum(len(run) * len(re.findall("&", run)) for run in re.split("[<]", markup))


@pytest.mark.parametrize("work", [html.render, html.sanitise])
@pytest.mark.parametrize("pattern", HOSTILE, ids=lambda one: one[:12])
def test_cost_is_no_square(monkeypatch, pattern, work):
    made = html._cleaner
    seen = []

    class Counting:
        def __init__(self, policy):
            self.cleaner = made(policy)

        def clean(self, markup):
            seen.append(markup)
            return self.cleaner.clean(markup)

    monkeypatch.setattr(html, "_cleaner", Counting)
    work((pattern * (SIZE // len(pattern) + 1))[:SIZE])
    for markup in seen:
        # Each reference copies the rest of its run once, and a run has few: linear in what comes in.
        assert copied(markup) <= 2 * MAX_REFERENCES * len(markup)


def test_ordinary_mail_comes_through_as_it_is():
    text = "<p>" + ("Fish &amp; chips&nbsp;3 &lt; 4 <br>" * 5_000)
    assert "<wbr>" not in html.render(text).html


def test_text_and_references_stay_whole():
    text = "a&amp;b&nbsp;&lt;c&gt; " * 10_000
    assert html.to_text(text) == html.to_text(html.render(text).html)
