"""./smartmail geo: where addresses are, tables of other makers, trusted relays."""

import ipaddress
import struct

import pytest
from tests.unit.service_import.test_mail_commands import kim, shell

__all__ = ["kim", "shell"]


def places(shell, *addresses: str) -> dict[str, tuple]:
    found = [shell("geo", "look", one) for one in addresses]
    return {one["address"]: (one["country"], one["asn"]) for one in found}


def test_the_shipped_tables_answer_with_date_and_licence(shell, kim):
    tables = {one["kind"]: one for one in shell("geo", "list")["items"]}
    assert set(tables) == {"country", "asn"}
    assert all(one["version"] == 0 and "CC BY 4.0" in one["licence"] and one["date"] for one in tables.values())
    told = [shell("geo", "look", one) for one in ("168.126.63.1", "10.0.0.1", "192.0.2.1")]
    assert [(one["country"], one["asn"], one["inside"]) for one in told] == [
        ("KR", 4766, False), (None, None, True), (None, None, False),
    ]  # fmt: skip
    assert "no IP address" in shell("geo", "look", "nonsense", expect=65)


def test_a_bench_mapping_by_csv_holds_until_it_is_reset(shell, kim, tmp_path):
    bench = tmp_path / "bench.csv"
    bench.write_text("192.0.2.0/24,KR\n2001:db8::/32,JP\n", encoding="utf-8")
    made = shell("geo", "update", bench, "--licence", "none", "--date", "2026-11-26")
    assert {key: made[key] for key in ("kind", "version", "licence", "date", "source")} == {
        "kind": "country", "version": 1, "licence": "none", "date": "2026-11-26", "source": "bench.csv",
    }  # fmt: skip
    assert places(shell, "192.0.2.9", "2001:db8::9", "168.126.63.1") == {
        "192.0.2.9": ("KR", None), "2001:db8::9": ("JP", None), "168.126.63.1": (None, 4766),
    }  # fmt: skip
    asn = tmp_path / "asn.csv"
    asn.write_text('192.0.2.0,192.0.2.255,64500,"A, Network"\n', encoding="utf-8")
    assert shell("geo", "update", asn)["kind"] == "asn"
    assert places(shell, "192.0.2.9") == {"192.0.2.9": ("KR", 64500)}
    shell("geo", "reset", "country")
    shell("geo", "reset", "asn")
    assert places(shell, "192.0.2.9", "168.126.63.1") == {"192.0.2.9": (None, None), "168.126.63.1": ("KR", 4766)}


@pytest.mark.parametrize(
    "octets", [b"", b"\xff\xfe\x00rubbish", b"192.0.2.0/24,KR\nbroken\n", b"SMGT\1\0\0\0\xff\0\0\0{"]
)
def test_a_file_that_is_no_table_changes_nothing(shell, kim, tmp_path, octets):
    file = tmp_path / "table"
    file.write_bytes(octets)
    assert shell("geo", "update", file, expect=1)
    assert places(shell, "168.126.63.1") == {"168.126.63.1": ("KR", 4766)}


def test_an_mmdb_is_taken(shell, kim, tmp_path):
    file = tmp_path / "country.mmdb"
    file.write_bytes(mmdb([("192.0.2.0/24", "KR"), ("198.51.100.128/25", "NG")], "Test-Country"))
    made = shell("geo", "update", file)
    assert (made["kind"], made["source"], made["date"]) == ("country", "Test-Country", "2026-06-17")
    assert places(shell, "192.0.2.9", "198.51.100.200", "198.51.100.1") == {
        "192.0.2.9": ("KR", None), "198.51.100.200": ("NG", None), "198.51.100.1": (None, None),
    }  # fmt: skip
    file.write_bytes(file.read_bytes()[180:])
    assert "mmdb" in shell("geo", "update", file, expect=1).lower()


def test_relays_are_named_and_forgotten(shell, kim):
    def relays() -> list[str]:
        return [one["network"] for one in shell("geo", "relays")["items"]]

    assert relays() == []
    shell("geo", "trust-relay", "192.0.2.7")
    shell("geo", "trust-relay", "10.1.2.3/24")
    assert relays() == ["10.1.2.0/24", "192.0.2.7/32"]
    shell("geo", "remove-relay", "10.1.2.0/24")
    shell("geo", "trust-relay", "192.0.2.7")
    assert relays() == ["192.0.2.7/32"]
    shell("geo", "remove-relay", "10.9.9.9", expect=66)
    assert "too large" in shell("geo", "trust-relay", "0.0.0.0/0", expect=65)


# -- a small MaxMind DB (https://maxmind.github.io/MaxMind-DB/), IPv4, records of 24 bits ------------------------------


def mmdb(rows: list[tuple[str, str]], kind: str) -> bytes:
    nodes: list[list] = [[None, None]]
    for text, country in rows:
        network = ipaddress.ip_network(text)
        at = 0
        for depth in range(network.prefixlen):
            bit = int(network.network_address) >> (31 - depth) & 1
            if depth == network.prefixlen - 1:
                nodes[at][bit] = country
            else:
                if nodes[at][bit] is None:
                    nodes.append([None, None])
                    nodes[at][bit] = len(nodes) - 1
                at = nodes[at][bit]
    data, places_of = b"", {}
    for _text, country in rows:
        places_of.setdefault(country, len(data))
        if places_of[country] == len(data):
            data += _map({"country": {"iso_code": country}})
    tree = b""
    for pair in nodes:
        for one in pair:
            value = len(nodes) if one is None else one if isinstance(one, int) else len(nodes) + 16 + places_of[one]
            tree += value.to_bytes(3, "big")
    meta = {
        "node_count": len(nodes), "record_size": 24, "ip_version": 4, "database_type": kind, "languages": [],
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1_781_654_400,
        "description": {},
    }  # fmt: skip
    return tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + _map(meta)


def _map(values: dict) -> bytes:
    return bytes([7 << 5 | len(values)]) + b"".join(_value(key) + _value(value) for key, value in values.items())


def _value(value) -> bytes:
    if isinstance(value, dict):
        return _map(value)
    if isinstance(value, list):
        return bytes([len(value), 11 - 7])
    if isinstance(value, str):
        return bytes([2 << 5 | len(value)]) + value.encode()
    return bytes([6 << 5 | 4]) + struct.pack(">I", value)
