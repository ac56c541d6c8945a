"""Outside mailboxes over real POP3 and IMAP: what comes once, what goes over there, who is not reached, what stops it."""

import asyncio
import time
from dataclasses import replace

import msgspec
import pytest
from tests.flows.pull_house import Pulling, actor_of, mail, open_pulling, open_there, rule
from tests.flows.secured import secured

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound, PolicyRejected, RateLimited, Unavailable
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.pulls import PullFailed, PullItem, PullPlace
from smartmail.edge.pulling import imap_session, reaching
from smartmail.edge.pulling.imap_session import ImapSession
from smartmail.edge.pulling.reaching import Reach
from smartmail.edge.pulling.source import NetworkSource
from smartmail.service.flow.pulls import turning, working
from smartmail.service.flow.tracing.service import Marks
from smartmail.service.flow.tracing.wording import lines_of


@pytest.fixture
async def pulling(tmp_path):
    async with open_pulling(tmp_path) as made:
        yield made


@pytest.fixture(params=["imap", "pop3"])
def protocol(request):
    return request.param


async def test_mail_comes_once_and_stays_over_there(pulling: Pulling, protocol):
    await pulling.put(mail("one"))
    await pulling.put(mail("two"))
    pull = await pulling.settled(await pulling.add(pulling.wish(protocol)))
    assert (pull.row.reason, pull.row.taken, pull.row.failures) == ("", 2, 0), pull.said
    assert await pulling.subjects() == ["one", "two"]
    await pulling.put(mail("three"))
    pull = await pulling.again(pull)
    assert (pull.row.taken, await pulling.subjects()) == (3, ["one", "two", "three"])
    assert await pulling.left() == 3


async def test_originals_go_only_when_they_are_here(pulling: Pulling, protocol):
    await pulling.put(mail("kept"))
    pull = await pulling.settled(await pulling.add(pulling.wish(protocol)))
    book = pulling.here.services.pulls.book
    changed = msgspec.structs.replace(pull.text, remove=True)
    await book.change(actor_of(pulling.lee), pull.row.id, changed, enabled=True, has_password=False)
    await pulling.put(mail("moved"))
    pull = await pulling.settled(pull)
    assert (pull.row.reason, await pulling.subjects()) == ("", ["kept", "moved"])
    assert await pulling.left() == 1, "what came before the wish stays over there"
    await rule(pulling.here, "pull.delete", value=False)
    await pulling.put(mail("stays"))
    pull = await pulling.again(pull)
    assert (await pulling.left(), len(await pulling.subjects())) == (2, 3)


async def test_folder_and_tag_as_wished(pulling: Pulling):
    await pulling.put(mail("sent one"), "sent")
    services, actor = pulling.here.services, actor_of(pulling.lee)
    box = await services.mailboxes.create(actor, pulling.lee.id, "elsewhere")
    tag = await services.tags.create(actor, pulling.lee.id, "old")
    wish = pulling.wish(folder="Sent", mailbox_id=box.id, tag=tag.keyword)
    look = await services.pulls.book.look(actor, wish)
    assert (look.reason, look.messages, look.folders[0]) == ("", 1, "INBOX") and "Sent" in look.folders
    await pulling.settled(await pulling.add(wish))
    assert await pulling.subjects_in(box.id) == ["sent one"]
    [shown] = await services.tags.all(actor, pulling.lee.id)
    assert shown.messages == 1


async def test_what_is_older_than_wished_stays(pulling: Pulling, protocol):
    await pulling.put(mail("old"))
    wish = pulling.wish(protocol, since=int(time.time()) + 3600)
    pull = await pulling.settled(await pulling.add(wish))
    assert (pull.row.reason, pull.row.taken, await pulling.subjects()) == ("", 0, [])


async def test_what_is_too_large_is_passed_over(pulling: Pulling, protocol, monkeypatch):
    monkeypatch.setattr(turning, "MAX_MESSAGE", 5_000)
    await pulling.put(mail("large", "x" * 6_000))
    await pulling.put(mail("small"))
    pull = await pulling.settled(await pulling.add(pulling.wish(protocol, remove=True)))
    assert (pull.row.reason, await pulling.subjects(), await pulling.left()) == ("", ["small"], 1)


