"""A mail program sends to a domain that looks like the usual one: the sender is told, and answers in the browser of a phone."""

from __future__ import annotations

import re
import smtplib
import ssl
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import DEMO_PASSWORD, PARTNER, PHONE, parsed, wait_for_mail

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer

SENDER = "jiwoo.lee@hanbit.example"
WRONG = "u0@bemch.test"
MISTAKE = "9월 견적 회신"


def by_program(company: Company, subject: str, *to: str) -> None:
    """Send as Thunderbird does: over TLS, logged in."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = SENDER, ", ".join(to), subject
    mail.set_content("견적을 보내드립니다.\n")
    trust = ssl.create_default_context(cafile=str(company.node.directory / "tls" / "ca.pem"))
    with smtplib.SMTP("localhost", company.node.ports["submission"], local_hostname="pc.hanbit.example") as session:
        session.starttls(context=trust)
        session.login(SENDER, DEMO_PASSWORD)
        assert session.send_message(mail, SENDER, to) == {}, "it is accepted, whatever becomes of it"


def test_a_letter_of_a_mail_program_waits_and_is_sent_without_the_doubted_one(
    company: Company, new_person: Callable[..., Person]
) -> None:
    for at in range(21):
        by_program(company, f"견적 {at}", PARTNER)
    by_program(company, MISTAKE, PARTNER, WRONG)
    with company.imap(SENDER) as session:
        told = parsed(wait_for_mail(session, f"받는 사람을 확인하세요: {MISTAKE}"))
    body = told.get_content()
    assert f"- {WRONG}: " in body
    link = re.search(r"https?://\S+(/#/approvals/[0-9a-f]+)", body)
    assert link is not None
    person = new_person(PHONE)
    person.begin_session(SENDER)
    page = person.page
    page.goto(company.site + link[1])
    held = page.get_by_role("complementary", name=MISTAKE)
    expect(held).to_contain_text("함께 받는 사람들과 같이 메일을 받은 적이 없는 사람입니다.")
    held.get_by_role("checkbox", name="제외").check()
    held.get_by_role("button", name="1명 제외하고 보내기").tap()
    expect(page.get_by_role("region", name="알림")).to_contain_text("메일을 보냈습니다")
    with company.branch_imap() as session:
        assert parsed(wait_for_mail(session, MISTAKE))["Subject"] == MISTAKE
    # Nothing of it waits any more, for the partner or for the other one.
    page.get_by_role("tab", name="승인대기함").tap()
    expect(page.get_by_role("button", name=MISTAKE)).to_contain_text("확인하고 보냄")
