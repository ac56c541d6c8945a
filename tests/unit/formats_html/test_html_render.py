"""What a reader sees of an ordinary mail body, and what waits."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from smartmail.formats import html_lang
from smartmail.formats.html import render, sanitise
from smartmail.formats.html_css import filter_sheet, filter_style
from smartmail.formats.html_tame import MAX_DEPTH, tame


def cid(content_id):
    return {"logo@x": "https://files.test/c/1", "a b@x": "https://files.test/c/2"}.get(content_id)


def test_remote_images_wait_and_are_counted():
    result = render(
        '<img src="https://e.test/a.png" width=3><img src="//e.test/b c.png"><td background="http://e.test/c">'
    )
    assert 'data-remote-src="https://e.test/a.png"' in result.html
    assert 'data-remote-src="https://e.test/b%20c.png"' in result.html
    assert " src=" not in result.html
    assert result.remote_count == 2  # a `td` outside of a table is no element


def test_remote_background_waits():
    result = render('<table background="http://e.test/c"><tr><td>x</td></tr></table>')
    assert 'data-remote-background="http://e.test/c"' in result.html
    assert result.remote_count == 1


def test_remote_images_go_through_the_proxy_when_allowed():
    result = render(
        '<img src="https://e.test/a"><p style="background:url(https://e.test/b)">x</p><style>p{background:url(//e.test/c)}</style>',
        allow_remote=True,
        proxy=lambda url: "https://files.test/p?" + url,
    )
    assert 'src="https://files.test/p?https://e.test/a"' in result.html
    assert "files.test/p?https://e.test/b" in result.html
    assert "files.test/p?https://e.test/c" in result.css
    assert result.remote_count == 3


@pytest.mark.parametrize(
    "says",
    [
        'width=1 height="1"',
        "width=2 height=2",
        'style="width:1px;height:1px"',
        'width=600 height=400 style="WIDTH: 0px !important; max-height:1px"',
        'width="1px" height="0"',
    ],
)
def test_a_picture_that_shows_nothing_is_counted_and_never_loaded(says):
    body = f'<img src="https://e.test/open" {says}><img src="https://e.test/banner" width=600 height=200>'
    waiting, shown = render(body), render(body, allow_remote=True)
    assert (waiting.remote_count, waiting.tracker_count) == (2, 1)
    assert (shown.remote_count, shown.tracker_count) == (2, 1)
    assert 'src="https://e.test/banner"' in shown.html
    assert ' src="https://e.test/open"' not in shown.html


@pytest.mark.parametrize(
    "says", ["", "width=1 height=40", "width=100% height=1", 'style="display:none"', "width=20 height=20"]
)
def test_a_picture_that_may_be_seen_is_no_tracker(says):
    result = render(f'<img src="https://e.test/a" {says}>', allow_remote=True)
    assert (result.remote_count, result.tracker_count) == (1, 0)
    assert 'src="https://e.test/a"' in result.html


def test_a_picture_within_the_mail_is_no_tracker():
    assert render('<img src="cid:logo@x" width=1 height=1>', cid=cid).tracker_count == 0


def test_cid_images_point_to_our_own_address():
    result = render(
        '<img src="cid:logo@x"><img src="CID:a%20b@x"><img src="cid:none"><p style="background:url(cid:logo@x)">',
        cid=cid,
    )
    assert result.html.count("https://files.test/c/1") == 2
    assert 'src="https://files.test/c/2"' in result.html
    assert "cid:" not in result.html
    assert result.remote_count == 0


def test_an_address_of_ours_written_by_the_sender_is_not_trusted():
    result = render('<img src="/c/1"><img src="https://files.test/c/1">', cid=cid)
    assert " src=" not in result.html


def test_pictures_within_the_mail_stay():
    assert 'src="data:image/png;base64,AAAA"' in render('<img src="data:image/png;base64,AAAA">').html


def test_links_open_apart_and_say_nothing_of_us():
    result = render('<a href="https://e.test/?a=1&b=2" target="_top" rel="opener">x</a>')
    assert result.html == (
        '<a href="https://e.test/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow">x</a>'
    )


def test_anchors_inside_the_mail_keep_working():
    result = render('<a href="#top">x</a><p id="top">y</p><style>#top{color:red}</style>')
    assert 'href="#m-top"' in result.html
    assert 'id="m-top"' in result.html
    assert "#m-top" in result.css


def test_the_look_of_the_body_moves_to_a_wrapper():
    result = render('<body bgcolor="ffeedd" text="#111" style="margin:4px" class="c" dir="rtl"><p>x</p></body>')
    assert result.html == (
        '<div style="background-color:#ffeedd;color:#111;margin:4px" class="c" dir="rtl"><p>x</p></div>'
    )


def test_tables_and_fonts_of_office_mail_survive():
    source = (
        '<table border="0" cellpadding="0" width="600"><tbody><tr><td bgcolor="#eeeeee" valign="top" colspan="2">'
        '<font color="red" size="2" face="굴림">x</font></td></tr></tbody></table>'
    )
    assert render(source).html == source


def test_conditional_comments_and_office_tags_leave_their_text():
    result = render("<!--[if mso]><p>mso</p><![endif]--><p class=MsoNormal>a<o:p>b</o:p></p>")
    assert result.html == '<p class="MsoNormal">ab</p>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("안녕하세요, 會議 자료입니다", "ko"),
        ("お世話になっております。会議の件", "ja"),
        ("请查收附件，我们明天开会讨论这个问题", "zh-Hans"),
        ("請查收附件，我們明天開會討論這個問題", "zh-Hant"),
        ("Dear colleague, please find", "en"),
        ("12345", ""),
    ],
)
def test_language_by_script(text, expected):
    assert render(f"<p>{text}</p>").lang == expected


def test_a_declared_language_wins_and_charset_only_hints():
    assert render("<p>hello</p>", lang="zh-TW, en").lang == "zh-Hant"
    assert render("<p>hello</p>", lang="ko-KR").lang == "ko"
    assert render("<p>中</p>", charset="GB2312").lang == "zh-Hans"
    assert html_lang.guess("中文", declared="!!", charset="big5") == "zh-Hant"


def test_our_editor_keeps_inline_and_remote_images():
    result = sanitise('<p>x<img src="cid:a@b"><img src="https://e.test/x.png"></p><script>1</script>')
    assert 'src="cid:a@b"' in result
    assert 'src="https://e.test/x.png"' in result
    assert "script" not in result


def test_parser_differential_settles_or_becomes_text():
    result = render("<p><svg><foreignObject><p>x</p></foreignObject></svg></p><table><a href=//e.test><table><a>y")
    assert render(result.html).html == result.html


# -- CSS ------------------------------------------------------------------------------------------------------------


def nothing(_url):
    return None


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("color:red;margin:0 auto -5px", "color:red;margin:0 auto -5px"),
        ("COLOR : Red !IMPORTANT ;;", "color:Red !important"),
        ("font-family:'맑은 고딕', 돋움, sans-serif", 'font-family:"맑은 고딕", 돋움, sans-serif'),
        ("width:calc(100% - 20px)", "width:calc(100% - 20px)"),
        (
            "background:linear-gradient(45deg, #fff 0%, rgba(0,0,0,.5))",
            "background:linear-gradient(45deg, #fff 0%, rgba(0,0,0,.5))",
        ),
        ("mso-line-height-rule:exactly;color:red", "color:red"),
        ("position:relative;position:fixed", "position:relative"),
        ("height:100vh;min-height:100dvh;width:50vw", "width:50vw"),
        ("height:99999999px", ""),
        ("color:red/*x*/;background:u/**/rl(x)", "color:red"),
        ("col\\6f r:red", "color:red"),
        ("width:\\65 xpression(1)", ""),
        ('font-family:"</style><script>"', 'font-family:"\\3c /style\\3e \\3c script\\3e "'),
        ("color:rgb(1,2,3", "color:rgb(1,2,3)"),
        ("color:red;broken:(;display:block", "color:red"),
        ("background:url(a b)", ""),
        ("content:'x';animation:x 1s;transition:all", ""),
    ],
)
def test_inline_style(style, expected):
    assert filter_style(style, nothing) == expected
    assert filter_style(expected, nothing) == expected


def test_sheet_keeps_rules_and_media_only():
    sheet = """@charset "x"; @import url(//e.test);
    @media screen and (max-width: 600px) { .a { width: 100% !important } @font-face { src: url(x) } }
    @keyframes x { from { color: red } } @font-face { font-family: x; src: url(//e.test) }
    #b > td.c:hover, [class~="d"], p::before, :is(a) { color: blue; behavior: url(x) } e { margin: 0"""
    assert filter_sheet(sheet, nothing, id_prefix="m-") == (
        "@media screen and (max-width: 600px) {\n.a {width:100% !important}\n}\n"
        '#m-b > td.c:hover,[class~="d"] {color:blue}\n'
        "e {margin:0}"
    )


# -- bounds ---------------------------------------------------------------------------------------------------------


def depth(html):
    deepest = at = 0
    for node in LexborHTMLParser(html).root.traverse():
        at, parent = 0, node.parent
        while parent is not None:
            at, parent = at + 1, parent.parent
        deepest = max(deepest, at)
    return deepest


def test_ordinary_mail_is_not_touched_before_the_parser():
    source = "<p>a<b>c<i>d</b>e</i><table><tr><td>x</table>"
    assert tame(source) is source


@pytest.mark.parametrize("unit", ["<div>", "<dd><li>", "<b><p>", "<table><tr><td>", "<ul><li>", "<blockquote>x"])
def test_depth_is_bounded(unit):
    assert depth(tame(unit * 20_000)[:40_000]) <= 4 * MAX_DEPTH


@pytest.mark.parametrize(
    "html",
    [
        "".join(f"<b id=a{i}><p>" for i in range(30_000)),
        "".join(f"<font size={i}>" for i in range(12)) + "<p>x" * 60_000,
        "<p " + " ".join(f"a{i}=1" for i in range(60_000)) + ">",
        "<svg><style>" * 30_000,
        "<" * 200_000,
    ],
)
def test_hostile_nesting_does_not_blow_up(html):
    assert len(render(html).html) < 12 * len(html)


def test_what_is_tamed_reads_the_same():
    body = "<p>문단 <b>굵게</b> <a href='https://e.test/?a=1&amp;b=\"2'>링크</a><ul><li>하나<li>둘</ul><!-- 주석 > -->"
    body += "<style>p>a{color:red}</style><textarea><b></textarea><br>끝 1 < 2 &amp; 3 > 2"
    large = body * 1200
    assert tame(large) is not large
    assert render(large).html == render(body).html * 1200
