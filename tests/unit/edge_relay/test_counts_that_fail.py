"""A session that cannot be counted is used all the same: counts are for reports of others."""

from types import SimpleNamespace

from smartmail.domain.transport import HostTerms, ReportPolicy
from smartmail.edge.relay import securing
from smartmail.edge.relay.connection import Terms
from smartmail.edge.relay.securing import Securing
from smartmail.proto.smtp.client_events import ClientConfig
from smartmail.service.flow.routing import Host


async def test_the_connection_is_used_where_the_store_is_away(monkeypatch) -> None:
    made = SimpleNamespace(tls=True)

    async def note(*_values):
        raise RuntimeError("the store is away")

    async def opened(*_values):
        return made

    monkeypatch.setattr(securing.Connection, "open", opened)
    relay = Securing(SimpleNamespace(transport=SimpleNamespace(note=note)))
    work = SimpleNamespace(lease=SimpleNamespace(entry=SimpleNamespace(id=1)), domain="b.test")
    terms = HostTerms(report=ReportPolicy("no-policy-found", "b.test"))
    assert await relay.open(work, Host("mx.b.test", 25), "192.0.2.1", Terms(ClientConfig("mx.a.test")), terms) is made
