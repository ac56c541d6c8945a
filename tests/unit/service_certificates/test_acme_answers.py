"""An authority that answers with less than RFC 8555 says: told to the administrator, and the other orders go on."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from smartmail.ports.http import HttpAnswer
from smartmail.service.flow.certificates.acme import AcmeClient, AcmeFailed

KEY = ec.generate_private_key(ec.SECP256R1())
DIRECTORY = {"newNonce": "https://ca.test/nonce", "newOrder": "https://ca.test/order"}


class Authority:
    """Answers the directory, nonces, and the same object to everything else."""

    def __init__(self, said: object) -> None:
        self.said = said

    async def request(self, method, url, **_rest) -> HttpAnswer:
        said = DIRECTORY if url == "https://ca.test/" else self.said
        headers = {"replay-nonce": "n1", "location": "https://ca.test/order/1"}
        return HttpAnswer(200, headers, b"" if method == "HEAD" else msgspec.json.encode(said))


@pytest.mark.parametrize(
    "said",
    [
        {"status": "ready"},
        {"status": "valid"},
        {"authorizations": ["https://ca.test/a"], "challenges": [{"type": "http-01"}]},
        {"authorizations": ["https://ca.test/a"], "challenges": ["http-01"]},
        {"authorizations": 5},
        {"authorizations": ["https://ca.test/a"], "identifier": "x", "challenges": []},
    ],
)
async def test_what_lacks_in_an_answer_is_told(said) -> None:
    async def publish(_token, _text) -> None:
        pass

    client = AcmeClient(Authority(said), "https://ca.test/", KEY, "https://ca.test/account/1")
    with pytest.raises(AcmeFailed):
        await client.obtain(["a.test"], KEY, publish)
