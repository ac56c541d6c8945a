"""An ACME client: account, order, proof over HTTP, certificate (RFC 8555).

NAME      acme
PURPOSE   One order from names to a chain. Over ports.http, because every request that leaves this house goes through one
          client that checks addresses; the libraries for ACME bring a client of their own.
STATES    order: pending → ready → processing → valid | invalid (RFC 8555 §7.1.6).
LIMITS    POLLS looks at what the authority works on, with a pause that the authority may ask for, at most MAX_PAUSE_S.
FAILURE   AcmeFailed with what the authority said; nothing is kept, and the order is made anew at the next try.
SECURITY  Proves control by http-01 alone (§8.3): the answer is a token and the key's thumbprint, both public.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from smartmail.formats import jws
from smartmail.ports.http import HttpAnswer, HttpClient, HttpFailed

POLLS: Final = 40
MAX_PAUSE_S: Final = 10.0
PAUSE_S: Final = 1.0
TRIES: Final = 6
"""With fresh nonces: an authority of many servers may not know its own."""
_MAX_ANSWER: Final = 1 << 18
_BAD_NONCE: Final = "urn:ietf:params:acme:error:badNonce"


class AcmeFailed(Exception):
    """What the authority refused, or that it did not answer; the text is for the administrator."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A key that the authority gave beforehand for its own customers (RFC 8555 §7.3.4)."""

    key_id: str
    mac_key: bytes


Publish = Callable[[str, str], Awaitable[None]]
"""(token, key authorization): answer it at /.well-known/acme-challenge/token from now on, on every node."""


