"""IMAP commands against a whole server: untagged data and response codes, as RFC 3501 and its extensions want them."""

import asyncio

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client

SIMPLE = b"From: a@x.example\r\nSubject: one\r\n\r\nhello\r\n"


def message(subject: str, body: str = "text") -> bytes:
    return f"From: a@x.example\r\nSubject: {subject}\r\nMessage-ID: <{subject}@x.example>\r\n\r\n{body}\r\n".encode()


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person("kim@a.example")
        yield opened


@pytest.fixture
async def connect(house):
    opened = []

    async def make(login="kim@a.example", **options):
        client = await Client.open(house.ports["imap"], login, PASSWORD, **options)
        opened.append(client)
        return client

    yield make
    for client in opened:
        await client.close()


async def fill(client, box, count, flags="()"):
    await client.cmd(f"CREATE {box}")
    for number in range(count):
        assert await client.cmd(f"APPEND {box} {flags} {{}}", message(f"m{number}"))
    # Opened once, so that no message is recent in the sessions of the test.
    assert await client.cmd(f"SELECT {box}") and await client.cmd("UNSELECT")


# -- APPEND ----------------------------------------------------------------------------------------------------------


async def test_append_tells_uid_and_to_a_missing_mailbox_trycreate(connect):
    client = await connect()
    answer = await client.cmd('APPEND INBOX (\\Seen $Work) "25-Nov-2026 10:00:00 +0900" {}', SIMPLE)
    name, _validity, uid = answer.code.split()
    assert (name, uid) == ("APPENDUID", "1")
    missing = await client.cmd("APPEND Missing {}", SIMPLE)
    assert (missing.status, missing.code) == ("NO", "TRYCREATE")
    await client.cmd("SELECT INBOX")
    got = (await client.cmd("FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE)")).fetches()[1]
    assert got["INTERNALDATE"] == b"25-Nov-2026 01:00:00 +0000"
    assert set(got["FLAGS"]) == {"\\Seen", "$Work", "\\Recent"}
    assert got["RFC822.SIZE"] == str(len(SIMPLE))


async def test_append_to_the_selected_mailbox_tells_exists_before_ok(connect):
    client = await connect()
    await client.cmd("SELECT INBOX")
    answer = await client.cmd("APPEND INBOX {}", SIMPLE)
    assert b"1 EXISTS" in answer.lines


async def test_multiappend_is_all_or_none(connect):
    client = await connect()
    answer = await client.cmd("APPEND INBOX (\\Deleted) {} {} (\\Flagged) {}", SIMPLE, SIMPLE, SIMPLE)
    assert answer.code.split()[2] == "1:3"
    # An empty literal takes the command back (RFC 3502).
    assert (await client.cmd("APPEND INBOX {} {}", SIMPLE, b"")).status == "NO"
    answer = await client.cmd("SELECT INBOX")
    assert b"3 EXISTS" in answer.lines
    assert answer.codes()["UIDNEXT"] == "4"
    flags = {n: one["FLAGS"] for n, one in (await client.cmd("FETCH 1:* FLAGS")).fetches().items()}
    assert flags == {1: ["\\Deleted", "\\Recent"], 2: ["\\Recent"], 3: ["\\Flagged", "\\Recent"]}


