"""The client for addresses that strangers wrote: our own networks are none for it unless they are named for pictures."""

import pytest

from smartmail.app.opening.outgoing_clients import open_picture_web, open_resolver
from smartmail.app.settings import NodeFile, Outgoing
from smartmail.ports.http import HttpFailed

OURS = "an address of our own network"


@pytest.mark.parametrize(
    ("outgoing", "refused"),
    [
        (Outgoing(), True),
        (Outgoing(networks=("127.0.0.0/8",)), True),
        (Outgoing(networks=("127.0.0.0/8",), pictures=("10.0.0.0/8",)), True),
        (Outgoing(pictures=("127.0.0.0/8",)), False),
    ],
    ids=["none", "for-others", "other-network", "for-pictures"],
)
async def test_our_own_networks_are_asked_only_where_they_are_named_for_pictures(outgoing, refused):
    settings = NodeFile(outgoing=outgoing)
    client = open_picture_web(settings, open_resolver(settings.dns))
    # Nobody listens there: who may ask hears that, who may not does not even try.
    with pytest.raises(HttpFailed) as failure:
        await client.request("GET", "https://127.0.0.1:1/a.png")
    assert (OURS in str(failure.value)) is refused
    await client.close()
