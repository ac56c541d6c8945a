"""The document and the server agree: schemathesis asks a live server what the document allows, and what it forbids."""

import asyncio
import os
import threading

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.admin_api.admin_house import ADMIN, open_admin_house
from tests.jmap_server.test_jmap_real_http import served

from smartmail.app import catalogues
from smartmail.domain.authority import PERMISSIONS
from smartmail.edge.httpd.admin.openapi import document
from smartmail.edge.httpd.admin.table import OPERATIONS

EXAMPLES = int(os.environ.get("SMARTMAIL_TEST_EXAMPLES", "4"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
NAMES = [one.name for one in OPERATIONS if not one.stream and not one.public and one.path != "/session"]


class LiveServer(threading.Thread):
    """The house on a real socket, in a loop of its own; a key of its administrator."""

    def __init__(self, directory) -> None:
        super().__init__(daemon=True)
        self._directory = directory
        self._ready, self._loop, self._stop = threading.Event(), None, None
        self.port, self.key, self.failed = 0, "", None

    def run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self.failed = error
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with open_admin_house(self._directory) as house:
            admin = house.admin(house.accounts["admin@a.example"])
            until = house.clock.now() + 30 * 86_400_000
            self.key = (await house.services.admin_api.keys.create(admin, "all", PERMISSIONS, (), until)).secret
            await house.services.governing.new_group(admin, admin.organization_id, "one")
            await house.services.audit.chain()
            async with served(house.app) as self.port:
                self._ready.set()
                await self._stop.wait()

    def begin(self) -> None:
        self.start()
        assert self._ready.wait(60)
        if self.failed is not None:
            raise self.failed

    def end(self) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self.join(30)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    one = LiveServer(tmp_path_factory.mktemp("live") / "data")
    one.begin()
    yield one
    one.end()


@pytest.fixture(scope="module")
def schema():
    catalogues.load()
    return schemathesis.openapi.from_dict(document(OPERATIONS))


@pytest.fixture(scope="module")
def operations(schema):
    return {one.ok().definition.raw["operationId"]: one.ok() for one in schema.get_all_operations()}


def test_the_document_names_every_operation_once(schema, operations):
    schema.validate()
    assert sorted(operations) == sorted(one.name for one in OPERATIONS)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("name", NAMES)
def test_the_server_does_what_the_document_says(operations, server, name, mode):
    operation = operations[name]
    fields = {"authorization": f"Bearer {server.key}", "host": ADMIN}
    checks = [*CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE else CHECKS
    strategy = operation.as_strategy(generation_mode=mode)

    @given(case=strategy)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def ask(case):
        answer = case.call(base_url=f"http://127.0.0.1:{server.port}", headers=fields)
        if answer.status_code == 503:  # noqa: PLR2004 -- this house has no name service
            assert answer.json()["code"] == "unavailable"
            return
        if answer.status_code == 413:  # noqa: PLR2004 -- a text that is too long may make the whole body too long
            assert answer.json()["code"] == "too_large"
            return
        case.validate_response(answer, checks=checks)

    ask()
