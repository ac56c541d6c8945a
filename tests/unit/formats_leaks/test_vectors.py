"""Vectors of the table of validators: numbers that are found, how sure, and numbers that are none."""

from datetime import date

import pytest

from smartmail.formats.leaks.detecting import detect
from smartmail.formats.leaks.reading import plain_of_html

TODAY = date(2026, 12, 2)


def told(text: str) -> list[tuple[str, str]]:
    return [(one.detector, one.confidence) for one in detect(text, today=TODAY)]


def kinds(text: str) -> list[str]:
    return [one.detector for one in detect(text, today=TODAY)]


@pytest.mark.parametrize(
    "number",
    "900101-1234568 851231-2345673 040229-4123456 680101-1000000 000101-3123451 900101-1000171 900101-1000080".split(),
)
def test_residents_numbers_with_a_check_digit_are_sure(number):
    assert told(number) == [("kr.rrn", "high")]


@pytest.mark.parametrize("text", ["010229-3123451", "주민번호 010229-3123451", "900132-1234568", "301231-3123451"])
def test_what_is_no_day_or_is_to_come_is_no_residents_number(text):
    assert "kr.rrn" not in kinds(text)


@pytest.mark.parametrize(
    ("text", "confidence"),
    [
        ("201105-3123456", "medium"),
        ("주민번호 201105-3123456", "medium"),
        ("주민번호 2011053123456", "medium"),
        ("9001011234567", "low"),
        ("9001011234568", "medium"),
        ("주민등록번호: 9001011234568", "high"),
    ],
)
def test_numbers_given_since_2020_are_found_without_a_check_digit(text, confidence):
    assert told(text) == [("kr.rrn", confidence)]


@pytest.mark.parametrize(
    "number",
    "900101-5123452 850505-6123459 030303-7123453 900101-5000083 900101-5000062 900101-5000041 900101-5000020".split(),
)
def test_foreigners_numbers(number):
    assert told(number) == [("kr.frn", "high")]


def test_a_foreigner_of_2099_is_none():
    assert "kr.frn" not in kinds("991231-8123451")


@pytest.mark.parametrize(
    "number", "123-45-67891 124-81-00998 220-81-62517 120-81-47521 104-81-55558 201-86-12345".split()
)
def test_numbers_of_firms(number):
    assert told(number) == [("kr.brn", "high")]
    assert told("123-45-67890") == []


@pytest.mark.parametrize("number", ["130111-0006246", "110111-1129497", "110111-1234569"])
def test_numbers_of_corporations(number):
    assert told(number) == [("kr.crn", "high")]
    assert "kr.crn" not in kinds("110111-1234568")


@pytest.mark.parametrize("number", ["4111-1111-1111-1111", "5555-5555-5555-4444", "3782-822463-10005"])
def test_cards_in_groups_are_sure(number):
    assert told(number) == told(number.replace("-", " ")) == [("card", "high")]


@pytest.mark.parametrize(
    "number", "3566002020360505 30569309025904 6011000000000004 6200000000000005 9490123456789013".split()
)
def test_cards_in_a_row_are_likely_and_sure_beside_a_word(number):
    assert told(number) == [("card", "medium")]
    assert told("카드번호 " + number) == [("card", "high")]
    assert told("주문번호 " + number) == [("card", "low")]


@pytest.mark.parametrize(
    "number", ["4111-1111-1111-1112", "0000-0000-0000-0000", "14111111111111111", "411111111111111"]
)
def test_no_cards(number):
    assert "card" not in kinds(number)


@pytest.mark.parametrize(
    "text",
    [
        "９００１０１－１２３４５６８",
        "900101 - 1234568",
        "900101–1234568",
        "900101\u200b-\u200b1234568",
        "900101\u2212\u00a01234568",
        "①900101-1234568¹",
        "٩٠٠١٠١-١٢٣٤٥٦٨",
        plain_of_html("<p>900101<b>-1234568</b></p>"),
        plain_of_html("<p>900101<span></span>&#45;1234568</p>"),
    ],
)
def test_spellings_are_the_same_hit(text):
    [one] = detect(text, today=TODAY)
    assert (one.detector, one.confidence, one.value) == ("kr.rrn", "high", "9001011234568")
    assert text[one.start : one.end].strip("①¹\u200b").endswith(("8", "８", "٨"))
    assert text[one.start : one.end].startswith(("9", "９", "٩"))
