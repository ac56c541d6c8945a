"""A certificate authority like the Korean ones, made anew: root, authority below it, people; key files, OCSP, lists.

Everything is made here: no key or number of anybody. Real files differ in names, not in form.
"""

import base64
import datetime
import functools
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from asn1crypto import algos, cms, core, keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.decrepit.ciphers.algorithms import SEED
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from smartmail.formats.npki import keyfile, names
from smartmail.formats.npki.names import RANDOM, identity_proof

DAY = datetime.timedelta(days=1)
PERSONAL = "1.2.410.200005.1.1.4"
COMPANY = "1.2.410.200005.1.1.5"
PASSWORD = "test1234!"
ID_NUMBER = "1234567891"
_USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
           "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip


@functools.cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return the key that goes by a name in this process: making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def usage(*which: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in which for name in _USAGES})


@dataclass
class Issued:
    """A certificate with its key; `random` is KISA's R beside the key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    random: bytes = b""

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def key_info(self) -> bytes:
        """PrivateKeyInfo with R as an attribute."""
        plain = self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        if not self.random:
            return plain
        info = keys.PrivateKeyInfo.load(plain)
        attribute = _Attribute({"type": RANDOM, "values": [core.OctetBitString(self.random)]})
        attributes = _Attributes([attribute]).dump()
        # An IMPLICIT tag: the octets of the set under [0].
        inner = info.contents + b"\xa0" + attributes[1:]
        return core.Sequence(contents=inner).dump()

    def vid_proof(self, number: str = ID_NUMBER) -> bytes:
        return identity_proof(number, self.random)


class _Attribute(core.Sequence):
    _fields = [("type", core.ObjectIdentifier), ("values", core.SetOf, {"spec": core.OctetBitString})]


class _Values(core.SetOf):
    _child_spec = core.OctetBitString


_Attribute._fields = [("type", core.ObjectIdentifier), ("values", _Values)]


class _Attributes(core.SetOf):
    _child_spec = _Attribute


@dataclass
class Pki:
    """Root and authority. `ocsp` and `crl`: addresses that leaves name."""

    organization: str = "yessign"
    ocsp: str = ""
    crl: str = ""
    now: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC).replace(microsecond=0))
    revoked: dict[int, datetime.datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.root = self.authority(f"{self.organization} RootCA", None)
        self.sub = self.authority(f"{self.organization}CA Class 2", self.root)

    def authority(
        self, name: str, by: Issued | None, *, ca: bool = True, days: int = 3650, usages: Sequence[str] = ("key_cert_sign", "crl_sign"),
        length: int | None = None,
    ) -> Issued:  # fmt: skip
        key = rsa_key(f"{self.organization} {name}")
        subject = self._name(name, "AccreditedCA")
        builder = self._builder(subject, by, subject, key.public_key(), -DAY * 10, DAY * days)
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=length if ca else None), critical=True)
        builder = builder.add_extension(usage(*usages), critical=True)
        return Issued(builder.sign((by.key if by else key), hashes.SHA256()), key)

    def leaf(
        self,
        person: str = "홍길동()0099041234567890",
        *,
        by: Issued | None = None,
        policy: str | None = PERSONAL,
        since: datetime.timedelta = -DAY,
        until: datetime.timedelta = DAY * 365,
        usages: Sequence[str] = ("digital_signature", "content_commitment"),
        key: rsa.RSAPrivateKey | None = None,
        number: str = ID_NUMBER,
        random: bytes | None = None,
        digest: hashes.HashAlgorithm | None = None,
        purposes: Sequence[x509.ObjectIdentifier] = (),
    ) -> Issued:
        issuer = by or self.sub
        mine = key or rsa_key(person)
        r = hashlib.sha256(person.encode()).digest()[:20] if random is None else random
        builder = self._builder(
            self._name(person, "personal4IB"), issuer, issuer.certificate.subject, mine.public_key(), since, until
        )
        builder = builder.add_extension(usage(*usages), critical=True)
        builder = builder.add_extension(x509.SubjectAlternativeName([identity_name(person, number, r)]), critical=False)
        if policy:
            information = x509.PolicyInformation(x509.ObjectIdentifier(policy), None)
            builder = builder.add_extension(x509.CertificatePolicies([information]), critical=True)
        if purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(list(purposes)), critical=False)
        builder = self._places(builder)
        if isinstance(digest, hashes.SHA1):
            return Issued(sha1_signed(builder.sign(issuer.key, hashes.SHA256()), issuer.key), mine, r)
        return Issued(builder.sign(issuer.key, hashes.SHA256()), mine, r)

    def _places(self, builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
        ldap = f"ldap://ds.{self.organization}.test:389/ou=dp4p1,ou=AccreditedCA,o={self.organization},c=kr"
        points = [self._point(ldap)] + ([self._point(self.crl)] if self.crl else [])
        builder = builder.add_extension(x509.CRLDistributionPoints(points), critical=False)
        if self.ocsp:
            access = x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(self.ocsp)
            )
            builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
        return builder

    def _point(self, url: str) -> x509.DistributionPoint:
        return x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)

    def _name(self, common: str, unit: str) -> x509.Name:
        return x509.Name([
            x509.NameAttribute(NameOID.COUNTRY_NAME, "KR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.organization),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ])  # fmt: skip

    def _builder(
        self, subject: x509.Name, by: Issued | None, own: x509.Name, public: Any, since: datetime.timedelta,
        until: datetime.timedelta,
    ) -> x509.CertificateBuilder:  # fmt: skip
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(by.certificate.subject if by else own)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + since)
            .not_valid_after(self.now + until)
        )

    # -- revocation

    def revoke(self, one: Issued) -> None:
        self.revoked[one.certificate.serial_number] = self.now - DAY

    def list(
        self,
        *,
        by: Issued | None = None,
        point: str = "",
        age: datetime.timedelta = DAY * 0,
        life: datetime.timedelta = DAY,
    ) -> bytes:
        """A list of the authority, DER."""
        issuer = by or self.sub
        at = datetime.datetime.now(datetime.UTC).replace(microsecond=0) - age
        builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
        builder = builder.last_update(at).next_update(at + life)
        for serial, when in self.revoked.items():
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when).build()
            builder = builder.add_revoked_certificate(entry)
        if point:
            scope = x509.IssuingDistributionPoint(
                [x509.UniformResourceIdentifier(point)], None, False, False, None, False, False
            )
            builder = builder.add_extension(scope, critical=True)
        return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def responder(self, by: Issued | None = None) -> Issued:
        """Somebody whom the authority lets answer for it."""
        issuer, key = by or self.sub, rsa_key(f"{self.organization} responder")
        builder = self._builder(
            self._name("OCSP", "responder"), issuer, issuer.certificate.subject, key.public_key(), -DAY, DAY * 30
        )
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        return Issued(builder.sign(issuer.key, hashes.SHA256()), key)

    def answer(self, request: bytes, people: Sequence[Issued], *, signer: Issued | None = None, nonce: bytes | None = None,
               age: datetime.timedelta = DAY * 0) -> bytes:  # fmt: skip
        """What the responder answers; `nonce` in place of the one asked."""
        asked = ocsp.load_der_ocsp_request(request)
        one = next(each for each in people if each.certificate.serial_number == asked.serial_number)
        at = datetime.datetime.now(datetime.UTC).replace(microsecond=0) - age
        gone = self.revoked.get(asked.serial_number)
        status = ocsp.OCSPCertStatus.REVOKED if gone else ocsp.OCSPCertStatus.GOOD
        reason = x509.ReasonFlags.key_compromise if gone else None
        builder = ocsp.OCSPResponseBuilder().add_response(
            one.certificate,
            self.sub.certificate,
            hashes.SHA1(),
            status,
            at,
            at + datetime.timedelta(hours=1),
            gone,
            reason,
        )
        by = signer or self.responder()
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, by.certificate).certificates([by.certificate])
        said = nonce or asked.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
        builder = builder.add_extension(x509.OCSPNonce(said), critical=False)
        return builder.sign(by.key, hashes.SHA256()).public_bytes(Encoding.DER)


def sha1_signed(certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> x509.Certificate:
    """The same certificate under a signature with SHA-1: the library makes none any more."""
    found = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    algorithm = algos.SignedDigestAlgorithm({"algorithm": "sha1_rsa", "parameters": core.Null()})
    found["tbs_certificate"]["signature"] = algorithm
    found["signature_algorithm"] = algorithm
    octets = found["tbs_certificate"].dump(force=True)
    found["signature_value"] = core.OctetBitString(key.sign(octets, padding.PKCS1v15(), hashes.SHA1())).native
    return x509.load_der_x509_certificate(found.dump(force=True))


def identity_name(person: str, number: str, random: bytes) -> x509.OtherName:
    """KISA's identifyData."""
    vid = hashlib.sha256(identity_proof(number, random)).digest()
    algorithm = names._Algorithm({"algorithm": "2.16.840.1.101.3.4.2.1", "parameters": core.Null()})
    content = names._VidContent({"hash": core.Any(algorithm), "vid": vid})
    data = names._Identity(
        {"name": person.split("(", maxsplit=1)[0], "infos": [{"type": names.VID, "content": content}]}
    )
    return x509.OtherName(names.IDENTITY, data.dump())


