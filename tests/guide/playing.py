"""Playing scenes of the guides in a browser, one language after the other."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from tests.e2e.company import new_page
from tests.guide import admin_scenes, setup_scenes, user_scenes
from tests.guide.album import LOCALES, SCENES, SIZE, Stage, Words
from tests.guide.cast import CASTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from playwright.sync_api import Browser
    from tests.e2e.company import Company

assert setup_scenes  # enters its scene
_SIGN_IN = {"user": user_scenes.sign_in, "admin": admin_scenes.sign_in}


def stage_for(
    company: Company, browser: Browser, guide: str, language: str, keep: Callable[[str, bytes], None]
) -> Stage:
    """A browser of one language with somebody signed in."""
    open_page = functools.partial(new_page, browser, locale=LOCALES[language])
    page = open_page(SIZE)
    page.set_default_timeout(60_000)
    site = company.site if guide == "user" else company.site.replace("localhost", "admin.localhost")
    stage = Stage(
        page, site, language, Words.of(guide, language), company, CASTS[language], keep,
        lambda size=SIZE: open_page(size),
    )  # fmt: skip
    _SIGN_IN[guide](stage)
    return stage


def play(stage: Stage, guide: str, names: Iterable[str] = ()) -> list[str]:
    """Play the scenes of a guide in their order; return what failed, scene by scene: the others' pictures are kept."""
    wanted = set(names)
    failed = []
    for key, one in SCENES.items():
        if one.guide != guide or (wanted and key not in wanted and one.name not in wanted):
            continue
        try:
            stage.page.set_viewport_size(SIZE)  # type: ignore[arg-type]
            one.run(stage)
        except Exception as error:
            failed.append(f"{stage.language} {key}: {error}")
    return failed
