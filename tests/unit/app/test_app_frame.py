"""Lock, sockets, command overview, summaries and package lists."""

import argparse
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from smartmail.app.cli import COMMANDS, main, serve, settings_options, system_packages
from smartmail.app.cli.operations.noun import Noun
from smartmail.app.cluster.node_lock import NodeLock
from smartmail.app.opening.restore_journal import FileJournal, clear_journal
from smartmail.app.process_tree import sockets
from smartmail.app.process_tree.sockets import Patience, bind_all, bind_one, port_holder
from smartmail.app.settings import load, with_kept_names
from smartmail.app.tls import certificates
from smartmail.app.worker_context import CannotStartError, Prepared

ROOT = Path(__file__).resolve().parents[3]


def test_one_tree_per_directory(tmp_path):
    lock = NodeLock(str(tmp_path))
    with pytest.raises(CannotStartError, match=f"process {os.getpid()}"):
        NodeLock(str(tmp_path), patience_s=0.1)
    lock.release()
    NodeLock(str(tmp_path), patience_s=0).release()


def test_a_directory_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStartError, match="--data"):
        NodeLock(str(tmp_path / "file" / "data"))


def test_two_listeners_on_one_port_are_impossible():
    with bind_one("127.0.0.1", 0) as first, pytest.raises(OSError):
        bind_one("127.0.0.1", first.getsockname()[1])


def settings_on(tmp_path, port):
    file = tmp_path / "node.toml"
    file.write_text(f'[listen]\naddresses = ["127.0.0.1"]\noff = ["lmtp"]\nports = {{ smtp = {port} }}\n')
    return load(str(tmp_path / "d"), config=str(file), roles=("edge-mx",))


def test_a_port_that_is_taken_for_a_moment_is_waited_for(tmp_path):
    said, waited = [], []
    with bind_one("127.0.0.1", 0) as holder:
        port = holder.getsockname()[1]

        def wait(seconds):
            waited.append(seconds)
            if len(waited) == 3:
                holder.close()

        bound = bind_all(settings_on(tmp_path, port), Patience(60, said.append, wait))
    assert [one.getsockname()[1] for one in bound["smtp"]] == [port]
    assert len(said) == 1
    assert f"Port {port} (smtp) on 127.0.0.1 is taken" in said[0]
    assert len(waited) == 3
    for one in bound["smtp"]:
        one.close()


def test_a_port_that_stays_taken_ends_with_what_to_do(tmp_path):
    said, waited = [], []
    with bind_one("127.0.0.1", 0) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(CannotStartError, match=f"Port {port} .*--port-base"):
            bind_all(settings_on(tmp_path, port), Patience(1, said.append, waited.append))
    assert (len(said), len(waited)) == (1, 10)


