"""seccomp programs, run by an interpreter of the few instructions that they have."""

import struct

import pytest

from smartmail.adapters.confinement.filters import ARCHITECTURES, NEVER, NEVER_PARSING, program

ALLOWED, REFUSED = 0x7FFF0000, 0x00050001
COLUMN = {"x86_64": 0, "aarch64": 1}


def verdict(octets: bytes, architecture: int, number: int) -> int:
    """Return what a filter says of a call (seccomp(2): struct seccomp_data)."""
    steps = [struct.unpack_from("=HBBI", octets, at) for at in range(0, len(octets), 8)]
    data, accumulator, at = {0: number, 4: architecture}, 0, 0
    while True:
        code, yes, no, value = steps[at]
        at += 1
        if code == 0x20:
            accumulator = data[value]
        elif code == 0x15:
            at += yes if accumulator == value else no
        elif code == 0x35:
            at += yes if accumulator >= value else no
        else:
            assert code == 0x06
            return value


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize("tables", [(NEVER,), (NEVER, NEVER_PARSING)])
def test_what_is_named_is_refused_and_nothing_else(machine, tables):
    octets = program(machine, tables)
    assert octets is not None
    refused = {pair[COLUMN[machine]] for table in tables for pair in table.values()}
    for number in range(600):
        wanted = REFUSED if number in refused else ALLOWED
        assert verdict(octets, ARCHITECTURES[machine], number) == wanted, number


@pytest.mark.parametrize("machine", ARCHITECTURES)
def test_other_tables_of_calls_are_refused_whole(machine):
    octets = program(machine, (NEVER,))
    assert octets is not None
    other = next(value for name, value in ARCHITECTURES.items() if name != machine)
    assert {verdict(octets, other, number) for number in range(600)} == {REFUSED}
    if machine == "x86_64":
        assert verdict(octets, ARCHITECTURES[machine], 0x40000000) == REFUSED, "x32"


def test_an_architecture_without_a_table_has_no_filter():
    assert program("riscv64", (NEVER,)) is None
