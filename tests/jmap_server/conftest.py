import pytest

# Asserts of helpers that tell what differs.
pytest.register_assert_rewrite("tests.jmap_server.sync_imap", "tests.jmap_server.sync_jmap")

from tests.jmap_server.jmap_house import open_house  # noqa: E402


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person("kim@a.example")
        await opened.person("choi@a.example")
        yield opened


@pytest.fixture
def kim(house):
    return house.accounts["kim@a.example"]


@pytest.fixture
async def browser(house):
    return await house.browser("kim@a.example")
