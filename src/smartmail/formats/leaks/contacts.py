"""Telephone numbers, addresses of mail, of streets and of machines, and names: always of low confidence.

They are in every signature. Rules count the distinct ones, or ask for them next to something else.
"""

import re
from collections.abc import Iterator
from typing import Final

from smartmail.formats.leaks.finding import Finding
from smartmail.formats.leaks.reading import Reading
from smartmail.formats.leaks.surroundings import is_apart, is_within_code

_MOBILE: Final = re.compile(
    r"1(?<=[02 \-)]1)([016789])(?:[ .\-)]{1,2}([1-9][0-9]{2,3})[ .\-]{1,2}([0-9]{4})|([1-9][0-9]{2,3})([0-9]{4}))(?![0-9])"
)
_BEFORE: Final = re.compile(r"(?:(?<![0-9])\(?0|(?<![0-9])(?:\+82[ \-]{0,2}|82[ \-]{1,2})\(?0?\)?)$")
"""What is before the 1 of a mobile: a zero, or the country's number. Behind it, so that the search begins with a digit."""
_AREA: Final = r"(2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|80|50[2-8])[ .\-)]{1,2}([0-9]{3,4})[ .\-]([0-9]{4})(?![0-9])"
_PHONES: Final = (
    re.compile(rf"0(?<![0-9].){_AREA}", re.DOTALL),
    re.compile(rf"82(?<![0-9]..)[ \-]{{1,2}}{_AREA}", re.DOTALL),
)
_OFFICE: Final = re.compile(r"1[568](?<![0-9\-]..)[0-9]{2}-[0-9]{4}(?![0-9])", re.DOTALL)
_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@((?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,24})(?![A-Za-z0-9\-])")
_IP: Final = re.compile(r"[0-9](?<![0-9.].)[0-9]{0,2}(?:\.[0-9]{1,3}){3}(?!\.?[0-9])", re.DOTALL)
_ADDRESS: Final = re.compile(
    r"(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충청|충북|충남|전라|전북|전남|경상|경북|경남|제주)(?:특별자치|특별|광역|북|남)?[시도]? "
    r"(?:[가-힣]{1,5}[시군구읍면] ){1,3}(?:[가-힣0-9]{1,10}[로길동리가] )?[가-힣]{1,9}[0-9]{0,3}[로길동리가](?:[0-9]{1,3}번?[길가])? ?[0-9]{1,4}(?:-[0-9]{1,4})?"
)
_SURNAMES: Final = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구나민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용예경봉사부가복태목형피두감음빈동온호범좌팽승간상"
_COMPOUND: Final = ("남궁", "황보", "제갈", "사공", "선우", "서문", "독고", "동방")
_LABELLED: Final = re.compile(
    rf"(?:성명|이름|고객명|예금주|신청인|환자명|수령인|받는\s?사람|계약자|피보험자|직원명)\s{{0,3}}[:：|)]?\s{{0,3}}"
    rf"((?:{'|'.join(_COMPOUND)})[가-힣]{{1,2}}|[{_SURNAMES}][가-힣]{{2}})(?=[^가-힣]|님|씨|은|는|의|$)"
)
_NEAR: Final = re.compile(rf"(?<![가-힣])([{_SURNAMES}][가-힣]{{2}})[ \t,:|/()]{{1,4}}$")
_NEAR_SPAN: Final = 12
_NOT_NAMES: Final = frozenset((
    "연락처", "전화는", "이메일", "주민번", "주소지", "성명과", "주소는", "번호는", "고객님", "신청인", "은행명", "계좌는", "문의는",
    "서명란", "이름은", "사용자", "담당자", "대표자", "예금주", "이용자", "수신인", "구매자", "주문자", "배송지", "상담원", "전화번",
    "국민은", "신한은", "우리은", "기업은", "하나은", "여권은", "면허증", "유선은", "공급자", "사업자", "주문은", "카드는", "정보는",
    "고객은", "한국어", "연번은", "나머지", "이번호", "기존에", "현재는", "본인은",
))  # fmt: skip


