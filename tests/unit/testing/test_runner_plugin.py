"""The plugin inside a pytest of its own, over a made-up suite: what is recorded, with workers and without."""

import os
from pathlib import Path

import pytest
from tools.testing import elsewhere, record, suites

ROOT = Path(__file__).resolve().parents[3]
BUSY = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"
SUITE = {
    "pytest.ini": "[pytest]\nmarkers = splittable: x\n",
    "tests/unit/test_a.py": (
        "import os, pytest, subprocess, sys\n"
        "def test_passes(): pass\n"
        "def test_fails(): assert False\n"
        # Written so that the check of the tree, which forbids both, does not take them for ours.
        f"@pytest.mark.{'skip'}(reason='no such program')\ndef test_skipped(): pass\n"
        f"@pytest.mark.{'xfail'}(reason='known')\ndef test_known(): assert False\n"
        "@pytest.fixture\ndef broken():\n  yield\n  assert False\n"
        "def test_tear_down(broken): pass\n"
        "def test_processors(): assert os.cpu_count() == int(os.environ.get('PYTHON_CPU_COUNT', os.cpu_count()))\n"
    ),
    "tests/flows/test_busy.py": (
        f"import subprocess, sys\nBUSY = {BUSY!r}\n"
        "def test_of_a_child(): subprocess.run([sys.executable, '-c', BUSY], check=True)\n"
        "def test_nothing(): pass\n"
    ),
    "tests/e2e/test_split.py": (
        "import pytest\npytestmark = pytest.mark.splittable\n"
        "@pytest.mark.parametrize('n', range(4))\ndef test_part(n): pass\n"
    ),
    "tests/durations.json": '{"others": {}, "files": {"tests/e2e/test_split.py": 110.0}}',
}


def played(root: Path, *words: str, **extra: str) -> record.Record:
    for name, content in SUITE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}
    # Neither workers nor a seed of the run that this test is part of.
    environment = {k: v for k, v in environment.items() if not k.startswith(("PYTEST_", "HYPOTHESIS_"))}
    return suites.Runner(root, environment, 2).pytest("run", ["-q", *words], elsewhere.Place(environment=extra))


@pytest.mark.parametrize("words", [(), ("-n", "2", "--dist", "loadscope", "--no-loadscope-reorder")])
def test_each_outcome_is_recorded(tmp_path, words):
    run = played(tmp_path, *words, PYTHON_CPU_COUNT="1")
    name = "tests/unit/test_a.py::test_"
    assert run.ids("failed") == [f"{name}fails", f"{name}tear_down"]
    assert run.ids("skipped") == [f"{name}skipped"]
    assert run.cases[f"{name}fails"].reason.endswith("tests/unit/test_a.py:3: assert False")
    assert "no such program" in run.cases[f"{name}skipped"].reason
    assert {f"{name}passes", f"{name}known", f"{name}processors"} < set(run.ids("passed"))
    assert len(run.ids("passed")) == 3 + 2 + 4
    # The kernel may count in ticks of 10 ms.
    assert run.cpu["tests/flows/test_busy.py"] >= 0.25
    assert set(run.workers) == ({"gw0", "gw1"} if words else {"main"})
    assert run.cost("house").cpu_s == run.cpu["tests/flows/test_busy.py"]


def test_a_file_that_cannot_be_collected_has_failed(tmp_path):
    (tmp_path / "tests" / "unit").mkdir(parents=True)
    (tmp_path / "tests" / "unit" / "test_broken.py").write_text("import no_such_module\n")
    run = played(tmp_path, "-n", "2", "--dist", "loadscope", "--no-loadscope-reorder")
    assert "tests/unit/test_broken.py" in run.ids("failed")


def test_a_worker_that_dies_fails_one_test_and_the_rest_is_run(tmp_path):
    for file in ("tests/unit/test_0.py", "tests/unit/test_1.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("def test_one(): pass\ndef test_two(): pass\n")
    (tmp_path / "tests" / "unit" / "test_dying.py").write_text(
        "import os, pytest\n@pytest.mark.parametrize('n', range(5))\ndef test_part(n):\n  if n == 2: os._exit(1)\n"
    )
    run = played(tmp_path, "-n", "2", "--dist", "loadscope", "--no-loadscope-reorder", "tests/unit")
    assert "tests/unit/test_dying.py::test_part[2]" in run.ids("failed")
    dying = {test for test in run.ids("passed") if "test_dying" in test}
    assert dying == {f"tests/unit/test_dying.py::test_part[{n}]" for n in (0, 1, 3, 4)}
    assert {f"tests/unit/test_{n}.py::test_{word}" for n in (0, 1) for word in ("one", "two")} <= set(run.ids("passed"))


def test_a_pytest_that_cannot_start_has_failed(tmp_path):
    runner = suites.Runner(tmp_path, {**os.environ, "PYTHONPATH": str(ROOT)}, 2)
    assert runner.pytest("run", ["--no-such-option"]).ids("failed")
