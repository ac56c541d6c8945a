"""Business mails in Korean with numbers planted in them, and clean ones full of numbers that mean nothing; each with its truth.

Made from a seed alone. Shares no code and no table with the detectors: check digits are written down here once more, from the public
rules, and the words around the numbers are what offices write, not what detectors look for.

    planted(seed)  a mail with up to four kinds of numbers, some evasive; `truth` is what is in it
    clean(seed)    a mail with orders, parcels, times in milliseconds, UUIDs, tax invoices; `truth` is what of public kinds is in it
"""

import random
import uuid
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import escape


@dataclass
class Mail:
    text: str
    html: bool
    truth: set[tuple[str, str]] = field(default_factory=set)
    """(detector, normalised value)."""


FAMILY = "김이박최정강조윤장임한오서신권황안송홍전고문양손배백허남심노"
GIVEN = "민서 지훈 서연 도윤 하은 준호 예진 성민 수빈 태현 유진 동현 은지 재원 소영 현우 미경 상훈 영희 철수".split()
SENTENCES = (
    "안녕하세요. 지난주 회의에서 논의한 내용을 정리하여 보내드립니다.",
    "첨부 파일 확인 후 회신 부탁드립니다.",
    "3분기 매출은 1,284,560,000원으로 전년 대비 12.4% 증가하였습니다.",
    "일정은 2026년 11월 24일 14시부터 16시까지이며 장소는 본관 3층 대회의실입니다.",
    "부가세 포함 금액은 5,500,000원이며 세금계산서는 익월 10일까지 발행 예정입니다.",
    "관련하여 추가로 필요한 자료가 있으시면 언제든지 말씀해 주십시오.",
    "이번 건은 검토 중이며 결과가 나오는 대로 다시 연락드리겠습니다.",
    "Please find the attached report for your reference.",
    "단가는 개당 12,500원, 수량은 2,400개, 납기는 2027-01-15 입니다.",
    "서버 점검은 2026-12-05 02:00 ~ 04:30 에 진행됩니다. 버전은 10.4.2.1187 입니다.",
    "환율 1,387.25원, 금리 3.25%, 지수 2,641.09 기준으로 산출하였습니다.",
    "감사합니다. 좋은 하루 되세요.",
    "내선 4521 로 연락 주시거나 이 메일에 회신해 주시기 바랍니다.",
    "계약 기간은 2026.01.01 부터 2026.12.31 까지입니다.",
)


def name(r: random.Random) -> str:
    return r.choice(FAMILY) + r.choice(GIVEN)


def digits(r: random.Random, count: int) -> str:
    return "".join(r.choice("0123456789") for _ in range(count))


def remainder_of(number: str, weights: list[int], modulus: int) -> int:
    total = 0
    for place, weight in enumerate(weights):
        total += int(number[place]) * weight
    return total % modulus


def resident(r: random.Random, *, foreign: bool = False, new: bool = False) -> str:
    first, last = (date(2020, 10, 5), date(2026, 11, 1)) if new else (date(1935, 1, 1), date(2018, 12, 31))
    day = first + timedelta(days=r.randrange((last - first).days))
    sex = r.randrange(2) + 1 + (2 if day.year >= 2000 else 0) + (4 if foreign else 0)
    number = f"{day:%y%m%d}{sex}"
    if new:
        return number + digits(r, 6)
    number += digits(r, 5)
    rest = remainder_of(number, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5], 11)
    return number + str(((13 if foreign else 11) - rest) % 10)


def firm(r: random.Random) -> str:
    number = str(r.randrange(101, 699)) + r.choice(["81", "86", "87", "88", "05", "12"]) + digits(r, 4)
    total = sum(int(one) * weight for one, weight in zip(number, [1, 3, 7, 1, 3, 7, 1, 3, 5]))
    total += (int(number[8]) * 5) // 10
    return number + str(-total % 10)


def corporation(r: random.Random) -> str:
    number = r.choice(["110111", "110121", "120111", "130111", "180111", "134511", "160171"]) + digits(r, 6)
    return number + str(-sum(int(one) * (2 if place % 2 else 1) for place, one in enumerate(number)) % 10)


def with_luhn(number: str) -> str:
    for last in "0123456789":
        total = 0
        for place, one in enumerate(reversed(number + last)):
            twice = int(one) * 2 if place % 2 else int(one)
            total += twice // 10 + twice % 10
        if total % 10 == 0:
            return number + last
    raise AssertionError(number)


def card(r: random.Random) -> str:
    head, size = r.choice(
        [("4", 16), ("53", 16), ("55", 16), ("9490", 16), ("3569", 16), ("62", 16), ("37", 15), ("36", 14)]
    )
    return with_luhn(head + digits(r, size - len(head) - 1))


