"""Host names set in a browser reach every process of a node, one after the other, and nobody is turned away meanwhile."""

import json
import socket
from contextlib import closing

from tests.peers.served import free_port
from tests.peers.test_process_tree import tree, until

NAMES = {"mail": "mail.a.example", "app": "mail.a.example", "admin": "admin.a.example", "content": "files.a.example"}


def named(port):
    """Ask whoever answers: its process id and the name that it serves under. A refused connection raises."""
    with closing(socket.create_connection(("127.0.0.1", port), 20)) as sock:
        sock.settimeout(20)
        answers = sock.makefile("rb")
        sock.sendall(b"name\n")
        _name, pid, _reloads = answers.readline().split()
        return int(pid), answers.readline().strip().decode()


def test_processes_start_with_new_names_while_others_serve(tmp_path):
    port = free_port()
    with tree(tmp_path, port) as it:
        it.ready()
        old = set(it.children())
        assert named(port)[1] == "localhost"
        (tmp_path / "names.json.new").write_text(json.dumps(NAMES))
        (tmp_path / "names.json.new").replace(tmp_path / "names.json")
        heard = []

        def taken_over():
            heard.append(named(port))
            return len(it.children()) == 3 and not old & set(it.children()) and heard[-1][1] == NAMES["mail"]

        until(taken_over)
        # Who is about to end may hang up between the two lines.
        assert {name for pid, name in heard if pid in old and name} == {"localhost"}
        until(lambda: {name for _pid, name in (named(port) for _ in range(6))} == {NAMES["mail"]})


def test_what_the_node_file_names_stays(tmp_path):
    port = free_port()
    (tmp_path / "node.toml").write_text('[names]\nmail = "mx.b.example"\n')
    (tmp_path / "names.json").write_text(json.dumps(NAMES))
    with tree(tmp_path, port) as it:
        it.ready()
        assert named(port)[1] == "mx.b.example"


def test_a_damaged_file_keeps_nobody_from_starting(tmp_path):
    port = free_port()
    for text in ("", "{", "[]", '{"mail": 7, "other": "x"}'):
        (tmp_path / "names.json").write_text(text)
        with tree(tmp_path, port) as it:
            it.ready()
            assert named(port)[1] == "localhost"
