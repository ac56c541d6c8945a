"""Whose language a screen speaks: the person's choice, then a rule of their company, then the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.company import acknowledged
from tests.e2e.controls import pick
from tests.e2e.test_second_factor import PASSWORD, new_account

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.company import Company, Person

pytestmark = pytest.mark.peer


def test_a_rule_goes_before_the_browser_and_a_choice_before_the_rule(
    company: Company, new_person: Callable[..., Person]
) -> None:
    login = "house.language@hanbit.example"
    new_account(company, login, "도쿄지사", language__default="ja")
    person = new_person(locale="en-GB")
    person.page.goto(company.site)
    expect(person.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    person.page.get_by_label("Mail address").fill(login)
    person.page.get_by_label("Password", exact=True).fill(PASSWORD)
    person.page.get_by_role("button", name="Sign in", exact=True).click()
    inbox = person.page.get_by_role("heading", name="受信トレイ")
    expect(inbox).to_be_visible()
    # The next first frame speaks it already.
    person.page.reload()
    expect(inbox).to_be_visible()
    person.page.goto(f"{company.site}/#/settings/look")
    with acknowledged(person.page, "UserPreferences/set"):
        pick(person.page.locator("button[role=combobox][data-value=ja]"), "ko")
    expect(person.page.get_by_role("heading", name="언어와 화면")).to_be_visible()
    person.page.goto("about:blank")
    person.page.goto(company.site)
    expect(person.page.get_by_role("heading", name="받은메일함")).to_be_visible()