def _low(detector: str, shown: str, value: str, place: tuple[int, int]) -> Finding:
    return Finding(detector=detector, confidence="low", masked=shown, value=value, start=place[0], end=place[1])


def telephones(reading: Reading) -> Iterator[Finding]:
    """Yield numbers of mobiles and of other telephones."""
    for found in _MOBILE.finditer(reading.text):
        before = _BEFORE.search(reading.text[max(0, found.start() - 7) : found.start()])
        middle, last = found[2] or found[4], found[3] or found[5]
        if before and (found[1] != "0" or len(middle) == 4):
            place, head = (found.start() - len(before[0]), found.end()), "01" + found[1]
            if _is_free(reading, place):
                yield _low("kr.mobile", f"{head}-{'*' * len(middle)}-{last}", head + middle + last, place)
    for found in (one for pattern in _PHONES for one in pattern.finditer(reading.text)):
        if _is_free(reading, found.span()):
            value = f"0{found[1]}{found[2]}{found[3]}"
            yield _low("kr.phone", f"0{found[1]}-{'*' * len(found[2])}-{found[3]}", value, found.span())
    for found in _OFFICE.finditer(reading.text):
        if _is_free(reading, found.span()):
            yield _low("kr.phone", found[0][:5] + "****", found[0].replace("-", ""), found.span())


def _is_free(reading: Reading, place: tuple[int, int]) -> bool:
    return is_apart(reading, *place) and not is_within_code(reading, *place)


def electronic(reading: Reading) -> Iterator[Finding]:
    """Yield addresses of mail and of machines (IPv4)."""
    for at in _ats(reading.text):
        found = _EMAIL.match(reading.text, at)
        if found:
            name, _, host = found[0].partition("@")
            shown = name[: 2 if len(name) > 3 else 0]
            yield _low("email", f"{shown}***@{host}", found[0].lower(), found.span())
    for found in _IP.finditer(reading.text):
        parts = found[0].split(".")
        if all(int(one) < 256 for one in parts) and is_apart(reading, *found.span()) and parts[0] != "0":
            yield _low("ip", f"{parts[0]}.{parts[1]}.*.*", found[0], found.span())


_LOCAL: Final = re.compile(r"[A-Za-z0-9._%+\-]{1,65}")
"""The part before the `@`, read from its end."""


def _ats(text: str) -> Iterator[int]:
    """Yield where addresses of mail may begin: looked for by their `@`, so that long words cost nothing."""
    at = text.find("@")
    last = 0
    while at >= 0:
        before = _LOCAL.match(text[max(last, at - 65) : at][::-1])
        if before and len(before[0]) <= 64:
            yield at - len(before[0])
        last = at + 1
        at = text.find("@", last)


def addresses(reading: Reading) -> Iterator[Finding]:
    """Yield postal addresses in Korea, by road or by lot."""
    for found in _ADDRESS.finditer(reading.text):
        value = " ".join(found[0].split())
        head = value.split(" ")[:2]
        yield _low("kr.address", " ".join((*head, "***")), value, found.span())


def names(reading: Reading) -> Iterator[Finding]:
    """Yield names of persons behind a word that says so."""
    for found in _LABELLED.finditer(reading.text):
        if found[1] not in _NOT_NAMES:
            yield _name(found[1], found.span(1))


def names_near(reading: Reading, others: list[Finding]) -> Iterator[Finding]:
    """Yield names of persons directly before other findings, as in lists of persons."""
    for one in others:
        before = reading.text[max(0, one.start - _NEAR_SPAN) : one.start]
        found = _NEAR.search(before)
        if found and found[1] not in _NOT_NAMES:
            start = one.start - len(before) + found.start(1)
            yield _name(found[1], (start, start + len(found[1])))


def _name(name: str, place: tuple[int, int]) -> Finding:
    return _low("kr.name", name[0] + "*" * (len(name) - 1), name, place)