# -- proofs


def line(origin: str, account: str, nonce: bytes, seconds: int) -> str:
    text = base64.urlsafe_b64encode(nonce).rstrip(b"=").decode()
    return f"SmartMail-Login-v1|{origin}|{account}|{text}|{seconds}"


def signed(text: str, who: Issued, *, digest: str = "sha256", others: Sequence[Issued] = (), certificate: Issued | None = None,
           leave: Sequence[str] = (), shown: str | None = None) -> bytes:  # fmt: skip
    """SignedData over a line. `certificate`: somebody else's put in; `leave`: attributes left out; `shown`: another line
    inside than was signed."""
    named = certificate or who
    content = text.encode()
    facts: Mapping[str, Any] = {
        "content_type": "data",
        "message_digest": hashlib.new(digest, content).digest(),
        "signing_time": cms.Time({"utc_time": core.UTCTime(datetime.datetime.now(datetime.UTC))}),
    }
    attributes = cms.CMSAttributes(
        [cms.CMSAttribute({"type": name, "values": [value]}) for name, value in facts.items() if name not in leave]
    )
    algorithm = {"sha256": hashes.SHA256, "sha512": hashes.SHA512, "sha1": hashes.SHA1}[digest]()
    signature = who.key.sign(attributes.dump(), padding.PKCS1v15(), algorithm)
    loaded = asn1_x509.Certificate.load(named.der)
    sid = cms.IssuerAndSerialNumber({"issuer": loaded.issuer, "serial_number": loaded.serial_number})
    signer = cms.SignerInfo({
        "version": "v1",
        "sid": cms.SignerIdentifier({"issuer_and_serial_number": sid}),
        "digest_algorithm": {"algorithm": digest},
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": "rsassa_pkcs1v15"},
        "signature": signature,
    })  # fmt: skip
    data = cms.SignedData({
        "version": "v1",
        "digest_algorithms": [{"algorithm": digest}],
        "encap_content_info": {"content_type": "data", "content": (shown or text).encode()},
        "certificates": [asn1_x509.Certificate.load(one.der) for one in (named, *others)],
        "signer_infos": [signer],
    })  # fmt: skip
    return cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()