def my_number(r: random.Random) -> str:
    number = digits(r, 11)
    total = 0
    for n in range(1, 12):
        total += int(number[11 - n]) * (n + 1 if n <= 6 else n - 5)
    return number + str(0 if total % 11 <= 1 else 11 - total % 11)


def chinese(r: random.Random) -> str:
    day = date(1950, 1, 1) + timedelta(days=r.randrange(25000))
    number = r.choice(["110105", "310104", "440305", "330106"]) + f"{day:%Y%m%d}" + digits(r, 3)
    total = sum(int(one) * (2 ** (17 - place) % 11) for place, one in enumerate(number))
    return number + "10X98765432"[total % 11]


def mobile(r: random.Random) -> str:
    return "010" + str(r.randrange(2000, 9999)) + digits(r, 4)


def grouped(number: str, groups: list[int], separator: str) -> str:
    parts, at = [], 0
    for size in groups:
        parts.append(number[at : at + size])
        at += size
    return separator.join(parts)


def _card_groups(number: str) -> list[int]:
    return {16: [4, 4, 4, 4], 15: [4, 6, 5], 14: [4, 6, 4]}[len(number)]


WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")
SPOKEN = str.maketrans("0123456789", "공일이삼사오육칠팔구")


def _resident_line(r: random.Random, number: str, kind: str) -> str:
    """Return a resident's number as people write it, or hide it."""
    written = f"{number[:6]}-{number[6:]}"
    said = {"kr.rrn": "주민등록번호", "kr.frn": "외국인등록번호"}[kind]
    return r.choice([
        f"{said}: {written}",
        f"- {name(r)} {written}",
        f"{name(r)}({written}) 님의 증명서를 요청드립니다.",
        f"{said}는 {number} 입니다.",
        f"{said} {number[:6]} - {number[6:]}",
        f"{said} : {number[:6]} {number[6:]}",
        f"{name(r)}\t{written}\t{mobile(r)[:3]}",
        written.translate(WIDE),
        f"본인 확인용 {number[:6]}–{number[6:]}",
        f"{number[:6]}\u200b-\u200b{number[6:]} 확인 바랍니다",
        f"{name(r)},{written},대리",
    ])  # fmt: skip


def _hidden_resident(r: random.Random, number: str) -> str:
    written = f"{number[:6]}-{number[6:]}"
    return r.choice([
        f"주민번호 거꾸로 {written[::-1]}",
        f"번호는 {written.translate(SPOKEN)} 입니다",
        f"주민번호 {' '.join(number)}",
        f"참고: {b64encode(f'주민번호 {written} 입니다'.encode()).decode()}",
        f"{written[::-1]} 뒤에서부터",
    ])  # fmt: skip


def _card_line(r: random.Random, number: str) -> str:
    return r.choice([
        f"카드번호: {grouped(number, _card_groups(number), '-')}",
        f"법인카드 {grouped(number, _card_groups(number), ' ')} 유효기간 12/28",
        f"결제는 {grouped(number, _card_groups(number), '-')} 로 부탁드립니다.",
        f"카드번호 {number}, 유효기간 09/27",
        f"신용카드({number}) 승인 요청",
    ])  # fmt: skip


ACCOUNTS = (
    ("국민은행", [6, 2, 6]), ("신한은행", [3, 3, 6]), ("우리은행", [4, 3, 6]), ("하나은행", [3, 6, 5]), ("농협", [3, 4, 4, 2]),
    ("기업은행", [3, 6, 2, 3]), ("카카오뱅크", [4, 2, 7]), ("토스뱅크", [4, 4, 4]),
)  # fmt: skip


def _account_line(r: random.Random) -> tuple[str, str]:
    bank, groups = r.choice(ACCOUNTS)
    number = str(r.randrange(3, 10)) + digits(r, sum(groups) - 1)
    written = grouped(number, groups, "-")
    line = r.choice([
        f"입금 계좌: {bank} {written} (예금주 {name(r)})",
        f"{bank} {written} {name(r)}",
        f"환불 계좌번호는 {bank} {number} 입니다.",
        f"아래 계좌로 송금 바랍니다.\n{bank} {written}",
        f"{written} ({bank}, 예금주 {name(r)})",
        f"{bank} {written} 로 1,250,000원 이체 부탁드립니다.",
    ])  # fmt: skip
    return line, number


def _licence_line(r: random.Random) -> tuple[str, str]:
    number = r.choice(["11", "12", "13", "21", "23", "26"]) + digits(r, 10)
    written = grouped(number, [2, 2, 6, 2], "-")
    return r.choice([f"운전면허번호 {written}", f"면허증 번호: {written}", f"{name(r)} {written}"]), number


