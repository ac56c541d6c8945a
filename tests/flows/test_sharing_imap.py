"""Sharing over IMAP: ACL, the namespaces of others, and what a right lets do and not do (RFC 4314, RFC 2342)."""

import asyncio

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client
from tests.house.jobs import service_of

from smartmail.adapters.clock import SystemClock
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.rights import Grantee

KIM, LEE = "kim@a.example", "lee@b.example"
BOX = "Other Users/kim@a.example/Team"


def message(subject: str) -> bytes:
    return f"From: a@x.example\r\nSubject: {subject}\r\nMessage-ID: <{subject}@x.example>\r\n\r\ntext\r\n".encode()


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data", domains=("a.example", "b.example")) as opened:
        await opened.person(KIM)
        await opened.person(LEE, department="영업")
        yield opened


@pytest.fixture
async def connect(house):
    opened = []

    async def make(login):
        client = await Client.open(house.ports["imap"], login, PASSWORD)
        opened.append(client)
        return client

    yield make
    for client in opened:
        await client.close()


@pytest.fixture
async def kim(connect):
    client = await connect(KIM)
    await client.cmd("CREATE Team")
    await client.cmd("CREATE Team/Deep")
    for number in range(3):
        assert await client.cmd("APPEND Team {}", message(f"m{number}"))
    return client


@pytest.fixture
async def lee(connect):
    return await connect(LEE)


def names(answer) -> set[str]:
    return {line.split(b'"/" ')[1].strip(b'"').decode() for line in answer.starting(b"LIST")}


async def give(client, rights, who=LEE, box="Team"):
    assert await client.cmd(f"SETACL {box} {who} {rights}"), rights


async def test_what_is_not_shared_does_not_exist(kim, lee):
    assert "Other Users" not in str(names(await lee.cmd('LIST "" "*"')))
    for command in (
        f'SELECT "{BOX}"', f'STATUS "{BOX}" (MESSAGES)', f'MYRIGHTS "{BOX}"', f'GETACL "{BOX}"', f'DELETE "{BOX}"',
        f'SUBSCRIBE "{BOX}"', f'GETQUOTAROOT "{BOX}"', 'GETQUOTA "Other Users/kim@a.example"',
    ):  # fmt: skip
        answer = await lee.cmd(command)
        ghost = await lee.cmd(command.replace("kim@a.example", "ghost@a.example"))
        assert (answer.status, answer.code, answer.text) == (ghost.status, ghost.code, ghost.text), command
        assert answer.status == "NO"


async def test_acl_commands_tell_what_they_set(kim, lee):
    await give(kim, "lrs")
    assert (await kim.cmd("GETACL Team")).lines == [b"ACL Team kim@a.example lrswipkxteacd lee@b.example lrs"] or (
        await kim.cmd("GETACL Team")
    ).lines == [b"ACL Team kim@a.example lrswipkxtea lee@b.example lrs"]
    await give(kim, "+wi")
    assert (await lee.cmd(f'MYRIGHTS "{BOX}"')).lines == [b'MYRIGHTS "' + BOX.encode() + b'" lrswi']
    await give(kim, "-rs")
    assert (await lee.cmd(f'MYRIGHTS "{BOX}"')).lines == [b'MYRIGHTS "' + BOX.encode() + b'" lwi']
    assert (await lee.cmd(f'SELECT "{BOX}"')).code == "NOPERM"
    assert (await lee.cmd(f'GETACL "{BOX}"')).code == "NOPERM"
    assert not await kim.cmd("SETACL Team nobody@a.example lr")
    assert not await kim.cmd("SETACL Team -lee@b.example lr")
    assert not await kim.cmd("SETACL Team lee@b.example lz")
    assert await kim.cmd("DELETEACL Team lee@b.example")
    assert (await lee.cmd(f'MYRIGHTS "{BOX}"')).status == "NO"


