import pytest
from tests.admin_api.admin_house import open_admin_house


@pytest.fixture
async def house(tmp_path):
    async with open_admin_house(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
async def client(house):
    return await house.client("admin@a.example")
