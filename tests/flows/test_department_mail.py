"""Mail by the organisation over SMTP: 부서메일 follows a move at once, 직책메일 stays with the post, no mail for claims."""

import asyncio
import smtplib

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.test_mail_out import inbox, relaying, until

from smartmail.domain.organization import Step, Wanted, WantedSeat
from smartmail.domain.principal import Actor, Origin

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
TEXT = "From: out@elsewhere.example\r\nTo: {to}\r\nSubject: 견적\r\nMessage-ID: <{id}@elsewhere.example>\r\n\r\nHi\r\n"


class NoNames:
    """DNS that knows nothing."""

    async def txt(self, _name):
        return []

    async def mx(self, _domain):
        return []

    async def addresses(self, _host):
        return []


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path, resolver=NoNames()) as opened:
        for login in ("kim@a.example", "lee@a.example"):
            await opened.person(login)
        organization = opened.services.organization
        opened.company = (await opened.services.directory.organizations())[0].id
        await organization.titles.set_order(CLI, opened.company, "duty", ["팀장"])
        opened.team = await organization.departments.create(CLI, opened.company, "영업1팀")
        await organization.departments.give_mail(CLI, opened.team.id, "sales1@a.example")
        async with relaying(opened):
            yield opened


def post(house, to, number):
    with smtplib.SMTP("127.0.0.1", house.ports["smtp"]) as client:
        message = TEXT.format(to=to, id=number).encode()
        try:
            return client.sendmail("out@elsewhere.example", [to], message)
        except smtplib.SMTPRecipientsRefused as error:
            return error.recipients
        except smtplib.SMTPDataError as error:
            # Who was written to a moment ago is remembered for a moment at RCPT.
            return {to: (error.smtp_code, error.smtp_error)}


async def seat(house, login, *seats):
    wanted = Wanted(login=login, seats=tuple(WantedSeat(*one) for one in seats))
    step = Step(kind="change", account_id=house.accounts[login].id, wanted=wanted)
    await house.services.organization.people.perform(CLI, step)


async def count(house, login, wanted):
    async def held():
        return len(await inbox(house, login)) == wanted

    await until(held)


async def test_the_next_mail_after_a_move_goes_to_the_new_people(house):
    await seat(house, "kim@a.example", ("영업1팀",))
    assert await asyncio.to_thread(post, house, "sales1@a.example", 1) == {}
    await count(house, "kim@a.example", 1)
    await seat(house, "kim@a.example")
    await seat(house, "lee@a.example", ("영업1팀",))
    assert await asyncio.to_thread(post, house, "sales1@a.example", 2) == {}
    await count(house, "lee@a.example", 1)
    assert len(await inbox(house, "kim@a.example")) == 1


async def test_mail_to_a_post_stays_with_the_post(house):
    box = await house.services.organization.posts.create(CLI, house.team.id, "팀장", "head@a.example")
    await seat(house, "kim@a.example", ("영업1팀", "팀장"))
    assert await asyncio.to_thread(post, house, "head@a.example", 3) == {}
    kim, lee = (
        Actor(one.id, house.company, one.login, is_admin=False, origin=Origin("web")) for one in house.accounts.values()
    )
    inbox_id = (await house.services.mailboxes.by_role(kim, box.id, "inbox")).row.id

    async def arrived():
        return (await house.services.views.open(kim, box.id, inbox_id)).entries

    await until(arrived)
    await seat(house, "kim@a.example")
    await seat(house, "lee@a.example", ("영업1팀", "팀장"))
    assert len((await house.services.views.open(lee, box.id, inbox_id)).entries) == 1
    with pytest.raises(Exception, match="not_found"):
        await house.services.views.open(kim, box.id, inbox_id)


async def test_a_claimed_domain_gets_no_mail(house):
    await house.services.organization.domains.claim(CLI, "neu.example", house.company)
    refused = await asyncio.to_thread(post, house, "kim@neu.example", 4)
    assert refused["kim@neu.example"][0] == 550
    await house.services.organization.domains.add(CLI, "neu.example", house.company)
    await house.person("kim@neu.example")
    assert await asyncio.to_thread(post, house, "kim@neu.example", 5) == {}
    await house.services.organization.companies.close(CLI, house.company)
    assert (await asyncio.to_thread(post, house, "kim@neu.example", 6))["kim@neu.example"][0] == 550


def submit(house, login, to):
    with smtplib.SMTP("127.0.0.1", house.ports["submission"]) as client:
        client.login(login, PASSWORD)
        message = f"From: {login}\r\nTo: {to}\r\nSubject: x\r\nMessage-ID: <{login}>\r\n\r\nHi\r\n".encode()
        try:
            return client.sendmail(login, [to], message)
        except smtplib.SMTPRecipientsRefused as error:
            return error.recipients


async def test_a_closed_department_mail_takes_mail_of_its_people_only(house):
    await house.services.organization.departments.give_mail(CLI, house.team.id, "inner@a.example", post="members")
    await seat(house, "kim@a.example", ("영업1팀",))
    assert (await asyncio.to_thread(post, house, "inner@a.example", 7))["inner@a.example"][0] == 550
    assert (await asyncio.to_thread(submit, house, "lee@a.example", "inner@a.example"))["inner@a.example"][0] == 550
    assert await asyncio.to_thread(submit, house, "kim@a.example", "inner@a.example") == {}
    await count(house, "kim@a.example", 1)
