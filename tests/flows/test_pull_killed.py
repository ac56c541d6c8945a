"""kill -9 in the middle of bringing mail in: nothing is lost, nothing doubled, nothing deleted that is not here."""

import asyncio
import signal
from pathlib import Path

import pytest
from tests.flows.pull_house import actor_of, mail, open_pulling
from tests.house.child import start

MESSAGES = 40


def work_until(directory: Path, count: int) -> None:
    """Let a process bring mail in, and die between the delivery of the next message and its note."""
    assert start("tests.flows.pulling_child", str(directory), str(count)).wait() == -signal.SIGKILL


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
async def test_killed_again_and_again(tmp_path, protocol):
    async with open_pulling(tmp_path) as pulling:
        for number in range(MESSAGES):
            await pulling.put(mail(f"m{number:02}", message_id=None if number % 5 == 0 else ""))
        pull = await pulling.add(pulling.wish(protocol, remove=True))
        book, actor = pulling.here.services.pulls.book, actor_of(pulling.lee)
        for count in (3, 9, 5):
            await asyncio.to_thread(work_until, tmp_path / "here", count)
            assert await pulling.left() == MESSAGES, "none goes before the turn has ended well"
            pull = await book.own(actor, pull.row.id)
            # Its person need not wait for the lease of the dead.
            await book.change(actor, pull.row.id, pull.text, enabled=True, has_password=False)
        pull = await pulling.settled(pull)
        assert pull.row.reason == "", pull.said
        assert sorted(await pulling.subjects()) == [f"m{number:02}" for number in range(MESSAGES)]
        assert await pulling.left() == 0
