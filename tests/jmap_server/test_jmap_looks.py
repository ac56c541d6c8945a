"""MailAccess/query: people see who looked at their mail, and nobody else does."""

import pytest
from tests.jmap_server import jmap_house
from tests.jmap_server.jmap_house import mail

from smartmail.domain.principal import Actor, Origin
from smartmail.domain.rights import Grantee

OWN = "https://smartmail.example/jmap"


@pytest.fixture(autouse=True)
def _own_types(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


async def test_the_owner_sees_who_looked(house, browser, kim):
    number = await house.deliver(kim, mail("인사 자료", From="boss@a.example", To="kim@a.example"))
    choi = house.accounts["choi@a.example"]
    inbox = await house.services.mailboxes.by_role(actor_of(kim), kim.id, "inbox")
    await house.services.sharing.share(actor_of(kim), kim.id, inbox.row.id, Grantee("account", choi.id), "lr")
    assert (await browser.call("MailAccess/query"))["list"] == []
    await house.services.reading.octets(actor_of(choi), kim.id, number)
    await house.services.audit.chain()
    [look] = (await browser.call("MailAccess/query"))["list"]
    assert (look["name"], look["act"], look["count"], look["emailIds"]) == ("choi@a.example", "read", 1, [f"e{number}"])
    assert (look["address"], look["door"], look["country"]) == ("10.1.2.3", "imap", None)
    assert (await browser.call("MailAccess/query", before=look["at"]))["list"] == []
    # The same mailbox, asked about by the one who looked.
    assert await browser.error("MailAccess/query", accountId=f"a{choi.id}") == "accountNotFound"
    other = await house.browser("choi@a.example")
    assert await other.error("MailAccess/query", accountId=f"a{kim.id}") == "accountNotSupportedByMethod"
    assert (await other.call("MailAccess/query"))["list"] == []
    await house.services.witness.settle()


def actor_of(account) -> Actor:
    return Actor(account.id, account.organization_id, account.login, False, Origin("imap", "10.1.2.3"))
