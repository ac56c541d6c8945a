"""A transfer that takes too long: no other host gets the message, for the first one may have it."""

import asyncio
from types import SimpleNamespace

from smartmail.edge.relay import carrying
from smartmail.edge.relay.carrying import Carrier
from smartmail.proto.smtp.client_events import ClientConfig
from smartmail.service.flow.routing import Host, Route


class Silent:
    """A connection on which nothing ever comes to an end."""

    sent = 0

    async def send(self, _envelope, _content):
        Silent.sent += 1
        await asyncio.Event().wait()

    def abort(self) -> None:
        pass


async def test_no_second_host_after_a_transfer_that_stalls(monkeypatch) -> None:
    async def same(*_values, **_named):
        return ["192.0.2.1"]

    async def prefix(_work):
        return b""

    services = SimpleNamespace(
        routing=SimpleNamespace(addresses=same), signing=SimpleNamespace(prefix=prefix),
        queue=SimpleNamespace(size=lambda _work: 0),
    )  # fmt: skip
    hosts = SimpleNamespace(host_dead=lambda _a: False, host_works=lambda _a: None, host_failed=lambda _a: None)
    carrier = Carrier(services, ClientConfig("mx.test"), hosts, lambda: 0.0)

    async def terms(*_values):
        return SimpleNamespace(refusal="")

    async def opened(*_values):
        return Silent()

    carrier._securing = SimpleNamespace(terms=terms, open=opened)
    monkeypatch.setattr(carrying, "ATTEMPT_SECONDS", 0.05)
    monkeypatch.setattr(Carrier, "_envelope", lambda *_values: None)
    monkeypatch.setattr(carrying.Pool, "take", lambda *_values: None)
    monkeypatch.setattr(carrying, "replace", lambda terms, **_changes: terms)
    row, one = SimpleNamespace(number=0, domain="b.test"), SimpleNamespace(address="x@b.test")
    work = SimpleNamespace(recipients=((row, one),), envelope=None)
    done = await carrier.carry(work, Route("hosts", (Host("one.test", 25), Host("two.test", 25))), "")
    assert Silent.sent == 1
    assert [(outcome.kind, outcome.result.enhanced) for outcome in done.outcomes] == [("temporary", "4.4.2")]
