"""The exposition format: what a scraper reads back is what was told, whatever is in a label."""

from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats.prometheus import Metric, Sample, exposition


def test_the_text_of_two_metrics():
    text = exposition([
        Metric("a_total", "One\nline \\\\.", (Sample(3), Sample(0.5, (("state", "held"), ("of", "x"))))), Metric("b", "Nothing yet.", ()),
    ])  # fmt: skip
    assert text == (
        '# HELP a_total One\\nline \\\\\\\\.\n# TYPE a_total gauge\na_total 3\na_total{state="held",of="x"} 0.5\n'
        "# HELP b Nothing yet.\n# TYPE b gauge\n"
    )


@given(st.text(st.characters(exclude_categories=("Cs",))), st.integers(0, 1 << 60))
def test_a_label_stays_in_its_line_and_can_be_read_back(value, count):
    text = exposition([Metric("m", "h", (Sample(count, (("l", value),)),))])
    _help, _type, line = text.rstrip("\n").split("\n")
    name, said = line[: line.rindex(" ")], int(line[line.rindex(" ") :])
    quoted = name.removeprefix('m{l="').removesuffix('"}')
    read = "".join({"n": "\n"}.get(part[1], part[1]) if part.startswith("\\") else part for part in _parts(quoted))
    assert (read, said) == (value, count)


def _parts(text):
    at = 0
    while at < len(text):
        length = 2 if text[at] == "\\" else 1
        yield text[at : at + length]
        at += length
