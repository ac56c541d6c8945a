"""Long lists: the following part joins what is there, also where it begins with the row that the last one ended with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import sign_in
from tests.e2e.company import DESKTOP, on_node

from smartmail.domain.account import LoginAttempt

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.company import Company, Person

    from smartmail.app.node import Node

pytestmark = pytest.mark.peer
ROWS = 150


def test_records_go_on_after_the_first_hundred(company: Company, new_person: Callable[..., Person]) -> None:
    async def fill(node: Node) -> None:
        account = next(one for one in await node.services.directory.accounts() if one.kind == "person")
        now = node.clock.now() - 3_600_000
        await node.store.note_logins(
            [
                LoginAttempt(now + number // 2, account.id, None, "pop3", f"192.0.2.{number}", "expired")
                for number in range(ROWS)
            ]
        )
        await node.services.audit.chain()

    on_node(company.node.directory, fill)
    admin = sign_in(new_person(viewport=DESKTOP).page, company)
    admin.goto(admin.url.rstrip("/") + "/records?action=login.expired")
    rows = admin.locator("tbody tr")
    expect(rows).to_have_count(100)
    admin.get_by_role("button", name="더 보기").click()
    expect(rows).to_have_count(ROWS)
    expect(admin.locator("[aria-busy=true]")).to_have_count(0)
    expect(admin.get_by_role("button", name="더 보기")).to_have_count(0)
