"""Break-glass access in the admin web: opened for another administrator, seen on every page, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, look, panel, sign_in
from tests.e2e.company import DESKTOP, on_node

from smartmail.domain.audit import AuditRecord
from smartmail.domain.factors import FactorRow
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.directory import NewPerson

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from tests.e2e.company import Company, Person

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer
SECOND = "glass@hanbit.example"
"""Of this story alone: who has a second factor signs in otherwise."""
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
WHY = "해외 출장 중 발송 대기열 장애 조치"


async def _second_administrator(node: Node) -> None:
    """Let one more person administer, who has a hardware key."""
    store = node.services.directory._store  # noqa: SLF001
    second = (await node.services.provisioning.person(NewPerson(SECOND, "유리관"), None)).id
    await node.services.roles.mark(CLI, second, administrator=True)
    await store.add_factor(
        FactorRow(0, second, "passkey", b"sealed", b"label", 1, lookup=b"the second's key"),
        AuditRecord(1, "cli", "factor.new.passkey", f"account:{second}"),
    )


def test_every_page_says_that_it_is_open(
    company: Company, new_person: Callable[..., Person], tmp_path: pathlib.Path
) -> None:
    on_node(company.node.directory, _second_administrator)
    admin = sign_in(new_person(viewport=DESKTOP).page, company)
    go(admin, "비상 접속")
    expect(admin.get_by_text("비상 접속을 연 적이 없습니다")).to_be_visible()
    admin.get_by_role("button", name="비상 접속 열기").click()
    form = panel(admin)
    form.get_by_label("대상 관리자").fill(SECOND)
    form.get_by_label("시간(분)").fill("30")
    form.get_by_label("사유").fill(WHY)
    look(admin, "glass-form", tmp_path)
    form.get_by_role("button", name="비상 접속 열기").click()
    banner = admin.get_by_role("alert").filter(has_text="비상 접속이 열려 있습니다")
    expect(banner).to_contain_text(SECOND)
    for name in ("사용자", "현황"):
        go(admin, name)
        expect(banner).to_be_visible()
    look(admin, "glass-banner", tmp_path)
    banner.get_by_role("link", name="자세히").click()
    details = panel(admin)
    expect(details).to_contain_text(WHY)
    expect(details).to_contain_text("관리자 웹")
    look(admin, "glass-details", tmp_path)
    details.get_by_role("button", name="지금 닫기").click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_role("button", name="지금 닫기").click()
    expect(banner).to_have_count(0)
    expect(admin.get_by_role("row").filter(has_text=SECOND)).to_contain_text("종료")
