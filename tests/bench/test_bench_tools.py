"""The bench itself: its mail, its judgement, its page, and its clients against a server in this process."""

import os
import statistics

import msgspec
import pytest
from tests.bench import report, workloads
from tests.bench.corpus import LETTERS, Corpus
from tests.bench.hostile_bodies import hostile
from tests.bench.process_tree import cpu_seconds, proportional_kib, tree
from tests.bench.report import Run, medians
from tests.bench.rows import ROWS, Row, sealing_cost
from tests.bench.servers import BIG, IDLE, USERS, Server
from tests.bench.workloads import Sizes, WrongAnswer
from tests.flows import house

from smartmail.edge.httpd.admin.openapi import document
from smartmail.edge.httpd.admin.table import OPERATIONS


def test_office_mail_has_the_sizes_that_the_page_tells():
    corpus = Corpus()
    sizes = [len(corpus.message(number, "u0@bench.test")) for number in range(1_000)]
    assert 55_000 < statistics.mean(sizes) < 68_000
    assert 14_000 < statistics.median(sizes) < 22_000


@pytest.mark.parametrize("mix", [None, LETTERS])
def test_mail_of_the_bench_is_clean_and_the_same_for_one_seed(mix):
    first, second = (Corpus(*([mix] if mix else []), run="a") for _ in range(2))
    for number in range(60):
        message = first.message(number, "u0@bench.test")
        assert message == second.message(number, "u0@bench.test")
        assert message.endswith(b"\r\n")
        assert b"\r\n." not in message
        assert b"\n" not in message.replace(b"\r\n", b"")


def test_another_run_sends_other_message_ids():
    assert Corpus(run="a").message(1, "u@bench.test") != Corpus(run="b").message(1, "u@bench.test")


def test_rows_judge_ratios_and_absolute_bounds():
    less, more = Row("x", "", "s", 0.5, 0.2, "dovecot"), Row("x", "", "/s", 1.0, 2.0, "dovecot", more=True)
    absolute = Row("x", "", "ms", 20, 5)

    def judged(row, ours, theirs=10.0):
        return row.verdict({"smartmail": {"x": ours}, "dovecot": {"x": theirs}})

    assert [judged(less, ours) for ours in (2, 5, 6)] == ["aim", "must", "missed"]
    assert [judged(more, ours) for ours in (20, 10, 9)] == ["aim", "must", "missed"]
    assert [judged(absolute, ours) for ours in (5, 20, 21)] == ["aim", "must", "missed"]
    assert less.verdict({"smartmail": {"x": 1.0}}) == ""
    assert sealing_cost({"smartmail": {"ingest_cpu": 1.1}, "unsealed": {"ingest_cpu": 1.0}}) == pytest.approx(10)


def test_a_figure_is_the_median_of_the_rounds_that_took_it():
    rounds = [{"a": {"x": value}} for value in (5.0, 1.0, 3.0)]
    rounds[0]["a"]["once"] = 7.0
    assert medians(rounds) == {"a": {"x": 3.0, "once": 7.0}}


def test_page_and_terminal_show_every_row():
    figures = {row.figure: 2.0 for row in ROWS} | {"ingest_total": 2.75}
    results = {key: dict(figures) for key in (*report.COLUMNS, "unsealed")}
    run = Run(results, Sizes(), 3, {"Dovecot": "2.4"}, "./smartmail bench", 0.1)
    page, drawn = report.markdown(run), report.terminal(run)
    assert all(row.title in page and row.title in drawn for row in ROWS)
    assert "mail_crypt" in page
    assert "Cost of sealing" in page
    assert "take 0.75 s of" in page and "takes 0.75 s of CPU" in drawn
    alone = Run({"smartmail": figures}, Sizes(), 3, {}, "./smartmail bench --alone", 0.1)
    assert "Settings of the peers" not in report.markdown(alone)


def test_process_trees_are_measured():
    assert os.getpid() in tree([os.getppid()])
    assert cpu_seconds([os.getpid()]) > 0
    assert proportional_kib([os.getpid()]) > 1_000


async def test_workloads_run_against_a_server(tmp_path, monkeypatch):
    monkeypatch.setattr(workloads, "PASSWORD", house.PASSWORD)
    sizes = Sizes(
        ingest=6, fanout=2, fresh=2, mailbox=20, mixed_s=0.01, wake_ups=1, idlers=20, connections=2, calm_s=0.01
    )
    async with house.open_house(tmp_path, domains=("bench.test",)) as server_house:
        for login in (*USERS, BIG, IDLE):
            await server_house.person(login)
        ports = server_house.ports
        server = Server("smartmail", "here", ports["smtp"], ports["imap"], 0, [os.getpid()], "")
        figures = {}
        for workload in (workloads.ingest, workloads.fanout, workloads.fresh, workloads.mixed, workloads.wake_up):
            figures |= await workload(server, sizes)
        await workloads.populate(server, sizes, lambda done: None)
    assert figures.keys() == {
        "ingest_cpu", "ingest_total", "ingest_rate", "fanout_rate", "fresh_cpu", "mixed_cpu", "wake_up",
    }  # fmt: skip
    assert figures["ingest_total"] >= figures["ingest_cpu"]
    assert all(value >= 0 for value in figures.values())


async def test_mail_that_does_not_arrive_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(workloads, "PASSWORD", house.PASSWORD)
    async with house.open_house(tmp_path, domains=("bench.test",)) as server_house:
        for login in USERS:
            await server_house.person(login)

        async def swallow(self, message, recipients):
            return None

        monkeypatch.setattr(workloads.Sender, "send", swallow)
        ports = server_house.ports
        server = Server("smartmail", "here", ports["smtp"], ports["imap"], 0, [os.getpid()], "")
        with pytest.raises(WrongAnswer, match="0 copies of 3"):
            await workloads.ingest(server, Sizes(ingest=3, connections=1, calm_s=0.01))


def test_hostile_bodies_pass_the_shapes_that_they_are_made_of():
    """Else the door refuses them before it has done anything, and the bench measures nothing."""
    told = document(OPERATIONS)
    passed, refused = [], []
    for one in OPERATIONS:
        place = told["paths"][f"/admin/v1{one.path}"][one.method.lower()]
        schema = place.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        for _name, body in hostile(schema, told["components"]["schemas"]) if schema else ():
            try:
                msgspec.convert(body, one.body)
            except msgspec.ValidationError:
                refused.append(one.name)
            else:
                passed.append(one.name)
    assert len(set(passed)) > 50
    assert len(passed) > len(refused), refused
