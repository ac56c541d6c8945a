"""Lines of the log as an administrator is shown them: whatever names a person or a host is masked."""

import json

import pytest

from smartmail.service.operations.processes import MASK, line_of


def shown(**fields: object) -> dict[str, str]:
    head = {"at": "2026-11-27T00:00:00Z", "level": "info", "event": "process.failed", "process": "edge-1"}
    line = line_of(json.dumps(head | fields).encode())
    assert line is not None
    return line.fields


@pytest.mark.parametrize(
    "text",
    [
        "192.0.2.7", "kim@a.example", "2001:db8::1", "fe80::1", "::1", "2001:db8:0:0:0:0:0:1", "1::", "::ffff:192.0.2.7",
    ],
)  # fmt: skip
def test_addresses_are_masked_wherever_they_stand(text):
    for around in ("{}", "refused by {}", "[{}]:25", "peer={} closed", "({})"):
        told = shown(detail=around.format(text))["detail"]
        assert MASK in told, told
        assert not any(one in told for one in ("192", "db8", "fe80", "::", "kim", "example")), told


def test_what_names_nobody_stays():
    assert shown(detail="status 550 after 3 tries: refused", code=25, ok=True) == {
        "detail": "status 550 after 3 tries: refused", "code": "25", "ok": "True",
    }  # fmt: skip
    assert shown(login="kim", name_="x", host="mx") == {"login": MASK, "name_": MASK, "host": MASK}
