"""The nouns: keywords, errors, states and actors."""

import dataclasses
import inspect
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmail.domain import changes, errors, keywords, mailbox, message, principal, queue, rights, submission
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.keywords import NONE, SYSTEM, Keywords

BITS = st.integers(0, sum(SYSTEM.values()))
TAGS = st.lists(st.integers(1, 50), max_size=8)


def test_every_system_keyword_is_a_bit_of_its_own():
    assert len(set(SYSTEM.values())) == len(SYSTEM)
    assert all(bit.bit_count() == 1 for bit in SYSTEM.values())
    # Compared without case (RFC 8621 §4.1.1), so kept in small letters.
    assert all(name == name.lower() and name.startswith("$") for name in SYSTEM)
    assert {"$seen", "$flagged", "$answered", "$draft"} <= SYSTEM.keys()


def test_the_bits_never_change_their_meaning():
    """They lie in databases: a new keyword gets the next bit."""
    assert SYSTEM == {
        "$seen": 1, "$flagged": 2, "$answered": 4, "$draft": 8, "$forwarded": 16,
        "$junk": 32, "$notjunk": 64, "$mdnsent": 128, "$phishing": 256,
        "$mailflagbit0": 512, "$mailflagbit1": 1024, "$mailflagbit2": 2048,
    }  # fmt: skip


@given(BITS, TAGS, BITS, TAGS)
def test_adding_and_removing_keywords(bits, tags, more, others):
    own = NONE.with_(bits, tags)
    added = own.with_(more, others)
    assert added.bits == bits | more
    assert set(added.tags) == {*tags, *others}
    assert list(added.tags) == sorted(set(added.tags)), "sorted and without doubles, so that equal sets are equal"
    assert added.with_(more, others) == added
    removed = added.without(more, others)
    assert removed.bits == bits & ~more
    assert set(removed.tags) == set(tags) - set(others)
    assert removed.without(more, others) == removed


@given(BITS, TAGS)
def test_equal_keywords_are_equal_however_they_came(bits, tags):
    assert NONE.with_(bits, tags) == NONE.with_(bits, reversed(tags)) == Keywords().with_(bits, ()).with_(0, tags)
    assert NONE.with_(bits, tags).without(bits, tags) == NONE


def test_nouns_cannot_be_changed():
    for module in (changes, keywords, mailbox, message, principal, queue, submission):
        for name, kind in vars(module).items():
            if inspect.isclass(kind) and kind.__module__ == module.__name__ and dataclasses.is_dataclass(kind):
                assert kind.__dataclass_params__.frozen, f"{module.__name__}.{name}"


def test_an_error_keeps_public_text_and_detail_apart():
    raised = errors.OverQuota("The mailbox is full.", detail="account 7: 10 of 10")
    assert raised.public == str(raised) == "The mailbox is full."
    assert raised.detail == "account 7: 10 of 10"
    assert str(errors.Internal(detail="stack")) == "internal"


@pytest.mark.parametrize("kind", errors.CATALOGUE, ids=lambda kind: kind.code)
def test_errors_are_raised_and_caught_as_one_family(kind):
    with pytest.raises(errors.MailError) as caught:
        raise kind
    assert caught.value.code == kind.code
    assert kind.blame in get_args(errors.Blame)
    assert inspect.getdoc(kind) != inspect.getdoc(errors.MailError)


def test_a_full_store_is_an_unavailable_one_to_whoever_does_not_care():
    assert issubclass(errors.StorageFull, errors.Unavailable)
    assert errors.StorageFull.temporary
    assert errors.StorageFull.code != errors.Unavailable.code


def test_final_states_are_states():
    assert set(queue.FINAL_STATES) < set(get_args(queue.RecipientState))
    assert not {"held", "ready", "leased"} & set(queue.FINAL_STATES)


def test_tombstones_number_each_type_once():
    assert len(set(changes.TOMBSTONE_TYPES.values())) == len(changes.TOMBSTONE_TYPES)
    assert set(get_args(changes.ChangeType)) <= changes.TOMBSTONE_TYPES.keys()


def test_owners_hold_every_letter():
    """RFC 4314 §2.1, without the obsolete c and d."""
    assert rights.OWNER == set("lrswipkxtea")
    assert rights.OWNER <= set(get_args(rights.Right))


def test_roles_of_mailboxes():
    assert mailbox.ROLES[0] == "inbox"
    assert len(set(mailbox.ROLES)) == len(mailbox.ROLES)


def test_the_system_acts_without_rights_of_an_administrator():
    actor = principal.system_actor(AccountId(7), OrganizationId(1))
    assert (actor.account_id, actor.organization_id, actor.is_admin, actor.login) == (7, 1, False, "")
    assert actor.origin.door == "system"
    assert actor.extra_rights == frozenset()
