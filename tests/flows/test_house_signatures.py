"""The company's signature: words of policy, facts of the directory, for the writer alone."""

import pytest
from tests.flows.house import open_house
from tests.flows.test_big_attachments import CLI, set_knob

from smartmail.domain.organization import Wanted
from smartmail.domain.principal import Actor, Origin
from smartmail.service.people.house_signatures import filled

WORDS = (
    "[ko]",
    "<b>{{이름}}</b> {{직위}}",
    "<p>{{회사}} {{부서}}</p>",
    "<p>T. {{전화}} / 내선 {{ 내선 }}</p>",
    "<p>M. {{휴대전화}}</p>",
)


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person("lee@a.example")
        yield opened


async def told(house, account):
    actor = Actor(account.id, account.organization_id, account.login, False, Origin("jmap"))
    return (await house.services.saving.told(actor))["signature"]


async def test_facts_stand_in_the_words_and_empty_lines_are_left_out(house):
    lee = house.accounts["lee@a.example"]
    assert await told(house, lee) is None
    await set_knob(house, "signature.text", WORDS)
    wish = Wanted(login="kim@a.example", name="김민지", facts={"phone": "02-123-4567", "birthday": "1990-01-01"})
    kim = await house.services.organization.people.join(CLI, lee.organization_id, wish)
    mine = await told(house, kim)
    assert mine["text"].splitlines()[0] == "김민지"
    assert "T. 02-123-4567 / 내선" in mine["text"]
    assert "M." not in mine["text"]
    assert "1990" not in mine["text"]
    assert mine["html"].startswith("<b>김민지</b>")
    assert mine["required"] is False
    await set_knob(house, "signature.use", "required")
    hostile = Wanted(login="choi@a.example", name="최<i>영")
    other = await told(house, await house.services.organization.people.join(CLI, lee.organization_id, hostile))
    assert other["required"] is True
    assert "최&lt;i&gt;영" in other["html"]
    assert "02-123-4567" not in other["text"]


def test_marks_of_every_language_are_known_and_others_stay():
    facts = {"name": "김", "department": "영업"}
    made = filled("{{名前}} {{Name}} {{department}} {{모름}}", facts)
    assert made is not None
    assert made.text == "김 김 영업 {{모름}}"
    assert filled("{{phone}}", facts) is None