def test_a_node_waits_half_a_minute_for_its_ports(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(sockets, "Patience", lambda *words: made.append(words) or Patience(0, str))
    with bind_one("127.0.0.1", 0) as holder, pytest.raises(CannotStartError):
        bind_all(settings_on(tmp_path, holder.getsockname()[1]))
    assert made == [(30.0, sockets._complain)]


def test_nothing_is_opened_where_a_restore_has_not_ended(tmp_path, capsys):
    directory = tmp_path / "d"
    directory.mkdir()
    FileJournal(str(directory)).mark()
    for command in (["serve"], ["account", "list"]):
        assert main([*command, "--data", str(directory)]) == 78
        assert f"backup restore --data {directory}" in capsys.readouterr().err
    assert sorted(one.name for one in directory.iterdir()) == ["node.lock", "restore.journal"]
    lock = NodeLock(str(directory), holder="A restore")
    with pytest.raises(CannotStartError, match="A restore is running on .*Wait for its end"):
        NodeLock(str(directory), patience_s=0)
    lock.release()


def test_a_journal_beside_a_database_is_a_left_over(tmp_path):
    FileJournal(str(tmp_path)).mark()
    (tmp_path / "smartmail.db").touch()
    clear_journal(load(str(tmp_path)))
    assert not (tmp_path / "restore.journal").exists()


def test_the_holder_of_a_port_is_found():
    with bind_one("127.0.0.1", 0) as sock:
        assert str(os.getpid()) in port_holder(sock.getsockname()[1])
    with socket.socket() as unbound:
        unbound.bind(("127.0.0.1", 0))
        assert port_holder(unbound.getsockname()[1]) == ""


def test_overview_lists_what_exists_and_nothing_else(capsys):
    assert main([]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert listed == [
        name for name, module in COMMANDS.items()
        if isinstance(module, Noun) or (Path(serve.__file__).parent / f"{module}.py").exists()
    ]  # fmt: skip
    assert {"serve", "test", "check"} <= set(listed)


def test_unknown_command_is_an_error(capsys):
    assert main(["fly"]) == 64
    assert "no command 'fly'" in capsys.readouterr().err


def test_wrong_settings_end_serve_with_words_not_traces(tmp_path, capsys):
    (tmp_path / "node.toml").write_text("x = 1\n")
    assert main(["serve", "--data", str(tmp_path)]) == 78
    assert "unknown setting" in capsys.readouterr().err


@pytest.mark.parametrize(("listen", "shown"), [("192.0.2.9", "192.0.2.9"), ("::1,2001:db8::9", "[2001:db8::9]")])
def test_the_set_up_is_reached_from_another_machine_by_its_address(tmp_path, listen, shown):
    options = argparse.ArgumentParser()
    settings_options.add_serve_arguments(options)
    settings = settings_options.read(options.parse_args(["--data", str(tmp_path / "d"), "--listen", listen]))
    certificates.ensure(settings)
    link = Prepared("https://admin.localhost:10443/setup#t")
    lines = serve.summary(settings, link)
    assert f"  https://{shown}:10443/setup#t" in lines
    assert sum(certificates.files(settings).fingerprint() in line for line in lines) == 2
    (tmp_path / "d" / "names.json").write_text('{"mail": "mail.a.example"}')
    assert f"  https://{shown}:10443/setup#t" not in serve.summary(with_kept_names(settings), link)


def test_an_address_that_is_none_is_refused(capsys):
    options = argparse.ArgumentParser()
    settings_options.add_serve_arguments(options)
    with pytest.raises(SystemExit):
        options.parse_args(["--listen", "mail.example"])
    assert "write all" in capsys.readouterr().err
    assert options.parse_args(["--listen", "all"]).listen == ("0.0.0.0", "::")


def test_summary_tells_addresses_ports_certificate_and_link(tmp_path):
    settings = load(str(tmp_path / "d"), port_base=30000)
    certificates.ensure(settings)
    text = "\n".join(serve.summary(settings, Prepared("https://localhost:30443/setup#t", ("a note",))))
    for word in (
        "https://localhost:30443/",
        "smtp 30025",
        "imaps 30993",
        "pop3s 30995",
        "SHA-256",
        "setup#t",
        "a note",
        "ca.pem",
    ):
        assert word in text


def test_missing_packages_are_seen():
    assert system_packages.missing(["no-such-package-at-all"]) == ["no-such-package-at-all"]
    assert "postfix" in system_packages.wanted(ROOT / "tools" / "system_packages.toml")


def test_libraries_of_a_package_that_is_only_unpacked(tmp_path):
    control = tmp_path / "files" / "DEBIAN" / "control"
    control.parent.mkdir(parents=True)
    control.parent.chmod(0o755)  # dpkg-deb refuses what umask 077 makes
    control.write_text(
        "Package: relay\nVersion: 1\nArchitecture: all\nMaintainer: nobody <n@example.com>\nDescription: none\n"
        "Depends: adduser, libc6 (>= 2.38), libone1 | libtwo2, libperl:any, relay-base (>= 1)\n"
    )
    subprocess.run(["dpkg-deb", "--build", str(tmp_path / "files"), str(tmp_path / "relay.deb")], check=True)
    assert system_packages._libraries(tmp_path / "relay.deb") == ["libc6", "libone1", "libperl"]


def test_what_is_only_unpacked_is_not_installed():
    listing = ROOT / "tools" / "system_packages.toml"
    assert system_packages.unpacked(listing)["opensmtpd"] == ROOT / ".cache" / "unpacked" / "opensmtpd"
    assert not set(system_packages.unpacked(listing)) & set(system_packages.wanted(listing))


def loaded(module: str, *others: str) -> list[str]:
    """Return which of the others a fresh process has when it has imported the module."""
    code = f"import sys, {module}; print(*(m for m in {others!r} if m in sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment, check=True)
    return done.stdout.split()


def test_start_up_of_a_process_stays_light():
    assert loaded("smartmail.app.process_tree.worker", "cryptography", "uvicorn", "dns") == []


def test_the_supervisor_has_next_to_nothing_of_the_program():
    # A second of each start and 64 MiB for as long as the node runs; and it parses nothing that comes from outside.
    heavy = ("smartmail.service.catalogue", "smartmail.adapters.sql", "smartmail.edge.httpd", "smartmail.formats.mime")
    assert loaded("smartmail.app.cli.serve", *heavy, "httpx", "dns") == []
