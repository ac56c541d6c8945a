"""Tokens of messages: tricks of writing undone, in bounded time."""

import pytest

from smartmail.formats.headers import Header
from smartmail.formats.mime.scanner import scan
from smartmail.formats.spam import addresses, markup, wording
from smartmail.formats.spam.features import MAX_TOKENS, features
from smartmail.formats.summary import build


def tokens_of(octets: bytes) -> set[str]:
    entity = scan(octets)
    return set(features(Header(octets[: entity.body_start]), build(entity), octets))


def mail(body: bytes, *fields: bytes) -> bytes:
    head = b"\r\n".join([b"From: a@x.test", b"Subject: hi", b"MIME-Version: 1.0", *fields])
    return head + b"\r\n\r\n" + body


def text(body: str, subject: str = "hi") -> bytes:
    return mail(body.encode(), b"Content-Type: text/plain; charset=utf-8", b"X-Word: " + subject.encode())


@pytest.mark.parametrize(
    ("tricky", "plain"),
    [
        ("ＶＩＡＧＲＡ", "VIAGRA"),
        ("via\u200bgra", "viagra"),
        ("vi\u00ada\u2060gra", "viagra"),
        ("대\u200b출", "대출"),
        ("ㄷㅐㅊㅜㄹ", "대출"),
        ("ㄷㅐ출", "대출"),
        ("대ㅊㅜㄹ", "대출"),
        ("ㅋㅋㅋ", "ㅋㅋㅋ"),
        ("대출", "대출"),
    ],
)
def test_tricks_of_writing_are_undone(tricky, plain):
    assert wording.plain(tricky) == wording.plain(plain)


@pytest.mark.parametrize("written", ["대출", "대 출", "대.출", "대 - 출", "대*출", "ㄷㅐ출"])
def test_korean_words_are_found_however_they_are_set_apart(written):
    assert "대출" in set(wording.tokens(wording.plain(f"무담보 {written} 가능")))


def test_another_vowel_does_not_hide_consonants():
    plain, evaded = set(wording.tokens("대출")), set(wording.tokens("댸츌"))
    assert "대출" not in evaded
    assert plain & evaded


def test_words_pairs_and_pieces():
    found = set(wording.tokens("Buy cheap pills now"))
    assert {"cheap", "cheap pills", "buy_pills", "buy__now", "chea", "p pi"} <= found


def test_japanese_and_chinese_give_twos():
    assert {"当選", "選お"} <= set(wording.tokens("当選おめでとう"))
    assert "发票" in set(wording.tokens("代开发票"))


def test_markup_gives_text_links_and_tricks():
    page = markup.read('<p>vi<!-- x -->agra <a href="http://h.test/a?b">c</a><span style="display:none">zz</span></p>')
    assert "viagra" in page.text
    assert page.links == ["http://h.test/a?b"]
    assert {"h:comment", "h:broken-words 1", "h:unseen", "t:a href"} <= set(page.tokens)


def test_what_scripts_and_styles_hold_is_not_read():
    page = markup.read("a<script>var secret</script>b<style>p{}</style>c<SCRIPT>d</script>")
    assert page.text.split() == ["a", "b", "c"]


def test_addresses_give_host_domain_and_shape():
    found = set(addresses.tokens(["https://user@www.shop.evil.test:8080/a/b.php?id=1", "http://10.0.0.1/x"]))
    assert {"u:www.shop.evil.test", "u:.evil.test", "u:at", "u:port", "u:query", "u:numeric", "u:hosts 2"} <= found


def test_international_hosts_are_marked():
    assert "u:idn" in set(addresses.tokens(["http://xn--nver-53d.com/"]))
    assert "u:idn" in set(addresses.tokens(["http://삼성.com/"]))


def test_addresses_in_text_end_with_the_sentence():
    assert addresses.in_text("see http://a.test/b). and www.c.test, now") == ["http://a.test/b", "www.c.test"]


def test_charset_of_the_message_does_not_matter():
    same = "무담보 대출 상담"
    utf = tokens_of(mail(same.encode(), b"Content-Type: text/plain; charset=utf-8"))
    euc = tokens_of(mail(same.encode("cp949"), b"Content-Type: text/plain; charset=euc-kr"))
    assert {"무담", "담보", "대출", "상담"} <= utf & euc


def test_what_servers_write_is_left_out():
    plain = tokens_of(mail(b"hello"))
    carried = tokens_of(
        b"Return-Path: <b@y.test>\r\nReceived: from c\r\nAuthentication-Results: mx; spf=pass\r\n"
        b"X-SmartMail-Country: KR\r\nX-Spam-Status: Yes\r\n" + mail(b"hello")
    )
    assert {one for one in carried if not one.startswith("p:size")} == {
        one for one in plain if not one.startswith("p:size")
    }


def test_files_give_ending_and_type():
    body = (
        b"--b\r\nContent-Type: text/plain\r\n\r\nsee\r\n--b\r\nContent-Type: application/octet-stream\r\n"
        b'Content-Disposition: attachment; filename="quote.pdf.exe"\r\n\r\nMZ\r\n--b--\r\n'
    )
    found = tokens_of(mail(body, b"Content-Type: multipart/mixed; boundary=b"))
    assert "p:.pdf.exe application/octet-stream" in found


def test_tokens_are_bounded():
    body = " ".join(f"w{number}" for number in range(40_000)).encode()
    assert len(tokens_of(mail(body, b"Content-Type: text/plain"))) <= MAX_TOKENS
