"""Signatures of webhooks: against arithmetic written down here, and against every change."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats import webhooks

SECRET = webhooks.secret_text(bytes(range(32)))
NOW = 1_795_000_000


def test_a_signature_is_hmac_over_id_time_and_body():
    fields = webhooks.headers([SECRET], "7-42", NOW, b'{"a":1}')
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    wanted = hmac.new(key, b'7-42.%d.{"a":1}' % NOW, hashlib.sha256).digest()
    assert fields == {
        "webhook-id": "7-42",
        "webhook-timestamp": str(NOW),
        "webhook-signature": "v1," + base64.b64encode(wanted).decode(),
    }


@given(body=st.binary(max_size=200), other=st.binary(max_size=200), drift=st.integers(-1000, 1000))
def test_only_this_body_at_this_time_is_genuine(body, other, drift):
    fields = webhooks.headers([webhooks.secret_text(b"x" * 32), SECRET], "1-1", NOW, body)
    assert webhooks.is_genuine(SECRET, fields, body, NOW + drift) == (abs(drift) <= webhooks.WINDOW_S)
    assert webhooks.is_genuine(SECRET, fields, other, NOW) == (other == body)


@given(text=st.text(max_size=60), name=st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]))
def test_whatever_stands_in_the_fields_is_judged_without_an_error(text, name):
    fields = {**webhooks.headers([SECRET], "1-1", NOW, b"x"), name: text}
    same = fields == webhooks.headers([SECRET], "1-1", NOW, b"x")
    assert webhooks.is_genuine(SECRET, fields, b"x", NOW) is same or name == "webhook-signature"


def test_what_is_no_secret_is_told():
    for wrong in ("", "x", "whsec_***"):
        with pytest.raises(ValueError, match="no secret"):
            webhooks.secret_octets(wrong)
