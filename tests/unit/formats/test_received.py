"""Received chains: 200 and more in the shapes of real systems (tests/corpus/received), and the odd ones."""

import json
import timeit
from pathlib import Path

import pytest

from smartmail.formats.headers import Header
from smartmail.formats.received import MAX_HOPS, TraceHop, parse_received, parse_route

CORPUS = Path(__file__).resolve().parents[2] / "corpus/received"
CHAINS = [(path.stem, chain) for path in sorted(CORPUS.glob("*.json")) for chain in json.loads(path.read_text("utf-8"))]


def header(fields, name="Received"):
    return Header("".join(f"{name}: {field}\r\n" for field in fields).encode() + b"\r\n")


def told(hop: TraceHop) -> dict:
    return {
        "name": hop.from_name, "address": hop.address, "by": hop.by, "protocol": hop.protocol, "tls": hop.tls, "at": hop.at,
    }  # fmt: skip


def test_the_corpus_is_large_and_has_all_systems():
    assert len(CHAINS) >= 200
    systems = {system for system, _chain in CHAINS}
    assert systems >= {
        "postfix",
        "exchange",
        "gmail",
        "naver",
        "daum",
        "hiworks",
        "qmail",
        "sendmail",
        "exim",
        "outlook",
    }


def test_of_the_corpus_99_hops_of_100_are_read_in_every_part():
    wrong, hops = [], 0
    for system, chain in CHAINS:
        route = parse_route(header(chain["received"]))
        assert len(route.hops) == route.received == len(chain["hops"])
        for hop, said in zip(route.hops, chain["hops"], strict=True):
            hops += 1
            found = told(hop)
            if any(found[key] != value for key, value in said.items()):
                wrong.append((system, said, found))
    assert len(wrong) <= hops // 100, wrong[:5]


def test_times_between_hops_are_right_across_zones():
    for _system, chain in CHAINS:
        found = [hop.at for hop in parse_route(header(chain["received"])).hops]
        assert found == [said["at"] for said in chain["hops"]]
        known = [at for at in found if at]
        assert all(0 <= newer - older <= 400 * 2 for newer, older in zip(known, known[1:], strict=False))


def test_a_header_takes_less_than_a_millisecond():
    headers = [header(chain["received"]) for _system, chain in CHAINS]
    best = min(timeit.repeat(lambda: [parse_route(one) for one in headers], number=1, repeat=5))
    assert best / len(headers) < 0.001


@pytest.mark.parametrize("charset", ["euc-kr", "utf-8", "iso-2022-kr"])
def test_korean_in_names_and_comments(charset):
    field = "from 홍길동PC (알수없음 [1.2.3.4] (한글 주석))\r\n\tby mail.kr with ESMTP; Thu, 26 Nov 2026 18:00:00 +0900"
    hop = parse_received(field.encode(charset))
    assert (hop.address, hop.by, hop.protocol, hop.at) == ("1.2.3.4", "mail.kr", "ESMTP", 1795683600)
    if charset != "iso-2022-kr":
        assert hop.from_name == "홍길동PC"


@pytest.mark.parametrize(
    ("field", "address"),
    [
        # What the peer calls itself stands before the brackets, or after helo=: it is never its address.
        (b"from [8.8.8.8] (real.example [203.0.113.9]) by x with SMTP; x", "203.0.113.9"),
        (b"from 8.8.8.8 (unknown [203.0.113.9]) by x with SMTP; x", "203.0.113.9"),
        (b"from a ([203.0.113.9] helo=[8.8.8.8]) by x with SMTP; x", "203.0.113.9"),
        (b"from unknown (HELO 8.8.8.8) (203.0.113.9) by x with SMTP; x", "203.0.113.9"),
        (b"from unknown (EHLO [8.8.8.8]) (203.0.113.9) by x with SMTP; x", "203.0.113.9"),
        (b"from x (8.8.8.8.rev.example [203.0.113.9]) by x with SMTP; x", "203.0.113.9"),
        (b"from x ([::FFFF:203.0.113.9]) by x with SMTP; x", "203.0.113.9"),
        (b"from x ([IPv6:2001:DB8::1]) by x with SMTP; x", "2001:db8::1"),
        (b"from x ([fe80::1%12]) by x with mapi id 1; x", "fe80::1"),
        (b"from x ([999.1.1.1]) by x with SMTP; x", ""),
        (b"from x (version 8.13.8.1x) by x with SMTP; x", ""),
        (b"by 2002:a05:6a10:1:b0:5 with SMTP id a; x", ""),
        (b"(qmail 5 invoked from network [9.9.9.9]); x", ""),
        (b"", ""),
    ],
)
def test_the_peers_address_is_what_the_receiver_saw(field, address):
    assert parse_received(field).address == address


def test_words_in_comments_are_no_clauses():
    hop = parse_received(
        b"from a.example (from b by c with d [203.0.113.9]) (for me) by e.example (with f) with ESMTP; x"
    )
    assert (hop.from_name, hop.address, hop.by, hop.protocol) == ("a.example", "203.0.113.9", "e.example", "ESMTP")


def test_a_missing_date_is_unknown():
    assert parse_received(b"from a ([203.0.113.9]) by b with ESMTP id 1").at == 0
    assert parse_received(b"from a ([203.0.113.9]) by b with ESMTP id 1; yesterday").at == 0


def test_sixty_hops_are_cut_to_fifty_and_told():
    field = "from a.example ([203.0.113.{}]) by b with ESMTP; Thu, 26 Nov 2026 18:00:00 +0900"
    route = parse_route(header(field.format(number) for number in range(60)))
    assert (len(route.hops), route.received, route.is_long) == (MAX_HOPS, 60, True)
    assert route.hops[-1].address == "203.0.113.49"
    assert not parse_route(header(field.format(number) for number in range(MAX_HOPS))).is_long


@pytest.mark.parametrize("name", ["X-Originating-IP", "X-Sender-IP", "x-original-senderip"])
def test_the_origin_that_a_webmail_names_is_the_last_hop(name):
    block = b"Received: from a ([203.0.113.9]) by b with ESMTP; x\r\n" + f"{name}: [198.51.100.4]\r\n\r\n".encode()
    route = parse_route(Header(block))
    assert [hop.address for hop in route.hops] == ["203.0.113.9", "198.51.100.4"]
    assert route.received == 1


def test_an_origin_that_is_among_the_hops_is_told_once():
    block = b"Received: from a ([203.0.113.9]) by b with ESMTP; x\r\nX-Originating-IP: 203.0.113.9\r\n\r\n"
    assert len(parse_route(Header(block)).hops) == 1


def test_the_peer_that_arc_saw_is_a_hop():
    block = (
        b"ARC-Authentication-Results: i=2; mx.google.com; spf=pass (google.com: domain of a@b.example designates"
        b" 198.51.100.4 as permitted sender) smtp.remote-ip=198.51.100.7\r\n"
        b"ARC-Authentication-Results: i=1; mx.microsoft.com 1; spf=pass (sender ip is 198.51.100.8) smtp.rcpttodomain=x\r\n\r\n"
    )
    route = parse_route(Header(block))
    assert [(hop.address, hop.protocol) for hop in route.hops] == [("198.51.100.7", "ARC"), ("198.51.100.8", "ARC")]
