"""The guide's page about two nodes: its blocks as they are printed, and a machine that runs them.

What the guide calls /srv and /mnt lies in a folder for each node, and another host's files are copied beside.
"""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from tests.peers.served import ROOT, until

GUIDE = ROOT / "docs/guide-admin"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(heading: str, language: str = "en") -> list[tuple[str, str]]:
    """Return (kind, text) of the blocks below the headings whose number or beginning is `heading`; "": of the page."""
    page = (GUIDE / language / "nodes.md").read_text(encoding="utf-8")
    sections = re.split(r"^##+ ", page, flags=re.MULTILINE)
    return [(one[1], one[2]) for text in sections if text.startswith(heading) for one in _BLOCK.finditer(text)]


def lines(text: str) -> list[str]:
    """Return the lines of a block without remarks."""
    return [said for line in text.splitlines() if (said := line.partition("#")[0].rstrip())]


def block(heading: str, kind: str) -> str:
    """Return the text of the one block of a kind below a heading."""
    [text] = [text for one, text in blocks(heading) if one == kind]
    return text


def commands(heading: str) -> list[list[str]]:
    return [lines(text) for kind, text in blocks(heading) if not kind]


class Machine:
    """One node's machine."""

    def __init__(self, folder: Path, base: int, endpoint: str) -> None:
        self.folder = folder
        self.base = base
        self.endpoint = endpoint
        self.data = folder / "srv/smartmail/data"
        self.data.mkdir(parents=True)
        (folder.parent / "mnt/backup").mkdir(parents=True, exist_ok=True)
        program = folder / "smartmail"
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH="{ROOT / "src"}" exec "{sys.executable}" -m smartmail.app.cli "$@"\n'
        )
        program.chmod(0o755)
        self.server: subprocess.Popen[bytes] | None = None
        self.said = bytearray()

    def here(self, text: str) -> str:
        """Return a text of the guide for this machine."""
        text = self.placed(text).replace("https://s3.example.co.kr", self.endpoint).replace('"0.0.0.0"', '"127.0.0.1"')
        text = text.replace("port_base = 0", f"port_base = {self.base}")
        return re.sub(r"192\.0\.2\.(1[12])/32", r"127.0.0.\1/32", text)

    def placed(self, text: str) -> str:
        """Return a text of the guide with the folders of this machine."""
        return text.replace("/srv/", f"{self.folder}/srv/").replace("/mnt/", f"{self.folder.parent}/mnt/")

    def run(self, command: str) -> str:
        """Run a command and return what it says; it must succeed."""
        done = subprocess.run(
            ["/bin/sh", "-c", self.here(command)], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
            text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def serve(self, command: str) -> None:
        """Start the server and wait until it serves."""
        output = (self.folder / "output").open("wb")
        with output:
            self.server = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {self.here(command)}"], cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        said = self.folder / "output"
        until(lambda: b"READY\n" in said.read_bytes() or self.server.poll() is not None, 240, "READY")  # type: ignore[union-attr]
        assert self.server.poll() is None, said.read_text()[-3000:]

    def stop(self) -> None:
        if self.server is not None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(60)
            self.server = None

    def ready(self, url: str = "http://127.0.0.1:80/health/ready") -> bool:
        """Ask as the guide does."""
        parts = urlsplit(url)
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.base + int(parts.port or 80)}{parts.path}", timeout=30
            ) as answer:
                return json.load(answer)["status"] in {"ready", "live"}
        except OSError:  # an HTTPError is one too
            return False

    def checked(self, source: str, hello: bytes) -> bytes:
        """Ask as a balancer at `source` does; return the first line of the answer, empty where there is none."""
        with socket.create_connection(("127.0.0.1", self.base + 80), 30, source_address=(source, 0)) as connection:
            connection.sendall(hello + b"GET /health/ready HTTP/1.0\r\nHost: x\r\n\r\n")
            said = b""
            try:
                while piece := connection.recv(4096):
                    said += piece
            except OSError:
                pass
        return said.partition(b"\r\n")[0]


def run_over(command: str, one: Machine, two: Machine) -> None:
    """Run a command of the first node that reaches to the second."""
    if command.startswith("scp -p "):
        source, target = command.removeprefix("scp -p ").split(" node2:")
        shutil.copy2(one.here(source), two.here(target))
    else:
        two.run(command.removeprefix("ssh node2 "))
