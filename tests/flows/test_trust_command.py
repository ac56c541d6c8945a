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
    """Run a command in a data directory with one organisation; return (exit code, output, errors)."""
    where = tmp_path / "data"

    def run(*words: str):
        code = main([*words, "--data", str(where)])
        out, err = capsys.readouterr()
        return code, out, err

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            organization = await node.services.provisioning.organization("test")
            await node.services.directory.add_domain("a.example", organization)

    asyncio.run(begin())
    return run


@pytest.fixture(scope="module")
def pki() -> Pki:
    return Pki()


def test_authorities_come_as_files_and_go_by_id(smartmail, pki, tmp_path):
    assert smartmail("trust", "list")[1].startswith("No authority is trusted yet.")
    both = tmp_path / "both.pem"
    both.write_bytes(b"".join(one.certificate.public_bytes(Encoding.PEM) for one in (pki.root, pki.sub)))
    code, out, err = smartmail("trust", "add", str(both), "--family", "npki")
    assert (code, err) == (0, "")
    assert out.count("test trusts CN=yessign") == 2
    assert "already" in smartmail("trust", "add", str(both), "--family", "npki")[1]
    one = tmp_path / "one.der"
    one.write_bytes(pki.root.der)
    assert smartmail("trust", "add", str(one), "--family", "gpki", "--domain", "a.example")[0] == 0
    found = json.loads(smartmail("trust", "list", "--json")[1])["authorities"]
    assert sorted((row["family"], row["domain"]) for row in found) == [
        ("gpki", "a.example"),
        ("npki", ""),
        ("npki", ""),
    ]
    root = next(row["fingerprint"] for row in found if row["domain"])
    assert smartmail("trust", "remove", root[:12], "--domain", "a.example")[0] == 0
    assert smartmail("trust", "remove", root[:12], "--domain", "a.example")[0] == 1
    assert len(json.loads(smartmail("trust", "list", "--json")[1])["authorities"]) == 2


def test_what_is_no_authority_is_refused(smartmail, pki, tmp_path):
    for name, octets in (("person.der", pki.leaf().der), ("junk.der", b"junk")):
        (tmp_path / name).write_bytes(octets)
        code, _out, err = smartmail("trust", "add", str(tmp_path / name), "--family", "npki")
        assert code == 1
        assert name in err
    assert smartmail("trust", "add", str(tmp_path / "missing"), "--family", "npki")[0] == 1
    code, _out, err = smartmail(
        "trust", "add", str(tmp_path / "junk.der"), "--family", "npki", "--domain", "other.example"
    )
    assert code == 1


def test_rules_change_one_thing_at_a_time(smartmail):
    assert "1.2.3.*" in smartmail("trust", "rule", "npki", "--policy", "1.2.3.*", "--policy", "1.2.4.5")[1]
    assert "identity number asked" in smartmail("trust", "rule", "npki", "--identity", "on")[1]
    assert smartmail("trust", "rule", "npki", "--off")[1] == "npki for all domains: off\n"
    smartmail("trust", "rule", "npki", "--on", "--rebind", "on")
    [rule] = json.loads(smartmail("trust", "list", "--json")[1])["rules"]
    assert rule == {
        "family": "npki", "domain": "", "enabled": True, "policies": ["1.2.3.*", "1.2.4.5"], "identity": True, "rebind": True,
    }  # fmt: skip
    assert smartmail("trust", "rule", "npki", "--any")[1].startswith("npki for all domains: every purpose")
    code, _out, err = smartmail("trust", "rule", "npki", "--policy", "personal")
    assert (code, "1.2.410" in err) == (1, True)
    assert smartmail("trust", "rule", "npki", "--on", "--off")[0] == 1


def test_hosts_and_lists(smartmail, pki, tmp_path):
    assert smartmail("trust", "source", "ocsp.a.test", "*.b.test")[0] == 0
    assert smartmail("trust", "source", "ocsp.a.test", "--forbid")[0] == 0
    assert smartmail("trust", "source", "not a host")[0] == 1
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "one.crl").write_bytes(pki.list())
    assert smartmail("trust", "load", str(lists))[0] == 1  # nobody who is trusted has signed it
    (tmp_path / "root.der").write_bytes(pki.root.der)
    (tmp_path / "sub.der").write_bytes(pki.sub.der)
    smartmail("trust", "add", str(tmp_path / "root.der"), str(tmp_path / "sub.der"), "--family", "npki")
    assert smartmail("trust", "load", str(lists))[0] == 0
    (lists / "readme.txt").write_text("lists of today")
    (lists / "old.crl").write_bytes(pki.list(age=npki.DAY * 3))
    code, out, _err = smartmail("trust", "load", str(lists))
    assert code == 1
    assert "readme.txt: this is no list" in out
    assert "old.crl: a newer list" in out
    found = json.loads(smartmail("trust", "list", "--json")[1])
    assert (found["hosts"], len(found["lists"])) == (["*.b.test"], 1)
    shown = smartmail("trust", "list")[1]
    assert "May be asked: *.b.test" in shown
    assert "over" not in shown
    (lists / "root.crl").write_bytes(pki.list(by=pki.root, age=npki.DAY * 3))
    smartmail("trust", "load", str(lists / "root.crl"))
    assert smartmail("trust", "list")[1].count("over: load a newer one") == 1
