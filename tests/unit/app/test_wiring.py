"""Services of a process are made floor by floor, and nothing that a lower floor calls is forgotten."""

from types import SimpleNamespace

import pytest
from tests.flows.house import compose_house

from smartmail.app.wiring import services
from smartmail.app.wiring.upcalls import Upcall, Upcalls
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.kernel.leased_work import LeasedJob


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


async def test_jobs_have_names_of_their_own_and_sane_pauses(tmp_path):
    (tmp_path / "data").mkdir()
    async with compose_house(tmp_path / "data") as house:
        names = [job.name for job in house.services.jobs]
        assert len(names) == len(set(names)) > 50
        assert all(SECOND // 4 <= job.every_ms <= DAY for job in house.services.jobs if not job.due)


async def test_every_kind_that_is_looked_at_has_a_job(tmp_path):
    (tmp_path / "data").mkdir()
    async with compose_house(tmp_path / "data") as house:
        kinds = [job.due for job in house.services.jobs if job.due]
        assert sorted(kinds) == sorted(house.store.tasks.looks)


async def test_all_leased_work_ends_with_its_node(tmp_path):
    """What a node stops is what its jobs say: a kind of leased work that is in no job would run on."""
    (tmp_path / "data").mkdir()
    async with compose_house(tmp_path / "data") as house:
        stopped = {type(getattr(job.stop, "__self__", None)) for job in house.services.jobs}
    kinds = {kind for kind in LeasedJob.__subclasses__() if kind.__module__.startswith("smartmail.")}
    assert kinds and kinds <= stopped
