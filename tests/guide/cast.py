"""The people of the pictures and their mail: a marketing team of the demo company, once in Korean and once in English."""

from __future__ import annotations

import email.policy
import imaplib
import io
import ssl
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from typing import TYPE_CHECKING

import xlsxwriter
from tests.e2e.company import Company, obeyed, on_node

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.directory import NewPerson
from smartmail.service.mailbox.bulletins import BulletinText, BulletinWish

if TYPE_CHECKING:
    from smartmail.app.node import Node

PASSWORD = "바다 위의 등대 47"
HOUSE = "hanbit.example"
_CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
_HOUR = 3600
_WEEK_MS = 7 * 24 * _HOUR * 1000
PARTNER = "minsu.park@daehan.example"
STRANGER = "hr@hanbit-hr.example"
NAMES = {
    "daehan.example": {"MX": ["10 mx.bench.test"], "TXT": ['"v=spf1 ip4:127.0.0.1 ip6:::1 -all"']},
    "_dmarc.daehan.example": {"TXT": ['"v=DMARC1; p=reject"']},
    "hanbit-hr.example": {"MX": ["10 mx.bench.test"]},
}
"""Outside of the company: a partner whose mail is proved, and somebody who pretends."""


@dataclass(frozen=True)
class Someone:
    """A person of the pictures."""

    login: str
    name: str
    department: str
    title: str


@dataclass(frozen=True)
class Written:
    """Mail that lies in the mailbox already. `hours` ago."""

    sender: int
    subject: str
    text: str
    hours: float
    seen: bool = True
    starred: bool = False
    file: tuple[str, str, bytes] | None = None
    mailbox: str = "INBOX"


@dataclass(frozen=True)
class Cast:
    """Everybody in one language: whose screen it is, colleagues, mail, and mail from outside."""

    language: str
    me: Someone
    colleagues: tuple[Someone, ...]
    mail: tuple[Written, ...]
    partner: str
    outside: tuple[tuple[str, str], ...]
    lure: tuple[str, str, str]
    bulletin: tuple[str, str]

    def named(self, at: int) -> Someone:
        """A colleague."""
        return self.colleagues[at]


