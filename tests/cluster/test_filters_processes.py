"""What ManageSieve has answered is in force in every process of a node: the next mail by any of them is filtered by it."""

import asyncio

import managesieve
import pytest
from tests.cluster.test_sharing_processes import held_by
from tests.peers.mail_clients import Smtp
from tests.peers.served import PASSWORD, Served, served
from tests.strength import rounds

pytestmark = pytest.mark.slow

KIM = "u1@bench.test"
MESSAGE = b"From: x@out.example\r\nTo: u1@bench.test\r\nSubject: %b\r\nMessage-ID: <%b@out.example>\r\n\r\nbody\r\n"


async def one_in_each(node: Served) -> list[Smtp]:
    """SMTP sessions that two processes hold."""
    peers: list[Smtp] = []
    async with asyncio.timeout(120):
        while len(held_by(node, node.ports["smtp"])) < 2:
            peers.append(await node.smtp())
    return peers


def test_mail_behind_an_answer_is_filtered_by_what_was_answered(tmp_path):
    with served(tmp_path / "data", "--bench") as node:
        sieve = managesieve.MANAGESIEVE(node.address, node.ports["sieve"], use_tls=True, tls_verify=False, timeout=60)
        assert sieve.authenticate("PLAIN", KIM, PASSWORD) == "OK", sieve.response_text

        async def story() -> None:
            peers, wanted = await one_in_each(node), {}
            for turn in range(rounds(6, 30)):
                box = f"box{turn}"
                script = f'require ["fileinto", "mailbox"];\r\nfileinto :create "{box}";\r\n'
                assert await asyncio.to_thread(sieve.putscript, "main", script) == "OK"
                if not turn:
                    assert await asyncio.to_thread(sieve.setactive, "main") == "OK"
                names = [b"%d-%d" % (turn, number) for number in range(len(peers))]
                told = await asyncio.gather(*(
                    peer.send("x@out.example", [KIM], MESSAGE % (name, name))
                    for peer, name in zip(peers, names, strict=True)
                ))  # fmt: skip
                assert {codes[-1] for codes in told} == {250}
                wanted[box] = len(names)
            session = await node.imap(KIM)
            assert {box: (await session.select(box))["EXISTS"] for box in wanted} == wanted

        asyncio.run(story())
