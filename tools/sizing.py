"""Writes docs/sizing.md: how large a host must be for so many people, out of figures that were measured.

    python tools/sizing.py [--check]

Measured figures are read from docs/benchmarks.md and docs/figures.md (what is not found there stops the tool); what a
person does on a working day is assumed below. Everything else is arithmetic, and the page says which row is which.
"""

import argparse
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "sizing.md"
PEOPLE = (300, 1_000, 3_000, 10_000, 30_000)
PEOPLE_A_NODE = 5_000
MEASURED_PEOPLE = 3_000
"""Up to here parts were measured with so many (morning logins: 900 people, 1,500 idle sessions)."""

# What is assumed of a working day. Change it for another company and run the tool again.
RECEIVED = 40
SENT = 10
COPIES_A_MESSAGE = 1.5
MESSAGE_KB = 62
"""As the office mail of the benchmark (mean)."""
BUSY_HOUR_SHARE = 0.2
PEAK_OVER_BUSY_HOUR = 3.0
OPERATIONS_A_PERSON = 600
"""Commands of mail programs and requests of the webmail, a day."""
CONNECTED = 0.8
PROGRAMS = 2
WEB_SHARE = 0.3
LOGIN_STORM_S = 300
KEPT_DAYS = 3 * 250
LOAD_TARGET = 0.5
"""Of the cores at the peak: the other half is for what nobody planned."""
RESERVE_DISK = 1.3
INDEX_OF_TEXT = 0.57 + 0.52
TEXT_KB = 3
TRACE_BYTES = 900
"""A story with its keys and words, kept for 400 days (5 days a week)."""
BASE_MIB = 900
"""All processes of a node that serves nobody, with parsing children."""
PROCESS_MIB = 140
STORE_CACHE_MIB_A_PERSON = 0.25
WEB_SESSION_KIB = 60
IOPS_A_COPY = 3.0
IOPS_AN_OPERATION = 0.5


@dataclass(frozen=True)
class Figures:
    """What was measured."""

    ingest_cpu_s: float
    """CPU seconds of 1,000 messages taken in, sealed and stored."""
    index_cpu_s: float
    operation_cpu_ms: float
    idle_kib: float
    login_p95_s: float


@dataclass(frozen=True)
class Size:
    """What so many people need."""

    people: int
    peak_messages_s: float
    peak_operations_s: float
    cores: int
    memory_gib: int
    disk_gib: int
    iops: int
    nodes: int


def measured() -> Figures:
    """Read the figures. Raises ValueError where one is not where it was."""
    bench = (ROOT / "docs" / "benchmarks.md").read_text("utf-8")
    figures = (ROOT / "docs" / "figures.md").read_text("utf-8")
    return Figures(
        _number(bench, r"\| SMTP ingest[^|]*: CPU per 1,000 \| s \| ([0-9.]+)"),
        _number(bench, r"take ([0-9.]+) s of\s+CPU per 1,000 messages"),
        _number(bench, r"server CPU per operation \| ms \| ([0-9.]+)"),
        _number(bench, r"memory per idle connection, TLS \| KiB \| ([0-9.]+)"),
        _number(figures, r"900 people sign in[^|]*\| p50 [0-9.]+ s, p95 ([0-9.]+) s"),
    )


def _number(text: str, pattern: str) -> float:
    found = re.search(pattern, text)
    if not found:
        raise ValueError(f"no figure matches {pattern}: docs/benchmarks.md or docs/figures.md have changed")
    return float(found[1].replace(",", ""))


def size(people: int, one: Figures) -> Size:
    """Return what so many people need."""
    hour = 3_600
    copies = people * (RECEIVED + SENT)
    messages = copies / COPIES_A_MESSAGE
    peak_messages = messages * BUSY_HOUR_SHARE / hour * PEAK_OVER_BUSY_HOUR
    peak_operations = people * OPERATIONS_A_PERSON * BUSY_HOUR_SHARE / hour * PEAK_OVER_BUSY_HOUR
    mail = peak_messages * (one.ingest_cpu_s + one.index_cpu_s) / 1_000
    work = peak_operations * one.operation_cpu_ms / 1_000
    logins = people * WEB_SHARE / LOGIN_STORM_S * 0.0186
    nodes = 1 if people <= MEASURED_PEOPLE else math.ceil(people / PEOPLE_A_NODE)
    cores = max(2 * nodes, math.ceil((mail + work + logins) / LOAD_TARGET))
    processes = max(2, cores)
    connections = people * CONNECTED * PROGRAMS * one.idle_kib + people * WEB_SHARE * WEB_SESSION_KIB
    memory = BASE_MIB * nodes + processes * PROCESS_MIB + people * STORE_CACHE_MIB_A_PERSON + connections / 1_024
    stored = people * (RECEIVED + SENT) * KEPT_DAYS / COPIES_A_MESSAGE * MESSAGE_KB
    index = people * (RECEIVED + SENT) * KEPT_DAYS * TEXT_KB * INDEX_OF_TEXT
    trace = messages * 400 * 5 / 7 * TRACE_BYTES / 1_024
    disk = (stored + index + trace) * RESERVE_DISK / (1 << 20)
    peak_copies = peak_messages * COPIES_A_MESSAGE
    iops = peak_copies * IOPS_A_COPY + peak_operations * IOPS_AN_OPERATION
    return Size(
        people, peak_messages, peak_operations, _even(cores), _step(memory / 1_024), math.ceil(disk / 50) * 50,
        max(100, math.ceil(iops / 50) * 50), nodes,
    )  # fmt: skip


