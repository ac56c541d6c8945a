"""MTA-STS records and policies: RFC 8461 §3 and §4.1."""

import pytest

from smartmail.formats.mta_sts import (
    MAX_AGE,
    MAX_OCTETS,
    StsError,
    StsPolicy,
    read_policy,
    read_record,
    write_policy,
    write_record,
)

EXAMPLE = b"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmx: backupmx.example.com\r\nmax_age: 604800\r\n"


def test_the_example_of_the_rfc():
    policy = read_policy(EXAMPLE)
    assert policy == StsPolicy("enforce", 604800, ("mail.example.com", "*.example.net", "backupmx.example.com"))
    assert policy.permits("mail.example.com") and policy.permits("MX.example.net.")
    assert not policy.permits("a.b.example.net") and not policy.permits("example.net") and not policy.permits("x.com")


@pytest.mark.parametrize(
    "text",
    [
        EXAMPLE.replace(b"\r\n", b"\n"), EXAMPLE.rstrip(), EXAMPLE + b"new_field: x\r\n", EXAMPLE.replace(b": ", b":"),
        EXAMPLE.replace(b"\r\n", b"  \r\n"), EXAMPLE + b"mode: none\r\n",
    ],
)  # fmt: skip
def test_other_spellings_of_the_same(text):
    assert read_policy(text) == read_policy(EXAMPLE)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"\xff", EXAMPLE.replace(b"STSv1", b"STSv2"), EXAMPLE.replace(b"enforce", b"maybe"), b"version: STSv1\nmode: enforce\nmax_age: 1",
        EXAMPLE.replace(b"604800", b"-1"), EXAMPLE.replace(b"604800", b"week"), EXAMPLE.replace(b"max_age", b"maxage"),
        EXAMPLE.replace(b"mail.example.com", b"mail example com"), EXAMPLE.replace(b"*.example.net", b"a.*.net"), b"<html>\n" + EXAMPLE,
        EXAMPLE + b"x: y\n" * MAX_OCTETS,
    ],
)  # fmt: skip
def test_what_is_no_policy(text):
    with pytest.raises(StsError):
        read_policy(text)


def test_none_needs_no_host_and_age_has_a_bound():
    assert read_policy(b"version: STSv1\nmode: none\nmax_age: 9999999999\n") == StsPolicy("none", MAX_AGE)


def test_what_we_write_we_read():
    policy = StsPolicy("testing", 86400, ("mx.example.kr", "*.example.kr"))
    assert read_policy(write_policy(policy)) == policy
    assert read_record([write_record("20261126").encode()]) == "20261126"


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ([b"v=STSv1; id=20160831085700Z;"], "20160831085700Z"), ([b"v=STSv1;id=1"], "1"), ([b"v=STSv1; id=1; x=y"], "1"),
        ([b"v=spf1 -all", b"v=STSv1; id=1;"], "1"), ([], None), ([b"v=STSv1; id=1;", b"v=STSv1; id=2;"], None),
        ([b"v=STSv1; id=1;", b"v=STSv12; id=2;"], "1"), ([b"v=STSv1; id=;"], None), ([b"v=STSv1; id=a-b;"], None),
        ([b"v=STSv1; id=" + b"1" * 33], None), ([b"v=STSv1"], None), ([b"v=STSv1; id=1; id=2"], None), ([b"id=1; v=STSv1;"], None),
        ([b"v=STSv1; \xff"], None),
    ],
)  # fmt: skip
def test_records(texts, found):
    assert read_record(texts) == found
