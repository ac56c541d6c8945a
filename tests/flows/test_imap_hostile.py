"""Commands that no honest client sends: each is answered, and none is a fault of ours."""

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.flows.house import PASSWORD
from tests.flows.imap_client import Client
from tests.property.test_imapd_sessions import message, world

from smartmail.base import log

NUMBERS = ["1", "*", "1:*", "4294967295", "4294967295:*", "0", "1,1,1,1", "*:*", "2:1", ",".join(["1:4"] * 300), "9999"]
NAMES = [
    "INBOX", "inbox/x", '""', '"/"', '"a//b"', "Sent", "&vPSs4A-", '"' + "n" * 300 + '"', "a/" * 25 + "z", "*", '"x "', "NIL",
    '"INBOX/"', '"\\"q\\\\"', "A/B", "{}", "..", '" "',
]  # fmt: skip
SECTIONS = [
    "", "HEADER", "TEXT", "1", "1.MIME", "0", "1.1.1.1.1.1", "4294967295", "HEADER.FIELDS (X)", "HEADER.FIELDS.NOT (A B)",
    "1.HEADER", "MIME", "1.HEADER.FIELDS (FROM)",
]  # fmt: skip
PARTIALS = ["", "<0.1>", "<4294967295.4294967295>", "<0.0>", "<5.0>", "<1.99>"]
ITEMS = [
    "FLAGS",
    "UID",
    "ENVELOPE",
    "BODYSTRUCTURE",
    "BODY",
    "INTERNALDATE",
    "MODSEQ",
    "EMAILID",
    "THREADID",
    "RFC822.SIZE",
]
FLAGS = ["\\Seen", "\\Deleted", "\\Recent", "\\Odd", "$a", "\\*", "x" * 255, "x" * 256, "ünï", "a]b", ""]
KEYS = [
    "ALL", "NEW", "KEYWORD x", "LARGER 99999999999", "SMALLER 0", "BEFORE 31-Feb-2026", "SINCE 1-Jan-0001", "UID *",
    "HEADER X {}", "TEXT {}", "OR ALL", "NOT NOT NOT SEEN", "MODSEQ 0", "MODSEQ 9223372036854775807", "EMAILID M1",
    "THREADID T0", "(((ALL)))", "SENTON 1-Jan-1970", "BODY {}",
]  # fmt: skip

numbers, names, flags = st.sampled_from(NUMBERS), st.sampled_from(NAMES), st.sampled_from(FLAGS)
sections = st.builds(lambda a, b, peek: f"BODY{peek}[{a}]{b}", st.sampled_from(SECTIONS), st.sampled_from(PARTIALS), st.sampled_from(["", ".PEEK"]))  # fmt: skip
items = st.lists(st.one_of(st.sampled_from(ITEMS), sections), min_size=0, max_size=4).map(
    lambda one: f"({' '.join(one)})"
)
prefix = st.sampled_from(["", "UID "])
commands = st.one_of(
    st.builds("{}FETCH {} {}".format, prefix, numbers, items),
    st.builds(
        "{}FETCH {} {} (CHANGEDSINCE {})".format,
        prefix,
        numbers,
        items,
        st.sampled_from(["0", "1", "9223372036854775807"]),
    ),
    st.builds(
        "{}STORE {} {} ({})".format, prefix, numbers, st.sampled_from(["FLAGS", "+FLAGS.SILENT", "-FLAGS"]), flags
    ),
    st.builds("{}STORE {} (UNCHANGEDSINCE {}) FLAGS ({})".format, prefix, numbers, st.sampled_from(["0", "7"]), flags),
    st.builds("{}{} {} {}".format, prefix, st.sampled_from(["COPY", "MOVE"]), numbers, names),
    st.builds("{}SEARCH {}".format, prefix, st.sampled_from(KEYS)),
    st.builds(
        "{}SEARCH RETURN ({}) {}".format,
        prefix,
        st.sampled_from(["MIN MAX", "COUNT", "ALL", ""]),
        st.sampled_from(KEYS),
    ),
    st.builds(
        "{} {}".format, st.sampled_from(["CREATE", "DELETE", "SELECT", "EXAMINE", "SUBSCRIBE", "UNSUBSCRIBE"]), names
    ),
    st.builds("RENAME {} {}".format, names, names),
    st.builds("STATUS {} (MESSAGES UIDNEXT HIGHESTMODSEQ SIZE DELETED MAILBOXID APPENDLIMIT)".format, names),
    st.builds("LIST {} {}".format, names, st.sampled_from(["*", "%", '""', '"*%*%*%*%*"', "INBOX*"])),
    st.builds("LIST (SUBSCRIBED RECURSIVEMATCH) {} {} RETURN (CHILDREN STATUS (MESSAGES))".format, names, names),
    st.builds("APPEND {} ({}) {{}}".format, names, flags),
    st.builds("UID EXPUNGE {}".format, numbers),
    st.sampled_from(
        [
            "EXPUNGE",
            "CLOSE",
            "UNSELECT",
            "NOOP",
            "CHECK",
            "CAPABILITY",
            "ENABLE CONDSTORE X",
            "IDLE\r\nDONE",
            "LOGIN a b",
        ]
    ),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with world(tmp_path_factory.mktemp("hostile") / "data", houses=1) as made:
        yield made


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(commands, min_size=5, max_size=40), st.sampled_from([b"", b"\xff\xfe", "예산".encode(), message(1)]))
def test_every_command_is_answered_and_none_is_a_fault(house, program, literal):
    async def run():
        client = await Client.open(house.houses[0].ports["imap"], "kim@a.example", PASSWORD)
        await client.cmd("APPEND INBOX {} {}", message(1), message(2))
        await client.cmd("SELECT INBOX")
        for text in program:
            fits = [literal] * text.count("{}")
            assert (await client.cmd(text, *fits)).status in {"OK", "NO", "BAD"}, text
        await client.close()

    written = io.StringIO()
    log.configure(stream=written)
    try:
        house.loop.run_until_complete(run())
    finally:
        log.configure()
    assert "connection.failed" not in written.getvalue()
    assert "SERVERBUG" not in written.getvalue()
