"""What is inside a signed message (CMS, RFC 5652): mail programs may sign by wrapping a message instead of standing beside it."""

from asn1crypto import cms


def content_of(octets: bytes) -> bytes | None:
    """Return the content of a signed wrapper, None for a signature alone and for what is damaged."""
    try:
        wrapper = cms.ContentInfo.load(octets)
        if wrapper["content_type"].native != "signed_data":
            return None
        content = wrapper["content"]["encap_content_info"]["content"].native
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError):
        return None
    return content if isinstance(content, bytes) else None
