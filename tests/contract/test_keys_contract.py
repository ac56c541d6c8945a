"""One suite for every Keys: the ring over a master key, and the fake that other tests use."""

import pytest
from tests.contract.fake_keys import FakeKeys

from smartmail.adapters.keys.master import master_key
from smartmail.adapters.keys.ring import KeyRing
from smartmail.formats.seal import Kind, Purpose, SealError
from smartmail.ports.keys import Keys, WrappedKey, WrongMasterKey


def ring(name="one"):
    return KeyRing(master_key(name.encode().ljust(8, b"-"), name.encode().ljust(32, b"-")), cached=3)


@pytest.fixture(params=[ring, FakeKeys], ids=["ring", "fake"])
def make(request):
    return request.param


@pytest.fixture
def keys(make) -> Keys:
    return make("one")


@pytest.fixture
def company(keys):
    return keys.wrap(Kind.KEY_OF_ORGANIZATION, 1)


def test_a_key_unwraps_to_itself_by_its_path(keys, company):
    account = keys.wrap(Kind.KEY_OF_ACCOUNT, 42, company)
    queue = keys.wrap(Kind.KEY_OF_QUEUE, 1, company)
    found = [keys.unwrap(company).octets, keys.unwrap(company, account).octets, keys.unwrap(company, queue).octets]
    assert len(set(found)) == 3
    assert found == [
        keys.unwrap(company).octets,
        keys.unwrap(company, account).octets,
        keys.unwrap(company, queue).octets,
    ]


def test_each_wrap_makes_a_new_key(keys, company):
    first, second = (keys.wrap(Kind.KEY_OF_ACCOUNT, 42, company) for _ in range(2))
    assert first.wrapped != second.wrapped
    assert keys.unwrap(company, first).octets != keys.unwrap(company, second).octets


def test_many_keys_unwrap_though_the_cache_is_small(keys, company):
    accounts = [keys.wrap(Kind.KEY_OF_ACCOUNT, number, company) for number in range(20)]
    first = [keys.unwrap(company, account).octets for account in accounts]
    assert [keys.unwrap(company, account).octets for account in accounts] == first


def test_the_wrapped_key_of_one_owner_is_of_no_use_for_another(keys, company):
    account = keys.wrap(Kind.KEY_OF_ACCOUNT, 42, company)
    other_company = keys.wrap(Kind.KEY_OF_ORGANIZATION, 2)
    keys.unwrap(company, account)
    for path in (
        (company, account._replace(owner=43)),
        (company, account._replace(kind=Kind.KEY_OF_QUEUE)),
        (other_company, account),
        (account,),
        (company._replace(owner=2), account),
        (account, company),
        (),
    ):
        with pytest.raises(SealError):
            keys.unwrap(*path)


def test_a_destroyed_organisation_key_shreds_all_below(keys, company):
    """The store replaced the wrapped key by nothing, or by a new one: what was below does not open."""
    account = keys.wrap(Kind.KEY_OF_ACCOUNT, 42, company)
    keys.unwrap(company, account)
    keys.forget(Kind.KEY_OF_ORGANIZATION, 1)
    for gone in (company._replace(wrapped=b""), keys.wrap(Kind.KEY_OF_ORGANIZATION, 1)):
        with pytest.raises(SealError):
            keys.unwrap(gone, account)


def test_damaged_keys_raise_only_seal_error(keys, company):
    for wrapped in (b"", b"x", company.wrapped[:-1], company.wrapped + b"x", bytes(len(company.wrapped))):
        with pytest.raises(SealError):
            keys.unwrap(company._replace(wrapped=wrapped))


def test_keys_hang_only_where_they_belong(keys, company):
    for kind, under in (
        (Kind.KEY_OF_ORGANIZATION, company),
        (Kind.KEY_OF_ACCOUNT, None),
        (Kind.KEY_OF_QUEUE, None),
        (Kind.SUMMARY, None),
    ):
        with pytest.raises(ValueError):
            keys.wrap(kind, 1, under)


def test_signatures_differ_by_purpose_fields_and_installation(make, keys):
    signed = {
        keys.sign(Purpose.CAPABILITY, b"ab", b"c"),
        keys.sign(Purpose.CAPABILITY, b"a", b"bc"),
        keys.sign(Purpose.CURSOR, b"ab", b"c"),
        make("two").sign(Purpose.CAPABILITY, b"ab", b"c"),
    }
    assert len(signed) == 4
    assert keys.sign(Purpose.CAPABILITY, b"ab", b"c") in signed
    assert make("one").sign(Purpose.CAPABILITY, b"ab", b"c") in signed
    assert {len(one) for one in signed} == {32}


def test_another_master_key_is_refused_by_name(make, keys):
    keys.require(keys.identity)
    other = make("two").identity
    with pytest.raises(WrongMasterKey) as told:
        keys.require(other)
    assert other.id in str(told.value)
    assert keys.identity.id in str(told.value)


def test_the_octets_of_keys_do_not_show(keys, company):
    text = repr(keys) + repr(keys.unwrap(company)) + repr(keys.identity)
    assert keys.unwrap(company).octets.hex() not in text


def test_a_wrapped_key_does_not_hold_the_key(keys, company):
    assert keys.unwrap(company).octets not in company.wrapped
    assert isinstance(company, WrappedKey)
