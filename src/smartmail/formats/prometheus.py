"""The Prometheus text exposition format, version 0.0.4: gauges with labels. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

_LABEL = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_HELP = str.maketrans({"\\": r"\\", "\n": r"\n"})


@dataclass(frozen=True, slots=True)
class Sample:
    """A value and its labels."""

    value: float
    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """A gauge: its name, what it tells, and its samples."""

    name: str
    help: str
    samples: tuple[Sample, ...]


def exposition(metrics: Iterable[Metric]) -> str:
    """Return the text; a metric without samples is still declared."""
    lines = []
    for metric in metrics:
        lines += [f"# HELP {metric.name} {metric.help.translate(_HELP)}", f"# TYPE {metric.name} gauge"]
        lines += [f"{metric.name}{_labels(sample)} {sample.value:g}" if sample.value % 1 else f"{metric.name}{_labels(sample)} {int(sample.value)}"
                  for sample in metric.samples]  # fmt: skip
    return "\n".join(lines) + "\n"


def _labels(sample: Sample) -> str:
    if not sample.labels:
        return ""
    return "{" + ",".join(f'{name}="{value.translate(_LABEL)}"' for name, value in sample.labels) + "}"