def _even(cores: int) -> int:
    return cores if cores == 2 else math.ceil(cores / 2) * 2


def _step(gib: float) -> int:
    return next(one for one in (4, 8, 16, 24, 32, 48, 64, 96, 128, 256) if gib * 1.5 <= one)


def made() -> str:
    """Return the page."""
    one = measured()
    rows = []
    for people in PEOPLE:
        it = size(people, one)
        kind = "측정 기반 · measured" if people <= MEASURED_PEOPLE else "외삽 · extrapolated"
        rows.append(
            f"| {people:,} | {it.peak_messages_s:.1f} | {it.peak_operations_s:.0f} | {it.cores} | {it.memory_gib} | "
            f"{it.disk_gib:,} | {it.iops:,} | {it.nodes} | {kind} |"
        )
    return PAGE.format(
        rows="\n".join(rows), one=one, received=RECEIVED, sent=SENT, size=MESSAGE_KB, kept=KEPT_DAYS,
        operations=OPERATIONS_A_PERSON, busy=f"{BUSY_HOUR_SHARE:.0%}", peak=PEAK_OVER_BUSY_HOUR, load=f"{LOAD_TARGET:.0%}",
        copies=COPIES_A_MESSAGE, programs=PROGRAMS, web=f"{WEB_SHARE:.0%}", reserve=RESERVE_DISK,
    )  # fmt: skip


PAGE = """# 용량 산정 · Sizing

이 쪽은 `tools/sizing.py`가 만듭니다. 고치려면 도구의 가정을 바꾸고 다시 실행하세요.
Made by `tools/sizing.py`; change its assumptions and run it again.

| 인원 · people | 순간 최대 메일/초 · peak messages/s | 순간 최대 요청/초 · peak operations/s | 코어 · cores | 메모리 · RAM (GiB) | 디스크 · disk (GiB) | IOPS | 노드 · nodes | 근거 · basis |
|---:|---:|---:|---:|---:|---:|---:|---:|---|
{rows}

코어, 메모리, 디스크, IOPS는 모든 노드를 더한 값입니다. · Cores, memory, disk and IOPS are those of all nodes together.

## 측정한 것
- 메일 1,000통을 받아 봉인해 저장하는 CPU {one.ingest_cpu_s} 초, 검색 색인 {one.index_cpu_s} 초, 요청 하나의 CPU {one.operation_cpu_ms} ms,
  쉬는 TLS 연결 하나의 메모리 {one.idle_kib} KiB ([성능 비교](benchmarks.md)).
- 900명이 5분 안에 로그인하고 1,500개 연결이 쉬고 있을 때 로그인 p95 {one.login_p95_s} 초 ([측정값](figures.md)).

## 가정한 것
한 사람이 하루에 받는 메일 {received}통, 보내는 메일 {sent}통, 평균 {size} KB, 메일 한 통에 사본 {copies}개(본문은 한 번만 저장), 보관 {kept} 근무일,
요청 {operations}번, 가장 바쁜 한 시간에 하루의 {busy}, 순간 최대는 그 시간 평균의 {peak}배, 한 사람에 메일 프로그램 {programs}개, 웹메일 사용자 {web}.
최대일 때 코어의 {load}만 쓰도록 했고 디스크에는 {reserve}배의 여유를 두었습니다. IOPS는 사본 하나에 3번, 요청 하나에 0.5번으로 셈한 값이며
디스크에서 잰 값이 아닙니다. 노드 한 대의 메모리 바탕값(프로세스, 캐시)도 가정입니다.

## 외삽한 것
3,000명까지는 위의 측정값이 나온 크기의 장비에서 셈했습니다. 10,000명과 30,000명은 같은 셈을 늘린 것이며 그 인원으로 시험하지 않았습니다.
여러 노드는 PostgreSQL을 함께 쓰며, 데이터베이스 서버의 몫은 이 표에 없습니다.

## In English
**Measured**: CPU for taking in, sealing and storing 1,000 messages ({one.ingest_cpu_s} s) and indexing them ({one.index_cpu_s} s), CPU of one
operation ({one.operation_cpu_ms} ms), memory of an idle TLS connection ({one.idle_kib} KiB), and a morning of 900 logins beside 1,500 idle
sessions (p95 {one.login_p95_s} s). **Assumed**: what a person does on a day (see above; body stored once, {kept} working days kept), operations on
the disk (3 for a copy, 0.5 for a request), the memory that a node needs before anybody comes. **Extrapolated**: 10,000 and
30,000 people; nothing was tried at that size, and the database server of several nodes is not in the table. At the peak
{load} of the cores are busy; disks have {reserve} times what is needed.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is stale")
    options = parser.parse_args()
    text = made()
    if options.check:
        return 0 if TARGET.exists() and TARGET.read_text("utf-8") == text else 1
    TARGET.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
