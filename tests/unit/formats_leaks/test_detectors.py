"""Papers, accounts, contacts, numbers of other states, keys: what is found and how sure; evasions; what is only part of something."""

import time
from base64 import b64encode
from datetime import date

import pytest

from smartmail.formats.leaks.detecting import DETECTORS, detect, examine
from smartmail.formats.leaks.finding import MAX_FINDINGS
from smartmail.formats.leaks.reading import MAX_TEXT

TODAY = date(2026, 12, 2)


def told(text: str) -> list[tuple[str, str, str]]:
    return [(one.detector, one.confidence, one.value) for one in detect(text, today=TODAY)]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("M12345678", ("kr.passport", "low", "M12345678")),
        ("여권번호 M12345678", ("kr.passport", "high", "M12345678")),
        ("M123A4567", ("kr.passport", "medium", "M123A4567")),
        ("S123B4567", ("kr.passport", "medium", "S123B4567")),
        ("Passport No: AB1234567", ("kr.passport", "medium", "AB1234567")),
        ("L898902C36UTO7408122F1204159ZE184226B<<<<<10", ("kr.passport", "high", "L898902C3")),
        ("11-20-123456-78", ("kr.licence", "medium", "112012345678")),
        ("면허번호 11-20-123456-78", ("kr.licence", "high", "112012345678")),
        ("운전면허 서울 20-123456-78", ("kr.licence", "high", "서울2012345678")),
        ("운전면허번호 112012345678", ("kr.licence", "medium", "112012345678")),
        ("010-1234-5678", ("kr.mobile", "low", "01012345678")),
        ("01012345678", ("kr.mobile", "low", "01012345678")),
        ("+82-10-1234-5678", ("kr.mobile", "low", "01012345678")),
        ("+82 (0)10 1234 5678", ("kr.mobile", "low", "01012345678")),
        ("02-2345-6789", ("kr.phone", "low", "0223456789")),
        ("(031) 701-6465", ("kr.phone", "low", "0317016465")),
        ("1644-1234", ("kr.phone", "low", "16441234")),
        ("hong.gd@Example.co.kr", ("email", "low", "hong.gd@example.co.kr")),
        ("10.20.30.40", ("ip", "low", "10.20.30.40")),
        ("국민은행 123456-01-123456", ("kr.account", "medium", "12345601123456")),
        ("계좌번호: 1101234567890", ("kr.account", "medium", "1101234567890")),
        ("카카오뱅크 3333-01-1234567", ("kr.account", "medium", "3333011234567")),
        ("110-123-456789 (신한은행)", ("kr.account", "medium", "110123456789")),
        ("신한 110-123-456789 100,000원 입금", ("kr.account", "medium", "110123456789")),
        ("건강보험증번호 1-2345678901", ("kr.insurance", "medium", "12345678901")),
        ("차량번호 12가3456", ("kr.plate", "medium", "12가3456")),
        ("マイナンバー 1234 5678 9018", ("jp.mynumber", "high", "123456789018")),
        ("123456789018", ("jp.mynumber", "low", "123456789018")),
        ("11010519491231002X", ("cn.id", "high", "11010519491231002X")),
        ("AKIAIOSFODNN7EXAMPLE", ("key.cloud", "high", "AKIAIOSFODNN7EXAMPLE")),
        ("비밀번호: Abc1234!", ("password", "medium", "Abc1234!")),
        ("서울특별시 강남구 테헤란로 123", ("kr.address", "low", "서울특별시 강남구 테헤란로 123")),
        ("성명: 홍길동님", ("kr.name", "low", "홍길동")),
        ("사업자등록번호 1234567891", ("kr.brn", "medium", "1234567891")),
        ("법인등록번호 110111-1234568", ("kr.crn", "low", "1101111234568")),
    ],
)
def test_each_detector(text, finding):
    assert told(text) == [finding]


@pytest.mark.parametrize(
    "text",
    [
        "M1234567",
        "X123A4567",
        "29-20-123456-78",
        "011-123-45678",
        "256.1.1.1",
        "1.2.3.4.5",
        "123456-01-123456",
        "11010519491331002X",
        "123456789019",
        "비밀번호는 90일마다 변경",
        "password reset",
        "password = config.password",
        "password: Annotated[str,",
        "password=file:/run/secrets/mail",
        "비밀번호: ********",
        "5 5 5 4 9 0 0 1 0 1 1 2 3 4 5 6 8 3 2 1 0 4",
        "account. 0 to 9007199254740992",
        "L898902C46UTO7408122F1204159ZE184226B<<<<<10",
        "AKIAIOSFODNN7EXAMPL",
        "https://x.example.com/?no=4111111111111111",
        "123e4567-e89b-12d3-a456-426614174000",
        "0.9001011234568",
        "900101-1******",
        "4111-1111-1111-1111-1111",
        "12900101-1234568",
        "1700000000000",
    ],
)
def test_what_is_none(text):
    assert [one for one in told(text) if one[1] != "low"] == []


