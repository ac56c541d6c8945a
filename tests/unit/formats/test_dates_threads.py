"""Dates in every shape that occurs, and subjects without their prefixes."""

import pytest

from smartmail.formats import dates, threading


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("Fri, 21 Nov 1997 09:55:06 -0600", (880127706, -360)),
        ("Fri, 21 Nov 97 09:55 GMT", (880106100, 0)),
        ("21 Nov 97 09(comment):   55  :  06 -0600", (880127706, -360)),
        ("Thu,\r\n 13\r\n Feb\r\n 1969 23:32 -0330 (Newfoundland Time)", (-27723480, -210)),
        ("Fri Jan  5 12:00:00 2024", (1704456000, 0)),
        ("Fri Jan  5 12:00:00 KST 2024", (1704423600, 540)),
        ("2024-01-05T12:00:00+09:00", (1704423600, 540)),
        ("Fri, 05 Jan 2024 12:00:00 GMT+0900", (1704423600, 540)),
        ("Fri, 05 Jan 2024 12:00:00 JST", (1704423600, 540)),
        ("Fri, 05 Jan 2024 12:00:00 A", (1704456000, 0)),
        ("Fri, 05 Jan 2024 12:00:00 EDT", (1704470400, -240)),
        ("5-Jan-2024 12.00.00 +0900", (1704423600, 540)),
        ("금, 5 Jan 2024 12:00:00 +0900", (1704423600, 540)),
        ("Fri, 5 January 2024 12:00:00 PM +0900", (1704423600, 540)),
        ("Sat, 31 Dec 2016 23:59:60 +0000", (1483228800, 0)),
        ("Fri, 05 Jan 2024 12:00:00 +9999", (1704456000, 0)),
        ("Fri, 05 Jan 124 12:00:00 +0000", (1704456000, 0)),
        ("Thu, 22 Aug 0102 12:07:35 +0800", (1029989255, 480)),
        ("2002/09/14 Sat 13:06:03 GMT", (1032008763, 0)),
        ("Fri, 32 Jan 2024 12:00:00 +0900", None),
        ("29 Feb 2023 12:00:00 +0900", None),
        ("1 Jan 2024 25:00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_parse_date(value, want):
    assert dates.parse_date(value.encode()) == want


def test_format():
    assert dates.format_date(1704423600, 540) == "Fri, 05 Jan 2024 12:00:00 +0900"
    assert dates.format_date(0, -30) == "Wed, 31 Dec 1969 23:30:00 -0030"


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("Re: hello", "hello"), ("RE: FW: [list] Re[2]: hello (fwd)", "hello"), ("회신: 전달: 안녕", "안녕"), ("답장： 안녕", "안녕"),
        ("[회신] 안녕", "안녕"), ("【转发】你好", "你好"), ("回复：你好", "你好"), ("答复: 你好", "你好"), ("返信：転送: 件名", "件名"), ("轉寄: 主旨", "主旨"),
        ("回覆: 主旨", "主旨"), ("Re (3): x", "x"), ("Re^2: x", "x"), ("[공지] 안녕", "안녕"), ("[공지]", "[공지]"),
        ("Re: [공지]", "[공지]"), ("[fwd: Re: x]", "x"), ("Re:", ""), ("  Re :  a  b ", "a b"), ("Real: x", "Real: x"),
        ("Report: x", "Report: x"), ("전달사항: x", "전달사항: x"), ("", ""),
    ],
)  # fmt: skip
def test_base_subject(subject, base):
    assert threading.base_subject(subject) == base
    assert threading.base_subject(base) == base


def test_thread_subject_ignores_case_and_width():
    assert threading.thread_subject("RE: Ｈello") == threading.thread_subject("hello")


def test_is_reply_or_forward():
    assert threading.is_reply_or_forward("[dev] 회신: x")
    assert threading.is_reply_or_forward("x (fwd)")
    assert not threading.is_reply_or_forward("[dev] x")


def test_thread_ids_are_nearest_first():
    assert threading.thread_ids(["root@x", "mid@x", "near@x"], ["near@X"]) == ("near@x", "mid@x", "root@x")
    assert threading.thread_ids([str(n) for n in range(100)], [], 3) == ("99", "98", "0")
    assert threading.normalize_id('<"a.b" @ X.COM>') == "a.b@x.com"
