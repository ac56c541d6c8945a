"""TeamTemplate: seen by the team and those below it, changed by who made it, unknown to everybody else."""

import pytest
from tests.jmap_server.jmap_house import House
from tests.jmap_server.test_jmap_departments import CLI, Asker

from smartmail.domain.policy import Scope

WORDS = {
    "name": "견적 회신", "subject": "견적 드립니다", "text": "안녕하세요",
    "html": "<p>안녕하세요</p><script>x()</script>",
}  # fmt: skip


@pytest.fixture
async def team(house: House):
    """Min and Lee in a team, Park in the division above it, Choi elsewhere, X in another company."""
    people = {
        name: await house.person(f"{name}@a.example", department=department)
        for name, department in {"min": "영업1팀", "lee": "영업1팀", "park": "영업본부", "no": "지원실"}.items()
    }
    company, departments = people["min"].organization_id, house.services.organization.departments
    above, first = [await departments.find(company, name) for name in ("영업본부", "영업1팀")]
    await departments.change(CLI, first.id, parent_id=above.id)
    other = await house.services.organization.companies.create(CLI, "무역")
    await house.services.organization.domains.add(CLI, "t.example", other.id)
    people["x"] = await house.person("x@t.example", department="영업1팀")
    return {name: Asker(await house.browser(one.login), one) for name, one in people.items()}


async def place(ask, name: str) -> str:
    return next(one["id"] for one in (await ask("TemplatePlace/get", ids=None))["list"] if one["name"] == name)


async def names(ask) -> list[str]:
    return [one["name"] for one in (await ask("TeamTemplate/get", ids=None))["list"]]


async def refusals(ask, number: str) -> list[str]:
    """Why somebody may neither change a template nor throw it away."""
    changed = await ask("TeamTemplate/set", update={number: {"name": "내것"}})
    dropped = await ask("TeamTemplate/set", destroy=[number])
    return [changed["notUpdated"][number]["type"], dropped["notDestroyed"][number]["type"]]


async def test_a_team_shares_what_one_of_it_wrote(team):
    made = await team["min"](
        "TeamTemplate/set", create={"a": {"placeId": await place(team["min"], "영업1팀"), **WORDS}}
    )
    number = made["created"]["a"]["id"]
    [seen] = (await team["lee"]("TeamTemplate/get", ids=[number]))["list"]
    assert (seen["subject"], seen["text"], seen["placeName"], seen["mayChange"]) == (
        "견적 드립니다", "안녕하세요", "영업1팀", False,
    )  # fmt: skip
    assert "script" not in seen["html"]
    # Above and beside they see nothing, as in another company with a team of that name.
    for other in ("park", "no", "x"):
        assert (await team[other]("TeamTemplate/get", ids=[number]))["notFound"] == [number]
        assert await refusals(team[other], number) == ["notFound", "notFound"]
    assert await refusals(team["lee"], number) == ["forbidden", "forbidden"]
    changed = await team["min"]("TeamTemplate/set", update={number: {"subject": "새 제목"}})
    assert changed["updated"] == {number: None}
    assert changed["oldState"] != changed["newState"]
    [seen] = (await team["lee"]("TeamTemplate/get", ids=None))["list"]
    assert (seen["name"], seen["subject"], seen["text"]) == ("견적 회신", "새 제목", "안녕하세요")
    assert (await team["min"]("TeamTemplate/set", destroy=[number]))["destroyed"] == [number]
    assert await names(team["lee"]) == []


async def test_a_template_that_the_call_itself_made_is_changed_from_its_own_text(team):
    where = await place(team["min"], "영업1팀")
    answer = await team["min"](
        "TeamTemplate/set", create={"a": {"placeId": where, **WORDS}}, update={"#a": {"subject": "새 제목"}}
    )
    assert answer["updated"] == {"#a": None}
    [seen] = (await team["min"]("TeamTemplate/get", ids=[answer["created"]["a"]["id"]]))["list"]
    assert (seen["name"], seen["subject"], seen["text"]) == ("견적 회신", "새 제목", "안녕하세요")


async def test_what_the_division_shares_is_there_for_its_teams(team):
    where = await place(team["park"], "영업본부")
    await team["park"]("TeamTemplate/set", create={"a": {"placeId": where, **WORDS}})
    assert await names(team["min"]) == ["견적 회신"]
    assert await names(team["no"]) == await names(team["x"]) == []
    # A place that is not one's own answers like none, and one that is no place is told.
    wishes = {
        "foreign": {"placeId": where, **WORDS},
        "bad": {"placeId": "s1", **WORDS},
        "unnamed": {"placeId": where, "name": ""},
    }
    refused = (await team["no"]("TeamTemplate/set", create=wishes))["notCreated"]
    assert {key: one["type"] for key, one in refused.items()} == {
        "foreign": "notFound", "bad": "invalidProperties", "unnamed": "invalidProperties",
    }  # fmt: skip


async def test_a_group_shares_and_the_words_lie_sealed(house: House, team):
    min_account = house.accounts["min@a.example"]
    group = await house.services.governing.new_group(CLI, min_account.organization_id, "수출 담당")
    await house.services.governing.set_member(CLI, group.id, min_account.id, member=True)
    where = await place(team["min"], "수출 담당")
    await team["min"]("TeamTemplate/set", create={"a": {"placeId": where, **WORDS}})
    assert await names(team["lee"]) == []
    [row] = await house.store.team_templates(min_account.organization_id, [Scope("group", str(group.id))])
    assert "견적".encode() not in row.sealed
