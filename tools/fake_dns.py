"""A DNS server for tests and closed networks: answers out of a small table, over UDP, on loopback.

    python tools/fake_dns.py --port 5353 table.json

The table maps a name to its records: {"example.net": {"MX": ["10 mx.example.net"], "TXT": ["\\"v=spf1 -all\\""]},
"mx.example.net": {"A": ["127.0.0.3"]}}. A name that is not there does not exist; `"SERVFAIL": true` beside a name makes
the question about it fail. The table may be changed while it serves.
"""

import argparse
import json
import socketserver
import threading
from collections.abc import Mapping
from typing import Any, Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Table = Mapping[str, Mapping[str, Any]]


def answer(table: Table, octets: bytes) -> bytes:
    """Return the answer to a question."""
    question = dns.message.from_wire(octets)
    response = dns.message.make_response(question)
    response.flags |= dns.flags.RA | dns.flags.AA
    asked = question.question[0]
    records = table.get(asked.name.to_text(omit_final_dot=True).lower())
    if records is None:
        response.set_rcode(dns.rcode.NXDOMAIN)
    elif records.get("SERVFAIL"):
        response.set_rcode(dns.rcode.SERVFAIL)
    else:
        kind = dns.rdatatype.to_text(asked.rdtype)
        values = [_absolute(kind, value) for value in records.get(kind, ())]
        if values:
            response.answer.append(dns.rrset.from_text(asked.name, 1, "IN", kind, *values))
    return response.to_wire()


def _absolute(kind: str, value: str) -> str:
    return value if kind != "MX" or value.endswith(".") else value + "."


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        octets, sock = self.request
        sock.sendto(answer(self.server.table, octets), self.client_address)  # type: ignore[attr-defined]


class FakeDns(socketserver.ThreadingUDPServer):
    """Serves `table` from a thread until the `with` block ends; `port` is free unless one is given."""

    daemon_threads = True

    def __init__(self, table: Table, port: int = 0, address: str = "127.0.0.1") -> None:
        super().__init__((address, port), _Handler)
        self.table = table
        self.port: int = self.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", help="JSON file")
    parser.add_argument("--port", type=int, default=5353)
    parser.add_argument("--address", default="127.0.0.1")
    options = parser.parse_args()
    with open(options.table, encoding="utf-8") as file:
        server = FakeDns(json.load(file), options.port, options.address)
    print(f"answering on {options.address}:{server.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
