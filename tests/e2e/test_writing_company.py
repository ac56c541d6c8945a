"""What a company puts into its people's letters: its signature and footer, and the templates that a team shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import PARTNER, parsed, wait_for_mail
from tests.e2e.controls import pick
from tests.e2e.demo_desk import violations
from tests.e2e.test_second_factor import PASSWORD, new_account
from tests.e2e.writing_help import letter_of, look

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer

FOOTER = ("[ko]", "이 메일은 받는 분만 보실 수 있습니다.")
SIGNATURE = ("[ko]", "<b>{{이름}}</b> {{직위}}", "<p>{{회사}}</p>", "<p>T. {{전화}}</p>")


def test_signature_footer_and_team_templates(
    new_person: Callable[..., Person], company: Company, tmp_path: Path
) -> None:
    knobs = {"footer__text": FOOTER, "signature__text": SIGNATURE, "signature__use": "required"}
    new_account(company, "letters@hanbit.example", "편지", "기획팀", **knobs)
    person = new_person().sign_in("letters@hanbit.example", PASSWORD)
    page = person.page
    person.compose("minji.kim@hanbit.example", "분기 보고 양식")
    window = page.get_by_role("region", name="분기 보고 양식")
    person.write("이번 분기 실적입니다.")
    expect(window.get_by_label("서명")).to_be_disabled()
    expect(window).to_contain_text("편지")
    expect(window).not_to_contain_text("T.")
    expect(window).not_to_contain_text("받는 분만")

    # Kept for the team, and taken from its menu.
    window.get_by_role("button", name="템플릿").click()
    page.get_by_role("menuitem", name="템플릿으로 저장").click()
    pick(page.get_by_label("함께 쓸 사람"), "기획팀")
    look(page, "keep-template", tmp_path)
    page.get_by_role("dialog").get_by_role("button", name="저장").click()
    expect(person.notices).to_contain_text("분기 보고 양식")
    window.get_by_role("button", name="닫기").click()

    person.compose(PARTNER, "")
    window = page.locator(".window")
    window.get_by_role("button", name="템플릿").click()
    item = page.get_by_role("menuitem", name="분기 보고 양식 기획팀")
    expect(item).to_be_visible()
    look(page, "team-templates", tmp_path)
    item.click()
    expect(letter_of(page)).to_contain_text("이번 분기 실적입니다.")
    expect(page.get_by_role("textbox", name="제목")).to_have_value("분기 보고 양식")
    # Somebody outside gets it: what the server will put on is shown.
    expect(window).to_contain_text("받는 분만")
    look(page, "footer", tmp_path)
    assert violations(page) == []
    person.send()
    with company.branch_imap() as session:
        mail = parsed(wait_for_mail(session, "분기 보고 양식"))
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        words = body.get_content()
        assert words.count("받는 분만") == 1
        assert words.index("이번 분기") < words.index("편지") < words.index("받는 분만")
