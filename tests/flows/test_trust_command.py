"""`./smartmail trust …`: authorities, rules, hosts and lists by command."""

import asyncio
import json

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from tests.lab import npki
from tests.lab.npki import Pki

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory with one organization; return its document, or (exit code, errors)."""
    where = tmp_path / "data"

    def run(*words: str):
        code = main([*words, "--json", "--data", str(where)])
        out, err = capsys.readouterr()
        return json.loads(out) if code == 0 else (code, err)

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            organization = await node.services.provisioning.organization("test")
            await node.services.directory.add_domain("a.example", organization)

    asyncio.run(begin())
    return run


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki()


def test_authorities_come_as_files_and_go_by_fingerprint(smartmail, pki, tmp_path):
    both = tmp_path / "both.pem"
    both.write_bytes(b"".join(one.certificate.public_bytes(Encoding.PEM) for one in (pki.root, pki.sub)))
    assert all(
        one["name"].startswith("CN=yessign")
        for one in smartmail("trust", "add", str(both), "--family", "npki")["items"]
    )
    assert smartmail("trust", "add", str(both), "--family", "npki")[0] == 73
    one = tmp_path / "one.der"
    one.write_bytes(pki.root.der)
    smartmail("trust", "add", str(one), "--family", "gpki", "--domain", "a.example")
    found = smartmail("trust", "list")["items"]
    assert sorted((row["family"], row["domain"]) for row in found) == [
        ("gpki", "a.example"),
        ("npki", ""),
        ("npki", ""),
    ]
    root = next(row["fingerprint"] for row in found if row["domain"])
    remove = ("trust", "remove", root, "--domain", "a.example")
    assert smartmail(*remove) is None
    assert smartmail(*remove)[0] == 66
    assert len(smartmail("trust", "list")["items"]) == 2


def test_what_is_no_authority_is_refused(smartmail, pki, tmp_path):
    for name, octets in (("person.der", pki.leaf().der), ("junk.der", b"junk")):
        (tmp_path / name).write_bytes(octets)
        assert smartmail("trust", "add", str(tmp_path / name), "--family", "npki")[0] == 65
    with pytest.raises(SystemExit):
        smartmail("trust", "add", str(tmp_path / "missing"), "--family", "npki")


def test_rules_change_one_thing_at_a_time(smartmail):
    smartmail("trust", "rule", "npki", "--policies", "1.2.3.*", "1.2.4.5")
    smartmail("trust", "rule", "npki", "--identity")
    assert smartmail("trust", "rule", "npki", "--no-enabled")["enabled"] is False
    smartmail("trust", "rule", "npki", "--enabled", "--rebind")
    [rule] = smartmail("trust", "rules")["items"]
    assert rule == {
        "family": "npki", "domain": "", "enabled": True, "policies": ["1.2.3.*", "1.2.4.5"], "identity": True, "rebind": True,
    }  # fmt: skip
    assert smartmail("trust", "rule", "npki", "--policies", "*")["policies"] == []
    code, err = smartmail("trust", "rule", "npki", "--policies", "personal")
    assert (code, "1.2.410" in err) == (65, True)


def test_hosts_and_lists(smartmail, pki, tmp_path):
    for host in ("ocsp.a.test", "*.b.test"):
        smartmail("trust", "source", host)
    smartmail("trust", "remove-source", "ocsp.a.test")
    assert smartmail("trust", "source", "not a host")[0] == 65
    crl, old = tmp_path / "one.crl", tmp_path / "old.crl"
    crl.write_bytes(pki.list())
    assert smartmail("trust", "load", str(crl))[0] == 65  # nobody who is trusted has signed it
    for name, authority in (("root.der", pki.root), ("sub.der", pki.sub)):
        (tmp_path / name).write_bytes(authority.der)
        smartmail("trust", "add", str(tmp_path / name), "--family", "npki")
    assert smartmail("trust", "load", str(crl)) is None
    (tmp_path / "readme.txt").write_text("lists of today")
    assert "this is no list" in smartmail("trust", "load", str(tmp_path / "readme.txt"))[1]
    old.write_bytes(pki.list(age=npki.DAY * 3))
    assert "a newer list" in smartmail("trust", "load", str(old))[1]
    assert [one["host"] for one in smartmail("trust", "sources")["items"]] == ["*.b.test"]
    assert [one["source"] for one in smartmail("trust", "lists")["items"]] == ["file"]


def test_a_list_of_more_than_a_megabyte_is_taken(smartmail, tmp_path):
    large = tmp_path / "large.crl"
    large.write_bytes(b"0" * (3 << 20))
    assert "this is no list" in smartmail("trust", "load", str(large))[1]
