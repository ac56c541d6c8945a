"""Who a submission says that it is from is judged as readers see it: no second From, none behind what is looked at."""

import asyncio
import smtplib

import pytest
from tests.flows.house import PASSWORD, open_house

KIM = "kim@a.example"
FILLING = b"X-A: b\r\n"


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        await opened.person(KIM)
        await opened.person("boss@a.example")
        yield opened


def submit(house, octets: bytes) -> int:
    """Return the code of the answer."""
    with smtplib.SMTP("127.0.0.1", house.ports["submission"], timeout=60) as client:
        client.login(KIM, PASSWORD)
        try:
            client.sendmail(KIM, ["boss@a.example"], octets)
        except smtplib.SMTPDataError as error:
            return error.smtp_code
    return 250


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (b"From: kim@a.example\r\n", 250),
        (b"From: boss@a.example\r\n", 550),
        (b"From: kim@a.example\r\nFrom: boss@a.example\r\n", 550),
        (b"From: boss@a.example\r\nFROM : kim@a.example\r\n", 550),
        (b"From: kim@a.example\r\n" + FILLING * 2_100 + b"From: boss@a.example\r\n", 552),
        (b"From: kim@a.example\r\n" + (b"X-A: " + b"b" * 900 + b"\r\n") * 300 + b"From: boss@a.example\r\n", 552),
    ],
)
async def test_from(house, header, code) -> None:
    assert await asyncio.to_thread(submit, house, header + b"Subject: s\r\n\r\nbody\r\n") == code


async def test_a_message_without_a_body_or_a_header_is_taken(house) -> None:
    assert await asyncio.to_thread(submit, house, b"From: kim@a.example\r\nSubject: s\r\n") == 250
    assert await asyncio.to_thread(submit, house, b"\r\nbody alone\r\n") == 250
