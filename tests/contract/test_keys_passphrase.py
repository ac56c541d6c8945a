"""The master key's file under a passphrase: opens with it only, tells nothing without, and is made of a plain one in place."""

import json

import pytest

from smartmail.adapters.keys.files import MasterFiles
from smartmail.adapters.keys.master import MasterKeyError, create, is_protected, load, new, replace
from smartmail.app.cli import main

WORDS = "여러 낱말로 된 긴 암호문구"


def test_it_opens_with_its_passphrase_only(tmp_path):
    path = str(tmp_path / "key")
    made = create(path, passphrase=WORDS)
    text = (tmp_path / "key").read_text()
    assert made.key.octets.hex() not in text and (tmp_path / "key").stat().st_mode & 0o77 == 0
    found = load(path, WORDS)
    assert (found.identity, found.key.octets) == (made.identity, made.key.octets)
    with pytest.raises(MasterKeyError, match="key_passphrase"):
        load(path)
    with pytest.raises(MasterKeyError, match="does not open"):
        load(path, WORDS + "!")
    other = text.replace(made.identity.id, "00" * 8)
    (tmp_path / "key").write_text(other)
    with pytest.raises(MasterKeyError):
        load(path, WORDS)


def test_a_plain_file_is_put_under_a_passphrase_and_so_is_a_key_that_is_coming(tmp_path):
    path = str(tmp_path / "key")
    made = create(path)
    assert not is_protected(path)
    replace(path, made, WORDS)
    assert is_protected(path) and load(path, WORDS).identity == made.identity
    files, coming = MasterFiles(path, WORDS), new()
    files.put_next(coming)
    assert is_protected(f"{path}.next")
    assert [one.identity for one in files.all()] == [made.identity, coming.identity]
    files.promote()
    assert [one.identity for one in MasterFiles(path, WORDS).all()] == [coming.identity, made.identity]
    files.drop_others()
    assert [one.identity for one in MasterFiles(path, WORDS).all()] == [coming.identity]
    assert [one.name for one in tmp_path.iterdir()] == ["key"]


def test_the_command_protects_and_the_installation_opens(tmp_path, capsys):
    import asyncio

    from tests.flows.rotation_house import begin, identity_of, node, turned

    async def worked():
        async with node(where) as opened:
            await turned(opened)

    where = tmp_path / "data"
    asyncio.run(begin(where))
    identity = identity_of(tmp_path / "data.key")
    assert main(["key", "protect", "--data", str(where)]) == 1 and "key_passphrase" in capsys.readouterr().err
    (tmp_path / "words").write_text(WORDS + "\n")
    (where / "node.toml").write_text(f'key_passphrase = "file:{tmp_path / "words"}"\n')
    assert main(["key", "protect", "--data", str(where)]) == 0
    assert is_protected(str(tmp_path / "data.key"))
    capsys.readouterr()
    assert main(["key", "rotate", "--reason", "연례 마스터 키 교체입니다", "--json", "--data", str(where)]) == 0
    assert json.loads(capsys.readouterr().out)["oldKey"] == identity
    asyncio.run(worked())
    assert is_protected(str(tmp_path / "data.key")) and identity_of(tmp_path / "data.key") != identity
    (where / "node.toml").unlink()
    assert main(["key", "rotations", "--data", str(where)]) != 0 and "needs its passphrase" in capsys.readouterr().err
