"""The unit that lets systemd start a node: what is in it, where it goes, and what is said where systemd is not."""

import argparse
import configparser
import shlex

import pytest

from smartmail.app.cli import main, service
from smartmail.app.installation import ROOT


def parsed(*words):
    parser = argparse.ArgumentParser()
    service.add_arguments(parser)
    return parser.parse_args(list(words))


def read(text):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string(text)
    return unit


def test_the_unit_serves_what_was_asked_for(tmp_path):
    unit = read(service.unit(parsed("show", "--data", str(tmp_path), "--listen", "all", "--key", "/etc/mail.key")))
    words = shlex.split(unit["Service"]["ExecStart"])
    assert words == [
        f"{ROOT}/smartmail", "serve", "--data", str(tmp_path), "--port-base", "0", "--key", "/etc/mail.key",
        "--listen", "0.0.0.0,::",
    ]  # fmt: skip
    assert unit["Service"]["RestartPreventExitStatus"] == "78"
    assert unit["Install"]["WantedBy"] == "multi-user.target"


def test_without_root_it_is_a_unit_of_the_account_on_high_ports():
    unit = read(service.unit(parsed("show", "--user", "--data", "/srv/kim/mail data/100%$HOME")))
    assert '"/srv/kim/mail data/100%%$$HOME"' in unit["Service"]["ExecStart"]
    assert "--port-base 10000" in unit["Service"]["ExecStart"]
    assert unit["Install"]["WantedBy"] == "default.target"


def test_install_and_remove(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    place = tmp_path / "etc/systemd/system/smartmail.service"
    options = ["--root", str(tmp_path), "--data", str(tmp_path / "data")]
    assert main(["service", "install", *options]) == 0
    assert read(place.read_text())["Service"]["Type"] == "exec"
    assert "systemctl enable --now smartmail.service" in capsys.readouterr().out
    assert main(["service", "remove", *options]) == 0
    assert not place.exists()
    assert main(["service", "remove", *options]) == 66


def test_an_account_of_its_own_needs_root(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/conf")
    assert main(["service", "install", "--root", str(tmp_path)]) == 77
    assert "--user" in capsys.readouterr().err
    assert main(["service", "install", "--user", "--root", str(tmp_path)]) == 0
    assert (tmp_path / "conf/systemd/user/smartmail.service").exists()
    assert "systemctl --user enable" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", ["mail.example", ""])
def test_an_address_that_is_none_is_refused(wrong):
    with pytest.raises(SystemExit):
        parsed("install", "--listen", wrong)