async def test_a_turn_has_an_end_and_the_next_goes_on(pulling: Pulling, protocol, monkeypatch):
    monkeypatch.setattr(turning, "MESSAGES", 2)
    for number in range(5):
        await pulling.put(mail(f"m{number}"))
    pull = await pulling.settled(await pulling.add(pulling.wish(protocol)))
    assert pull.row.taken == 2 and pull.row.next_at - pull.row.pulled_at <= working.SOON_MS
    await pulling.again(pull)
    await pulling.again(pull)
    assert sorted(await pulling.subjects()) == [f"m{number}" for number in range(5)]


async def test_octets_are_known_where_the_source_forgets_its_names(pulling: Pulling, monkeypatch):
    await pulling.put(mail("one"))
    await pulling.put(mail("no id", message_id=None))
    pull = await pulling.settled(await pulling.add(pulling.wish()))
    items = ImapSession.items

    async def renamed(self, since):
        return [replace(one, key=f"new:{one.key}") for one in await items(self, since)]

    monkeypatch.setattr(ImapSession, "items", renamed)
    pull = await pulling.again(pull)
    assert (pull.row.reason, pull.row.taken, await pulling.subjects()) == ("", 2, ["one", "no id"])


async def test_a_process_that_dies_before_it_notes_doubles_nothing(pulling: Pulling, protocol, monkeypatch):
    """The commit that delivers is there, the note is not: as after kill -9."""
    for number in range(3):
        await pulling.put(mail(f"m{number}", message_id=None if number == 1 else ""))
    store, died = pulling.here.store, []
    noted = type(store).note_seen

    async def dying(self, *arguments):
        died.append(1)
        if len(died) == 2:
            raise Unavailable
        return await noted(self, *arguments)

    monkeypatch.setattr(type(store), "note_seen", dying)
    pull = await pulling.settled(await pulling.add(pulling.wish(protocol, remove=True)))
    assert (pull.row.reason, len(await pulling.subjects()), await pulling.left()) == ("later", 2, 3)
    pull = await pulling.again(pull)
    assert (pull.row.reason, await pulling.subjects(), await pulling.left()) == ("", ["m0", "m1", "m2"], 0)


async def test_filters_of_the_account_run_and_nobody_is_answered(pulling: Pulling):
    services, actor = pulling.here.services, actor_of(pulling.lee)
    script = 'require ["fileinto", "vacation"]; vacation "away"; if header :contains "subject" "list" { fileinto "Archive"; }'
    made = await services.filters.put(actor, pulling.lee.id, "mine", script.encode())
    await services.filters.activate(actor, pulling.lee.id, made.id)
    await pulling.put(mail("list news"))
    await pulling.put(mail("hello"))
    await pulling.settled(await pulling.add(pulling.wish()))
    assert await pulling.subjects() == ["hello"]
    assert await pulling.subjects("archive") == ["list news"]
    await services.tracer.settle()
    told = [event.kind for story in await services.trace.find(Marks()) for _at, event in story.events]
    assert "delivered" in told and not {"made", "queued"} & set(told)


async def test_the_trace_says_from_where(pulling: Pulling):
    await pulling.put(mail("one"))
    await pulling.settled(await pulling.add(pulling.wish()))
    await pulling.here.services.tracer.settle()
    [story] = await pulling.here.services.trace.find(Marks())
    line = lines_of(story, "ko")[0]
    assert story.facts.door == "pull" and line.text == "외부메일에서 가져옴: 127.0.0.1 127.0.0.1"


async def test_a_full_mailbox_pauses(pulling: Pulling):
    await pulling.put(mail("one", "x" * 3_000))
    await rule(pulling.here, "quota.octets", 1 << 20)
    await pulling.here.services.quotas.apply()
    await pulling.put(mail("big", "y" * (1 << 20)))
    pull = await pulling.settled(await pulling.add(pulling.wish()))
    assert (pull.row.reason, pull.row.failures, await pulling.subjects()) == ("full", 0, ["one"])


async def test_a_login_that_is_refused_waits_for_its_person(pulling: Pulling, protocol):
    pull = await pulling.settled(await pulling.add(pulling.wish(protocol, password="wrong")))
    assert (pull.row.reason, pull.row.failures) == ("login", 1)
    assert pull.said and "wrong" not in pull.said
    waits = []
    for _ in range(4):
        row = replace(pull.row, next_at=0)
        await pulling.here.store.change_pull(row, AuditRecord(1, "system", "pull.test", "pull:1"))
        pull = await pulling.settled(pull)
        waits.append(pull.row.next_at)
    assert pull.row.next_at == working.NEVER and waits == sorted(waits)
    assert (await pulling.again(pull)).row.failures == 1, "by hand it is tried anew"


