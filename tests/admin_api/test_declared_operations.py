"""What a declaration at a handler makes of it: `edge/httpd/admin/resource.py`."""

from typing import Any, cast

import pytest

from smartmail.domain.errors import Forbidden
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Output, Page


class Thing(Output, frozen=True):
    """A thing."""

    name: str


class Asked:
    """Stands for a call of somebody who may nothing, and keeps what was asked for."""

    def __init__(self) -> None:
        self.scopes: list[Any] = []

    async def may(self, scope: Scope) -> None:
        self.scopes.append(scope)
        raise Forbidden


def test_answer_and_list_are_the_handlers_own():
    api = Resource()

    @api.get("/things", "Things.", "node.read", cli="thing list", columns="name size")
    async def everything(call: Call) -> Page[Thing]:
        return Page([])

    @api.post("/things", "Make one.", "node.change", Thing, status=201, cli=("thing add name", "thing put name"))
    async def add(call: Call) -> Thing:
        return Thing("x")

    @api.delete("/things/{id}", "Remove one.", "node.change")
    async def remove(call: Call) -> None:
        return None

    listing, adding, removing = api
    assert (listing.answer, listing.paged, listing.commands) == (Page[Thing], True, ("thing list",))
    assert listing.columns == ("name", "size")
    assert (adding.answer, adding.body, adding.status, adding.paged) == (Thing, Thing, 201, False)
    assert adding.commands == ("thing add name", "thing put name")
    assert (removing.method, removing.answer, removing.commands) == ("DELETE", None, ())


def test_a_change_that_answers_things_is_no_list():
    api = Resource()

    @api.post("/things/sort", "Sort.", "node.change")
    async def sort(call: Call) -> Page[Thing]:
        return Page([])

    assert not next(iter(api)).paged


async def test_a_declared_permission_is_asked_before_the_handler_runs():
    api, ran = Resource(asks="system"), []

    @api.get("/things/{id}", "One.", "node.read")
    async def one(call: Call) -> Thing:
        ran.append("one")
        return Thing("x")

    @api.post("/things/{id}/turn", "Turn.", "node.change", asks="handler")
    async def turn(call: Call) -> Thing:
        ran.append("turn")
        return await one(call)

    for handler in (next(iter(api)).handler, turn):
        asked = Asked()
        with pytest.raises(Forbidden):
            await handler(cast("Call", asked))
        assert asked.scopes == [Scope("system")]
    assert ran == ["turn"]


async def test_what_takes_much_is_asked_before_its_body_is_read():
    api = Resource(asks="system")

    @api.put("/things/{id}/file", "Upload.", "node.change", Thing, body_octets=1 << 24)
    async def upload(call: Call) -> None:
        return None

    @api.put("/things/{id}/text", "Set.", "node.change", Thing)
    async def write(call: Call) -> None:
        return None

    large, small = api
    assert large.first is not None
    with pytest.raises(Forbidden):
        await large.first(cast("Call", Asked()))
    assert small.first is None
