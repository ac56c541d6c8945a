"""`./smartmail key`: a kit on paper gives the key back when the file is lost, and nothing is overwritten."""

import asyncio
import io
import json
import os

import pytest

from smartmail.app.cli import main
from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.service.flow.directory import NewPerson


@pytest.fixture
def smartmail(tmp_path, capsys, monkeypatch):
    """Run a command in a data directory with one person; return (exit code, output, errors)."""
    where = tmp_path / "data"

    def run(*words: str, typed: str = ""):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main([*words, "--data", str(where)])
        out, err = capsys.readouterr()
        return code, out, err

    asyncio.run(begin(where))
    run.where = where
    run.key = tmp_path / "data.key"
    return run


async def begin(where) -> None:
    async with open_node(load(str(where)), first_start=True) as node:
        organization = await node.services.provisioning.organization("test")
        await node.services.directory.add_domain("a.example", organization)
        await node.services.provisioning.person(NewPerson("kim@a.example", "Kim"), "a long secret 1")


async def names(where) -> list[str]:
    """Return what only the right key opens."""
    async with open_node(load(str(where))) as node:
        account = await node.services.directory.account_by_login("kim@a.example")
        from smartmail.domain.principal import Actor, Origin

        actor = Actor(account.id, account.organization_id, account.login, is_admin=False, origin=Origin("web"))
        return [box.name for box in await node.services.mailboxes.list_all(actor, account.id)]


def kit(smartmail, tmp_path, *more: str):
    folder = tmp_path / "kit"
    code, out, err = smartmail("key", "kit", "--to", str(folder), *more)
    assert code == 0, err
    return folder, out


def test_a_lost_key_comes_back_from_three_of_five(smartmail, tmp_path):
    known = asyncio.run(names(smartmail.where))
    folder, _ = kit(smartmail, tmp_path)
    files = sorted(folder.glob("*.txt"))
    assert len(files) == 5 and all(file.stat().st_mode & 0o77 == 0 for file in folder.iterdir())
    assert folder.stat().st_mode & 0o77 == 0
    kept = smartmail.key.read_text()
    smartmail.key.unlink()
    assert smartmail("key", "show")[0] == 1
    code, _, err = smartmail("key", "recover", *(str(file) for file in files[:2]))
    assert code == 1 and "3 different shares are needed, there are 2" in err
    assert not smartmail.key.exists()
    code, out, err = smartmail("key", "recover", *(str(files[at]) for at in (4, 1, 2)))
    assert code == 0, err
    assert smartmail.key.read_text() == kept and os.stat(smartmail.key).st_mode & 0o77 == 0
    assert asyncio.run(names(smartmail.where)) == known


def test_typed_shares_are_rehearsed(smartmail, tmp_path):
    folder, out = kit(smartmail, tmp_path, "--shares", "3", "--need", "2", "--language", "en")
    assert "delete the folder" in out
    sheets = [(folder / f"share-{number}.txt").read_text() for number in (1, 3)]
    shares = ["\n".join(line for line in one.splitlines() if line[1:2] == ":") for one in sheets]
    typed = "\n\n".join(shares) + "\n"
    code, out, err = smartmail("key", "rehearse", typed=typed)
    assert code == 0 and "the key of this installation" in out, err
    before = smartmail.key.read_text()
    code, _, err = smartmail("key", "recover", typed=typed)
    assert code == 1 and "never replaced" in err and smartmail.key.read_text() == before
    lines = shares[1].splitlines()
    slip = lines[2][:5] + ("a" if lines[2][5] != "a" else "b") + lines[2][6:]
    typed = "\n\n".join([shares[0], "\n".join([*lines[:2], slip, *lines[3:]])])
    code, _, err = smartmail("key", "rehearse", typed=typed)
    assert code == 1 and "share 2 of those given: line 3 has a slip" in err


def test_shares_of_another_installation_are_found_out(smartmail, tmp_path):
    folder, _ = kit(smartmail, tmp_path)
    smartmail.key.unlink()
    other = tmp_path / "other"
    asyncio.run(begin(other))
    (tmp_path / "other.key").rename(smartmail.key)
    files = sorted(str(file) for file in folder.glob("*.txt"))
    code, _, err = smartmail("key", "rehearse", *files[:3])
    assert code == 1 and "Make a new kit" in err


def test_a_kit_is_on_the_record_and_its_pages_are_plain(smartmail, tmp_path):
    folder, _ = kit(smartmail, tmp_path)
    page = (folder / "share-2.html").read_text()
    assert "복구 키트: 5장 가운데 2번" in page and "<script" not in page
    code, out, _ = smartmail("audit", "list", "--installation", "--json")
    assert code == 0 and "key.kit" in out
    secret = json.loads(smartmail("key", "show", "--json")[1])["id"]
    key = next(line for line in smartmail.key.read_text().splitlines() if line.startswith("key: ")).removeprefix(
        "key: "
    )
    assert secret in page and key not in page and key not in out


@pytest.mark.parametrize("more", [("--need", "1"), ("--need", "6"), ("--shares", "17")])
def test_counts_that_cannot_be(smartmail, tmp_path, more):
    code, _, err = smartmail("key", "kit", "--to", str(tmp_path / "kit"), *more)
    assert code == 1 and "--need and --shares" in err
    assert not (tmp_path / "kit").exists()


def test_a_folder_that_is_there_is_left_alone(smartmail, tmp_path):
    code, _, err = smartmail("key", "kit", "--to", str(tmp_path))
    assert code == 1 and "not there yet" in err
