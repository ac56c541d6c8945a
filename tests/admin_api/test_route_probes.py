"""/route-probes over a real wire: what a host says is told line by line; who may not, speaks to nobody."""

from tests.admin_api.admin_house import open_admin_house
from tests.flows.hostile_mx import Exchanger, exchangers


async def test_a_probe_through_a_named_host(tmp_path):
    host = Exchanger({"rcpt": b"550 5.1.1 no such user\r\n"})
    async with exchangers({"far.test": host}) as (port, dns), open_admin_house(
        tmp_path / "data", companies=(("test", "a.example"),)
    ) as alone:  # fmt: skip
        [address] = await dns.addresses("mx.far.test")
        body = {"to": "lee@far.test", "host": address, "port": port}
        client = await alone.client("admin@a.example")
        looked = await client.do("POST", "/route-probes", body)
        assert (looked["outcome"], looked["address"], looked["port"]) == ("answered", address, port)
        told = await client.do("POST", "/route-probes", body | {"send": True})
        assert (told["outcome"], told["tls"], told["verified"]) == ("refused", "", "none")
        assert {"by": "host", "text": "550 5.1.1 no such user"}.items() <= told["lines"][-3].items()
        assert (await client.do("POST", "/route-probes", {"to": "kim@a.example"}))["outcome"] == "local"
        kim = await alone.client("kim@a.example")
        before = len(host.mails)
        assert (await kim.ask("POST", "/route-probes", body | {"send": True})).status == 403
        assert len(host.mails) == before


async def test_one_of_several_companies_does_not_speak_for_all(client):
    assert (await client.ask("POST", "/route-probes", {"to": "lee@far.test"})).status == 403