def _passport_line(r: random.Random) -> tuple[str, str]:
    old, new = "M" + digits(r, 8), r.choice("MSRGDO") + digits(r, 3) + r.choice("ABCDEFGH") + digits(r, 4)
    number = r.choice([old, new])
    return r.choice([f"여권번호 {number}", f"여권: {number} (만료 2031-05-02)", f"Passport No. {number}"]), number


def _secret_line(r: random.Random) -> tuple[str, str, str]:
    upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    key = "AKIA" + "".join(r.choice(upper) for _ in range(16))
    word = "".join(r.choice("abcdefghjkmnp") for _ in range(5)) + digits(r, 3) + r.choice("!@#$%")
    return r.choice([
        (f"액세스 키는 {key} 입니다.", "key.cloud", key),
        (f"접속 계정 admin / 비밀번호: {word}", "password", word),
        (f"password = {word}", "password", word),
    ])  # fmt: skip


def planted_line(r: random.Random) -> tuple[str, tuple[str, str]]:
    """Return a line with a number, and which."""
    kind = r.choice(
        "rrn rrn rrn new frn card card account brn crn passport licence cn jp secret hidden mobile email".split()
    )
    if kind in {"rrn", "new", "frn", "hidden"}:
        number = resident(r, foreign=kind == "frn", new=kind == "new")
        detector = "kr.frn" if kind == "frn" else "kr.rrn"
        line = _hidden_resident(r, number) if kind == "hidden" else _resident_line(r, number, detector)
        return line, (detector, number)
    if kind == "card":
        number = card(r)
        return _card_line(r, number), ("card", number)
    if kind == "account":
        line, number = _account_line(r)
        return line, ("kr.account", number)
    if kind == "brn":
        number = firm(r)
        written = grouped(number, [3, 2, 5], "-")
        return r.choice([f"사업자등록번호 {written}", f"(사업자번호: {written})", f"상호 한빛상사 {written}"]), (
            "kr.brn",
            number,
        )
    if kind == "crn":
        number = corporation(r)
        written = f"{number[:6]}-{number[6:]}"
        return r.choice([f"법인등록번호 {written}", f"법인번호: {written}"]), ("kr.crn", number)
    if kind == "passport":
        line, number = _passport_line(r)
        return line, ("kr.passport", number)
    if kind == "licence":
        line, number = _licence_line(r)
        return line, ("kr.licence", number)
    if kind == "cn":
        number = chinese(r)
        return r.choice([f"身份证号码 {number}", f"중국 파견 직원 {number}"]), ("cn.id", number)
    if kind == "jp":
        number = my_number(r)
        return r.choice([f"マイナンバー: {grouped(number, [4, 4, 4], ' ')}", f"個人番号 {number}"]), (
            "jp.mynumber",
            number,
        )
    if kind == "mobile":
        number = mobile(r)
        written = grouped(number, [3, 4, 4], "-")
        return r.choice([f"휴대폰 {written}", f"연락처: {number}", f"+82-10-{number[3:7]}-{number[7:]}"]), (
            "kr.mobile",
            number,
        )
    if kind == "email":
        address = (
            r.choice(["hong", "kim.ms", "j_lee", "sales"])
            + digits(r, 2)
            + "@"
            + r.choice(["example.com", "example.co.kr"])
        )
        return f"메일은 {address} 로 주세요.", ("email", address)
    line, detector, value = _secret_line(r)
    return line, (detector, value)