async def test_groups_domains_departments_and_everybody(house, kim, lee):
    admin = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
    governing = house.services.governing
    organization = house.accounts[KIM].organization_id
    group = await governing.new_group(admin, organization, "support")
    await give(kim, "lr", '"group:support"')
    assert BOX not in names(await lee.cmd('LIST "" "*"'))
    await governing.set_member(admin, group.id, house.accounts[LEE].id, member=True)
    assert BOX in names(await lee.cmd('LIST "" "*"'))
    await governing.set_member(admin, group.id, house.accounts[LEE].id, member=False)
    assert BOX not in names(await lee.cmd('LIST "" "*"'))
    for who in ('"domain:b.example"', '"department:&xgHFxQ-"'):
        who = who.replace("&xgHFxQ-", "영업")
        answer = await kim.cmd("SETACL Team {} lr", who.strip('"').encode())
        assert answer, answer.text
        assert BOX in names(await lee.cmd('LIST "" "*"')), who
        await kim.cmd("DELETEACL Team {}", who.strip('"').encode())
        assert BOX not in names(await lee.cmd('LIST "" "*"'))
    answer = await kim.cmd("SETACL Team anyone lr")
    assert answer.code == "CANNOT"
    assert not await kim.cmd('SETACL Team "domain:x.example" lr')


async def test_policy_keeps_domains_apart(house, kim, lee):
    from smartmail.domain.policy import PolicyRule

    await give(kim, "lr")
    assert BOX in names(await lee.cmd('LIST "" "*"'))
    admin = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
    scope = await house.services.governing.scope("domain:a.example")
    await house.services.governing.set_knob(admin, PolicyRule("sharing.between-domains", scope, value=False))
    assert BOX not in names(await lee.cmd('LIST "" "*"'))
    await house.services.governing.unset_knob(admin, "sharing.between-domains", scope)
    assert BOX in names(await lee.cmd('LIST "" "*"'))


async def test_rights_are_what_rfc_4314_says_commands_need(kim, lee):
    await give(kim, "lr")
    answer = await lee.cmd(f'SELECT "{BOX}"')
    assert answer
    assert (await lee.cmd("STORE 1 +FLAGS (\\Seen)")).status == "NO"
    await lee.cmd("FETCH 1 BODY[]")
    assert (await lee.cmd("FETCH 1 FLAGS")).fetches()[1]["FLAGS"] == ["\\Recent"]
    await give(kim, "lrs")
    await lee.cmd("UNSELECT")
    await lee.cmd(f'SELECT "{BOX}"')
    assert await lee.cmd("STORE 1 +FLAGS (\\Seen \\Flagged \\Deleted)")
    assert (await lee.cmd("FETCH 1 FLAGS")).fetches()[1]["FLAGS"] == ["\\Seen", "\\Recent"]
    answer = await lee.cmd("EXPUNGE")
    assert (answer.status, answer.lines) == ("OK", []) and await lee.cmd("NOOP")
    assert (await lee.cmd(f'APPEND "{BOX}" {{}}', message("no"))).code == "NOPERM"
    await give(kim, "lrswite")
    await lee.cmd("UNSELECT")
    await lee.cmd(f'SELECT "{BOX}"')
    assert await lee.cmd("STORE 1 +FLAGS (\\Deleted)")
    assert b"1 EXPUNGE" in (await lee.cmd("EXPUNGE")).lines
    assert await lee.cmd(f'APPEND "{BOX}" {{}}', message("yes"))
    assert (await lee.cmd(f'CREATE "{BOX}/Sub"')).code == "NOPERM"
    assert (await lee.cmd(f'RENAME "{BOX}" "{BOX}2"')).code == "NOPERM"
    await give(kim, "lrswitekxa")
    assert await lee.cmd(f'CREATE "{BOX}/Sub"')
    assert (await lee.cmd(f'MYRIGHTS "{BOX}/Sub"')).lines[0].startswith(b"MYRIGHTS")
    assert await lee.cmd(f'SETACL "{BOX}" {KIM} lr') or True
    assert await lee.cmd(f'DELETE "{BOX}/Sub"')


async def test_hidden_parents_are_not_named(kim, lee):
    await give(kim, "lr", box="Team/Deep")
    shown = {name for name in names(await lee.cmd('LIST "" "*"')) if name.startswith("Other")}
    assert shown == {"Other Users", "Other Users/kim@a.example", "Other Users/kim@a.example/Deep"}
    assert await lee.cmd('SELECT "Other Users/kim@a.example/Deep"')


