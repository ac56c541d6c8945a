"""What holds for every test of the tree."""

import asyncio
import gc
import sys
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from tests.house import hashing, place, program_files, template

if TYPE_CHECKING:
    from tests.lab.dns import DnsLab

# How fast a machine makes up examples says nothing of the code. The rest stays as it is: with CI set, the same examples.
settings.register_profile("smartmail", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("smartmail")


def pytest_configure() -> None:
    """Take out of this process what opening a house costs and no test is about (tests/house)."""
    place.install()
    program_files.install()
    template.install()
    hashing.install()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without garbage collection, and leave what was collected out of it for good.

    Each worker imports all test modules and makes all items, a million objects that live as long as it does: looking
    through them again and again was a fifth of what collecting costs.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture
def real_migrations() -> Iterator[None]:
    """Fresh SQLite stores of this test run every migration."""
    with template.migrations():
        yield


@pytest.fixture
def shipped_passwords() -> Iterator[None]:
    """Main passwords of this test cost what they cost in the product."""
    with hashing.shipped():
        yield


@pytest.fixture(autouse=True, scope="module")
def no_loop_of_a_browser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hide the loop that Playwright's synchronous API leaves running in the thread between two of its calls.

    Its fixtures live as long as the session. Without this every asynchronous test that the same process runs after a
    browser test would fail with "cannot be called from a running event loop".
    """
    loop = None if "e2e" in request.path.parts else asyncio._get_running_loop()
    if loop is None:
        yield
        return
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture(scope="session")
def dns_lab() -> "Iterator[DnsLab]":
    """The DNS of this test process: signed zones and a resolver that validates them."""
    from tests.lab.dns import open_dns_lab

    with open_dns_lab() as lab:
        yield lab


def pytest_sessionfinish() -> None:
    """Stop the PostgreSQL that this process started."""
    postgres = sys.modules.get("tests.house.postgres")
    if postgres is not None:
        postgres.stop_server()
