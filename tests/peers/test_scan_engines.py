"""Real engines in a house: clamd with signatures of our own and the EICAR file, rspamd switched in and out."""

import asyncio
import contextlib
import hashlib
import os
import shutil
import signal
import smtplib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.fake_engines import EICAR
from tests.flows.house import House, open_house
from tests.peers.served import free_port
from tests.unit.formats_rules.made_files import packed
from tests.unit.service_filtering.specimens import attached, letter

from smartmail.domain.inspection import Inspection
from smartmail.domain.inspection import decode as decode_inspection
from smartmail.ports.scan import EngineSettings, ScanVerdict
from smartmail.service.kernel.envelope import open_envelope
from smartmail.service.kernel.inspection.keeping import open_inspection

pytestmark = pytest.mark.peer
GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


@contextlib.contextmanager
def started(*command: str, ready: Path | int, log: Path) -> Iterator[None]:
    """Run a daemon in the foreground until `ready`: a socket in the file system, or a port of loopback."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        end = time.monotonic() + 120
        while not _answers(ready):
            assert process.poll() is None, log.read_text(errors="replace")[-2_000:]
            assert time.monotonic() < end, log.read_text(errors="replace")[-2_000:]
            time.sleep(0.1)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _answers(ready: Path | int) -> bool:
    family, address = (
        (socket.AF_UNIX, str(ready)) if isinstance(ready, Path) else (socket.AF_INET, ("127.0.0.1", ready))
    )
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(address) == 0


@pytest.fixture(scope="module")
def clamd(tmp_path_factory) -> Iterator[Path]:
    """clamd that knows one signature."""
    program = shutil.which("clamd")
    assert program, "clamav-daemon is not installed (./smartmail test installs it)"
    folder = tmp_path_factory.mktemp("clam", numbered=True)
    signatures = folder / "db"
    signatures.mkdir()
    digest = hashlib.md5(EICAR, usedforsecurity=False).hexdigest()
    (signatures / "own.hdb").write_text(f"{digest}:{len(EICAR)}:Own.Eicar\n")
    path = folder / "s"
    settings = folder / "clamd.conf"
    settings.write_text(
        f"DatabaseDirectory {signatures}\nLocalSocket {path}\nForeground yes\nTemporaryDirectory {folder}\nMaxThreads 2\n"
    )
    with started(program, "-c", str(settings), ready=path, log=folder / "log"):
        yield path


@pytest.fixture(scope="module")
def rspamd(tmp_path_factory) -> Iterator[int]:
    """rspamd without rules of its own and without a network: it knows the test pattern."""
    program = shutil.which("rspamd")
    assert program, "rspamd is not installed (./smartmail test installs it)"
    folder, port = tmp_path_factory.mktemp("rspamd"), free_port()
    settings = folder / "rspamd.conf"
    settings.write_text(
        f'options {{ pidfile = "{folder}/pid"; tempdir = "{folder}"; hs_cache_dir = "{folder}"; filters = ""; '
        f'control_socket = "{folder}/c mode=0600"; gtube_patterns = "all"; '
        'dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; } }\n'
        'logging { type = "console"; level = "warning"; }\n'
        'metric { name = "default"; actions { reject = 15; add_header = 6; greylist = 4; } }\n'
        f'worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}\n'
    )
    with started(program, "-f", "-i", "-u", "root", "-g", "root", "-c", str(settings), ready=port, log=folder / "log"):
        yield port


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path, domains=("a.test",)) as opened:
        await opened.person("kim@a.test")
        yield opened


async def send(house: House, octets: bytes) -> None:
    def work() -> None:
        with smtplib.SMTP("127.0.0.1", house.ports["smtp"], timeout=60) as client:
            client.sendmail("lee@partner.example", ["kim@a.test"], octets)

    await asyncio.to_thread(work)


async def delivered(house: House) -> Inspection:
    """Return what was found out about the newest message of the account."""
    account = house.accounts["kim@a.test"]
    keys = await house.services.delivery.desk.keyring.account_by_id(account.id)
    boxes = await house.store.mailboxes(account.id)
    lines = [line for box in boxes for line in (await house.store.view(account.id, box.id))[1]]
    newest = max(line.message_id for line in lines)
    [(_id, blob_id, sealed)] = await house.store.inspections(account.id, [newest])
    return open_inspection(keys, blob_id, sealed)


async def held(house: House) -> list[Inspection]:
    """Return what was found out about the messages in quarantine."""
    organization = house.accounts["kim@a.test"].organization_id
    keys = await house.services.delivery.desk.keyring.queue(organization)
    rows = await house.store.queue_entries(10)
    return [
        decode_inspection(open_envelope(keys, row).inspection)
        for row, recipients in rows
        if all(one.hold_reason == "quarantine" for one in recipients)
    ]


async def test_the_eicar_file_is_held_by_clamd_wherever_it_is_packed(house, clamd):
    await house.services.scanning.add_engine(EngineSettings("clam", "clamd", str(clamd)), "test")
    assert [one.info.version.split("/")[0][:6] for one in await house.services.scanning.status()] == ["ClamAV"]
    await send(house, letter("이 메일에는 아무것도 없습니다."))
    await send(house, attached("eicar.com.txt", EICAR))
    await send(house, attached("견적서.zip", packed({"견적서.txt": EICAR})))
    found = await held(house)
    assert [(one.virus, one.nature, one.act) for one in found] == [
        ("Own.Eicar.UNOFFICIAL", "malware", "quarantine")
    ] * 2
    assert (await delivered(house)).act == "deliver"
    [(_engine, verdict)] = await house.services.scanning.try_file(EICAR)
    assert isinstance(verdict, ScanVerdict)
    assert verdict.virus == "Own.Eicar.UNOFFICIAL"


async def test_rspamd_switched_in_and_out(house, rspamd):
    octets = letter(f"{GTUBE}\r\n안녕하세요")
    await send(house, octets)
    assert "engine-score" not in {one.rule for one in (await delivered(house)).reasons}
    await house.services.scanning.add_engine(EngineSettings("rspamd", "rspamd", f"127.0.0.1:{rspamd}", "pass"), "test")
    with pytest.raises(smtplib.SMTPDataError) as refused:
        await send(house, octets)
    assert refused.value.smtp_code == 550
    await house.services.scanning.remove_engine("rspamd", "test")
    await send(house, letter(f"{GTUBE}\r\n다른 편지"))
    assert "engine-score" not in {one.rule for one in (await delivered(house)).reasons}