async def test_copy_and_move_between_accounts(kim, lee):
    await give(kim, "lr")
    await lee.cmd(f'SELECT "{BOX}"')
    answer = await lee.cmd("COPY 1:2 Archive")
    code, _validity, source, target = answer.code.split()
    assert (code, source, target) == ("COPYUID", "1:2", "1:2")
    assert (await lee.cmd("MOVE 3 Archive")).status == "NO"
    await lee.cmd("SELECT Archive")
    assert (await lee.cmd("COPY 1 {}", BOX.encode())).code == "NOPERM"
    body = (await lee.cmd("FETCH 1 BODY[]")).fetches()[1]["BODY[]"]
    assert body == message("m0")
    await give(kim, "lrswite")
    assert (await lee.cmd("MOVE 1 {}", BOX.encode())).lines[0].startswith(b"OK [COPYUID")
    await kim.cmd("SELECT Team")
    assert (await kim.cmd("SEARCH SUBJECT m0")).lines == [b"SEARCH 1 4"]
    await lee.cmd(f'SELECT "{BOX}"')
    assert await lee.cmd("MOVE 2 Archive")
    await kim.cmd("NOOP")
    assert (await kim.cmd("SEARCH SUBJECT m1")).lines == [b"SEARCH"]


async def test_shared_accounts_have_a_namespace_of_their_own(house, lee):
    team = await house.services.provisioning.person(
        __import__("smartmail.service.flow.directory", fromlist=["NewPerson"]).NewPerson(
            "sales@a.example", "영업 대표메일", kind="shared"
        ),
        None,
    )
    owner = Actor(team.id, team.organization_id, team.login, is_admin=False, origin=Origin("cli"))
    from smartmail.domain.rights import WHOLE_ACCOUNT, Grantee

    await house.services.sharing.share(
        owner, team.id, WHOLE_ACCOUNT, Grantee("account", house.accounts[LEE].id), "lrswite"
    )
    shown = names(await lee.cmd('LIST "" "Shared/*"'))
    assert "Shared/sales@a.example/INBOX" in shown
    assert await lee.cmd('SELECT "Shared/sales@a.example/INBOX"')
    assert (await lee.cmd('SELECT "Other Users/sales@a.example/INBOX"')).status == "NO"
    assert await lee.cmd("CREATE Shared/own")
    assert await lee.cmd("SELECT Shared/own")
    assert not await lee.cmd("CREATE Shared/sales@a.example/x")
    assert (await lee.cmd('GETQUOTA "Shared/sales@a.example"')).starting(b"QUOTA")


async def test_subscriptions_and_seen_are_each_persons_own(house, kim, lee):
    await give(kim, "lrsw")
    await lee.cmd(f'UNSUBSCRIBE "{BOX}"')
    assert BOX not in str((await lee.cmd('LSUB "" "*"')).lines)
    assert b"Team" in b"".join((await kim.cmd('LSUB "" "*"')).lines)
    account = house.accounts[KIM]
    actor = Actor(account.id, account.organization_id, KIM, is_admin=False, origin=Origin("imap"))
    box = await house.services.mailboxes.find(actor, account.id, ("Team",))
    await house.services.sharing.set_seen_per_person(actor, account.id, box.row.id, on=True)
    await kim.cmd("SELECT Team")
    await lee.cmd(f'SELECT "{BOX}"')
    await lee.cmd("STORE 1 +FLAGS (\\Seen \\Flagged $work)")
    assert set((await lee.cmd("FETCH 1 FLAGS")).fetches()[1]["FLAGS"]) == {"\\Seen", "\\Flagged", "$work"}
    assert (await kim.cmd("FETCH 1 FLAGS")).fetches()[1]["FLAGS"] == ["$work", "\\Recent"]
    assert (await lee.cmd(f'STATUS "{BOX}" (UNSEEN)')).lines[0].endswith(b"(UNSEEN 2)")
    assert (await kim.cmd("STATUS Team (UNSEEN)")).lines[0].endswith(b"(UNSEEN 3)")
    assert (await lee.cmd("SEARCH SEEN")).lines == [b"SEARCH 1"]
    assert (await kim.cmd("SEARCH FLAGGED")).lines == [b"SEARCH"]


