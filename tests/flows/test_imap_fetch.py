"""FETCH sections and SEARCH over real messages: nested parts, transfer encodings, Korean charsets."""

import base64
import quopri

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client, values

from smartmail.domain.principal import system_actor

INNER_TEXT = b"Content-Type: text/plain; charset=us-ascii\r\nContent-Language: en\r\n\r\ninner text\r\n"
INNER = (
    b"From: in@x.example\r\nTo: out@x.example\r\nSubject: inner\r\nX-Odd: one\r\n\ttwo\r\n"
    b'Content-Type: multipart/alternative; boundary="in"\r\n\r\n--in\r\n' + INNER_TEXT
    + b"--in\r\nContent-Type: text/html\r\n\r\n<p>inner</p>\r\n--in--\r\n"
)  # fmt: skip
FIRST = b"Content-Type: text/plain\r\nContent-ID: <one@x>\r\n\r\nfirst part\r\n"
NESTED = (
    b"From: a@x.example\r\nSubject: outer\r\nX-Own: 1\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="out"\r\n\r\npreamble\r\n--out\r\n' + FIRST
    + b"--out\r\nContent-Type: message/rfc822\r\nContent-Description: forwarded\r\n\r\n" + INNER
    + b"\r\n--out--\r\nepilogue\r\n"
)  # fmt: skip


