"""Links as browsers take them apart, and what an HTML body does beside being read."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats import html_signs
from smartmail.formats.links import (
    contradicts,
    in_text,
    is_number,
    is_shortener,
    leads_to_program,
    mixed_label,
    parse,
)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://user:pw@evil.example/x", "evil.example"),
        ("https:\\\\evil.example\\x", "evil.example"),
        ("http://%65vil.example/", "evil.example"),
        ("HTTP://EVIL.Example.:80/", "evil.example"),
        ("ht\ttp://ev\nil.example", "evil.example"),
        ("//cdn.example/a", "cdn.example"),
        ("www.naver.com/x", "www.naver.com"),
        ("hxxps://evil.example", "evil.example"),
        ("http://evil。example/", "evil.example"),
        ("http://이노탭.한국/", "xn--o80bx03b5vg.xn--3e0b707e"),
        ("http://good.example?@evil.example", "good.example"),
        ("javascript:alert(1)", ""),
        ("mailto:a@b.example", ""),
        ("/relative", ""),
    ],
)
def test_hosts(url, host):
    # WHATWG URL §4.4 ends the authority at the question mark, so what follows an @ there is no host.
    assert parse(url).host == host


def test_hosts_that_hide():
    for url in ("http://192.168.1.1/", "http://3232235777/", "http://0xc0.0xa8.1.1/", "http://[::1]/"):
        assert is_number(parse(url).host), url
    assert not is_number("1and1.example")
    assert is_shortener("bit.ly")
    assert is_shortener("www.han.gl")
    assert mixed_label(parse("http://innotаb.com").host) == "innotаb"
    assert mixed_label(parse("http://이노탭.한국").host) == ""
    assert parse("https://bank.example@evil.example/").user == "bank.example"
    assert leads_to_program(parse("http://a.example/x/setup.EXE?y=1"))
    assert not leads_to_program(parse("http://a.com"))


@pytest.mark.parametrize(
    ("url", "shown", "said"),
    [
        ("http://evil.example/", "https://www.naver.com/login", "www.naver.com"),
        ("http://evil.example/", "naver.com", "naver.com"),
        ("http://mail.naver.com/", "naver.com", ""),
        ("http://naver.com/", "www.naver.com", ""),
        ("http://evil.example", "견적서.pdf", ""),
        ("http://evil.example", "여기를 누르세요", ""),
        ("http://evil.example", "a@naver.com", ""),
    ],
)
def test_what_a_link_shows_and_where_it_leads(url, shown, said):
    assert contradicts(parse(url, shown)) == said


def test_links_in_text():
    found = in_text(
        "보세요 https://a.example/길?x=1. 그리고(www.b.example) 또 https://a.example/길?x=1, hxxp://c.example。"
    )
    assert [link.host for link in found] == ["a.example", "www.b.example", "c.example"]


def test_signs_of_a_page():
    signs = html_signs.read(
        '<head><meta http-equiv=refresh content="0;url=http://e.example"><script>1</script></head><body>'
        '<p style="display:none">secret words</p><p>hello <a href="http://x.example">www.bank.example</a>'
        '<span style="font-size:1px">tinytext</span><font color="#fff">white on white</font>'
        "<table><tr><td bgcolor=black><font color=white>shown</font></td></tr></table>"
        '<span style="font-size:14px">ok</span><form action=http://f.example><input type=password></form><img src=x>'
    )
    assert signs.hidden == len("secretwords")
    assert signs.tiny == len("tinytext")
    assert signs.same_colour == len("whiteonwhite")
    assert (signs.images, signs.forms, signs.passwords, signs.scripts, signs.refresh) == (1, 1, 1, 1, True)
    assert [link.host for link in signs.links] == ["e.example", "x.example", "f.example"]
    assert signs.links[1].shown == "www.bank.example"
    assert "hello" in signs.text
    assert "secret" not in signs.text
    assert "shown" in signs.text


@pytest.mark.parametrize(
    "html",
    ["<div>" * 100_000, "<p style='color:" + " " * 200_000 + "'>x", "<a href='" + "http://" * 40_000 + "'>x</a>",
     "<font color=#fff>" * 60_000, "<!--" * 100_000],
)  # fmt: skip
def test_hostile_pages_cost_little(html):
    begun = time.process_time()
    html_signs.read(html)
    assert time.process_time() - begun < 1.5


@settings(deadline=None)
@given(st.text(max_size=300))
def test_nothing_raises(text):
    parse(text, text)
    in_text(text)
    html_signs.read(text)
    contradicts(parse(f"http://{text}", text))
