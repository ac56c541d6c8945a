"""An import whose process is killed (SIGKILL) goes on without doubles and can be undone as a whole."""

from pathlib import Path

import pytest
from tests.flows.importing_child import CLI, PEOPLE
from tests.house.child import start
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.principal import system_actor


def killed(directory: Path, after: int) -> int:
    """Let a process import, kill it after some steps, return the import's number."""
    # It is killed within the next two steps, on any machine.
    child = start("tests.flows.importing_child", str(directory), str(after + 2))
    try:
        number = int(child.stdout.readline())
        for _ in range(after):
            assert child.stdout.readline()
    finally:
        child.kill()
    return number


@pytest.mark.parametrize("after", [0, 4])
async def test_what_was_begun_is_ended_once(tmp_path, after):
    number = killed(tmp_path / "house", after)
    async with quiet_house(tmp_path / "house") as house:
        imports = house.services.directory_imports.imports
        home = (await house.services.directory.organizations())[0].id
        there = len(await house.store.accounts(home))
        assert there < PEOPLE
        house.clock.ahead += 31_000
        ended = await imports.run(CLI, number)
        assert (ended.state, ended.done, ended.failed) == ("done", PEOPLE, 0)
        accounts = await house.store.accounts(home)
        assert sorted(one.login for one in accounts) == sorted(f"p{one}@a.example" for one in range(PEOPLE))
        for one in accounts:
            assert await house.services.mailboxes.list_all(system_actor(one.id, home), one.id)
        assert (await imports.undo(CLI, number)).state == "undone"
        assert await imports.lines(CLI, number, ending="left") == []
        assert await house.store.accounts(home) == []