@pytest.mark.parametrize(
    ("host", "port", "found", "reason"),
    [
        ("127.0.0.1", 143, [], "inside"), ("::1", 143, [], "inside"), ("10.1.2.3", 993, [], "inside"),
        ("169.254.169.254", 110, [], "inside"), ("::ffff:127.0.0.1", 143, [], "inside"), ("fe80::1", 143, [], "inside"),
        ("mail.example", 143, ["93.184.216.34", "127.0.0.1"], "inside"), ("mail.example", 143, ["192.168.0.1"], "inside"),
        ("mail.example", 25, ["93.184.216.34"], "port"), ("mail.example", 6379, ["93.184.216.34"], "port"),
        ("mail.example", 143, [], "unreachable"), ("0.0.0.0", 143, [], "inside"), ("224.0.0.1", 143, [], "inside"),
    ],
)  # fmt: skip
async def test_nothing_of_ours_is_reached(host, port, found, reason):
    async def lookup(_name):
        return found

    with pytest.raises(PullFailed) as failed:
        await Reach(lookup=lookup).connect(PullPlace("imap", host, port, "plain", "kim", "secret"))
    assert failed.value.reason == reason


async def test_an_address_of_this_machine_is_not_reached_whatever_it_looks_like(pulling: Pulling, monkeypatch):
    monkeypatch.setattr(reaching, "may_be_asked", lambda *_: True)
    monkeypatch.setattr(reaching, "_MAIL_PORTS", frozenset(pulling.there.ports.values()))
    with pytest.raises(PullFailed) as failed:
        await Reach().connect(pulling.wish().place)
    assert failed.value.reason == "inside"


@pytest.mark.parametrize(
    ("protocol", "door", "security"),
    [("imap", "imaps", "tls"), ("pop3", "pop3s", "tls"), ("imap", "imap+starttls", "starttls"),
     ("pop3", "pop3+stls", "starttls")],
)  # fmt: skip
async def test_over_tls_with_a_certificate_that_is_trusted(tmp_path, protocol, door, security):
    async with open_there(tmp_path) as there, secured(there, tmp_path) as sealed:
        trusting = Reach(["127.0.0.0/8"], str(sealed.authority.file))
        async with open_pulling(tmp_path, reach=trusting, there=there) as pulling:
            await pulling.put(mail("one"))
            wish = pulling.wish(protocol, port=there.ports[door], security=security)
            pull = await pulling.settled(await pulling.add(wish))
            assert (pull.row.reason, await pulling.subjects()) == ("", ["one"]), pull.said
            with pytest.raises(PullFailed) as failed:
                await NetworkSource(Reach(["127.0.0.0/8"])).open(wish.place)
            assert failed.value.reason == "certificate"


async def test_starttls_that_is_not_offered_ends_before_the_password(pulling: Pulling, protocol):
    look = await pulling.here.services.pulls.book.look(
        actor_of(pulling.lee), pulling.wish(protocol, security="starttls")
    )
    assert look.reason == "no-tls"


class Endless:
    """A source that never ends its message."""

    address, tls = "192.0.2.1", ""

    def __init__(self):
        self.begun, self.aborted = asyncio.Event(), False

    async def open(self, _place):
        return self

    async def items(self, _since):
        return [PullItem("1", 1)]

    async def details(self, items):
        return [replace(one, size=10) for one in items]

    async def octets(self, _item):
        yield b"Subject: x\r\n"
        self.begun.set()
        await asyncio.Event().wait()

    def abort(self):
        self.aborted = True


async def test_policy_off_ends_what_runs(tmp_path):
    source = Endless()
    async with open_there(tmp_path) as there:
        async with open_pulling(tmp_path, source=source, there=there) as pulling:
            pull = await pulling.add(pulling.wish())
            work = pulling.here.services.pulls.work
            await work.turn()
            await source.begun.wait()
            await rule(pulling.here, "pull.allowed", value=False)
            async with asyncio.timeout(60):  # it looks each half second
                await asyncio.gather(*work._leased._running)
            assert source.aborted
            row = await pulling.here.store.pull(pull.row.id)
            assert (row.reason, row.worker) == ("policy", "")
            with pytest.raises(PolicyRejected):
                await pulling.here.services.pulls.book.add(actor_of(pulling.lee), pulling.wish())


