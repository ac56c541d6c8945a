"""Golden pairs: requests and whole responses over a known mailbox.

In a response `"*"` stands for anything, and `"$name"` takes a value that later steps name; `$account` is the account.
"""

import json
from pathlib import Path

import pytest
from tests.jmap_server.jmap_house import USING, mail

FILES = sorted((Path(__file__).parent / "golden").glob("*.json"))


def filled(value, known):
    if isinstance(value, dict):
        return {key: filled(one, known) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, known) for one in value]
    return known.get(value, value) if isinstance(value, str) else value


def compare(expected, found, known, where=""):
    if expected == "*":
        return
    if isinstance(expected, str) and expected.startswith("$") and expected[1:].isalpha():
        assert known.setdefault(expected, found) == found, where
    elif isinstance(expected, dict):
        assert isinstance(found, dict) and expected.keys() == found.keys(), (where, found)
        for key, value in expected.items():
            compare(value, found[key], known, f"{where}/{key}")
    elif isinstance(expected, list):
        assert isinstance(found, list) and len(expected) == len(found), (where, found)
        for number, value in enumerate(expected):
            compare(value, found[number], known, f"{where}/{number}")
    else:
        assert expected == found, where


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_golden_exchange(house, browser, kim, path):
    pair = json.loads(path.read_text(encoding="utf-8"))
    for given in pair["given"]:
        fields = dict(given)
        octets = mail(
            fields.pop("subject"),
            fields.pop("body"),
            **{k: v for k, v in fields.items() if k not in {"at", "keywords"}},
        )
        await house.deliver(kim, octets, at=given["at"], names=tuple(given.get("keywords", ())))
    known = {"$account": browser.account}
    for step in pair["steps"]:
        reply = await browser.ask("POST", "/jmap/api/", {"using": USING, "methodCalls": filled(step["request"], known)})
        assert reply.status == 200
        compare(step["response"], reply.json["methodResponses"], known)