class AcmeClient:
    """Speaks to one authority for one account key."""

    def __init__(
        self, http: HttpClient, directory_url: str, key: ec.EllipticCurvePrivateKey, account: str = ""
    ) -> None:
        self._http = http
        self._directory_url = directory_url
        self._key = key
        self._directory: Mapping[str, Any] = {}
        self._nonce = ""
        self.account = account
        """The account's URL, "" before `register`."""

    async def register(self, contact: str, binding: Binding | None = None) -> str:
        """Make the account, or find it again; return its URL. Raises AcmeFailed."""
        url = await self._resource("newAccount")
        wish: dict[str, Any] = {"termsOfServiceAgreed": True}
        if contact:
            wish["contact"] = [f"mailto:{contact}"]
        if binding is not None:
            wish["externalAccountBinding"] = jws.bind(self._key, url, binding.key_id, binding.mac_key)
        answer = await self._post(url, wish, by_key=True)
        self.account = answer.headers.get("location", "")
        if not self.account:
            raise AcmeFailed("the authority named no account")
        return self.account

    async def obtain(self, names: Sequence[str], key: ec.EllipticCurvePrivateKey, publish: Publish) -> bytes:
        """Return the chain for names and a key of their own, as PEM. Raises AcmeFailed."""
        try:
            return await self._obtained(names, key, publish)
        except (KeyError, TypeError, AttributeError) as error:
            raise AcmeFailed(f"the authority's answer has no {error}: not what RFC 8555 says") from error

    async def _obtained(self, names: Sequence[str], key: ec.EllipticCurvePrivateKey, publish: Publish) -> bytes:
        wish = {"identifiers": [{"type": "dns", "value": name} for name in names]}
        answer = await self._post(await self._resource("newOrder"), wish)
        where, order = answer.headers.get("location", ""), _json(answer)
        for url in order.get("authorizations", ()):
            await self._prove(url, publish)
        order = await self._settled(where, {"ready", "valid"})
        if order["status"] == "ready":
            await self._post(order["finalize"], {"csr": jws.encode(_request(names, key))})
            order = await self._settled(where, {"valid"})
        return (await self._post(order["certificate"], None)).body

    async def _prove(self, url: str, publish: Publish) -> None:
        authorization = _json(await self._post(url, None))
        if authorization.get("status") == "valid":
            return
        name = authorization.get("identifier", {}).get("value", "")
        challenge = next((one for one in authorization.get("challenges", ()) if one.get("type") == "http-01"), None)
        if challenge is None:
            raise AcmeFailed(f"{name}: the authority offers no proof over HTTP (a wildcard needs one in DNS)")
        await publish(challenge["token"], f"{challenge['token']}.{jws.thumbprint(self._key)}")
        await self._post(challenge["url"], {})
        await self._settled(url, {"valid"})

    async def _settled(self, url: str, wanted: set[str]) -> dict[str, Any]:
        for _ in range(POLLS):
            answer = await self._post(url, None)
            found = _json(answer)
            status = found.get("status")
            if status in wanted:
                return found
            if status in {"invalid", "deactivated", "expired", "revoked"}:
                raise AcmeFailed(_why(found))
            await asyncio.sleep(_pause(answer))
        raise AcmeFailed("the authority did not come to an end in time")

    async def _resource(self, name: str) -> str:
        if not self._directory:
            self._directory = _json(await self._ask("GET", self._directory_url))
        try:
            return str(self._directory[name])
        except KeyError:
            raise AcmeFailed(f"{self._directory_url} is no ACME directory: it names no {name}") from None

    async def _post(self, url: str, payload: dict[str, Any] | None, *, by_key: bool = False) -> HttpAnswer:
        """POST, or POST-as-GET for None (RFC 8555 §6.3); with a spent nonce it is tried anew (§6.5)."""
        body = b"" if payload is None else msgspec.json.encode(payload)
        who: dict[str, Any] = {"jwk": jws.public_jwk(self._key)} if by_key else {"kid": self.account}
        for tried in range(1, TRIES + 1):
            header = {**who, "nonce": await self._fresh_nonce(), "url": url}
            answer = await self._ask("POST", url, jws.sign(self._key, header, body))
            if answer.status < 400:
                return answer
            problem = _json(answer)
            if problem.get("type") != _BAD_NONCE or tried == TRIES:
                raise AcmeFailed(_why(problem))
        raise AssertionError

    async def _fresh_nonce(self) -> str:
        if not self._nonce:
            await self._ask("HEAD", await self._resource("newNonce"))
        nonce, self._nonce = self._nonce, ""
        if not nonce:
            raise AcmeFailed("the authority gave no nonce")
        return nonce

    async def _ask(self, method: str, url: str, body: bytes = b"") -> HttpAnswer:
        headers = {"content-type": "application/jose+json"} if body else {}
        try:
            answer = await self._http.request(method, url, headers=headers, body=body, max_octets=_MAX_ANSWER)
        except HttpFailed as error:
            raise AcmeFailed(f"no answer from the authority: {error}") from error
        self._nonce = answer.headers.get("replay-nonce", self._nonce)
        return answer


def _json(answer: HttpAnswer) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        found = None
    if not isinstance(found, dict):
        raise AcmeFailed(f"the authority answered {answer.status} with no JSON object")
    return found


def _why(problem: Mapping[str, Any]) -> str:
    """Return what a problem document, or an object with errors in it, says (RFC 8555 §6.7)."""
    inner = problem.get("error")
    challenges = [one.get("error") for one in problem.get("challenges", ()) if one.get("error")]
    for one in (inner, *challenges):
        if isinstance(one, dict):
            return _why(one)
    said = str(problem.get("detail") or problem.get("type") or problem.get("status") or "refused")
    below = [str(one.get("detail", "")) for one in problem.get("subproblems", ()) if isinstance(one, dict)]
    return "; ".join([said, *filter(None, below)])[:500]


def _pause(answer: HttpAnswer) -> float:
    asked = answer.headers.get("retry-after", "")
    return min(float(asked), MAX_PAUSE_S) if asked.isdigit() else PAUSE_S


def _request(names: Sequence[str], key: ec.EllipticCurvePrivateKey) -> bytes:
    built = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
