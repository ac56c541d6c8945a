"""Hostile mail never makes the filter's reading raise, and never costs more than its bounds allow."""

import random
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smartmail.formats.spam import addresses, markup, model, wording
from smartmail.formats.spam.features import MAX_TOKENS
from smartmail.service.protection.filtering.learning import message_tokens

SEEDS = [
    "<p style='display:none'>a</p><a href=\"http://x.test/?a\">b</a><!-- c -->d<script>e</script>",
    "무담보 대.출 ㄷㅐ출 \u200b당일 ＶＩＡＧＲＡ 当選おめでとう 代开发票 http://user@10.0.0.1:8080/a/b?c",
    "From: =?euc-kr?B?seKzuQ==?= <a@b.test>\r\nSubject: (광고) 100%!!!\r\nContent-Type: text/html\r\n\r\n<b>x",
]
CPU_S = 1.5
"""On a slow and busy machine; each takes some hundredths on a quiet one."""


@st.composite
def mutated(draw):
    chance = random.Random(draw(st.integers(0, 1 << 32)))
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 12))):
        at = chance.randrange(len(text) + 1)
        text = chance.choice([
            text[:at] + chr(chance.choice((0, 9, 60, 62, 34, 0x200B, 0x1100, 0x3131, 0xAC00, 0xD800, 0x1F600))) + text[at:],
            text[:at] + text[at + 3 :],
            text[:at] + text[:at],
        ])[:20_000]  # fmt: skip
    return text


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated() | st.text(max_size=400))
def test_no_text_raises(text):
    shown = wording.plain(text)
    found = list(wording.tokens(shown))
    page = markup.read(text)
    found += addresses.tokens([*page.links, *addresses.in_text(text)])
    numbers = model.numbers([*found, *page.tokens])
    assert list(numbers) == sorted(set(numbers))
    assert all(0 <= number < model.SIZE for number in numbers)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600) | mutated().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_message_raises(octets):
    assert len(message_tokens(octets)) <= MAX_TOKENS


def mail(body: str, kind: str = "html") -> bytes:
    return f"From: a@b.test\r\nSubject: x\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{body}".encode()


SIZE = 2_000_000
BOMBS = {
    "open tags": mail("<" * SIZE),
    "tags": mail("<a href=x>" * (SIZE // 10)),
    "endless scripts": mail("<script>" * (SIZE // 8)),
    "comments": mail("a<!--x-->" * (SIZE // 9)),
    "no end of a comment": mail("<!--" * (SIZE // 4)),
    "attributes": mail("<p " + "a=b " * (SIZE // 4)),
    "quotes": mail("<p a='" + 'b"' * (SIZE // 2)),
    "entities": mail("&amp;" * (SIZE // 5)),
    "one word": mail("a" * SIZE, "plain"),
    "hangul letters": mail("ㄱㅏ" * (SIZE // 2), "plain"),
    "hangul apart": mail("가 . " * (SIZE // 4), "plain"),
    "nothing": mail("\u200b" * SIZE, "plain"),
    "combining": mail("a" + "\u0301" * SIZE, "plain"),
    "grows": mail("\ufdfa" * SIZE, "plain"),
    "addresses": mail("http://a.test/" * (SIZE // 14), "plain"),
    "slashes": mail("http://" + "/" * SIZE, "plain"),
    "at signs": mail("http://" + "@" * SIZE, "plain"),
    "quotes in words": mail("a'" * SIZE, "plain"),
    "long subject": b"Subject: " + b"a " * SIZE + b"\r\n\r\nx",
    "long name": b"From: " + b"a" * SIZE + b" <a@b.test>\r\n\r\nx",
    "long address": b"From: <" + b"a." * SIZE + b"@b.test>\r\n\r\nx",
    "many fields": b"".join(b"X-A%d: b\r\n" % number for number in range(100_000)) + b"\r\nx",
    "many parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n" * 20_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_time_is_bounded(name):
    from smartmail.formats.headers import Header
    from smartmail.formats.mime.scanner import scan
    from smartmail.formats.spam.features import features
    from smartmail.formats.summary import build

    octets = BOMBS[name]
    entity = scan(octets)
    header, summary = Header(octets[: entity.body_start]), build(entity)
    start = time.process_time()
    found = features(header, summary, octets)
    model.numbers(found)
    assert time.process_time() - start < CPU_S
    assert len(found) <= MAX_TOKENS