@pytest.fixture
async def client(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as house:
        await house.person("kim@a.example")
        opened = await Client.open(house.ports["imap"], "kim@a.example", PASSWORD)
        yield opened
        await opened.close()


async def put(client, *messages):
    for message in messages:
        assert await client.cmd("APPEND INBOX {}", message)
    assert await client.cmd("SELECT INBOX")


async def section(client, spec, number=1):
    got = (await client.cmd(f"FETCH {number} (BODY.PEEK[{spec}])")).fetches()[number]
    return next(iter(got.values()))


async def test_every_section_of_a_nested_message(client):
    await put(client, NESTED)
    inner_header, inner_body = INNER.split(b"\r\n\r\n", 1)
    expected = {
        "": NESTED,
        "HEADER": NESTED.split(b"preamble")[0],
        "TEXT": b"preamble" + NESTED.split(b"preamble")[1],
        "1": b"first part",
        "1.MIME": b"Content-Type: text/plain\r\nContent-ID: <one@x>\r\n\r\n",
        "2": INNER,
        "2.MIME": b"Content-Type: message/rfc822\r\nContent-Description: forwarded\r\n\r\n",
        "2.HEADER": inner_header + b"\r\n\r\n",
        "2.TEXT": inner_body,
        "2.1": b"inner text",
        "2.1.MIME": b"Content-Type: text/plain; charset=us-ascii\r\nContent-Language: en\r\n\r\n",
        "2.2": b"<p>inner</p>",
        "2.2.MIME": b"Content-Type: text/html\r\n\r\n",
        "3": None,
        "1.1": None,
        "2.3": None,
        "1.HEADER": None,
        "2.HEADER.FIELDS (subject X-ODD)": b"Subject: inner\r\nX-Odd: one\r\n\ttwo\r\n\r\n",
        "2.HEADER.FIELDS.NOT (From To Content-Type)": b"Subject: inner\r\nX-Odd: one\r\n\ttwo\r\n\r\n",
        "HEADER.FIELDS (X-Own Subject)": b"Subject: outer\r\nX-Own: 1\r\n\r\n",
        "HEADER.FIELDS (From)": b"From: a@x.example\r\n\r\n",
        "HEADER.FIELDS (Missing)": b"\r\n",
        "HEADER.FIELDS.NOT (Content-Type From MIME-Version)": b"Subject: outer\r\nX-Own: 1\r\n\r\n",
    }
    for spec, octets in expected.items():
        assert await section(client, spec) == octets, spec


async def test_partials_and_several_sections_in_one_answer(client):
    await put(client, NESTED)
    got = (
        await client.cmd(
            "FETCH 1 (BODY.PEEK[]<0.10> BODY.PEEK[]<4.6> BODY.PEEK[2.1.MIME]<8.4> BODY.PEEK[1]<100.5> "
            "BODY.PEEK[HEADER.FIELDS (SUBJECT)]<9.5> BODY.PEEK[TEXT]<0.4294967295>)"
        )
    ).fetches()[1]
    assert got == {
        "BODY[]<0>": NESTED[:10],
        "BODY[]<4>": NESTED[4:10],
        "BODY[2.1.MIME]<8>": b"Type",
        "BODY[1]<100>": b"",
        "BODY[HEADER.FIELDS (SUBJECT)]<9>": b"outer",
        "BODY[TEXT]<0>": b"preamble" + NESTED.split(b"preamble")[1],
    }


async def test_old_items_have_their_own_names(client):
    await put(client, NESTED)
    got = (await client.cmd("FETCH 1 (RFC822.HEADER)")).fetches()[1]
    assert got == {"RFC822.HEADER": NESTED.split(b"preamble")[0]}
    got = (await client.cmd("FETCH 1 (RFC822 RFC822.TEXT)")).fetches()[1]
    assert got["RFC822"] == NESTED and got["FLAGS"] == ["\\Seen", "\\Recent"]
    assert got["RFC822.TEXT"].startswith(b"preamble")
    got = (await client.cmd("FETCH 1 FULL")).fetches()[1]
    assert set(got) == {"FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"}


async def test_a_simple_message_has_part_one(client):
    await put(client, b"Subject: x\r\n\r\nbody\r\n")
    assert await section(client, "1") == b"body\r\n"
    assert await section(client, "1.MIME") == b"Subject: x\r\n\r\n"
    assert await section(client, "2") is None


async def test_envelope_and_structure_of_a_nested_message(client):
    await put(client, NESTED)
    got = (await client.cmd("FETCH 1 (ENVELOPE BODYSTRUCTURE EMAILID THREADID)")).fetches()[1]
    assert got["ENVELOPE"][1] == b"outer"
    assert got["ENVELOPE"][2] == [[None, None, b"a", b"x.example"]]
    first, second = got["BODYSTRUCTURE"][:2]
    assert [one.lower() for one in first[:2]] == [b"text", b"plain"] and first[3] == b"<one@x>"
    assert [one.lower() for one in second[:2]] == [b"message", b"rfc822"]
    assert second[7][1] == b"inner"
    assert got["BODYSTRUCTURE"][2].lower() == b"mixed"
    assert got["EMAILID"][0].startswith("M") and got["THREADID"][0].startswith("T")


async def test_quoted_field_names_and_odd_ones_do_no_harm(client):
    await put(client, b'X"Q: odd\r\nSubject: x\r\n\r\nbody\r\n')
    answer = await client.cmd("FETCH 1 (BODY.PEEK[HEADER.FIELDS ({} SUBJECT)])", b'X"Q')
    assert answer.status == "OK" and b'X"Q: odd' in answer.lines[0]
    assert (await client.cmd("FETCH 1 (BODY.PEEK[HEADER.FIELDS ()])")).status == "BAD"


async def test_many_messages_of_mixed_items_are_told_in_order(client):
    messages = [b"Subject: s%d\r\n\r\nbody %d\r\n" % (n, n) for n in range(700)]
    await client.cmd("APPEND INBOX " + " ".join(["{}"] * 700), *messages)
    await client.cmd("SELECT INBOX")
    for _ in range(2):
        got = (await client.cmd("FETCH 1:700 (UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (SUBJECT)])")).fetches()
        assert list(got) == list(range(1, 701))
        assert all(one["RFC822.SIZE"] == str(len(messages[n - 1])) for n, one in got.items())
        assert all(one["BODY[HEADER.FIELDS (SUBJECT)]"] == b"Subject: s%d\r\n\r\n" % (n - 1) for n, one in got.items())
    got = (await client.cmd("UID FETCH 650:* (BODY.PEEK[TEXT])")).fetches()
    assert {n: one["BODY[TEXT]"] for n, one in got.items()} == {n: b"body %d\r\n" % (n - 1) for n in range(650, 701)}
    got = (await client.cmd("FETCH 700,1,300 (INTERNALDATE FLAGS)")).fetches()
    assert sorted(got) == [1, 300, 700]


# -- SEARCH ------------------------------------------------------------------------------------------------------------


def word(text: str, charset: str, encoding: str) -> str:
    octets = text.encode(charset)
    if encoding == "B":
        return f"=?{charset}?B?{base64.b64encode(octets).decode()}?="
    return f"=?{charset}?Q?" + "".join(f"={octet:02X}" for octet in octets) + "?="


def korean(subject: str, body: str, charset: str, encoding: str, *, header: str = "B") -> bytes:
    octets = body.encode(charset)
    if encoding == "base64":
        octets = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        octets = quopri.encodestring(octets).replace(b"\n", b"\r\n")
    head = (
        f"From: {word('김민수', charset, header)} <kim@x.example>\r\nTo: {word('이영희', charset, header)} <lee@y.example>\r\n"
        f"Cc: third@z.example\r\nSubject: {word(subject, charset, header)}\r\nX-Note: {word('비밀', charset, header)}\r\n"
        f"Date: Tue, 24 Nov 2026 23:30:00 +0900\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    return head.encode() + octets + b"\r\n"


CASES = [
    ("utf-8", "base64", "B"),
    ("utf-8", "quoted-printable", "Q"),
    ("utf-8", "8bit", "B"),
    ("euc-kr", "base64", "B"),
    ("euc-kr", "8bit", "Q"),
    ("cp949", "quoted-printable", "B"),
    ("iso-2022-kr", "7bit", "B"),
]


async def test_korean_is_found_in_every_key_charset_and_encoding(client):
    messages = [
        korean("분기 예산 회의", "내일 오후에 회의실에서 뵙겠습니다", *case[:2], header=case[2]) for case in CASES
    ]
    await put(client, *messages, b"Subject: none\r\nFrom: x@q.example\r\n\r\nnothing\r\n")
    everything = " ".join(str(n) for n in range(1, len(CASES) + 1))
    keys = {
        "SUBJECT": "예산", "BODY": "회의실에서", "TEXT": "뵙겠습니다", "FROM": "김민수", "TO": "이영희",
        "HEADER X-Note": "비밀", "HEADER Subject": "분기 예산",
    }  # fmt: skip
    for key, text in keys.items():
        for charset in ("UTF-8", "EUC-KR"):
            answer = await client.cmd(f"SEARCH CHARSET {charset} {key} {{}}", text.encode(charset))
            assert answer.lines == [f"SEARCH {everything}".encode()], (key, charset)
        assert (await client.cmd(f"SEARCH CHARSET UTF-8 {key} {{}}", "없는말".encode())).lines == [b"SEARCH"], key
    assert (await client.cmd("SEARCH CHARSET ISO-2022-KR SUBJECT {}", "예산".encode("iso-2022-kr"))).lines == [
        f"SEARCH {everything}".encode()
    ]
    # The letters of another normal form are the same letters.
    answer = await client.cmd("SEARCH CHARSET UTF-8 SUBJECT {}", "예산".encode())
    assert answer.lines == [f"SEARCH {everything}".encode()]
    assert (await client.cmd("SEARCH CHARSET KOI9 SUBJECT x")).code.startswith("BADCHARSET")


async def test_every_search_key(client):
    await put(
        client,
        korean("하나", "본문", "utf-8", "base64"),
        b"From: two@q.example\r\nBcc: hidden@q.example\r\nSubject: Two\r\nDate: Mon, 01 Jun 2020 01:00:00 +0900\r\n\r\n"
        + b"x" * 2000,
        b"Subject: three\r\n\r\nplain ASCII words\r\n",
    )
    await client.cmd("STORE 1 FLAGS (\\Seen \\Answered)")
    await client.cmd("STORE 2 FLAGS (\\Flagged \\Deleted Tag)")
    await client.cmd("STORE 3 FLAGS (\\Draft $Forwarded)")
    modseq = int((await client.cmd("FETCH 3 (MODSEQ)")).fetches()[3]["MODSEQ"][0])
    expected = {
        "ALL": "1 2 3", "ANSWERED": "1", "UNANSWERED": "2 3", "SEEN": "1", "UNSEEN": "2 3", "FLAGGED": "2",
        "UNFLAGGED": "1 3", "DELETED": "2", "UNDELETED": "1 3", "DRAFT": "3", "UNDRAFT": "1 2", "NEW": "2 3", "OLD": "",
        "RECENT": "1 2 3", "KEYWORD tag": "2", "UNKEYWORD TAG": "1 3", "KEYWORD $Forwarded": "3", "KEYWORD nosuch": "",
        "LARGER 1000": "2", "SMALLER 1000": "1 3", "2:3": "2 3", "UID 1,3": "1 3", "NOT 2": "1 3", "OR SEEN DRAFT": "1 3",
        "(SEEN ANSWERED) UID 1:*": "1", "SENTON 24-Nov-2026": "1", "SENTBEFORE 2-Jun-2020": "2",
        "SENTSINCE 1-Jun-2020 SENTBEFORE 24-Nov-2026": "2", "BEFORE 1-Jan-2000": "", "SINCE 1-Jan-2000": "1 2 3",
        "BCC hidden": "2", "CC THIRD": "1", "FROM q.example": "2", "SUBJECT two": "2", "HEADER Bcc \"\"": "2",
        "HEADER Missing \"\"": "", "BODY ascii": "3", "TEXT three": "3", "NOT TEXT three": "1 2", "TEXT \"\"": "1 2 3",
        "OR SUBJECT two BODY ascii": "2 3", "NOT SUBJECT two": "1 3",
    }  # fmt: skip
    for program, found in expected.items():
        answer = await client.cmd(f"SEARCH {program}")
        assert answer.lines == [f"SEARCH {found}".rstrip().encode()], program
    assert (await client.cmd(f"SEARCH MODSEQ {modseq}")).lines == [f"SEARCH 3 (MODSEQ {modseq})".encode()]
    assert (await client.cmd("SEARCH 4")).status == "BAD"
    assert (await client.cmd("UID SEARCH UID 4:*")).lines == [b"SEARCH 3"]


async def test_esearch_returns(client):
    await put(client, *[b"Subject: m%d\r\n\r\nx\r\n" % n for n in range(5)])
    answer = await client.cmd("UID SEARCH RETURN (MIN MAX COUNT ALL) 2:4")
    assert answer.lines[0].endswith(b"UID MIN 2 MAX 4 COUNT 3 ALL 2:4")
    answer = await client.cmd("SEARCH RETURN () 5")
    assert answer.lines[0].endswith(b"ALL 5")
    await client.cmd("STORE 3 +FLAGS (\\Seen)")
    one = int((await client.cmd("FETCH 1 (MODSEQ)")).fetches()[1]["MODSEQ"][0])
    # RFC 7162 §3.1.10: of MIN alone the modseq of that message.
    answer = await client.cmd("SEARCH RETURN (MIN) 1:5 MODSEQ 1")
    assert answer.lines[0].endswith(b"MIN 1 MODSEQ %d" % one)


async def test_utf8_accept(client):
    await client.cmd("ENABLE UTF8=ACCEPT")
    octets = "Subject: 안녕하세요\r\nFrom: x@한국.example\r\n\r\n본문\r\n".encode()
    tag = client.next_tag()
    client.send(b"%b APPEND INBOX UTF8 (~{%d+}\r\n%b)\r\n" % (tag.encode(), len(octets), octets))
    assert await client.answer(tag)
    await client.cmd("SELECT INBOX")
    assert await section(client, "") == octets
    answer = await client.cmd('SEARCH SUBJECT "안녕"')
    assert answer.lines == [b"SEARCH 1"]
    assert (await client.cmd("SEARCH CHARSET UTF-8 ALL")).status == "BAD"


async def test_values_of_a_hostile_message_cannot_start_lines(client):
    await put(
        client,
        b'Subject: a"b\\c\r\n\t{5}\r\nFrom: "x\\"y" <a"b@x>\r\nContent-Type: text/plain; name="a\\"b"\r\n\r\n\x80\xff\r\n',
    )
    answer = await client.cmd("FETCH 1 (ENVELOPE BODYSTRUCTURE BODY.PEEK[])")
    assert answer and len(answer.lines) == 1
    values(answer.lines[0].split(b"FETCH ", 1)[1])


async def test_nul_from_another_door_is_told_by_binary_alone(tmp_path):
    """RFC 3501 §9: a literal is CHAR8, so every answer that is no literal8 has something else in place of a NUL."""
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as house:
        account = await house.person("kim@a.example")
        actor, messages = system_actor(account.id, account.organization_id), house.services.messages
        box = await house.services.mailboxes.by_role(actor, account.id, "inbox")
        octets = b"Subject: s\r\nX-Odd: a\x00b\r\n\r\nlong\x00" + b"x" * (2 << 20) + b"\x00\r\n"
        intake = await messages.begin(actor, account.id, len(octets))
        await intake.feed(octets)
        await messages.add(actor, account.id, await intake.finish(), [box.row.id])
        client = await Client.open(house.ports["imap"], "kim@a.example", PASSWORD)
        await client.cmd("SELECT INBOX")
        told = octets.replace(b"\x00", b"\x80")
        assert await section(client, "") == told
        assert await section(client, "TEXT") == told.split(b"\r\n\r\n", 1)[1]
        assert await section(client, "HEADER.FIELDS (X-ODD)") == b"X-Odd: a\x80b\r\n\r\n"
        answer = await client.cmd("FETCH 1 (BINARY.PEEK[]<11.12>)")
        assert b"BINARY[]<11> ~{12}\r\n\nX-Odd: a\x00b\r" in answer.lines[0]
        await client.close()
