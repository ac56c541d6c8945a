"""A database from before there were departments: what was a text becomes a row, and what named the text stays true."""

from importlib import resources
from pathlib import Path

import pytest
from tests.contract.store_backends import new_database, open_store

from smartmail.adapters.sql import migrate

ADD = """insert into account (organization_id, kind, state, login, name, language, is_admin, wrapped_key, department, title)
    values ($1, 'person', 'active', $2, $2, 'ko', 0, $3, $4, $5)"""


def before(name: str) -> list[str]:
    folder = resources.files("smartmail.adapters.sql") / "migrations"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".sql"))
    return [(folder / one).read_text("utf-8") for one in names[: names.index(name)]]


@pytest.mark.parametrize("driver", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_texts_become_departments_and_positions(driver: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    address = str(tmp_path / "mail.db") if driver == "sqlite" else await new_database()
    old = before("0026_organization.sql")
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "scripts", lambda: old)
        store = await open_store(driver, address, lambda: 1)
        add_company = "insert into organization (name, wrapped_key, wrapped_queue_key) values ($1, $2, $2)"
        people = [(1, "kim@a.test", "영업", "부장"), (1, "lee@a.test", "영업", ""), (2, "choi@b.test", "영업", "부장"),
                  (1, "park@a.test", "", "사원")]  # fmt: skip

        async def fill(session):
            for name in ("가", "나"):
                await session.run(add_company, name, b"")
            for company, login, department, title in people:
                await session.run(ADD, company, login, b"", department, title)

        await store._db.change(0, fill)
        await store.close()
    store = await open_store(driver, address, lambda: 1)
    accounts = {one.login: one for one in await store.accounts()}
    [own], [others] = await store.departments(1), await store.departments(2)
    assert (own.code, own.name, own.parent_id) == (others.code, others.name, others.parent_id) == ("영업", "영업", 0)
    assert [accounts[f"{one}@a.test"].department_id for one in ("kim", "lee", "park")] == [own.id, own.id, 0]
    assert accounts["choi@b.test"].department_id == others.id
    assert (accounts["kim@a.test"].department, accounts["kim@a.test"].title) == ("영업", "부장")
    assert [one.login for one in await store.department_people(own.id, below=True)] == ["kim@a.test", "lee@a.test"]
    assert {one.name for one in await store.titles(1)} == {"부장", "사원"}
    rows = {row.account_id: row.position_id for row in await store.people(1)}
    assert set(rows) == {accounts["kim@a.test"].id, accounts["park@a.test"].id}
    assert (await store.standing(accounts["lee@a.test"].id)).departments == {"영업": 0}
    await store.close()
