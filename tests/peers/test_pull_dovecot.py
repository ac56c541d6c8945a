"""Mail brought in from Dovecot: IMAP, TLS, STARTTLS, deletion of what is here and of nothing else."""

from __future__ import annotations

import imaplib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.bench.servers import PASSWORD, dovecot
from tests.flows.pull_house import Pulling, actor_of, mail, open_pulling

from smartmail.edge.pulling.reaching import Reach

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.bench.servers import Server

pytestmark = pytest.mark.peer
LOGIN = "kim@bench.test"


class There:
    """A Dovecot and its ports."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.ports = {"starttls": server.imap_port, "tls": server.imaps_port}
        self.authority = folder / "cert.pem"

    def box(self) -> imaplib.IMAP4:
        session = imaplib.IMAP4("127.0.0.1", self.ports["starttls"])
        session.login(LOGIN, PASSWORD)
        session.select()
        return session

    def put(self, *letters: bytes) -> None:
        session = self.box()
        for one in letters:
            assert session.append("INBOX", "", None, one)[0] == "OK"
        session.logout()

    def left(self) -> int:
        session = self.box()
        found = session.search(None, "ALL")[1][0].split()
        session.logout()
        return len(found)


@pytest.fixture
def there() -> Iterator[There]:
    # Dovecot becomes another user, who must get at its folder.
    with tempfile.TemporaryDirectory(prefix="smartmail-pull-") as folder:
        Path(folder).chmod(0o755)
        with dovecot(Path(folder) / "dovecot") as server:
            yield There(server, Path(folder) / "dovecot")


@pytest.fixture
async def pulling(tmp_path: Path, there: There) -> AsyncIterator[Pulling]:
    async def lookup(_name: str) -> list[str]:
        return ["127.0.0.1"]

    async with open_pulling(tmp_path, reach=Reach(["127.0.0.0/8"], str(there.authority), lookup)) as made:
        yield made


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_mail_comes_once_and_goes_over_there(there: There, pulling: Pulling, security: str) -> None:
    there.put(mail("one"), mail("점으로 시작", ".\r\n..\r\nend"), mail("no id", message_id=None))
    wish = pulling.wish(
        host="localhost",
        port=there.ports[security],
        security=security,
        login=LOGIN,
        password=PASSWORD,
    )
    look = await pulling.here.services.pulls.book.look(actor_of(pulling.lee), wish)
    assert (look.reason, look.messages, look.tls[:5]) == ("", 3, "TLSv1"), look.said
    pull = await pulling.settled(await pulling.add(wish))
    assert (pull.row.reason, pull.row.taken, there.left()) == ("", 3, 3), pull.said
    pull = await pulling.again(pull)
    assert (pull.row.reason, pull.row.taken) == ("", 3)
    book = pulling.here.services.pulls.book
    await book.change(
        actor_of(pulling.lee),
        pull.row.id,
        msgspec.structs.replace(pull.text, remove=True),
        enabled=True,
        has_password=False,
    )
    there.put(mail("four"))
    pull = await pulling.settled(pull)
    assert (pull.row.reason, pull.row.taken, there.left()) == ("", 4, 3), pull.said


async def test_a_wrong_password_is_told(there: There, pulling: Pulling) -> None:
    wish = pulling.wish(host="localhost", port=there.ports["tls"], security="tls", login=LOGIN, password="wrong")
    look = await pulling.here.services.pulls.book.look(actor_of(pulling.lee), wish)
    assert look.reason == "login" and look.said