def test_every_detector_is_named_once():
    assert len(set(DETECTORS)) == len(DETECTORS) == 22


def test_keys():
    pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJBAK\n-----END RSA PRIVATE KEY-----"
    assert told(pem) == [("key.private", "high", "MIIBOgIBAAJBAK")]
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijklmnop"
    assert told(f"token {token}") == [("key.jwt", "high", token)]
    assert told("eyJhbGciOiJIUzI1NiJ9x.eyJzdWIiOiIxMjM0In0.abcdefghijklmnop") == []


@pytest.mark.parametrize(
    ("text", "via"),
    [
        ("구공공일공일 일이삼사오육팔", "words"),
        ("주민번호는 구공공일공일-일이삼사오육팔이고", "words"),
        ("九〇〇一〇一-一二三四五六八", "words"),
        ("구00일0일-1234오6팔", "words"),
        ("8654321-101009", "reversed"),
        ("거꾸로 8654321101009", "reversed"),
        (b64encode(b"900101-1234568").decode(), "base64"),
        ("첨부 " + b64encode("주민번호 900101-1234568 입니다.".encode()).decode(), "base64"),
        ("첨부 " + b64encode("주민번호 900101-1234568 입니다.".encode("cp949")).decode(), "base64"),
        ("9 0 0 1 0 1 1 2 3 4 5 6 8", ""),
        ("90.01.01 - 123 4568 주민", ""),
        ("900101*1234568", ""),
        ("x900101-1234568x", ""),
    ],
)
def test_evasions_say_so(text, via):
    [one] = [one for one in detect(text, {"kr.rrn"}, today=TODAY) if one.confidence != "low"]
    assert (one.value, one.via) == ("9001011234568", via)
    assert text[one.start : one.end].strip(" 고") in text


def test_long_base64_lines_are_read_as_one():
    said = b64encode(("보고서 본문 " * 20 + "900101-1234568 " + "끝 " * 40).encode()).decode()
    text = "\n".join(said[at : at + 76] for at in range(0, len(said), 76))
    [one] = detect(f"아래 참고\n\n{text}\n\n감사합니다", {"kr.rrn"}, today=TODAY)
    assert (one.via, one.value) == ("base64", "9001011234568")


def test_all_that_base64_says_is_told():
    said = b64encode("900101-1234568,851231-2345673\n4111-1111-1111-1111".encode()).decode()
    found = detect(f"M12345678 {said} M12345678", today=TODAY)
    assert [one.detector for one in found] == ["kr.passport", "kr.rrn", "kr.rrn", "card", "kr.passport"]
    assert {(one.start, one.end) for one in found if one.via} == {(10, 10 + len(said))}


def test_a_card_within_a_longer_number_is_none():
    assert told("주민번호 900101-1234568, 4111111111111111") == [
        ("kr.rrn", "high", "9001011234568"),
        ("card", "medium", "4111111111111111"),
    ]
    assert "card" not in [one[0] for one in told("94111111111111111")]


def test_many_numbers_of_which_most_fail_are_no_cards():
    fail = "\n".join(f"{4111111111111111 + at}" for at in range(1, 9))
    assert told(f"4111111111111111\n{fail}") == [("card", "low", "4111111111111111")]
    assert told("4111111111111111\n5555555555554444\n6011000000000004")[1][:2] == ("card", "medium")


def test_a_label_that_names_something_else_makes_a_number_weak():
    assert told("운송장번호 9001011234568")[0][1] == "low"
    assert told("법인등록번호 110111-1234569\n김 900101-1234568")[1][:2] == ("kr.rrn", "high")


def test_only_what_is_asked_for():
    text = "900101-1234568 010-1234-5678"
    assert [one.detector for one in detect(text, {"kr.mobile"}, today=TODAY)] == ["kr.mobile"]


def test_findings_are_bounded_and_said_to_be():
    many = examine("010-1234-5678 " * (MAX_FINDINGS + 1), today=TODAY)
    assert (len(many.findings), many.is_cut) == (MAX_FINDINGS, True)
    assert not examine("010-1234-5678", today=TODAY).is_cut
    assert examine("x" * (MAX_TEXT + 1), today=TODAY).is_cut


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "9 0-1 ",
        "1234567890123 ",
        "4111 ",
        "a.b-c@",
        "eyJ",
        "구공",
        "OTAwMTAx",
        "ㅡ",
        "A1",
        "서울 시 시 ",
        "sk-",
        "\u200b",
        "비밀번호:",
    ],
)
def test_time_grows_with_the_text_and_no_faster(piece):
    def cost(size: int) -> float:
        text = (piece * size)[:size]
        best = 9.0
        for _ in range(3):
            began = time.process_time()
            examine(text, today=TODAY)
            best = min(best, time.process_time() - began)
        return best

    assert cost(160_000) < 30 * max(cost(20_000), 0.002)
