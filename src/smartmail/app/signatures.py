"""The certificate authorities that this system trusts, for S/MIME: read once a process, when first asked for."""

import ssl
import warnings
from functools import lru_cache
from pathlib import Path

from cryptography import x509


@lru_cache(1)
def system_roots() -> tuple[x509.Certificate, ...]:
    """Return the authorities of the system's bundle; none where it has no bundle that can be read."""
    place = ssl.get_default_verify_paths().cafile
    try:
        with warnings.catch_warnings():
            # Some of them are older than the rules for serial numbers.
            warnings.simplefilter("ignore")
            return tuple(x509.load_pem_x509_certificates(Path(place or "").read_bytes()))
    except (OSError, ValueError):
        return ()
