"""What a process meets in the other place where `--full` tries pure code once more."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tools.testing import elsewhere

LOOK = """
import json, os, socket, sys, tempfile, time
def lists(folder):
    return os.listdir(folder) if os.path.isdir(folder) else []
def ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True
with tempfile.NamedTemporaryFile() as made, open(os.path.join(os.path.dirname(made.name), "new"), "w") as new:
    facts = {"mode": os.fstat(new.fileno()).st_mode & 0o777, "folder": os.path.dirname(made.name)}
socket.create_server(("127.0.0.1", 0)).close()
print(json.dumps(facts | {
    "host": socket.gethostname(), "links": [name for _, name in socket.if_nameindex()], "ipv6": ipv6(),
    "home": os.listdir(os.path.expanduser("~")), "zone": time.timezone, "cpus": os.environ["PYTHON_CPU_COUNT"],
    "fonts": [name for folder in json.loads(sys.argv[1]) for name in lists(folder)],
}))
"""


def test_another_machine_made_of_this_one():
    with elsewhere.opened() as there:
        command = [*there.enter, sys.executable, "-c", LOOK, json.dumps(elsewhere.FONTS)]
        environment = {**os.environ, **there.environment}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        facts = json.loads(done.stdout)
        folder = facts.pop("folder")
        assert folder == there.environment["TMPDIR"] and " " in folder and not folder.isascii()
    assert facts == {
        "mode": 0o600, "host": "x", "links": ["lo"], "ipv6": False, "home": [], "zone": -(12 * 60 + 45) * 60,
        "cpus": "1", "fonts": [],
    }  # fmt: skip
    assert not Path(folder).exists()


def test_nothing_of_it_is_seen_from_here():
    before = [os.path.isdir(folder) and os.listdir(folder) for folder in elsewhere.FONTS]
    host = os.uname().nodename
    with elsewhere.opened() as there:
        subprocess.run([*there.enter, "true"], check=True, timeout=120)
        assert [os.path.isdir(folder) and os.listdir(folder) for folder in elsewhere.FONTS] == before
        assert os.uname().nodename == host