# -- key files


def key_file(one: Issued, password: str = PASSWORD, way: str = "seed15", rounds: int = 2048) -> bytes:
    """signPri.key in one of the ways that are found: seed15, seed4, pbes2-seed, pbes2-aes."""
    salt, plain = os.urandom(8), one.key_info()
    if way in {"seed15", "seed4"}:
        derived = keyfile.pbkdf1(password.encode(), salt, rounds)
        vector = keyfile._vector(derived) if way == "seed15" else keyfile.OLD_VECTOR
        octets = _encrypt(SEED(derived[:16]), vector, plain)
        name = keyfile.SEED_CBC_SHA1 if way == "seed15" else keyfile.SEED_CBC
        parameters = keyfile._Pbes1({"salt": salt, "rounds": rounds})
    else:
        seed, vector = way == "pbes2-seed", os.urandom(16)
        derived = hashlib.pbkdf2_hmac("sha1" if seed else "sha256", password.encode(), salt, rounds, 16 if seed else 32)
        octets = _encrypt(SEED(derived) if seed else AES(derived), vector, plain)
        details: dict[str, Any] = {"salt": salt, "rounds": rounds}
        if not seed:
            details["prf"] = {"algorithm": "sha256", "parameters": core.Null()}
        scheme = keyfile.SEED_CBC if seed else "2.16.840.1.101.3.4.1.42"
        derivation = keyfile._Algorithm(
            {"algorithm": "1.2.840.113549.1.5.12", "parameters": core.Any(keyfile._Pbkdf2(details))}
        )
        method = keyfile._Algorithm({"algorithm": scheme, "parameters": core.Any(core.OctetString(vector))})
        name, parameters = keyfile.PBES2, keyfile._Pbes2({"derivation": derivation, "scheme": method})
    algorithm = keyfile._Algorithm({"algorithm": name, "parameters": core.Any(parameters)})
    return _Protected({"algorithm": algorithm, "octets": octets}).dump()


class _Protected(core.Sequence):
    _fields = [("algorithm", keyfile._Algorithm), ("octets", core.OctetString)]


def _encrypt(algorithm: Any, vector: bytes, plain: bytes) -> bytes:
    count = 16 - len(plain) % 16
    maker = Cipher(algorithm, modes.CBC(vector)).encryptor()
    return maker.update(plain + bytes([count]) * count) + maker.finalize()


def bundle(one: Issued, behind: Sequence[Issued] = (), password: str = PASSWORD, *, old: bool = False) -> bytes:
    """A .p12; `old`: as programs made it for twenty years (three DES keys)."""
    protection: KeySerializationEncryption = BestAvailableEncryption(password.encode())
    if old:
        protection = (
            PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(2048)
            .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
            .hmac_hash(hashes.SHA1())
            .build(password.encode())
        )
    chain = [each.certificate for each in behind] or None
    return pkcs12.serialize_key_and_certificates(b"mine", one.key, one.certificate, chain, protection)