def noise_line(r: random.Random) -> tuple[str, tuple[str, str] | None]:
    """Return a line of business with numbers that mean nothing, and what public number is in it."""
    at = r.randrange(1_650_000_000_000, 1_790_000_000_000)
    simple = [
        f"주문번호 {digits(r, 16)} 건 출고되었습니다.",
        f"주문번호: {digits(r, 13)}",
        f"운송장번호 {digits(r, 12)} (CJ대한통운)",
        f"운송장 {grouped(digits(r, 12), [4, 4, 4], '-')} 조회 바랍니다.",
        f"등기번호 {digits(r, 13)}",
        f"승인번호 2026{r.randrange(1, 13):02}{r.randrange(1, 29):02}-{digits(r, 8)}-{digits(r, 8)}",
        f"전자세금계산서 승인번호: 2026{digits(r, 20)}",
        f"timestamp={at} status=200",
        f"로그 시각 {at}, 처리 {r.randrange(9, 900)}ms",
        f"request_id: {uuid.UUID(int=r.getrandbits(128), version=4)}",
        f"거래번호 {digits(r, 16)}",
        f"EAN 880{digits(r, 10)}",
        f"바코드 880{digits(r, 10)} 재고 {r.randrange(900)}개",
        f"관리번호 {digits(r, 4)}-{digits(r, 4)}-{digits(r, 4)}-{digits(r, 4)}",
        f"https://shop.example.com/order?no={digits(r, 16)}&t={at}",
        f"sha256 {r.getrandbits(256):064x}",
        f"예약번호 KE{digits(r, 7)} / 항공권 180{digits(r, 10)}",
        f"견적번호 Q-2026-{digits(r, 6)}, 총액 {r.randrange(1000, 99999):,}000원",
        f"모델명 S{digits(r, 3)}B{digits(r, 3)}, 시리얼 {digits(r, 14)}",
        f"좌표 37.{digits(r, 13)}, 127.{digits(r, 13)}",
        f"{digits(r, 6)} {digits(r, 7)} {digits(r, 5)}",
        f"ISBN 979-11-{digits(r, 5)}-{digits(r, 2)}-{digits(r, 1)}",
        f"IMEI {digits(r, 15)}",
        f"로트 {digits(r, 6)}-{digits(r, 4)}",
        "비밀번호는 90일마다 변경해 주시기 바랍니다.",
        f"계좌 개설 안내는 별도로 드립니다. 접수번호 {digits(r, 12)}",
    ]  # fmt: skip
    if r.random() < 0.75:
        return r.choice(simple), None
    number = firm(r)
    phone = mobile(r)
    return r.choice([
        (f"공급자 등록번호 {grouped(number, [3, 2, 5], '-')} 상호 (주)미래산업", ("kr.brn", number)),
        (f"{name(r)} 과장 {grouped(phone, [3, 4, 4], '-')}", ("kr.mobile", phone)),
    ])  # fmt: skip


def _table(r: random.Random) -> str:
    """Return a table of orders, whose numbers are named by its head alone."""
    size = r.choice([13, 16])
    rows = [
        f"{one + 1}\t{digits(r, size)}\t{r.randrange(1, 90)}\t{r.randrange(10, 999):,},000"
        for one in range(r.randrange(4, 20))
    ]
    return "\n".join(["번호\t주문번호\t수량\t금액", *rows])


def row(r: random.Random) -> str:
    """Return a line of a list of persons."""
    number = resident(r)
    return f"{name(r)}\t{number[:6]}-{number[6:]}\t{grouped(mobile(r), [3, 4, 4], '-')}\t{digits(r, 5)}@example.com"


def _laid(r: random.Random, lines: list[str]) -> str:
    """Return lines put among sentences of a mail."""
    out = [r.choice(SENTENCES) for _ in range(r.randrange(3, 12))]
    for line in lines:
        out.insert(r.randrange(len(out) + 1), line)
    return "\n".join(out) + "\n"


def planted(seed: int) -> Mail:
    """Return a mail with numbers in it, and what they are."""
    r = random.Random(f"planted {seed}")
    lines, truth = [], set()
    for _ in range(r.randrange(1, 5)):
        line, what = planted_line(r)
        lines.append(line)
        truth.add(what)
    for _ in range(r.randrange(3)):
        line, public = noise_line(r)
        lines.append(line)
        if public:
            truth.add(public)
    html = r.random() < 0.2
    return Mail(_as_html(r, _laid(r, lines)) if html else _laid(r, lines), html, truth)


def _as_html(r: random.Random, text: str) -> str:
    """Return a text as the body of an HTML mail, with tags and references where a program would not look for them."""
    out = ["<html><body style='font:10pt 돋움'>"]
    for line in text.splitlines():
        signs = [escape(one) for one in line]
        inner = [at for at in range(1, len(signs)) if line[at].isdigit() and line[at - 1].isdigit()]
        if inner and r.random() < 0.7:
            at = r.choice(inner)
            signs[at] = r.choice(
                ["<b></b>{}", "<span style='color:#900101'>{}</span>", "<!-- 1 -->{}", "<wbr>{}"]
            ).format(signs[at])
        signs = ["&#45;" if one == "-" and r.random() < 0.3 else one for one in signs]
        if "\t" in line:
            cells = "".join(signs).split("\t")
            out.append("<table><tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr></table>")
        else:
            out.append(r.choice(["<p>{}</p>", "<div>{}<br></div>"]).format("".join(signs)))
    return "\n".join(out) + "</body></html>"


def clean(seed: int) -> Mail:
    """Return a mail that tells nothing."""
    r = random.Random(f"clean {seed}")
    lines, truth = [], set()
    for _ in range(r.randrange(3, 12)):
        line, public = noise_line(r)
        lines.append(line)
        if public:
            truth.add(public)
    if r.random() < 0.2:
        lines.append(_table(r))
    return Mail(_laid(r, lines), False, truth)
