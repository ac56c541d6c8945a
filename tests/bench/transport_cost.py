"""What transport security costs for each message: terms with all answers known, and the judgement over a chain.

python -m tests.bench.transport_cost
"""

import asyncio
import time

from tests.lab.authority import Authority, self_signed
from tests.unit.service_transport.test_terms import DOMAIN, HOST, OWN, Resolver, Store, policy, served, service

from smartmail.formats.tlsa import disagreement

ROUNDS = 5_000


async def terms_cost() -> dict[str, float]:
    """Return microseconds for terms: nobody asks, DANE, MTA-STS."""
    record = self_signed(HOST.host).tlsa(3)
    kinds = {
        "none": service(Resolver(secure=False)),
        "dane": service(Resolver(tlsa=[record])),
        "sts": service(Resolver(secure=False, txt=[b"v=STSv1; id=1;"]), Store(), served(policy())),
    }
    found = {}
    for name, made in kinds.items():
        assert (await made.terms(DOMAIN, OWN, HOST)).kind == name
        start = time.perf_counter()
        for _ in range(ROUNDS):
            await made.terms(DOMAIN, OWN, HOST)
        found[name] = (time.perf_counter() - start) / ROUNDS * 1e6
    return found


def judgement_cost() -> dict[str, float]:
    """Return microseconds for a chain of three against its records."""
    authority = Authority()
    leaf = authority.issue(HOST.host, by=authority.intermediate())
    now, found = int(time.time()), {}
    for name, record in (("dane-ee", leaf.tlsa(3)), ("dane-ta", authority.root.tlsa(2))):
        assert disagreement([record], leaf.chain, [HOST.host], now) == ""
        start = time.perf_counter()
        for _ in range(ROUNDS // 10):
            disagreement([record], leaf.chain, [HOST.host], now)
        found[name] = (time.perf_counter() - start) / (ROUNDS // 10) * 1e6
    return found


def main() -> None:
    for name, cost in {**asyncio.run(terms_cost()), **judgement_cost()}.items():
        print(f"{name:<8} {cost:8.0f} µs")


if __name__ == "__main__":
    main()
