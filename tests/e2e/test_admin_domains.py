"""The list of domains: what DNS said of each when it was last asked, and never well before that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import go, look, panel, sign_in
from tests.e2e.company import DESKTOP

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer


def test_a_domain_that_dns_does_not_know_is_not_told_as_well(
    company: Company, new_person: Callable[..., Person], tmp_path: pathlib.Path
) -> None:
    admin = sign_in(new_person(viewport=DESKTOP).page, company)
    go(admin, "도메인")
    row = admin.get_by_role("row").filter(has_text="hanbit.example").first
    expect(row).not_to_contain_text("정상")
    row.click()
    panel(admin).get_by_role("button", name="지금 확인").click()
    # Where the tests run there may be no name service at all.
    expect(row).to_contain_text(re.compile("DNS 확인 필요: .*SPF|DNS 응답 없음"), timeout=60_000)
    expect(panel(admin).get_by_role("term").filter(has_text="마지막 확인")).to_be_visible()
    look(admin, "domain-state", tmp_path)
