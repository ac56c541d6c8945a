"""The set-up wizard on a host where one command was typed: an installation of its own, which the pictures need once."""

from __future__ import annotations

import pathlib
import tempfile
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.e2e.fresh_host import DOMAIN, FRESH_ADMIN, FRESH_PASSWORD, fresh_host
from tests.guide.album import SIZE, Stage, scene

if TYPE_CHECKING:
    from playwright.sync_api import Page

_WHOLE_FORM = {"width": 900, "height": 980}
_ANSWER_MS = 60_000
"""Of the queue, which takes the first mail to its receiver."""


@scene("admin", "setup-company", "setup-preset", "setup-records", "setup-people", "setup-first-mail")
def wizard(stage: Stage) -> None:
    with tempfile.TemporaryDirectory() as place, fresh_host(pathlib.Path(place)) as host:
        page = stage.new_page()
        try:
            page.goto(host.link)
            _walk(stage, page)
        finally:
            page.context.close()


def _walk(stage: Stage, page: Page) -> None:
    words = stage.words
    page.set_viewport_size(_WHOLE_FORM)  # type: ignore[arg-type]
    _found(stage, page)
    stage.shoot("setup-company", page.locator("form"), page=page)
    page.set_viewport_size(SIZE)  # type: ignore[arg-type]
    _press(stage, page, "setup.create")
    _at(stage, page, "factor")
    _press(stage, page, "setup.later")
    _at(stage, page, "preset")
    page.get_by_role("radio").nth(2).wait_for()
    stage.shoot("setup-preset", page=page, most_height=560)
    for here, after in (("preset", "outgoing"), ("outgoing", "certificate"), ("certificate", "records")):
        _at(stage, page, here)
        _press(stage, page, "setup.next")
        _at(stage, page, after)
    page.get_by_role("listitem").filter(has_text=f"MX {DOMAIN}").wait_for()
    stage.shoot("setup-records", page=page)
    _press(stage, page, "setup.next")
    _at(stage, page, "people")
    page.get_by_label(words("setup.personName"), exact=True).fill(stage.say("김민지", "Minji Kim"))
    page.get_by_label(words("setup.personLocal")).fill("minji.kim")
    _press(stage, page, "setup.addPerson")
    page.get_by_role("button", name=words("setup.copyLink")).wait_for()
    stage.shoot("setup-people", page=page, most_height=560)
    _press(stage, page, "setup.next")
    _at(stage, page, "first-mail")
    _press(stage, page, "setup.send")
    expect(page.get_by_role("status")).to_contain_text(words("setupMail.delivered"), timeout=_ANSWER_MS)
    stage.shoot("setup-first-mail", page=page, most_height=560)


def _found(stage: Stage, page: Page) -> None:
    words = stage.words
    page.get_by_label(words("setup.organization")).fill(stage.say("한빛상사", "Hanbit Trading"))
    page.get_by_label(words("setup.domain")).fill(DOMAIN)
    page.get_by_label(words("setup.name"), exact=True).fill(stage.say("박지호", "Jiho Park"))
    page.get_by_label(words("setup.local")).fill(FRESH_ADMIN.partition("@")[0])
    page.get_by_label(words("setup.password"), exact=True).fill(FRESH_PASSWORD)
    page.get_by_label(words("setup.again")).fill(FRESH_PASSWORD)


def _press(stage: Stage, page: Page, key: str) -> None:
    page.get_by_role("button", name=stage.words(key), exact=True).click()


def _at(stage: Stage, page: Page, step: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(stage.words(f"setupStep.{step}"))
