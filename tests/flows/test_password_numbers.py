"""What the directory knows of a person by numbers is no part of the person's password."""

import pytest
from tests.flows.administrators import CLI, open_company

from smartmail.domain.organization import Step, Wanted
from smartmail.service.identity.auth.credentials import WeakPassword


async def test_telephone_numbers_and_birthdays_of_the_directory(tmp_path):
    async with open_company(tmp_path / "one") as (ours, _):
        kim, facts = ours.people["kim"], {"mobile": "010-2847-9163", "birthday": "1987-03-21"}
        auth, people = ours.services.auth, ours.services.organization.people
        await auth.set_password(kim.id, "나무를 심는 28479163 오후")  # not known yet
        await people.perform(CLI, Step(kind="change", account_id=kim.id, wanted=Wanted(login=kim.login, facts=facts)))
        for secret in ("나무를 심는 28479163 오후", "나무를 심는 19870321 오후"):
            with pytest.raises(WeakPassword):
                await auth.set_password(kim.id, secret)
        await auth.set_password(kim.id, "나무를 심는 50617248 오후")
