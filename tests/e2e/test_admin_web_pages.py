"""Every page of the admin web on a real node: it opens, says what it is for, fits a phone, and shuts nobody out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import look, sign_in
from tests.e2e.company import DESKTOP

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer
PARTS = 3


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_opens_and_shuts_nobody_out(
    part: int, company: Company, new_person: Callable[..., Person], tmp_path: pathlib.Path
) -> None:
    admin = sign_in(new_person(viewport=DESKTOP).page, company)
    links = admin.get_by_role("navigation").get_by_role("link")
    names = [name.strip() for name in links.all_inner_texts()]
    assert len(names) >= 35
    for at in range(part, len(names), PARTS):
        links.nth(at).click()
        expect(admin.get_by_role("heading", level=1)).to_have_text(names[at])
        expect(admin.locator("[aria-busy=true]")).to_have_count(0)
        expect(admin.get_by_role("alert")).to_have_count(0)
        look(admin, f"{at:02}-{names[at].replace(' ', '-')}", tmp_path)
