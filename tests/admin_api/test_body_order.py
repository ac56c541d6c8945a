"""What may be large is asked for before it is read: who may not send it sends nothing."""

import pytest
from tests.admin_api.test_operations import operated, root  # noqa: F401 -- fixtures

from smartmail.edge.httpd.admin.limits import AdminLimits
from smartmail.edge.httpd.admin.operation import ROOT
from smartmail.edge.httpd.admin.table import OPERATIONS

LARGE = [one for one in OPERATIONS if one.body_octets > AdminLimits().body_octets]
PIECE = b"x" * 65_536


async def read(client, method: str, path: str, pieces: int, length: int | None = None) -> tuple[int, int]:
    """Send pieces as they are asked for; return the status and how many were."""
    asked, status = 0, 0

    async def receive():
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": PIECE, "more_body": asked < pieces}

    async def send(message):
        nonlocal status
        status = message.get("status", status)

    fields = {"content-type": "application/json"}
    if length is not None:
        fields["content-length"] = str(length)
    await client.app(client._scope(method, ROOT + path, fields), receive, send)
    return status, asked


def test_every_operation_that_takes_much_asks_first():
    assert {one.path for one in LARGE} >= {"/updates/apply", "/updates/check", "/geo-tables", "/imports"}
    assert [one.path for one in LARGE if one.first is None] == []


@pytest.mark.parametrize("one", LARGE, ids=lambda one: one.name)
async def test_nothing_is_read_of_who_may_not(house, one):
    path = one.path.replace("{id}", "1")
    kim = await house.client("kim@a.example")
    assert await read(kim, one.method, path, 100) == (403, 0)
    nobody = await house.client("kim@a.example")
    nobody.cookie = ""
    assert await read(nobody, one.method, path, 100) == (401, 0)


@pytest.mark.parametrize("path", ["/updates/apply", "/geo-tables"])
async def test_a_company_among_several_sends_nothing_for_the_installation(house, client, path):
    assert await read(client, "POST", path, 100) == (403, 0)


async def test_too_much_is_refused_by_its_length_and_while_it_comes(operated, root):  # noqa: F811
    limit = next(one for one in LARGE if one.path == "/imports").body_octets
    assert await read(root, "POST", "/imports", 100, limit + 1) == (413, 0)
    status, asked = await read(root, "POST", "/imports", 10_000)
    assert (status, asked) == (413, limit // len(PIECE) + 1)
