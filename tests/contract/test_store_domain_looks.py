"""Contract of the store: what DNS said of our domains (ports/store_domain_looks.py), on both drivers."""

from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.domain_looks import DomainLook, WantedRecord

MX = WantedRecord("mx", "한빛.example", "MX", "10 mx.example.", "published")
SPF = WantedRecord("spf", "a.example", "TXT", "v=spf1 mx -all", "missing")


async def test_the_last_look_at_a_domain_is_kept(bench: Bench):
    store = bench.store
    assert await store.domain_look("a.example") is None
    await store.put_domain_look(DomainLook("b.example", 100, ()))
    await store.put_domain_look(DomainLook("a.example", 100, (MX,)))
    later = DomainLook("a.example", 200, (MX, SPF))
    await store.put_domain_look(later)
    assert await store.domain_look("a.example") == later
    assert await store.domain_looks() == [later, DomainLook("b.example", 100, ())]
    assert await store.drop_domain_looks(150) == 1
    assert await store.domain_looks() == [later]
