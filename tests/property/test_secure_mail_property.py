"""What asks for secure mail is read whole or refused: a control that is left out would let more be done than was asked for."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain.errors import Invalid
from smartmail.policy import knobs
from smartmail.service.mailbox.secure_mail import wishes
from smartmail.service.mailbox.secure_mail.wishes import SecureOptions

NOW = 1_800_000_000_000
POLICY = {
    knobs.SECURE_MAIL: True, knobs.SECURE_MAIL_ALWAYS: False, knobs.SECURE_MAIL_SUBJECT_TAG: True,
    knobs.SECURE_MAIL_PROOF: "link", knobs.SECURE_MAIL_DAYS: 365, knobs.SECURE_MAIL_VIEWS: 0,
}  # fmt: skip
FLAGS = {"download": "downloads", "print": "printing", "reply": "replies", "watermark": "watermark", "notify": "notify"}


@given(st.text(max_size=300), st.text(max_size=100))
def test_no_field_and_no_subject_breaks_it(field, subject):
    with contextlib.suppress(Invalid):
        wish = wishes.wanted(POLICY, field, subject, NOW)
        assert wish is None or isinstance(wish, SecureOptions)
        if wish is not None:
            wishes.bounded(POLICY, wish, NOW)
    assert wishes.untagged(subject) in subject


@given(
    st.sampled_from(("yes", "YES", "true", "1")),
    st.sampled_from((None, "code", "password", "link")),
    st.integers(0, 999),
    st.integers(0, 999),
    st.integers(1, 365),
    st.dictionaries(st.sampled_from(sorted(FLAGS)), st.booleans()),
    st.randoms(),
)
def test_what_is_written_is_what_is_wished(word, proof, views, each, days, flags, random):
    controls = [f"views={views}", f"each={each}", f"days={days}"]
    controls += [f"{name}={'yes' if on else 'no'}" for name, on in flags.items()]
    controls += [] if proof is None else [f"Proof = {proof}"]
    random.shuffle(controls)
    wish = wishes.parse("; ".join((word, *controls)), NOW)
    assert (wish.most, wish.each, wish.proof, wish.expires_at) == (views, each, proof, NOW + days * 86_400_000)
    assert all(getattr(wish, FLAGS[name]) is on for name, on in flags.items())
    told = wishes.bounded(POLICY, wish, NOW)
    assert told.proof == (proof or "link") and told.most == views and told.each == each


@given(st.sampled_from(("code", "password", "link")), st.sampled_from(("code", "password", "link", None)))
def test_nobody_asks_for_less_than_policy(least, asked):
    proof = wishes.stricter_proof({**POLICY, knobs.SECURE_MAIL_PROOF: least}, asked)
    assert proof != "link" or least == "link"
    assert asked in {None, "link"} or proof == asked


@given(st.integers(-(10**6), 400 * 86_400_000))
def test_a_letter_ends_within_an_hour_and_what_policy_allows(after):
    with contextlib.suppress(Invalid):
        end = wishes.end_of({**POLICY, knobs.SECURE_MAIL_DAYS: 10}, NOW + after, NOW)
        assert NOW + 3_600_000 <= end <= NOW + 10 * 86_400_000 + 43_200_000
