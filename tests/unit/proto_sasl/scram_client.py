"""The client side of SCRAM-SHA-256, written from the RFC for the tests alone."""

import base64
import hashlib
import hmac


def _h(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


class ScramClient:
    """One exchange; `binding` are the octets of the channel, None for none, `flag` overrides the gs2 flag."""

    def __init__(self, name, secret, nonce="rOprNGfwEbeRWgbNEkqO", *, binding=None, flag=None, authzid=""):
        self.secret = secret
        self.binding = binding
        flag = flag or ("n" if binding is None else "p=tls-server-end-point")
        self.header = f"{flag},{f'a={authzid}' if authzid else ''},"
        self.bare = f"n={name.replace('=', '=3D').replace(',', '=2C')},r={nonce}"
        self.auth_message = b""
        self.salted = b""

    def first(self):
        return (self.header + self.bare).encode()

    def final(self, server_first, *, tamper=None):
        fields = dict(part.split("=", 1) for part in server_first.decode().split(","))
        salt = base64.b64decode(fields["s"])
        self.salted = hashlib.pbkdf2_hmac("sha256", self.secret.encode(), salt, int(fields["i"]))
        channel = base64.b64encode(self.header.encode() + (self.binding or b"")).decode()
        without_proof = f"c={channel},r={fields['r']}"
        if tamper:
            without_proof = tamper(without_proof)
        self.auth_message = f"{self.bare},{server_first.decode()},{without_proof}".encode()
        client_key = _h(self.salted, b"Client Key")
        signature = _h(hashlib.sha256(client_key).digest(), self.auth_message)
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def trusts(self, server_final):
        expected = _h(_h(self.salted, b"Server Key"), self.auth_message)
        return server_final == b"v=" + base64.b64encode(expected)
