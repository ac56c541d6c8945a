"""Services of a process are made floor by floor, and nothing that a lower floor calls is forgotten."""

from types import SimpleNamespace

import pytest
from tests.flows.house import compose_house

from smartmail.app.wiring import services
from smartmail.app.wiring.upcalls import Upcall, Upcalls


async def test_a_call_of_a_service_that_is_not_made_is_an_error():
    call = Upcall[[str], str]()
    with pytest.raises(RuntimeError):
        call("kim@a.example")

    async def farewell(address: str) -> str:
        return f"bye {address}"

    call.bind(farewell)
    assert await call("kim@a.example") == "bye kim@a.example"


async def test_a_process_does_not_start_with_a_call_that_nobody_bound(tmp_path, monkeypatch):
    class More(Upcalls):
        def __init__(self, ports):
            super().__init__(ports)
            self.forgotten = Upcall()

    monkeypatch.setattr(services, "Upcalls", More)
    (tmp_path / "data").mkdir()
    with pytest.raises(RuntimeError, match="forgotten"):
        async with compose_house(tmp_path / "data"):
            pass


async def test_a_process_does_not_start_without_a_service_of_the_catalogue(tmp_path, monkeypatch):
    monkeypatch.setattr(services, "Imports", lambda *_floors: SimpleNamespace())
    (tmp_path / "data").mkdir()
    with pytest.raises(KeyError, match="directory_imports"):
        async with compose_house(tmp_path / "data"):
            pass


async def test_no_two_floors_make_services_of_one_name(tmp_path, monkeypatch):
    """The catalogue takes them by name: the later one would stand for both."""
    made = []
    catalogue = services._catalogue

    def seen(*floors):
        made.extend(name for floor in floors for name in vars(floor))
        return catalogue(*floors)

    monkeypatch.setattr(services, "_catalogue", seen)
    (tmp_path / "data").mkdir()
    async with compose_house(tmp_path / "data"):
        assert len(made) == len(set(made))