def _sheet(*rows: tuple[object, ...]) -> bytes:
    """A workbook of one sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for at, cells in enumerate(rows):
            sheet.write_row(at, 0, cells)
    return out.getvalue()


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BUDGET = _sheet(
    ("항목", "3분기", "4분기"), ("온라인 광고", 42000000, 38000000), ("전시회", 15000000, 27000000), ("인쇄물", 4000000, 3500000)
)  # fmt: skip
_BUDGET_EN = _sheet(
    ("Item", "Q3", "Q4"), ("Online advertising", 42000, 38000), ("Trade fairs", 15000, 27000), ("Printing", 4000, 3500)
)

KOREAN = Cast(
    "ko",
    Someone(f"seohyun.yoon@{HOUSE}", "윤서현", "마케팅팀", "과장"),
    (
        Someone(f"dohyun.kang@{HOUSE}", "강도현", "마케팅팀", "팀장"),
        Someone(f"jian.oh@{HOUSE}", "오지안", "영업2팀", "선임"),
        Someone(f"sua.bae@{HOUSE}", "배수아", "총무팀", "사원"),
    ),
    (
        Written(0, "4분기 마케팅 예산안 검토 부탁드립니다", "서현 과장님,\n\n4분기 마케팅 예산안을 보냅니다. 전시회 비용이 늘고 온라인 광고가 줄었습니다.\n목요일 회의 전까지 의견 부탁드립니다.\n\n강도현 드림\n", 1.2, seen=False, file=("4분기 예산안.xlsx", _XLSX, _BUDGET)),
        Written(1, "서울 전시회 부스 도면 확인", "과장님, 부스 도면 초안입니다. 입구 위치가 바뀌었으니 확인 부탁드립니다.\n\n오지안 드림\n", 2.5, seen=False),
        Written(2, "[공지] 12월 사무실 정기 점검 안내", "안녕하세요. 총무팀입니다.\n12월 5일(토) 오전 9시부터 오후 1시까지 사무실 전기 점검이 있습니다.\n컴퓨터 전원을 끄고 퇴근해 주세요.\n", 4.1),
        Written(0, "신제품 소개 자료 수정본", "표지와 3쪽을 고쳤습니다. 이대로 인쇄소에 넘겨도 될까요?\n", 21, starred=True),
        Written(1, "대한정밀 미팅 회의록", "어제 미팅 회의록을 공유합니다.\n1. 납기는 1월 15일\n2. 단가는 지난번과 같음\n3. 다음 미팅은 12월 둘째 주\n", 26),
        Written(2, "건강검진 예약 확인", "12월 3일 오전 8시 30분으로 예약되었습니다. 전날 밤 9시부터 금식해 주세요.\n", 46),
        Written(0, "주간 회의 안건", "이번 주 안건입니다.\n- 전시회 준비\n- 4분기 예산\n- 홈페이지 개편\n", 50),
        Written(1, "지난달 견적 요청 건 회신", "요청하신 견적서를 다시 보냅니다. 할인율이 반영되어 있습니다.\n", 73),
    ),
    "박민수",
    (
        ("전시회 홍보물 납품 일정 안내", "윤서현 과장님, 안녕하세요. 대한정밀 박민수입니다.\n\n홍보물 2,000부를 12월 9일 오전에 납품하겠습니다.\n검수하실 분 연락처를 알려 주시면 기사님께 전달하겠습니다.\n\n박민수 드림\n"),
    ),
    ("한빛그룹 인사팀", "[긴급] 급여 계좌 확인이 필요합니다", "오늘 안에 계좌를 확인하지 않으면 급여가 지급되지 않습니다."),
    ("12월 안전교육을 받아 주세요", "12월 20일까지 사내 교육 홈페이지에서 안전교육을 받아 주세요.\n\n문의: 총무팀 배수아\n"),
)  # fmt: skip
ENGLISH = Cast(
    "en",
    Someone(f"grace.yoon@{HOUSE}", "Grace Yoon", "Marketing", "Manager"),
    (
        Someone(f"daniel.kang@{HOUSE}", "Daniel Kang", "Marketing", "Team lead"),
        Someone(f"julia.oh@{HOUSE}", "Julia Oh", "Sales 2", "Senior"),
        Someone(f"sophie.bae@{HOUSE}", "Sophie Bae", "Office services", "Associate"),
    ),
    (
        Written(0, "Please review the Q4 marketing budget", "Hi Grace,\n\nhere is the draft of the Q4 budget. Fairs went up, online advertising went down.\nPlease comment before the meeting on Thursday.\n\nDaniel\n", 1.2, seen=False, file=("Q4 budget.xlsx", _XLSX, _BUDGET_EN)),
        Written(1, "Booth plan for the Seoul fair", "Grace, here is the first plan of the booth. The entrance has moved: please have a look.\n\nJulia\n", 2.5, seen=False),
        Written(2, "[Notice] Office inspection in December", "Hello all,\non Saturday, 5 December, from 9 am to 1 pm the power in the office is inspected.\nPlease switch off your computers before you leave.\n", 4.1),
        Written(0, "Product brochure, corrected", "I changed the cover and page 3. May it go to the printer like this?\n", 21, starred=True),
        Written(1, "Minutes of the meeting with Daehan", "Here are yesterday's minutes.\n1. Delivery on 15 January\n2. Prices as last time\n3. Next meeting in the second week of December\n", 26),
        Written(2, "Your health check is booked", "3 December, 8.30 am. Please do not eat after 9 pm the day before.\n", 46),
        Written(0, "Agenda of the weekly meeting", "This week:\n- the fair\n- Q4 budget\n- the new website\n", 50),
        Written(1, "Re: last month's quotation", "Here is the quotation again, with the discount.\n", 73),
    ),
    "Martin Park",
    (
        ("Delivery of the fair leaflets", "Dear Ms Yoon,\n\nwe deliver 2,000 leaflets on the morning of 9 December.\nPlease tell me whom the driver may call.\n\nMartin Park, Daehan Precision\n"),
    ),
    ("Hanbit HR", "[Urgent] Confirm your payroll account", "Unless you confirm your account today, your salary is not paid."),
    ("Safety training in December", "Please take the safety training by 20 December.\n\nQuestions: Sophie Bae, office services\n"),
)  # fmt: skip
CASTS = {"ko": KOREAN, "en": ENGLISH}


def found(company: Company, cast: Cast) -> None:
    """Make the people, with what a picture needs of policy, and bring in their mail."""

    async def prepare(node: Node) -> None:
        for one in (cast.me, *cast.colleagues):
            person = NewPerson(one.login, one.name, language=cast.language, department=one.department, title=one.title)
            account = await node.services.provisioning.person(person, PASSWORD)
            if one is cast.me:
                rule = PolicyRule("big-files.switch-octets", Scope("account", str(account.id)), 1 << 20)
                await node.services.governing.set_knob(_CLI, rule)
        now = node.clock.now()
        place = await node.services.governing.scope(f"department:{cast.me.department}")
        wish = BulletinWish(place, BulletinText(*cast.bulletin), now, now + _WEEK_MS, must_read=True)
        await node.services.bulletins.desk.make(_CLI, wish)
        await obeyed(node)

    on_node(company.node.directory, prepare)
    bring_mail(company, cast)


def bring_mail(company: Company, cast: Cast) -> None:
    """Mail of the last days put in place by the person's own program, and what comes in from outside."""
    trust = ssl.create_default_context(cafile=str(company.node.directory / "tls" / "ca.pem"))
    now = time.time()
    with imaplib.IMAP4_SSL("localhost", company.node.ports["imaps"], ssl_context=trust) as session:
        session.authenticate("PLAIN", lambda _: f"\0{cast.me.login}\0{PASSWORD}".encode())
        for one in sorted(cast.mail, key=lambda each: -each.hours):
            flags = " ".join(flag for flag, is_set in (("\\Seen", one.seen), ("\\Flagged", one.starred)) if is_set)
            at = now - one.hours * _HOUR
            octets = written(cast, one, at)
            assert session.append(one.mailbox, f"({flags})", imaplib.Time2Internaldate(at), octets)[0] == "OK"
    for subject, text in cast.outside:
        company.deliver(cast.me.login, from_outside(cast, subject, text), PARTNER)


def written(cast: Cast, one: Written, at: float) -> bytes:
    """The octets of a colleague's mail."""
    sender = cast.colleagues[one.sender]
    mail = _begun(cast, formataddr((sender.name, sender.login)), one.subject, at)
    mail.set_content(one.text)
    if one.file:
        name, kind, octets = one.file
        main, _, sub = kind.partition("/")
        mail.add_attachment(octets, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def from_outside(
    cast: Cast, subject: str, text: str, *, sender: tuple[str, str] | None = None, html: str = ""
) -> bytes:
    """The octets of a partner's mail, or of another sender's (name and address)."""
    mail = _begun(cast, formataddr(sender or (cast.partner, PARTNER)), subject, time.time())
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def _begun(cast: Cast, sender: str, subject: str, at: float) -> EmailMessage:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"] = sender
    mail["To"] = formataddr((cast.me.name, cast.me.login))
    mail["Subject"] = subject
    mail["Date"] = format_datetime(datetime.fromtimestamp(at, timezone(timedelta(hours=9))))
    mail["Message-ID"] = f"<{time.monotonic_ns()}@{sender.rpartition('@')[2].rstrip('>')}>"
    return mail