async def test_twenty_megabytes_stream_in_and_out_octet_for_octet(connect):
    client = await connect()
    body = b"".join(b"%075d\r\n" % n for n in range(20_000_000 // 77))
    octets = b"Subject: big\r\n\r\n" + body
    assert await client.cmd("APPEND INBOX {}", octets)
    await client.cmd("SELECT INBOX")
    assert (await client.cmd("FETCH 1 BODY.PEEK[]")).fetches()[1]["BODY[]"] == octets
    part = (await client.cmd("FETCH 1 BODY.PEEK[TEXT]<5000000.3000000>")).fetches()[1]
    assert part["BODY[TEXT]<5000000>"] == body[5_000_000:8_000_000]


async def test_a_full_account_is_refused_before_the_octets_come(house, connect):
    await house.person("poor@a.example", quota=1000)
    client = await connect("poor@a.example")
    tag = client.next_tag()
    client.send(f"{tag} APPEND INBOX {{2000}}\r\n")
    answer = await client.answer(tag)
    assert (answer.status, answer.code) == ("NO", "OVERQUOTA")
    assert await client.cmd("APPEND INBOX {}", SIMPLE)


async def test_an_impossible_keyword_is_refused(connect):
    client = await connect()
    await fill(client, "Box", 1)
    await client.cmd("SELECT Box")
    assert (await client.cmd("STORE 1 +FLAGS (" + "x" * 300 + ")")).status == "NO"
    assert (await client.cmd("APPEND Box (" + "x" * 300 + ") {}", SIMPLE)).status == "NO"


# -- SELECT, STATUS -----------------------------------------------------------------------------------------------------


async def test_select_tells_all_that_it_must(connect):
    client = await connect()
    await fill(client, "Box", 2, "(\\Seen)")
    await client.cmd("APPEND Box ($Own) {}", SIMPLE)
    answer = await client.cmd("SELECT Box")
    codes = answer.codes()
    assert answer.code == "READ-WRITE"
    assert b"3 EXISTS" in answer.lines and b"1 RECENT" in answer.lines
    assert codes["UNSEEN"] == "3" and codes["UIDNEXT"] == "4" and int(codes["UIDVALIDITY"]) > 0
    assert int(codes["HIGHESTMODSEQ"]) > 0 and codes["MAILBOXID"].startswith("(")
    assert "\\*" in codes["PERMANENTFLAGS"] and "\\Deleted" in codes["PERMANENTFLAGS"]
    assert b"$Own" in answer.starting(b"FLAGS")[0]
    again = await client.cmd("SELECT INBOX")
    assert "CLOSED" in again.codes()


async def test_examine_changes_nothing(connect):
    client = await connect()
    await fill(client, "Box", 1, "(\\Deleted)")
    answer = await client.cmd("EXAMINE Box")
    assert answer.code == "READ-ONLY" and answer.codes()["PERMANENTFLAGS"] == "()"
    for text in ("STORE 1 +FLAGS (\\Seen)", "EXPUNGE", "MOVE 1 INBOX", "UID EXPUNGE 1"):
        assert (await client.cmd(text)).status == "NO", text
    assert (await client.cmd("FETCH 1 BODY[]")).fetches()[1]["BODY[]"] == message("m0")
    assert await client.cmd("COPY 1 INBOX")
    assert await client.cmd("CLOSE")
    answer = await client.cmd("STATUS Box (MESSAGES UNSEEN UIDNEXT DELETED SIZE HIGHESTMODSEQ)")
    assert b"MESSAGES 1 UNSEEN 1 UIDNEXT 2 DELETED 1" in answer.lines[0]


async def test_a_failed_select_leaves_nothing_selected(connect):
    client = await connect()
    await client.cmd("SELECT INBOX")
    answer = await client.cmd("SELECT Missing")
    assert (answer.status, answer.code) == ("NO", "NONEXISTENT")
    assert (await client.cmd("FETCH 1 FLAGS")).status == "BAD"


async def test_close_expunges_silently_and_unselect_does_not(connect):
    client = await connect()
    await fill(client, "Box", 2, "(\\Deleted)")
    await client.cmd("SELECT Box")
    assert not (await client.cmd("UNSELECT")).lines
    await client.cmd("SELECT Box")
    assert not (await client.cmd("CLOSE")).lines
    assert b"0 EXISTS" in (await client.cmd("SELECT Box")).lines


# -- STORE -------------------------------------------------------------------------------------------------------------


async def test_store_tells_flags_and_silent_does_not(connect):
    client = await connect()
    await fill(client, "Box", 3)
    await client.cmd("SELECT Box")
    answer = await client.cmd("STORE 1:2 +FLAGS (\\Flagged)")
    assert answer.lines == [b"1 FETCH (FLAGS (\\Flagged))", b"2 FETCH (FLAGS (\\Flagged))"]
    assert (await client.cmd("UID STORE 2 FLAGS (\\Seen)")).lines == [b"2 FETCH (UID 2 FLAGS (\\Seen))"]
    assert not (await client.cmd("STORE 1:3 -FLAGS.SILENT (\\Flagged \\Seen)")).lines
    assert not (await client.cmd("NOOP")).lines
    assert (await client.cmd("STORE 4 FLAGS ()")).status == "BAD"
    assert await client.cmd("UID STORE 4 FLAGS ()")


async def test_a_new_keyword_is_announced_before_it_is_used(connect):
    one, two = await connect(), await connect()
    await fill(one, "Box", 1)
    await one.cmd("SELECT Box")
    await two.cmd("SELECT Box")
    answer = await one.cmd("STORE 1 +FLAGS (Projekt)")
    words = [line.split(b" ")[0] for line in answer.lines]
    assert words.index(b"FLAGS") < words.index(b"1")
    answer = await two.cmd("NOOP")
    assert b"Projekt" in answer.starting(b"FLAGS")[0]
    assert "Projekt" in answer.codes()["PERMANENTFLAGS"]
    assert answer.lines[-1] == b"1 FETCH (UID 1 FLAGS (Projekt))"


async def test_unchangedsince_leaves_what_has_changed_and_names_it(connect):
    one, two = await connect(), await connect()
    await fill(one, "Box", 3)
    since = int((await one.cmd("SELECT Box (CONDSTORE)")).codes()["HIGHESTMODSEQ"])
    await two.cmd("SELECT Box")
    await two.cmd("STORE 2 +FLAGS.SILENT (\\Answered)")
    answer = await one.cmd(f"UID STORE 1:3 (UNCHANGEDSINCE {since}) +FLAGS.SILENT (\\Flagged)")
    assert answer.code == "MODIFIED 2"
    got = answer.fetches()
    assert set(got[1]) == {"UID", "MODSEQ"} and int(got[1]["MODSEQ"][0]) > since
    assert got[2]["FLAGS"] == ["\\Answered"]
    answer = await one.cmd(f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {since})")
    assert {n: one["FLAGS"] for n, one in answer.fetches().items()} == {
        1: ["\\Flagged"], 2: ["\\Answered"], 3: ["\\Flagged"],
    }  # fmt: skip


async def test_a_silent_store_does_not_hide_what_others_did(connect):
    one, two = await connect(), await connect()
    await fill(one, "Box", 1)
    await one.cmd("SELECT Box")
    await two.cmd("SELECT Box")
    await two.cmd("STORE 1 +FLAGS (\\Answered)")
    answer = await one.cmd("STORE 1 +FLAGS.SILENT (\\Flagged)")
    assert set(answer.fetches()[1]["FLAGS"]) == {"\\Answered", "\\Flagged"}


async def test_an_implied_condstore_tells_the_highest_modseq(connect):
    client = await connect()
    await fill(client, "Box", 1)
    await client.cmd("SELECT Box")
    answer = await client.cmd("FETCH 1 (MODSEQ)")
    assert int(answer.codes()["HIGHESTMODSEQ"]) > 0
    assert "MODSEQ" in (await client.cmd("STORE 1 +FLAGS (\\Seen)")).fetches()[1]


async def test_reading_a_body_sets_seen_and_tells_it_with_its_modseq(connect):
    client = await connect()
    await fill(client, "Box", 2)
    await client.cmd("ENABLE CONDSTORE")
    await client.cmd("SELECT Box")
    got = (await client.cmd("FETCH 1 (BODY[TEXT])")).fetches()[1]
    assert got["FLAGS"] == ["\\Seen"] and "MODSEQ" in got
    assert "FLAGS" not in (await client.cmd("FETCH 2 (BODY.PEEK[TEXT])")).fetches()[2]


# -- COPY, MOVE, EXPUNGE --------------------------------------------------------------------------------------------------


async def test_copy_pairs_source_and_target_uids_in_order(connect):
    client = await connect()
    await fill(client, "Box", 4)
    await client.cmd("CREATE To")
    await client.cmd("SELECT Box")
    await client.cmd("STORE 2 +FLAGS (\\Deleted)")
    answer = await client.cmd("COPY 2 To")
    assert answer.code.split()[2:] == ["2", "1"]
    answer = await client.cmd("COPY 4,1:3 To")
    assert answer.code.split()[2:] == ["1:4", "2:5"]
    assert (await client.cmd("COPY 1 Missing")).code == "TRYCREATE"
    assert (await client.cmd("COPY 9 To")).status == "BAD"
    assert not (await client.cmd("UID COPY 9 To")).code
    await client.cmd("SELECT To")
    got = (await client.cmd("FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")).fetches()
    label = "BODY[HEADER.FIELDS (SUBJECT)]"
    assert [one[label].split()[1] for one in got.values()] == [b"m1", b"m0", b"m1", b"m2", b"m3"]
    # \Deleted belongs to the placement: a copy does not have it.
    assert got[1]["FLAGS"] == ["\\Recent"]


async def test_a_message_copied_into_its_own_mailbox_is_another_one(connect):
    client = await connect()
    await fill(client, "Box", 2, "(\\Flagged)")
    await client.cmd("SELECT Box")
    answer = await client.cmd("COPY 1:2 Box")
    assert answer.code.split()[2:] == ["1:2", "3:4"]
    assert b"4 EXISTS" in answer.lines
    await client.cmd("STORE 3 FLAGS (\\Seen)")
    flags = [one["FLAGS"] for one in (await client.cmd("FETCH 1:4 FLAGS")).fetches().values()]
    assert flags == [["\\Flagged"], ["\\Flagged"], ["\\Seen", "\\Recent"], ["\\Flagged", "\\Recent"]]


async def test_expunging_a_copy_leaves_the_other_one(connect):
    client = await connect()
    await fill(client, "Box", 1)
    await client.cmd("SELECT Box")
    await client.cmd("COPY 1 INBOX")
    await client.cmd("STORE 1 +FLAGS.SILENT (\\Deleted)")
    assert (await client.cmd("EXPUNGE")).lines == [b"1 EXPUNGE"]
    await client.cmd("SELECT INBOX")
    assert (await client.cmd("FETCH 1 BODY.PEEK[]")).fetches()[1]["BODY[]"] == message("m0")


async def test_move_tells_copyuid_before_expunges(connect):
    client = await connect()
    await fill(client, "Box", 3)
    await client.cmd("SELECT Box")
    answer = await client.cmd("MOVE 1:2 Trash")
    assert answer.lines[0].startswith(b"OK [COPYUID ")
    assert answer.codes()["COPYUID"].split()[1:] == ["1:2", "1:2"]
    assert answer.lines[1:] == [b"2 EXPUNGE", b"1 EXPUNGE"]
    assert (await client.cmd("MOVE 1 Missing")).code == "TRYCREATE"


async def test_uid_expunge_takes_only_what_it_names(connect):
    client = await connect()
    await fill(client, "Box", 4, "(\\Deleted)")
    await client.cmd("SELECT Box")
    await client.cmd("STORE 2 -FLAGS.SILENT (\\Deleted)")
    assert (await client.cmd("UID EXPUNGE 1:3")).lines == [b"3 EXPUNGE", b"1 EXPUNGE"]
    assert (await client.cmd("EXPUNGE")).lines == [b"2 EXPUNGE"]


async def test_expunge_elsewhere_waits_for_a_command_that_may_tell_it(connect):
    one, two = await connect(), await connect()
    await fill(one, "Box", 3)
    await one.cmd("SELECT Box")
    await two.cmd("SELECT Box")
    await one.cmd("STORE 2 +FLAGS.SILENT (\\Deleted)")
    await one.cmd("EXPUNGE")
    answer = await two.cmd("FETCH 1:3 (UID FLAGS)")
    assert answer and sorted(answer.fetches()) == [1, 3]
    assert not answer.starting(b"2 EXPUNGE")
    assert b"2 EXPUNGE" in (await two.cmd("NOOP")).lines


async def test_a_thousand_uids_in_one_store(connect):
    client = await connect()
    await client.cmd("CREATE Many")
    for _ in range(10):
        await client.cmd("APPEND Many " + " ".join(["{}"] * 100), *[message(f"n{n}") for n in range(100)])
    await client.cmd("SELECT Many")
    uids = ",".join(str(uid) for uid in range(1, 1001))
    answer = await client.cmd(f"UID STORE {uids} +FLAGS (\\Flagged)")
    assert len(answer.fetches()) == 1000
    assert (await client.cmd("SEARCH RETURN (COUNT) FLAGGED")).lines[0].endswith(b"COUNT 1000")
    answer = await client.cmd(f"UID MOVE {uids} Trash")
    assert len([line for line in answer.lines if line.endswith(b"EXPUNGE")]) == 1000


# -- mailboxes -----------------------------------------------------------------------------------------------------------


async def test_a_mailbox_deleted_while_selected(connect):
    one, two, three = await connect(), await connect(), await connect()
    await fill(one, "Box", 1)
    for client in (one, two, three):
        await client.cmd("SELECT Box")
    await three.idle()
    answer = await one.cmd("DELETE Box")
    assert answer and "CLOSED" in answer.codes()
    assert (await one.cmd("FETCH 1 FLAGS")).status == "BAD"
    assert await one.cmd("SELECT INBOX")
    two.send("x FETCH 1 FLAGS\r\n")
    assert (await two.line()).startswith(b"* BYE")
    assert (await three.line()).startswith(b"* BYE")


async def test_create_tells_the_mailbox_id_and_special_use(connect):
    client = await connect()
    answer = await client.cmd("CREATE One/Two/Three")
    assert answer.code.startswith("MAILBOXID (")
    assert (
        f"MAILBOXID {answer.code.split()[1]}".encode()
        in (await client.cmd("STATUS One/Two/Three (MAILBOXID)")).lines[0]
    )
    names = [line.split(b' "/" ')[1] for line in (await client.cmd('LIST "" One*')).lines]
    assert names == [b"One", b"One/Two", b"One/Two/Three"]
    assert (await client.cmd("CREATE One")).code == "ALREADYEXISTS"
    assert (await client.cmd("CREATE inbox")).code == "ALREADYEXISTS"
    assert (await client.cmd("CREATE More (USE (\\Sent))")).code == "USEATTR"
    assert (await client.cmd("CREATE More (USE (\\Flagged))")).code == "USEATTR"
    await client.cmd("DELETE Archive")
    assert await client.cmd("CREATE Store (USE (\\Archive))")
    assert b"\\Archive" in (await client.cmd('LIST "" Store')).lines[0]
    assert (await client.cmd("DELETE One")).code == "HASCHILDREN"
    assert (await client.cmd("DELETE INBOX")).code == "CANNOT"
    assert (await client.cmd("DELETE Missing")).code == "NONEXISTENT"
    assert (await client.cmd('CREATE ""')).status != "OK"


async def test_renaming_a_tree_and_the_inbox(connect):
    client = await connect()
    await client.cmd("CREATE A/B/C")
    await fill(client, "A/B", 1)
    validity = (await client.cmd("STATUS A/B (UIDVALIDITY)")).lines[0].split(b"(")[1]
    assert await client.cmd("RENAME A/B New/Place")
    names = {line.split(b' "/" ')[1] for line in (await client.cmd('LIST "" *')).lines}
    assert {b"A", b"New", b"New/Place", b"New/Place/C"} <= names and b"A/B" not in names
    assert validity in (await client.cmd("STATUS New/Place (UIDVALIDITY)")).lines[0]
    assert (await client.cmd("RENAME New New/Place/Deeper")).code == "CANNOT"
    assert (await client.cmd("RENAME New A")).code == "ALREADYEXISTS"
    assert (await client.cmd("RENAME Missing X")).code == "NONEXISTENT"
    await client.cmd("APPEND INBOX (\\Flagged) {}", SIMPLE)
    assert await client.cmd("RENAME INBOX Old/Mail")
    assert b"0 EXISTS" in (await client.cmd("SELECT INBOX")).lines
    assert b"1 EXISTS" in (await client.cmd("SELECT Old/Mail")).lines
    assert (await client.cmd("FETCH 1 FLAGS")).fetches()[1]["FLAGS"] == ["\\Flagged", "\\Recent"]


async def test_no_mail_goes_where_list_never_shows_it(connect):
    client = await connect()
    await client.cmd("APPEND INBOX {}", SIMPLE)
    await client.cmd("CREATE Own/lee@a.example")
    for command in (
        'CREATE "Other Users/x"', 'CREATE "Shared/lee@a.example/x"', 'RENAME INBOX "Shared/x@a.example"',
        'RENAME INBOX "Other Users/x"', 'RENAME Own/lee@a.example "Shared/lee@a.example"', "RENAME Own Shared",
        'RENAME Own "Other Users/own"',
    ):  # fmt: skip
        assert (await client.cmd(command)).status == "NO", command
    # Nothing was moved, and a plain mailbox of that name is one like others.
    assert b"1 EXISTS" in (await client.cmd("SELECT INBOX")).lines
    assert await client.cmd("CREATE Shared/Team")
    names = {line.split(b' "/" ')[1] for line in (await client.cmd('LIST "" *')).lines}
    assert {b"Own", b"Own/lee@a.example", b"Shared", b"Shared/Team"} <= names


async def test_korean_names_in_both_spellings(connect):
    client, other = await connect(), await connect()
    assert await client.cmd("CREATE &vPSs4A-")  # 보고
    await other.cmd("ENABLE UTF8=ACCEPT")
    assert any("보고".encode() in line for line in (await other.cmd('LIST "" *')).lines)
    assert await other.cmd('CREATE "보고/2026년"')
    names = [line.split(b' "/" ')[1] for line in (await client.cmd('LIST "" "&vPSs4A-*"')).lines]
    assert names == [b"&vPSs4A-", b"&vPSs4A-/2026&sUQ-"]
    # A name in conjoining jamo is the same mailbox (NFC).
    assert (await other.cmd('STATUS "보고" (MESSAGES)')).status == "OK"
    assert b"1 EXISTS" not in (await client.cmd("SELECT &vPSs4A-")).lines
    assert (await client.cmd("CREATE bad&name")).status == "BAD"


async def test_list_and_lsub_patterns(connect):
    client = await connect()
    for name in ("A", "A/x", "A/x/y", "B"):
        await client.cmd(f"CREATE {name}")
    await client.cmd("UNSUBSCRIBE A/x")
    await client.cmd("UNSUBSCRIBE B")

    async def names(text):
        return [line.split(b' "/" ')[1] for line in (await client.cmd(text)).lines]

    assert await names('LIST "" %') == [b"INBOX", b"A", b"Archive", b"B", b"Drafts", b"Junk", b"Sent", b"Trash"]
    assert await names('LIST "A/" %') == [b"A/x"]
    assert await names('LIST "" "A*"') == [b"A", b"A/x", b"A/x/y", b"Archive"]
    assert await names('LIST "" inbox') == [b"INBOX"]
    assert await names('LSUB "" "A/%"') == [b"A/x"]
    assert (await client.cmd('LIST "" ""')).lines == [b'LIST (\\Noselect) "/" ""']
    answer = await client.cmd('LIST (SUBSCRIBED) "" "A*" RETURN (CHILDREN STATUS (MESSAGES))')
    assert [line.split(b" ")[0] for line in answer.lines] == [b"LIST", b"STATUS"] * 3
    assert (await client.cmd("NAMESPACE")).lines == [b'NAMESPACE (("" "/")) (("Other Users/" "/")) (("Shared/" "/"))']
    assert (await client.cmd("SUBSCRIBE Missing")).status == "NO"


# -- several sessions ------------------------------------------------------------------------------------------------------


async def test_idle_of_several_sessions_hears_everything(connect):
    watcher, second, actor = await connect(), await connect(), await connect()
    await fill(actor, "Box", 2)
    for client in (watcher, second, actor):
        await client.cmd("SELECT Box")
    tags = [await watcher.idle(), await second.idle()]
    await actor.cmd("APPEND Box {}", SIMPLE)
    for client in (watcher, second):
        assert (await client.until(b"EXISTS"))[-1] == b"* 3 EXISTS"
    await actor.cmd("STORE 1 +FLAGS (\\Flagged)")
    for client in (watcher, second):
        assert (await client.until(b"FETCH"))[-1] == b"* 1 FETCH (UID 1 FLAGS (\\Flagged))"
    await actor.cmd("STORE 2 +FLAGS.SILENT (\\Deleted)")
    await actor.cmd("EXPUNGE")
    for client, tag in zip((watcher, second), tags, strict=True):
        assert (await client.until(b"EXPUNGE"))[-1] == b"* 2 EXPUNGE"
        client.send("DONE\r\n")
        assert await client.answer(tag)


async def test_pipelined_commands_are_answered_in_order(connect):
    client = await connect()
    await fill(client, "Box", 3)
    client.send(
        "a SELECT Box\r\nb FETCH 1:* (UID)\r\nc STORE 1 +FLAGS.SILENT (\\Deleted)\r\nd EXPUNGE\r\n"
        "e FETCH 1 (UID)\r\nf NOOP\r\ng FETCH 3 (UID)\r\n"
    )
    answers = [await client.answer(tag) for tag in "abcdefg"]
    assert [one.status for one in answers] == ["OK"] * 6 + ["BAD"]
    assert answers[4].fetches() == {1: {"UID": "2"}}


async def test_idle_ends_on_anything_but_done_and_hints_stop(connect):
    client, actor = await connect(), await connect()
    await client.cmd("SELECT INBOX")
    tag = await client.idle()
    client.send("NOOP\r\n")
    assert (await client.answer(tag)).status == "BAD"
    await actor.cmd("APPEND INBOX {}", SIMPLE)
    assert (await client.cmd("NOOP")).lines == [b"1 EXISTS", b"1 RECENT"]


async def test_a_changed_password_ends_live_sessions(house, connect):
    client, idler = await connect(), await connect()
    await client.cmd("SELECT INBOX")
    await idler.cmd("SELECT INBOX")
    await idler.idle()
    await house.services.auth.set_password(house.accounts["kim@a.example"].id, "another password")
    client.send("x NOOP\r\n")
    assert (await client.line()).startswith(b"* BYE")
    assert (await idler.line()).startswith(b"* BYE")


async def test_a_big_fetch_stalls_nobody_and_holds_little_memory(house, connect):
    """60 MB go to a client that reads slowly; another one is served meanwhile; memory stays bounded."""
    import resource

    big, other = await connect(limit=1 << 16), await connect()
    octets = b"Subject: x\r\n\r\n" + b"0123456789abcdef" * 65536
    for _ in range(3):
        await big.cmd("APPEND INBOX " + " ".join(["{}"] * 20), *[octets] * 20)
    await big.cmd("SELECT INBOX")
    await other.cmd("SELECT INBOX")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    big.send("x FETCH 1:60 (UID BODY.PEEK[])\r\n")
    worst, got, tail = 0.0, 0, b""
    for turn in range(60):
        begun = asyncio.get_running_loop().time()
        assert await other.cmd("FETCH 1 (FLAGS ENVELOPE)")
        worst = max(worst, asyncio.get_running_loop().time() - begun)
        while got < (turn + 1) * len(octets):
            tail = await asyncio.wait_for(big.reader.read(1 << 18), 60)
            got += len(tail)
    while b"\r\nx OK" not in tail:
        tail += await asyncio.wait_for(big.reader.read(1 << 18), 60)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000
    assert worst < 3.0
