"""Look-ups that an SPF record makes receivers do are counted as they count them."""

import pytest

from smartmail.ports.dns import DnsFailure
from smartmail.service.protection.spf_lookups import SpfCount, count

ROWS = {
    "plain.test": ["v=spf1 ip4:192.0.2.1 -all"],
    "own.test": ["v=spf1 a mx/24 ptr exists:%{i}.x.test include:one.test -all", "another text"],
    "one.test": ["v=spf1 include:two.test ?a:host.test ~all"],
    "two.test": ["v=spf1 redirect=three.test"],
    "three.test": ["v=spf1 mx -all"],
    "twice.test": ["v=spf1 -all", "v=spf1 a -all"],
    "round.test": ["v=spf1 include:round.test -all"],
    "dark.test": ["v=spf1 include:away.test -all"],
    "many.test": ["v=spf1 " + " ".join(f"a:h{number}.test" for number in range(11)) + " -all"],
}


class Names:
    async def txt(self, name: str) -> list[bytes]:
        if name == "away.test":
            raise DnsFailure
        return [one.encode() for one in ROWS.get(name, [])]


@pytest.mark.parametrize(
    ("domain", "lookups", "problem"),
    [
        ("plain.test", 0, ""), ("own.test", 9, ""), ("twice.test", 0, "several"), ("round.test", 1, "loop"),
        ("dark.test", 1, "unanswered"), ("many.test", 11, ""), ("nothing.test", 0, "missing"),
    ],
)  # fmt: skip
async def test_a_record_is_counted_with_those_that_it_includes(domain, lookups, problem):
    found = await count(Names(), domain)  # type: ignore[arg-type]
    assert found == SpfCount(ROWS.get(domain, [""])[0], lookups, problem)
