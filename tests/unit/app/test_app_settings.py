"""The node file and its errors: each names the place and what to do."""

import pytest

from smartmail.app.roles import PORTS, ROLES, plan
from smartmail.app.settings import NodeFile, SettingsError, load, secret
from smartmail.app.toml_place import line_of


def write(tmp_path, text):
    (tmp_path / "node.toml").write_text(text, encoding="utf-8")
    return str(tmp_path)


def test_without_a_file_everything_has_a_default(tmp_path):
    settings = load(str(tmp_path / "data"))
    assert settings.key_file == str(tmp_path / "data.key")
    assert settings.volume_path == str(tmp_path / "data" / "volume")
    assert settings.roles == tuple(ROLES)
    ports = settings.ports()
    assert list(ports) == list(PORTS)
    assert (ports["smtp"], ports["https"], ports["sieve"]) == (10025, 10443, 14190)
    assert settings.file.trusted_proxies == ("127.0.0.2/32",)


def test_the_command_line_wins_over_the_file(tmp_path):
    where = write(tmp_path, 'processes = 3\nkey_file = "/k"\n[listen]\nport_base = 7\nports = {imap = 1143}\n')
    settings = load(where, port_base=20000, key_file="/other", processes=1, roles=("edge-imap",))
    assert settings.ports()["imap"] == 1143
    assert settings.ports()["imaps"] == 20993
    assert settings.ports()["smtp"] is None
    assert (settings.key_file, settings.file.processes) == ("/other", 1)


def test_a_listener_can_be_off(tmp_path):
    assert load(write(tmp_path, '[listen]\noff = ["lmtp"]\n')).ports()["lmtp"] is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[listen]\n\nport_base = 'x'\n", ["node.toml, line 3", "listen.port_base", "int"]),
        ("[listen]\nprot_base = 1\n", ["line 2", "listen.prot_base", "Did you mean port_base"]),
        ("[listen]\nport_base = 99999\n", ["line 2", "61000"]),
        ("node = \n", ["node.toml", "line 1"]),
        ('roles = ["edge"]\n', ["no role 'edge'", "edge-mx"]),
        ('[listen]\noff = ["pop"]\n', ["no listener 'pop'"]),
        ("[listen]\nports = {imap = 10025}\n", ["smtp", "imap", "10025"]),
        ('[database]\nurl = "postgresql://x"\n', ["[volume.s3]"]),
        ('[tls]\nkey = "k"\n', ["belong together"]),
        ("[volume.s3]\nregion = 'r'\n", ["volume.s3", "bucket"]),
        ('log_level = "loud"\n', ["log_level"]),
        ('trusted_proxies = ["10.0.0.1/8"]\n', ["trusted_proxies", "10.0.0.1/8"]),
    ],
)
def test_errors_say_where_and_what(tmp_path, text, words):
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, text))
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_paths_are_meant_from_where_the_file_lies(tmp_path):
    settings = load(write(tmp_path, 'key_file = "k"\n[volume]\npath = "../v"\n'))
    assert settings.key_file == str(tmp_path / "k")
    assert settings.volume_path == str(tmp_path / "../v")


def test_the_command_line_is_checked_too(tmp_path):
    for wrong in ({"processes": 0}, {"port_base": 65000}, {"roles": ("edge",)}):
        with pytest.raises(SettingsError):
            load(str(tmp_path), **wrong)


def test_a_named_file_must_exist(tmp_path):
    with pytest.raises(SettingsError, match="no such file"):
        load(str(tmp_path), config=str(tmp_path / "absent.toml"))


def test_secrets_come_from_where_they_are_kept(tmp_path):
    (tmp_path / "s").write_text("topsecret\n", encoding="utf-8")
    assert secret("env:A", {"A": "x"}) == "x"
    assert secret(f"file:{tmp_path / 's'}") == "topsecret"
    assert secret("postgresql://h/db") == "postgresql://h/db"
    for value in ("env:B", "file:/absent"):
        with pytest.raises(SettingsError):
            secret(value, {})


def test_every_setting_has_help_in_both_languages():
    def walk(table):
        for name, kind in table.__annotations__.items():
            if hasattr(kind, "__struct_fields__"):
                walk(kind)
            else:
                meta = kind.__metadata__[0]
                assert meta.description, name
                assert meta.extra["ko"], name

    walk(NodeFile)


def test_line_of_finds_keys_in_their_table():
    text = "a = 1\n[t]\nb = 2\n[t.u]\nb = 3\n"
    assert [line_of(text, key) for key in ("a", "t.b", "t.u.b", "t.u.absent", "z.q")] == [1, 3, 5, 4, None]


def test_default_plan_is_two_edge_processes_and_one_behind():
    processes = plan(tuple(ROLES), 2)
    assert [process.name for process in processes] == ["edge-1", "edge-2", "background"]
    assert "smtp" in processes[0].listeners
    assert processes[2].listeners == ()
    assert [process.name for process in plan(("relay",), 2)] == ["background"]