async def test_a_right_taken_away_ends_an_idle_session(kim, lee):
    await give(kim, "lrs")
    await lee.cmd(f'SELECT "{BOX}"')
    await lee.idle()
    await kim.cmd(f"DELETEACL Team {LEE}")
    lines = await lee.until(b"BYE")
    assert b"not shared" in lines[-1]
    assert await asyncio.wait_for(lee.reader.read(), 60) == b""


async def test_who_leaves_a_group_leaves_its_mailboxes(house, kim, lee):
    admin = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
    governing, member = house.services.governing, house.accounts[LEE]
    group = await governing.new_group(admin, member.organization_id, "support")
    await governing.set_member(admin, group.id, member.id, member=True)
    await give(kim, "lrs", '"group:support"')
    assert await lee.cmd(f'SELECT "{BOX}"')
    await lee.idle()
    await governing.set_member(admin, group.id, member.id, member=False)
    assert b"not shared" in (await lee.until(b"BYE"))[-1]


async def test_a_right_taken_away_stops_the_next_command(kim, lee):
    await give(kim, "lrs")
    await lee.cmd(f'SELECT "{BOX}"')
    await kim.cmd(f"DELETEACL Team {LEE}")
    with pytest.raises((ConnectionError, AssertionError)):
        answer = await lee.cmd("FETCH 1 BODY[]")
        assert answer.fetches()


async def test_what_is_partly_shared_tells_nothing_of_the_rest(kim, lee):
    await give(kim, "lr")
    await kim.cmd("APPEND INBOX ($secret) {}", message("hidden"))
    answer = await lee.cmd(f'GETQUOTAROOT "{BOX}"')
    assert answer and not answer.starting(b"QUOTA ")
    assert (await lee.cmd('GETQUOTA "Other Users/kim@a.example"')).code == "NOPERM"
    answer = await lee.cmd(f'SELECT "{BOX}"')
    assert b"secret" not in b"".join(answer.lines)
    assert (await lee.cmd("SEARCH SUBJECT hidden")).lines == [b"SEARCH"]


class Ahead(SystemClock):
    """Goes as the system's does, so much ahead."""

    ahead = 0

    def now(self) -> int:
        return super().now() + self.ahead


async def test_a_share_that_ends_is_gone_from_an_open_mailbox_and_while_it_idles(house, kim, lee, connect, monkeypatch):
    clock, services = Ahead(), house.services
    for service in (services.rights, services.sharing, service_of(services, "share-ends")):
        monkeypatch.setattr(service, "_clock", clock)
    account, hour = house.accounts[KIM], 3_600_000
    actor = Actor(account.id, account.organization_id, KIM, is_admin=False, origin=Origin("imap"))
    box = await services.mailboxes.find(actor, account.id, ("Team",))
    to = Grantee("account", house.accounts[LEE].id)
    await services.sharing.share(actor, account.id, box.row.id, to, "lr", clock.now() + hour)
    idle = await connect(LEE)
    for one in (lee, idle):
        assert await one.cmd(f'SELECT "{BOX}"')
    assert (await lee.cmd("FETCH 1 BODY[]")).fetches()
    await idle.idle()
    # No job runs here, and nobody says that anything changed.
    clock.ahead = hour
    with pytest.raises((ConnectionError, AssertionError)):
        answer = await lee.cmd("FETCH 2 BODY[]")
        assert answer.fetches()
    assert b"not shared" in (await idle.until(b"BYE"))[-1]
    again = await connect(LEE)
    assert BOX not in names(await again.cmd('LIST "" "*"'))
    assert (await again.cmd(f'SELECT "{BOX}"')).status == "NO"
    assert await service_of(services, "share-ends").turn() == 1
    assert b"lee@b.example" not in b"".join((await kim.cmd("GETACL Team")).lines)
