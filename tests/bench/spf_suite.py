"""Runs the open SPF test suite for RFC 7208: `python -m tests.bench.spf_suite rfc7208-tests.yml`.

The file lies in the source archive of pyspf (`test/rfc7208-tests.yml`), not in its wheel, so no test can read it from what
is installed; it is not ours to keep here. Prints what differs and how many cases agree; exit code 1 when one does not.
"""

import argparse
import asyncio
import ipaddress
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from smartmail.proto.mailauth.asking import TemporaryLookupError
from smartmail.proto.mailauth.spf import check_host

RECEIVER = "receiver.example.org"


class Zone:
    """The zone data of one scenario."""

    def __init__(self, data: dict[str, list[Any]]) -> None:
        self._data = {name.lower().rstrip("."): records for name, records in data.items()}

    async def ask(self, name: str, kind: str) -> Sequence[str]:
        if kind == "PTR":
            name = ipaddress.ip_address(name).reverse_pointer
        return self._records(name.lower().rstrip("."), kind)

    def _records(self, name: str, kind: str) -> list[str]:
        records = self._data.get(name, [])
        has_text = any(isinstance(one, dict) and "TXT" in one for one in records)
        found: list[Any] = []
        for record in records:
            if record == "TIMEOUT":
                if not found:
                    raise TemporaryLookupError(name)
                continue
            if not isinstance(record, dict):
                continue
            [(what, value)] = record.items()
            # Where no TXT record is given, what SPF holds stands for it.
            what = "TXT" if what == "SPF" and not has_text else what
            if what == "CNAME":
                return self._records(str(value).lower().rstrip("."), kind)
            if what != kind or value == "NONE":
                continue
            if value == "TIMEOUT":
                raise TemporaryLookupError(name)
            found.append(value)
        if kind == "MX":
            return [str(host) for _preference, host in sorted(found)]
        if kind == "TXT":
            return [_text(value) for value in found]
        return [str(value) for value in found]


def _text(value: Any) -> str:
    text = "".join(value) if isinstance(value, list) else str(value)
    return text if text.isascii() else text.encode("latin-1").decode("utf-8", "replace")


def judge(zone: Zone, case: dict[str, Any]) -> str:
    """Return what differs in one case, "" when nothing does."""
    sender, helo = case.get("mailfrom") or "", case["helo"]
    domain = sender.rpartition("@")[2] if sender else helo
    found = asyncio.run(check_host(case["host"], domain, sender, helo, zone.ask, by=RECEIVER))
    wanted = case["result"] if isinstance(case["result"], list) else [case["result"]]
    if found.result not in wanted:
        return f"{found.result} ({found.reason}), not {' or '.join(wanted)}"
    told = case.get("explanation")
    expected = "" if told == "DEFAULT" else told
    return "" if told is None or found.explanation == expected else f"told {found.explanation!r}, not {told!r}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", type=Path)
    cases = differing = 0
    for scenario in yaml.safe_load_all(parser.parse_args().suite.read_text(encoding="utf-8")):
        zone = Zone(scenario["zonedata"]) if scenario else None
        for name, case in (scenario["tests"] if scenario else {}).items():
            assert zone is not None
            cases += 1
            difference = judge(zone, case)
            if difference:
                differing += 1
                print(f"{scenario['description']}: {name}: {difference}")
    print(f"{cases - differing} of {cases} cases agree")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