async def test_one_that_is_taken_away_while_it_runs_ends(tmp_path):
    source = Endless()
    async with open_there(tmp_path) as there:
        async with open_pulling(tmp_path, source=source, there=there) as pulling:
            pull = await pulling.add(pulling.wish())
            work = pulling.here.services.pulls.work
            await work.turn()
            await source.begun.wait()
            await pulling.here.services.pulls.book.drop(actor_of(pulling.lee), pull.row.id)
            await asyncio.gather(*work._leased._running)
            assert source.aborted and await pulling.subjects() == []


async def test_administrators_see_how_it_goes_and_stop_it(pulling: Pulling):
    pull = await pulling.settled(await pulling.add(pulling.wish()))
    oversight = pulling.here.services.pulls.oversight
    admin = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
    [seen] = await oversight.list_all(admin, None)
    assert (seen.host, seen.account.login, "correct horse" in repr(seen)) == ("127.0.0.1", "lee@b.example", False)
    with pytest.raises(Forbidden):
        await oversight.stop(actor_of(pulling.lee), pull.row.id)
    await oversight.stop(admin, pull.row.id)
    row = await pulling.here.store.pull(pull.row.id)
    assert (row.enabled, row.reason) == (False, "stopped")
    await pulling.put(mail("late"))
    assert await pulling.here.services.pulls.work.turn() == 0


async def test_what_may_not_be_wished_is_refused(pulling: Pulling):
    book, actor = pulling.here.services.pulls.book, actor_of(pulling.lee)
    for bad in ({"host": "a b"}, {"host": "http://x"}, {"login": "a\r\nb"}, {"password": "a\nb"}, {"port": 0},
                {"mailbox_id": 999}, {"tag": "nobody"}, {"folder": "x" * 300}):  # fmt: skip
        with pytest.raises(Invalid):
            await book.add(actor, pulling.wish(**bad))
    pull = await book.add(actor, pulling.wish())
    with pytest.raises(Invalid):
        other = msgspec.structs.replace(pull.text, host="evil.example")
        await book.change(actor, pull.row.id, other, enabled=True, has_password=False)
    with pytest.raises(NotFound):
        await book.own(replace(actor, account_id=AccountId(999)), pull.row.id)
    with pytest.raises(Forbidden):
        await book.add(replace(actor, by="app"), pulling.wish())
    await rule(pulling.here, "pull.plain", value=False)
    with pytest.raises(PolicyRejected):
        await book.add(actor, pulling.wish())
    await rule(pulling.here, "pull.most", 1)
    with pytest.raises(RateLimited):
        await book.add(actor, pulling.wish(security="tls"))


async def test_nothing_that_was_written_lies_open(pulling: Pulling, tmp_path):
    await pulling.settled(await pulling.add(pulling.wish(name="비밀 상자", password="p4ssw0rd-of-theirs")))
    octets = b"".join(one.read_bytes() for one in (tmp_path / "here").iterdir() if one.is_file())
    for word in ("비밀 상자", "p4ssw0rd-of-theirs", "kim@a.example"):
        assert word.encode() not in octets


class Dripping(Endless):
    """A source that never says what lies there."""

    async def items(self, _since):
        self.begun.set()
        await asyncio.Event().wait()


async def test_a_server_that_drips_for_ever_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr(turning, "LONGEST_S", 0.05)
    source = Dripping()
    async with open_there(tmp_path) as there, open_pulling(tmp_path, source=source, there=there) as pulling:
        pull = await pulling.settled(await pulling.add(pulling.wish()))
        assert (pull.row.reason, pull.row.failures, source.aborted) == ("unreachable", 1, True)


async def test_answers_without_end_are_cut(pulling: Pulling, monkeypatch):
    monkeypatch.setattr(imap_session, "MAX_TOLD", 400)
    for number in range(3):
        await pulling.put(mail(f"m{number}"))
    pull = await pulling.settled(await pulling.add(pulling.wish()))
    assert pull.row.reason == "protocol"
