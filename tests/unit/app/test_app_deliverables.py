"""Papers for buyers: made of the tree, whole, and nothing of a page becomes markup that it is not."""

import re
from html.parser import HTMLParser

import pytest

from smartmail.adapters.sql.migrate import scripts
from smartmail.app.papers import deliverables
from smartmail.edge.httpd.admin.table import OPERATIONS
from smartmail.formats.papers.markdown import html_of, inline


class Balance(HTMLParser):
    """Says whether every element is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in {"meta", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    return {path.stem: path.read_text("utf-8") for path in deliverables.make(tmp_path_factory.mktemp("papers"))}


def test_every_paper_is_there_and_whole(papers):
    assert set(papers) == {"install", "operate", "backup", "incident", "interface", "tables"}
    for name, text in papers.items():
        balance = Balance()
        balance.feed(text)
        assert (balance.wrong, balance.open) == ([], []), name
        assert re.search("[가-힣]", text) and "](" not in text.replace("<pre>", "").split("</pre>")[-1], name


def test_the_interface_paper_names_every_operation(papers):
    for one in OPERATIONS:
        row = f"<tr><td>{one.method}</td><td><code>/admin/v1{one.path}</code></td>"
        assert row in papers["interface"], one.path


def test_the_table_paper_names_every_table_and_column_that_migrations_leave(papers):
    made = {name for script in scripts() for name in re.findall(r"^create table (\w+)", script, re.MULTILINE)}
    gone = {
        name for script in scripts() for name in re.findall(r"^drop table (?:if exists )?(\w+)", script, re.MULTILINE)
    }
    renamed = {name for script in scripts() for name in re.findall(r"alter table (\w+) rename to", script)}
    for name in made - gone - renamed:
        assert f"<h2>{name}</h2>" in papers["tables"], name
    assert "What a day came to, per company" in papers["tables"]
    assert "<td>counted_at</td><td>bigint</td>" in papers["tables"].lower()


def test_a_section_that_is_gone_is_an_error(tmp_path):
    (tmp_path / "a.md").write_text("## One\nx\n## Two\ny\n", "utf-8")
    assert deliverables._page(tmp_path, "a.md#Two") == "# Two\ny\n"
    with pytest.raises(ValueError):
        deliverables._page(tmp_path, "a.md#Three")


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("# A\ntext **b** `c<d`", "<h2>A</h2>\n<p>text <strong>b</strong> <code>c&lt;d</code></p>"),
        ("- one\n  more\n- two", "<ul><li>one more</li><li>two</li></ul>"),
        ("| a | b |\n|---|---:|\n| `x` | <y> |", "<table><tr><th>a</th><th>b</th></tr><tr><td><code>x</code></td><td>&lt;y&gt;</td></tr></table>"),
        ("```\n<b> **no**\n```", "<pre>&lt;b&gt; **no**</pre>"),
        ("1. first\n2. second", "<ul><li>first</li><li>second</li></ul>"),
    ],
)  # fmt: skip
def test_what_our_pages_use(text, made):
    assert html_of(text, below=1) == made


def test_pictures_are_inside_the_paper():
    text = 'a\n![b "c"](../pictures/d.png)\ne'
    assert html_of(text) == "<p>a</p>\n<p>e</p>"
    made = html_of(text, picture=lambda name: f"data:{name}")
    assert made == '<p>a</p>\n<p><img src="data:../pictures/d.png" alt="b &quot;c&quot;"></p>\n<p>e</p>'


def test_papers_of_guides_have_their_pictures(papers):
    assert papers["operate"].count('<img src="data:image/png;base64,iVBOR') > 5
    assert "pictures/" not in papers["operate"]


def test_nothing_becomes_markup_that_it_is_not():
    assert "<script" not in html_of("<script>alert(1)</script>\n\n[x](javascript:alert(1))")
    assert inline('[x](https://a.example/"onclick="y)') == '<a href="https://a.example/&quot;onclick=&quot;y">x</a>'
    assert inline("`\0` 0") == "<code></code> 0" or "\0" not in inline("`\0` 0")
