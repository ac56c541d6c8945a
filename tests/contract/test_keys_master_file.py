"""The master key's file: how it is made, read and refused."""

import os
import stat

import pytest

from smartmail.adapters.keys.master import MasterKeyError, create, load, load_or_create
from smartmail.ports.keys import KeyIdentity, WrongMasterKey


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "mail.key")


@pytest.fixture
def data(tmp_path):
    (tmp_path / "mail").mkdir()
    return str(tmp_path / "mail")


def test_a_key_is_read_as_it_was_made(path):
    made = create(path)
    read = load(path)
    assert read.identity == made.identity
    assert read.key.octets == made.key.octets
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert os.listdir(os.path.dirname(path)) == ["mail.key"]


def test_a_key_is_never_replaced(path):
    first = create(path)
    with pytest.raises(FileExistsError):
        create(path)
    assert load(path).identity == first.identity
    assert os.listdir(os.path.dirname(path)) == ["mail.key"]


def test_a_failed_write_leaves_nothing(tmp_path):
    with pytest.raises(OSError):
        create(str(tmp_path / "absent" / "mail.key"))
    assert os.listdir(tmp_path) == []


def test_the_first_start_makes_it_and_later_ones_read_it(path, data):
    made = load_or_create(path, data, first_start=True)
    assert load_or_create(path, data, first_start=True).identity == made.identity
    assert load_or_create(path, data, first_start=False).identity == made.identity


def test_a_lost_key_is_told_and_not_replaced(path, data):
    with pytest.raises(MasterKeyError, match="Put back your copy"):
        load_or_create(path, data, first_start=False)
    assert not os.path.exists(path)


def test_a_key_inside_the_data_is_refused(data, tmp_path):
    os.symlink(data, tmp_path / "alias")
    for inside in (data + "/mail.key", data + "/a/../mail.key", str(tmp_path / "alias" / "mail.key")):
        with pytest.raises(MasterKeyError, match="outside"):
            load_or_create(inside, data, first_start=True)
    load_or_create(data + ".key", data, first_start=True)


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o620, 0o666])
def test_a_key_open_to_others_is_refused(path, mode):
    create(path)
    os.chmod(path, mode)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        load(path)


def rewritten(path, change):
    create(path)
    with open(path, "r+") as file:
        text = change(file.read())
        file.seek(0)
        file.truncate()
        file.write(text)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text.replace("version 1", "version 2"), "newer version"),
        (lambda text: "hello\n" + text, "not a master key"),
        (lambda text: "", "not a master key"),
        (lambda text: text[:-20], "damaged"),
        (lambda text: text.replace("key: ", "key: 00"), "damaged"),
        (lambda text: text.replace("key: ", "kex: "), "damaged"),
        (lambda text: text.replace("id: ", "id: 00"), "damaged"),
        (lambda text: text[:-2] + ("0" if text[-2] != "0" else "1") + "\n", "damaged"),
    ],
)
def test_a_file_that_was_touched_is_refused_with_its_reason(path, change, told):
    rewritten(path, change)
    with pytest.raises(MasterKeyError, match=told):
        load(path)


def test_the_store_tells_another_key(path, tmp_path):
    one, other = create(path), create(str(tmp_path / "other.key"))
    one.require(one.identity)
    with pytest.raises(WrongMasterKey, match=other.identity.id):
        one.require(other.identity)
    with pytest.raises(WrongMasterKey, match="changed"):
        one.require(KeyIdentity(one.identity.id, "0" * 16))


def test_the_key_does_not_show(path):
    made = create(path)
    assert made.key.octets.hex() not in repr(made)
    assert made.key.octets.hex() not in "".join(made.identity)
