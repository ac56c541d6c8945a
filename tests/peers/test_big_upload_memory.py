"""A file of 600 MiB comes to a node that serves, and goes out again: no process of it holds more than a few parts."""

import base64
import contextlib
import hashlib
import http.client
import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.peers.served import PASSWORD, Served, served, until

LOGIN = "u1@bench.test"
CHUNK = 1 << 20
CHUNKS = 600
GROWTH_KIB = 96 << 10
"""Of one process, over what it held before: parts of 16 MiB, what is on its way, and what the allocator keeps."""
WITHIN_S = 240.0
TUS = {"Tus-Resumable": "1.0.0"}
USING = ["urn:ietf:params:jmap:core", "https://smartmail.example/jmap"]


@pytest.fixture
def node(tmp_path):
    with served(tmp_path / "data", "--bench") as node:
        yield node


def octets() -> Iterator[bytes]:
    """Yield the file: no two chunks are the same, and none is kept."""
    block = hashlib.shake_256(b"big").digest(CHUNK - 8)
    for number in range(CHUNKS):
        yield number.to_bytes(8, "big") + block


def peaks(node: Served) -> dict[int, int]:
    """Return process id → the most memory it ever held, in KiB."""
    found = {}
    for pid in node.everyone():
        # One that has ended meanwhile holds nothing any more.
        with contextlib.suppress(OSError):
            match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
            if match:
                found[pid] = int(match[1])
    return found


class Client:
    """Basic authentication over TLS; no page, so no cookie."""

    def __init__(self, node: Served) -> None:
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        self.line = http.client.HTTPSConnection("127.0.0.1", node.ports["https"], context=trust, timeout=WITHIN_S)
        credentials = base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()
        self.fields = {"Authorization": f"Basic {credentials}"}
        self.account = ""

    def ask(self, method: str, path: str, body=None, **fields: str) -> http.client.HTTPResponse:
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        self.line.request(method, path, body, {**self.fields, **named})
        return self.line.getresponse()

    def call(self, name: str, **arguments) -> dict:
        if not self.account:
            self.account = next(iter(json.loads(self.ask("GET", "/jmap/session").read())["accounts"]))
        body = {"using": USING, "methodCalls": [[name, {"accountId": self.account, **arguments}, "0"]]}
        answer = json.loads(self.ask("POST", "/jmap/api/", json.dumps(body), Content_Type="application/json").read())
        return answer["methodResponses"][0][1]


def test_a_large_file_passes_through_in_little_memory(node: Served):
    client = Client(node)
    client.call("LinkedFile/get", ids=None)
    before = peaks(node)
    name = base64.b64encode("설계 도면.bin".encode()).decode()
    begun = client.ask(
        "POST", "/files/tus/", Upload_Length=str(CHUNK * CHUNKS), Upload_Metadata=f"filename {name}", **TUS
    )
    assert (begun.status, begun.read()) == (201, b"")
    where, sent = begun.headers["location"], hashlib.sha256()

    def stream() -> Iterator[bytes]:
        for chunk in octets():
            sent.update(chunk)
            yield chunk

    kind = {"Content-Type": "application/offset+octet-stream", "Content-Length": str(CHUNK * CHUNKS)}
    grown = client.ask("PATCH", where, stream(), Upload_Offset="0", **TUS, **kind)
    assert (grown.status, grown.read(), grown.headers["upload-offset"]) == (204, b"", str(CHUNK * CHUNKS))
    until(lambda: client.call("LinkedFile/get", ids=None)["list"][0]["state"] == "ready", WITHIN_S, "a verdict")
    file_id = where.rpartition("/")[2]
    made = client.call("FileLink/set", create={"new": {"fileId": file_id}})["created"]["new"]

    taken = client.ask("POST", re.sub(r"^https://[^/]+", "", made["url"]))
    assert (taken.status, taken.read()) == (303, b"")
    got, came = client.ask("GET", taken.headers["location"]), hashlib.sha256()
    while chunk := got.read(CHUNK):
        came.update(chunk)
    assert came.digest() == sent.digest()
    # One that was started meanwhile may hold what the largest held before.
    usual = max(before.values())
    grew = {pid: most - before.get(pid, usual) for pid, most in peaks(node).items()}
    assert max(grew.values()) < GROWTH_KIB, grew
