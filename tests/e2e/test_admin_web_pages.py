"""Every page of the admin web on a real node: it opens, says what it is for, fits a phone, and shuts nobody out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.admin_web import ENTRIES, WORDS, go, look, sign_in
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
    names = [WORDS[f"page.{page}"] for entry in ENTRIES for pages in entry["tabs"] for page in pages]
    assert len(names) >= 60
    for at in range(part, len(names), PARTS):
        go(admin, names[at])
        expect(admin.get_by_role("alert")).to_have_count(0)
        look(admin, f"{at:02}-{names[at].replace(' ', '-')}", tmp_path)
