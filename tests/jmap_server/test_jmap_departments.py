"""The tree of a company for choosing recipients: who is in a department, never those of another company."""

import pytest
from tests.jmap_server.jmap_house import USING, House

from smartmail.domain.organization import Step, Wanted
from smartmail.domain.principal import Actor, Origin

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
OWN = [*USING, "urn:ietf:params:jmap:principals", "https://smartmail.example/jmap"]


class Asker:
    """A browser of one person that asks one method."""

    def __init__(self, browser, account):
        self.browser, self.account = browser, f"a{account.id}"

    async def __call__(self, name, **arguments):
        calls = [[name, {"accountId": self.account, **arguments}, "0"]]
        reply = await self.browser.ask("POST", "/jmap/api/", {"using": OWN, "methodCalls": calls})
        [[_, answer, _]] = reply.json["methodResponses"]
        return answer


@pytest.fixture
async def ask(house: House):
    account = await house.person("min@a.example", department="영업1팀", title="사원")
    company, departments = account.organization_id, house.services.organization.departments
    above = await departments.create(CLI, company, "영업본부")
    first = await departments.find(company, "영업1팀")
    await departments.change(CLI, first.id, parent_id=above.id)
    await house.person("lee@a.example", department="영업본부", title="본부장")
    other = await house.services.organization.companies.create(CLI, "무역")
    await house.services.organization.domains.add(CLI, "t.example", other.id)
    await house.person("x@t.example", department="무역1팀")
    return Asker(await house.browser("min@a.example"), account)


async def test_the_tree_stands_in_its_order_without_other_companies(ask):
    found = (await ask("Department/query"))["list"]
    assert [(one["name"], one["depth"]) for one in found] == [("영업본부", 0), ("영업1팀", 1)]
    assert found[1]["parentId"] == found[0]["id"]


async def test_the_tree_tells_how_many_are_where_and_where_one_sits_oneself(ask, house: House):
    answer = await ask("Department/query")
    assert [(one["name"], one["people"]) for one in answer["list"]] == [("영업본부", 2), ("영업1팀", 1)]
    assert answer["own"] == [answer["list"][1]["id"]]
    assert answer["company"] != ""
    departments = house.services.organization.departments
    company = house.accounts["min@a.example"].organization_id
    for name in ("Platform", "上海分公司", "구매본부"):
        await departments.create(CLI, company, name)

    async def names(**arguments) -> list[str]:
        return [one["name"] for one in (await ask("Department/query", **arguments))["list"] if one["depth"] == 0]

    korean = ["구매본부", "上海分公司", "영업본부", "Platform"]  # 상해 is how it is read
    assert await names(collation="ko;vnd-smartmail.example;cldr") == korean
    assert (await ask("Department/query", collation="none"))["type"] == "unsupportedSort"


async def test_people_of_a_department_with_and_without_those_below(ask):
    top, team = (one["id"] for one in (await ask("Department/query"))["list"])
    assert [one["email"] for one in (await ask("Department/people", id=top))["list"]] == ["lee@a.example"]
    both = await ask("Department/people", id=top, below=True)
    assert {one["email"] for one in both["list"]} == {"lee@a.example", "min@a.example"}
    assert both["total"] == 2
    second = await ask("Department/people", id=top, below=True, position=1, limit=1)
    assert len(second["list"]) == 1
    [person] = (await ask("Department/people", id=team))["list"]
    assert (person["name"], person["title"], person["department"]) == ("min", "사원", "영업1팀")


async def test_a_department_of_another_company_answers_like_none(ask, house: House):
    store = house.services.organization.tree._store
    other = next(one for one in await store.organizations() if one.name == "무역")
    [theirs] = await store.departments(other.id)
    answers = [await ask("Department/people", id=one) for one in (f"d{theirs.id}", "d99999", "nothing")]
    assert [one["type"] for one in answers] == ["notFound"] * 3


@pytest.mark.parametrize("typed", ["한ㄱ", "한그", "ㅎㄱ"])
async def test_a_syllable_in_the_making_finds_its_people(ask, house: House, typed):
    account = await house.person("han@a.example")
    wanted = Wanted(login="", name="한글")
    await house.services.organization.people.perform(CLI, Step(kind="change", account_id=account.id, wanted=wanted))
    house.services.organization.search._heard("*")
    answer = await ask("Principal/query", filter={"text": typed})
    assert f"u{account.id}" in answer["ids"]
