"""Golden pairs: requests and whole responses over a known mailbox, one file for each method and each kind of error.

In a response `"*"` stands for anything, and `"$name"` takes a value that later steps name; `$account` is the account.
Before the first step mail is delivered (`given`), octets are uploaded (`uploads`: `$name` → text), and an account of
somebody else (`$shared`) is shared with the rights in `shared`, its mail in `theirs`. A step that is refused as a whole
has `refused` instead of `response`; `using` is what else than everything it uses.
"""

import json
from pathlib import Path

import pytest
from tests.jmap_server.jmap_house import USING, mail

from smartmail.edge.httpd.jmap.methods import METHODS
from smartmail.proto.jmap.errors import METHOD_ERRORS, SET_ERRORS
from smartmail.proto.jmap.session import BLOB, CORE, MAIL, MDN, QUOTA, SIEVE, SUBMISSION, VACATION

FILES = sorted((Path(__file__).parent / "golden").glob("*.json"))
# Types of our own, and sharing, are tested by themselves.
STANDARD = {CORE, MAIL, SUBMISSION, VACATION, SIEVE, MDN, QUOTA, BLOB}
# Tested where they can be made to happen, or kept for what other servers would answer.
ELSEWHERE = {
    "tooManyRecipients": "test_jmap_submissions", "tooManyKeywords": "test_jmap_email_set",
    "overQuota": "test_jmap_quotas", "serverFail": "test_web_doors", "serverUnavailable": "test_web_doors", "serverPartialFail": "never",
    "rateLimit": "never", "reasonNeeded": "test_jmap_leaks", "fromAccountNotSupportedByMethod": "never", "forbiddenToSend": "never",
    "tooManyMailboxes": "never: maxMailboxesPerEmail is null", "addressBookHasContents": "test_jmap_contacts",
}  # fmt: skip


def filled(value, known):
    if isinstance(value, dict):
        return {filled(key, known): filled(one, known) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, known) for one in value]
    if isinstance(value, str) and value.startswith("$repeat:"):
        # A text too long to be written down.
        _, text, times = value.split(":")
        return text * int(times)
    return known.get(value, value) if isinstance(value, str) else value


def compare(expected, found, known, where=""):
    if expected == "*":
        return
    if isinstance(expected, str) and expected.startswith("$") and expected[1:].isalpha():
        assert known.setdefault(expected, found) == found, where
    elif isinstance(expected, dict):
        expected = {known.get(key, key): value for key, value in expected.items()}
        assert isinstance(found, dict) and expected.keys() == found.keys(), (where, found)
        for key, value in expected.items():
            compare(value, found[key], known, f"{where}/{key}")
    elif isinstance(expected, list):
        assert isinstance(found, list) and len(expected) == len(found), (where, found)
        for number, value in enumerate(expected):
            compare(value, found[number], known, f"{where}/{number}")
    else:
        assert expected == found, where


async def prepared(house, browser, kim, pair):
    """Make what a file presumes; return the names it may use."""
    known = {"$account": browser.account}
    for owner, key in ((kim, "given"), (house.accounts["choi@a.example"], "theirs")):
        for given in pair.get(key, ()):
            fields = {name: value for name, value in given.items() if name not in {"at", "keywords", "role"}}
            octets = mail(fields.pop("subject"), fields.pop("body"), **fields)
            names = tuple(given.get("keywords", ()))
            await house.deliver(owner, octets, given.get("role", "inbox"), names, given["at"])
    for name, text in pair.get("uploads", {}).items():
        octets = filled(text, {}).encode("utf-8", "surrogateescape")
        known[name] = (await browser.ask("POST", f"/jmap/upload/{browser.account}/", octets)).json["blobId"]
    if "shared" in pair:
        choi = house.accounts["choi@a.example"]
        await house.share(choi, kim, pair["shared"])
        known["$shared"] = f"a{choi.id}"
    return known


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_golden_exchange(house, browser, kim, path):
    pair = json.loads(path.read_text(encoding="utf-8"))
    known = await prepared(house, browser, kim, pair)
    for step in pair["steps"]:
        body = {"using": step.get("using", USING), "methodCalls": filled(step["request"], known)}
        if "createdIds" in step:
            body["createdIds"] = step["createdIds"]
        reply = await browser.ask("POST", "/jmap/api/", body)
        if "refused" in step:
            compare(step["refused"], reply.json, known)
            continue
        assert reply.status == 200, reply.body
        compare(step["response"], reply.json["methodResponses"], known)
        if "createdIds" in step:
            compare(step["answeredIds"], reply.json["createdIds"], known)


def strings(value):
    """Return every string in a JSON value that stands for a type."""
    if isinstance(value, dict):
        return {
            one
            for key, below in value.items()
            for one in ({below} if key == "type" else strings(below))
            if isinstance(one, str)
        }
    if isinstance(value, list):
        return {one for below in value for one in strings(below)}
    return set()


def test_every_method_and_every_error_has_its_exchange():
    pairs = [json.loads(path.read_text(encoding="utf-8")) for path in FILES]
    steps = [step for pair in pairs for step in pair["steps"]]
    called = {call[0] for step in steps for call in step.get("response", ())}
    missing = {name for name, method in METHODS.items() if method.capability in STANDARD} - called
    assert missing == set()
    told = strings([step.get("response", step.get("refused")) for step in steps])
    assert (METHOD_ERRORS | SET_ERRORS) - told - ELSEWHERE.keys() == set()
    refused = {f"urn:ietf:params:jmap:error:{name}" for name in ("unknownCapability", "notRequest")}
    assert refused <= told
