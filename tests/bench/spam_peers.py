"""rspamd and SpamAssassin for the comparison: started here with a configuration of our own, without any network.

Each runs in a session of its own and is ended by its pid. Both learn the same messages and give their own total score.
"""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

START_S = 60
Message = tuple[bytes, bool]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


@contextlib.contextmanager
def started(command: Sequence[str], folder: Path, *ports: int) -> Iterator[None]:
    """Run a program until the block ends; its ports answer when the block begins."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        for port in ports:
            _wait(process, port, folder)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int, folder: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"it did not start: {(folder / 'log').read_text()[-2000:]}")


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="spam-peer-"))
    folder.chmod(0o777)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- SpamAssassin -------------------------------------------------------------------------------------------------

_SA_SETTINGS = """
use_bayes 1
bayes_auto_learn 0
bayes_auto_expire 0
bayes_min_ham_num 20
bayes_min_spam_num 20
use_txrep 0
skip_rbl_checks 1
dns_available no
bayes_path {folder}/bayes
bayes_file_mode 0777
report_safe 0
"""


def spamassassin(train: Sequence[Message], test: Sequence[bytes]) -> list[float]:
    """Return SpamAssassin's scores of `test` after it has learned `train`."""
    with _folder() as folder:
        site = folder / "site"
        shutil.copytree("/etc/spamassassin", site)
        with (site / "zz_measured.cf").open("w") as out:
            out.write(_SA_SETTINGS.format(folder=folder))
        for name, spam in (("spam", True), ("ham", False)):
            (folder / name).mkdir()
            for number, (octets, is_spam) in enumerate(train):
                if is_spam == spam:
                    (folder / name / f"{number:05}").write_bytes(octets)
            command = ["sa-learn", f"--siteconfigpath={site}", "-L", "--no-sync", f"--{name}", str(folder / name)]
            subprocess.run(command, check=True, capture_output=True, timeout=1800)
        subprocess.run(["sa-learn", f"--siteconfigpath={site}", "--sync"], check=True, capture_output=True, timeout=300)
        for one in folder.glob("bayes*"):
            one.chmod(0o666)
        port = free_port()
        command = ["spamd", "-L", "-x", f"--siteconfigpath={site}", "-p", str(port), "-i", "127.0.0.1", "-A", "127.0.0.1",
                   "-m", "2", "-u", "nobody", "-s", "stderr", f"--pidfile={folder}/pid"]  # fmt: skip
        with started(command, folder, port):
            with ThreadPoolExecutor(2) as pool:
                return list(pool.map(lambda octets: _spamd(port, octets), test))


def _spamd(port: int, octets: bytes) -> float:
    with socket.create_connection(("127.0.0.1", port), 120) as connection:
        connection.sendall(b"CHECK SPAMC/1.2\r\nContent-length: %d\r\n\r\n" % len(octets) + octets)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while block := connection.recv(65536):
            answer += block
    for line in answer.split(b"\r\n"):
        if line.startswith(b"Spam:"):
            return float(line.partition(b";")[2].split(b"/")[0])
    raise RuntimeError(f"spamd said {answer[:200]!r}")


# --- rspamd -------------------------------------------------------------------------------------------------------

_RSPAMD = """
.include "$CONFDIR/common.conf"
options {{ pidfile = "{folder}/pid"; dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }}
  hs_cache_dir = "{folder}"; control_socket = "{folder}/control mode=0600"; history_rows = 1; }}
logging {{ type = "file"; filename = "{folder}/rspamd.log"; level = "warning"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
worker "controller" {{ bind_socket = "127.0.0.1:{learn}"; count = 1; secure_ip = "127.0.0.1"; password = "q1"; }}
"""
_OFF = ("rbl", "surbl", "spf", "dkim", "dmarc", "arc", "asn", "fuzzy_check", "phishing", "mx_check", "greylist", "ratelimit",
        "neural", "reputation", "history_redis", "dkim_signing", "url_redirector", "bimi", "p0f", "hfilter", "once_received",
        "whitelist", "maillist", "replies", "known_senders")  # fmt: skip


def rspamd(train: Sequence[Message], test: Sequence[bytes]) -> list[float]:
    """Return rspamd's scores of `test` after it has learned `train`."""
    with _folder() as folder:
        port, learn, redis = free_port(), free_port(), free_port()
        (folder / "rspamd.conf").write_text(_RSPAMD.format(folder=folder, port=port, learn=learn))
        (folder / "local.d").mkdir()
        for name in _OFF:
            (folder / "local.d" / f"{name}.conf").write_text("enabled = false;\n")
        # By default it learns only what it does not know yet; here each engine is given every lesson.
        every = 'learn_condition = "return function() return true end";\n'
        bayes = f'servers = "127.0.0.1:{redis}";\nmin_learns = 20;\nautolearn = false;\n{every}'
        (folder / "local.d" / "classifier-bayes.conf").write_text(bayes)
        (folder / "redis").mkdir()
        (folder / "db").mkdir()
        store = [
            "redis-server",
            "--port",
            str(redis),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(folder / "redis"),
        ]
        command = ["rspamd", "-f", "-i", "-c", str(folder / "rspamd.conf"), "--var", f"DBDIR={folder}/db",
                   "--var", f"RUNDIR={folder}", "--var", f"LOCAL_CONFDIR={folder}"]  # fmt: skip
        with started(store, folder / "redis", redis), started(command, folder, port, learn):
            for octets, spam in train:
                _rspamd(learn, "/learnspam" if spam else "/learnham", octets)
            return [float(_rspamd(port, "/checkv2", octets).get("score", 0)) for octets in test]


def _rspamd(port: int, path: str, octets: bytes) -> dict[str, object]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", path, octets, {"Password": "q1"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status not in {200, 204, 208, 404}:
            raise RuntimeError(f"rspamd said {answer.status} {text[:200]!r}")
        return json.loads(text or b"{}")  # type: ignore[no-any-return]
    finally:
        connection.close()
