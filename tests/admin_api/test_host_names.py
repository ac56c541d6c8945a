"""Host names of an installation: set once by who runs it, kept in the store, looked up in DNS as it is now."""

import pytest
from tests.admin_api.admin_house import open_admin_house

from smartmail.domain.host_names import EVERYWHERE, HostNames

NAMES = {"mail": "mail.a.example", "app": "mail.a.example", "admin": "admin.a.example", "content": "files.a.example"}


class Place:
    """A NamePlace that notes what it shall keep."""

    def __init__(self) -> None:
        self.kept: list[HostNames] = []

    def current(self) -> HostNames:
        return EVERYWHERE

    def fixed(self) -> frozenset[str]:
        return frozenset({"content"})

    async def keep(self, names: HostNames) -> None:
        self.kept.append(names)


class Names:
    """A resolver that knows one host, whose address has the wrong name, and one that has none."""

    async def addresses(self, host: str) -> list[str]:
        return {"mail.a.example": ["192.0.2.1", "192.0.2.2", "192.0.2.3"]}.get(host, [])

    async def names(self, address: str) -> list[str]:
        return {"192.0.2.1": ["mail.a.example"], "192.0.2.2": ["host-2.isp.example"]}.get(address, [])


@pytest.fixture
async def house(tmp_path):
    """One company, so that its administrator runs the installation."""
    async with open_admin_house(tmp_path / "data", companies=(("test", "a.example"),)) as opened:
        yield opened


@pytest.fixture
def place(house):
    """Where the house keeps its names."""
    found = Place()
    house.services.host_names._place = found
    house.services.host_names._book.fixed = found.fixed()
    house.services.host_names._resolver = Names()
    return found


@pytest.fixture
async def runner(client, place):
    """Who runs the installation, where its names go."""
    return client


async def test_names_are_kept_and_told(house, runner, place):
    before = await runner.get("/host-names")
    assert (before["serving"]["mail"], before["wanted"]["mail"], before["fixed"]) == ("mx.test", "mx.test", ["content"])
    told = await runner.do("PUT", "/host-names", {**NAMES, "mail": " MAIL.a.example. "})
    assert (told["wanted"], told["serving"]["mail"]) == (NAMES, "mx.test")
    assert place.kept == [HostNames(**NAMES)]
    # What the world is told is what the server becomes, whichever process is asked.
    rows = (await runner.get("/domains/a.example/dns-records"))["items"]
    assert {one["text"] for one in rows if one["kind"] in {"MX", "CNAME"}} == {"10 mail.a.example.", "mail.a.example."}
    assert (await house.services.domain_records._names.in_force()).content == "files.localhost", "the node file's"
    # Another node follows what the store says, and so does this one after a disk that took nothing.
    await house.services.host_names.follow()
    assert place.kept == [HostNames(**NAMES)] * 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"mail": "localhost"}, {"mail": "mail"}, {"mail": "192.0.2.1"}, {"mail": "mail.localhost"}, {"mail": "a..example"},
        {"mail": "-a.example"}, {"admin": "mail.a.example"}, {"content": "admin.a.example"}, {"mail": f"{'a' * 64}.example"},
        {"mail": "https://mail.a.example"},
    ],
)  # fmt: skip
async def test_names_that_lead_nowhere_are_refused(runner, place, wrong):
    reply = await runner.ask("PUT", "/host-names", {**NAMES, **wrong})
    assert (reply.status, reply.json["code"]) == (400, "invalid")
    assert place.kept == []


async def test_a_company_among_several_does_not_name_the_installation(tmp_path):
    async with open_admin_house(tmp_path / "several") as several:
        place = several.services.host_names._place = Place()
        client = await several.client("admin@a.example")
        assert (await client.ask("PUT", "/host-names", NAMES)).status == 403
        assert (await client.ask("GET", "/host-names")).status == 403
        assert place.kept == []


async def test_a_look_tells_addresses_and_the_way_back(runner):
    found = await runner.get("/host-names/mail.a.example/look")
    assert found["state"] == "published"
    assert [(one["address"], one["reverse"]) for one in found["addresses"]] == [
        ("192.0.2.1", "matches"), ("192.0.2.2", "different"), ("192.0.2.3", "missing"),
    ]  # fmt: skip
    assert (await runner.get("/host-names/admin.a.example/look"))["state"] == "missing"
    assert (await runner.ask("GET", "/host-names/localhost/look")).status == 400
