"""Third to sixth sets of letters, held out: what phishing, Korean spam and risky business mail look like now, with the proofs that they have.

    .venv/bin/python -m tests.bench.third_letters [--set fourth | fifth | sixth] [--scores]

The third was written before anything of the filter was changed for it, and measured by sums alone: nobody who changes rules, recipes or settings
reads which of these letters are missed; its sums chose between some forty settings. The fourth was written after those were chosen, the fifth before
the changes of 2026-12-02, the sixth by another hand before the Korean recipes grew. Unlike the older sets a letter says what its mail proves (`As: pass`: SPF, DKIM and DMARC pass
aligned, as of most senders today, honest or not; `none`, `softfail`, `fail`), whether it is a page, where answers go, and how to
unsubscribe. Texts: tests/bench/held_out/third/ to sixth/.
"""

import argparse
import asyncio
import base64
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Final, NamedTuple

from tests.unit.service_filtering.specimens import DATE, specimen
from tests.unit.service_filtering.test_rules import Bench

from smartmail.domain.inspection import AuthResult
from smartmail.service.kernel.inspection.specimen import Findings
from smartmail.service.protection.filtering.content import ContentInspector
from smartmail.service.protection.filtering.verdict import Thresholds, score_of

FOLDER: Final = Path(__file__).parent / "held_out"
KINDS: Final = ("phishing", "korean_spam", "business")
PROOFS: Final = {
    "pass": (("spf", "pass"), ("dkim", "pass"), ("dmarc", "pass")),
    "none": (("spf", "none"), ("dkim", "none"), ("dmarc", "none")),
    "softfail": (("spf", "softfail"), ("dkim", "none"), ("dmarc", "none")),
    "fail": (("spf", "fail"), ("dkim", "none"), ("dmarc", "fail")),
}
_PICTURE: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


class Third(NamedTuple):
    """One letter as it comes: its octets, the sender's address, and what its mail proves."""

    octets: bytes
    sender: str
    proof: str


def third(kind: str, which: str = "third") -> list[Third]:
    """Return all letters of a kind."""
    texts = "\n----\n".join(one.read_text("utf-8").strip() for one in sorted((FOLDER / which).glob(f"{kind}*.txt")))
    return [_written(one, number) for number, one in enumerate(texts.split("\n----\n"))]


def _written(text: str, number: int) -> Third:
    head, _, body = text.partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    proof, *more = fields["As"].split()
    address = fields["From"].rpartition("<")[2].rstrip(">")
    name = fields["From"].rpartition(" <")[0].strip('"')
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = f'"{name}" <{address}>', "kim@innotab.com", fields["Subject"]
    made["Date"], made["Message-ID"] = DATE, f"<{number}.20261201@{address.rpartition('@')[2]}>"
    for one in more:
        if one.startswith("reply="):
            made["Reply-To"] = one[6:]
        if one == "unsub":
            made["List-Unsubscribe"] = f"<https://{address.rpartition('@')[2]}/unsubscribe>"
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(body, subtype="html" if "html" in more else "plain", charset="utf-8", cte="base64")
    for cid in re.findall(r"cid:(\w+)", body):
        made.add_related(_PICTURE, maintype="image", subtype="gif", cid=f"<{cid}>")
    for one in more:
        if one.startswith("file="):
            made.add_attachment(b"x" * 40, maintype="application", subtype="octet-stream", filename=one[5:])
    return Third(made.as_bytes().replace(b"\n", b"\r\n"), address, proof)


async def examined(bench: Bench, content: ContentInspector, one: Third) -> Findings:
    """Return what rules and the shipped model find in a letter."""
    found = specimen(one.octets, sender=one.sender, helo=f"mail.{one.sender.rpartition('@')[2]}")
    found.findings.authentication = [AuthResult(*pair) for pair in PROOFS[one.proof]]
    found.findings.aligned = one.proof == "pass"
    await bench.inspector.examine(found)
    await content.examine(found)
    return found.findings


async def main(which: str, *, scores: bool) -> None:
    """Print a row for each kind and proof."""
    from tests.bench.cold_letters import Shipped

    content, bench = ContentInspector(Shipped()), Bench()  # type: ignore[arg-type]
    print("| set | letters | in Junk | share |\n|---|---|---|---|")
    for kind in KINDS:
        some = third(kind, which)
        found = [score_of((await examined(bench, content, one)).reasons) for one in some]
        rows = [("all", found)]
        rows += [(proof, [s for s, one in zip(found, some, strict=True) if one.proof == proof]) for proof in PROOFS]
        for name, part in rows:
            junk = sum(one >= Thresholds().junk for one in part)
            print(f"| {which}, {kind}, {name} | {len(part)} | {junk} | {100 * junk / max(1, len(part)):.1f} % |")
        if scores:
            print("   ", *sorted(found))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scores", action="store_true", help="print the scores without saying whose they are")
    parser.add_argument("--set", default="third", choices=("third", "fourth", "fifth", "sixth"))
    options = parser.parse_args()
    asyncio.run(main(options.set, scores=options.scores))
