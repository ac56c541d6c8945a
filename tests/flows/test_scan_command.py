"""`./smartmail scan …`: engines, lists, weights and partners from the command line."""

import asyncio
import json
import socket
import threading

import pytest

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load


@pytest.fixture
def smartmail(tmp_path, capsys):
    """Run a command in a data directory; return (exit code, output, errors)."""
    where = tmp_path / "data"

    def run(*words: str):
        code = main([*words, "--data", str(where)])
        out, err = capsys.readouterr()
        return code, out, err

    async def begin():
        async with open_node(load(str(where)), first_start=True) as node:
            await node.services.provisioning.organization("test")

    asyncio.run(begin())
    return run


@pytest.fixture
def clamd():
    """A clamd whose signatures are as old as its first answer says."""
    ages = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _peer = server.accept()
            except OSError:
                return
            with connection:
                command = b""
                while not command.endswith(b"\0"):
                    command += connection.recv(100)
                if command == b"zVERSION\0":
                    connection.sendall(f"ClamAV 1.4.3/27600/{ages[0]}\0".encode())
                    continue
                while not command.endswith(bytes(4)):
                    command += connection.recv(65_536)
                connection.sendall(b"stream: Bad.Thing FOUND\0" if b"bad" in command else b"stream: OK\0")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield ages, f"127.0.0.1:{server.getsockname()[1]}"
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


def test_engines_are_added_asked_tried_and_removed(smartmail, clamd, tmp_path):
    ages, address = clamd
    assert smartmail("scan", "status")[:2] == (0, "No engines.\n")
    assert smartmail("scan", "engine", "add", "clam", "clamd", address, "--on-failure", "pass")[0] == 0
    code, _out, err = smartmail("scan", "engine", "add", "clam", "clamd", address)
    assert (code, err) == (1, "smartmail: there is an engine 'clam'\n")
    ages[:] = ["Sun Sep 20 08:30:00 2020"]
    code, out, _err = smartmail("scan", "status")
    assert code == 1
    assert "STALE" in out
    assert "2020-09-20" in out
    ages[:] = ["Sun Sep 20 08:30:00 2099"]
    code, out, _err = smartmail("scan", "status", "--json")
    assert code == 0
    assert json.loads(out)["engines"][0]["state"] == "ok"
    (tmp_path / "good").write_bytes(b"good")
    (tmp_path / "bad").write_bytes(b"bad")
    assert smartmail("scan", "file", str(tmp_path / "good"))[:2] == (0, "ENGINE  RESULT\nclam    clean\n")
    assert smartmail("scan", "file", str(tmp_path / "bad"))[:2] == (1, "ENGINE  RESULT\nclam    INFECTED: Bad.Thing\n")
    assert smartmail("scan", "file", str(tmp_path / "none"))[0] == 1
    assert smartmail("scan", "engine", "remove", "clam")[0] == 0
    assert smartmail("scan", "engine", "remove", "clam")[0] == 1


def test_an_engine_that_is_not_there_is_said(smartmail):
    assert smartmail("scan", "engine", "add", "v3", "icap", "icap://127.0.0.1:1/respmod")[0] == 0
    code, out, _err = smartmail("scan", "status")
    assert code == 1
    assert "DOES NOT ANSWER" in out
    assert smartmail("scan", "engine", "add", "x", "clamd", "host:port")[0] == 1


def test_rules_are_weighed(smartmail):
    assert smartmail("scan", "rule", "bec", "off")[0] == 0
    assert smartmail("scan", "rule", "date-old", "2.5")[0] == 0
    rules = json.loads(smartmail("scan", "rules", "--json")[1])
    assert (rules["bec"], rules["date-old"], rules["virus"]) == (None, 2.5, 0.0)
    assert "off" in smartmail("scan", "rules")[1]
    assert smartmail("scan", "rule", "bec", "on")[0] == 0
    assert json.loads(smartmail("scan", "rules", "--json")[1])["bec"] == 5.0
    for words in (("nothing", "on"), ("bec", "much"), ("bec", "999"), ("bec", "nan")):
        assert smartmail("scan", "rule", *words)[0] == 1, words


def test_partners_names_and_lists(smartmail):
    assert smartmail("scan", "partner", "add", "한솔.kr")[0] == 0
    assert smartmail("scan", "partner", "add", "nonsense")[0] == 1
    assert smartmail("scan", "brands", "on")[0] == 0
    assert smartmail("scan", "list", "remove", "none")[0] == 1
    document = json.loads(smartmail("scan", "status", "--json")[1])
    assert (document["partners"], document["brands"], document["lists"]) == (["xn--im4bt57a.kr"], True, [])
    assert smartmail("scan", "partner", "remove", "한솔.kr")[0] == 0
    assert smartmail("scan", "partner", "remove", "한솔.kr")[0] == 1
