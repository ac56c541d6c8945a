"""What a security officer does about leak rules in the admin web, on a real node: exceptions, dry runs, approval lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, look, panel, sign_in
from tests.e2e.company import DESKTOP, obeyed, on_node
from tests.e2e.test_admin_leaks import NUMBER, RULE, caught

from smartmail.domain.principal import Actor, Origin

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page
    from tests.e2e.company import Company, Person

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer
_CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))  # type: ignore[arg-type]


@pytest.fixture
def admin(company: Company, new_person: Callable[..., Person]) -> Iterator[Page]:
    """The page of an administrator who is signed in; rules that a story makes are not for the next one."""
    yield sign_in(new_person(viewport=DESKTOP).page, company)

    async def end(node: Node) -> None:
        rules = node.services.leaks.rules
        for one in (await rules.rules(_CLI))[1]:
            await rules.end(_CLI, one.id)
        await obeyed(node)

    on_node(company.node.directory, end)


def test_a_false_positive_is_excepted_until_a_date_and_the_exception_is_ended(
    admin: Page, company: Company, tmp_path: pathlib.Path
) -> None:
    on_node(company.node.directory, caught)
    go(admin, "유출 탐지 내역")
    admin.get_by_role("row").filter(has_text=RULE).first.click()
    panel(admin).get_by_role("button", name="오탐으로 처리하고 예외 등록").click()
    asked = admin.get_by_role("dialog")
    expect(asked.get_by_role("checkbox", name="주민등록번호 900101-")).to_be_checked()
    expect(asked).not_to_contain_text(NUMBER)
    asked.get_by_role("button", name="오탐으로 처리하고 예외 등록").click()
    expect(asked).to_contain_text("꼭 입력해야 합니다.")
    asked.get_by_label("사유").fill("시험용으로 만든 번호임을 확인함")
    look(admin, "leak-except", tmp_path)
    asked.get_by_role("button", name="오탐으로 처리하고 예외 등록").click()
    expect(panel(admin)).to_contain_text("오탐으로 처리하고 예외를 등록했습니다.")
    expect(panel(admin).get_by_role("button", name="오탐으로 표시")).to_have_count(0)
    go(admin, "오탐 예외")
    row = admin.get_by_role("row").filter(has_text=RULE)
    expect(row).to_contain_text("적용 중")
    expect(row).to_contain_text("주민등록번호 900101-")
    look(admin, "leak-exceptions", tmp_path)
    row.click()
    expect(panel(admin)).to_contain_text("시험용으로 만든 번호임을 확인함")
    look(admin, "leak-exception", tmp_path)
    panel(admin).get_by_role("button", name="예외 종료").click()
    admin.get_by_role("dialog").get_by_role("button", name="예외 종료").click()
    expect(row).to_contain_text("종료")
    expect(panel(admin).get_by_role("button", name="예외 종료")).to_have_count(0)
    panel(admin).get_by_role("button", name="탐지 내역 보기").click()
    expect(panel(admin)).to_contain_text("x@partner.example")
