"""Why a certificate lets nobody in: one word for each reason, in the order in which they are looked for (KA-4)."""

from typing import Final, Literal, get_args

Reason = Literal[
    "structure",  # not a proof at all, or not of the one line that is signed
    "weak_algorithm",  # SHA-1 or MD5 in the proof
    "signature",  # the signature is not the certificate's, or over something else
    "origin",  # signed for another site
    "account",  # signed for another account
    "nonce_unknown",  # signed over another nonce than the one asked
    "nonce_replayed",  # the nonce was used up
    "nonce_expired",  # 120 seconds have gone, or the time signed is not of these
    "not_yet_valid",
    "expired",
    "unknown_root",  # no authority of the list vouches for it
    "chain_expired",  # an authority on the way is not valid now
    "chain_weak",  # SHA-1 in a certificate's own signature
    "not_authority",  # who vouches may not
    "key_usage",  # the key is not for signatures
    "policy",  # none of the purposes that count here
    "revoked",
    "revocation_unknown",  # nobody says that it is not revoked, and that is not enough here
    "not_bound",  # good, but nobody's, or somebody else's
    "renewal_waits",  # a renewed one that somebody must approve
    "identity",  # the identity number was not proved
]  # fmt: skip

REASONS: Final[tuple[Reason, ...]] = get_args(Reason)


class Refusal(Exception):
    """The first thing that is wrong. `detail` is for the log: names and times of certificates, nothing secret."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.detail = detail
