"""Some pictures of the guides are taken again: a screen of a chapter that cannot be reached any more fails here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.guide import cast
from tests.guide.album import SCENES, small
from tests.guide.playing import play, stage_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from tests.e2e.company import Company

pytestmark = pytest.mark.peer

USER = ("user/signing_in", "user/reading", "user/writing", "user/absence", "user/account")
ADMIN = ("admin/overview", "admin/policy", "admin/reports")


@pytest.mark.parametrize(("guide", "names"), [("user", USER), ("admin", ADMIN)])
def test_pictures_are_taken_again(guide: str, names: tuple[str, ...], company: Company, chromium: Browser) -> None:
    kept: dict[str, int] = {}
    if guide == "user":
        cast.found(company, replace(cast.KOREAN, outside=()))
    stage = stage_for(company, chromium, guide, "ko", lambda name, png: kept.update({name: len(small(png))}))
    try:
        assert play(stage, guide, names) == []
    finally:
        stage.page.context.close()
    assert set(kept) == {name for each in names for name in SCENES[each].takes}
    assert min(kept.values()) > 1000
