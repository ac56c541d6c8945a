"""NAME        rules
PURPOSE     The step of the chain that runs all checks and writes what they found as reasons with weights.
STRATEGIES  Checks run one after the other, so that the last ones see what others matched; those that ask DNS have time
            limits of their own.
LIMITS      Texts, files and links are bounded by the evidence; hostile files are opened in killable children. `CHECK_SECONDS`
            of one check, `SECONDS` of all: less than the chain allows, so that what was found counts whatever stalls.
FAILURE     A check that fails is logged and left out: the others go on.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from smartmail.base import log
from smartmail.domain.inspection import Reason
from smartmail.service.kernel.inspection.specimen import Specimen
from smartmail.service.protection.filtering.rules.check import Check, Match
from smartmail.service.protection.filtering.rules.evidence import Evidence, gather
from smartmail.service.protection.filtering.rules.pack import PackBook, PackInForce
from smartmail.service.protection.filtering.rules.table import WEIGHTS
from smartmail.service.protection.filtering.settings import ScanConfiguration

CHECK_SECONDS: Final = 13.0
SECONDS: Final = 25.0
PHISHING: Final = frozenset({"bec", "domain-lookalike", "link-lookalike", "link-scripts"})


class RulesInspector:
    """Runs the checks, each with the name that logs tell when it fails."""

    name = "rules"

    def __init__(self, checks: Sequence[tuple[str, Check]], configuration: ScanConfiguration, packs: PackBook) -> None:
        self._checks = tuple(checks)
        self._configuration = configuration
        self._packs = packs

    async def examine(self, specimen: Specimen) -> None:
        """Add reasons. Raises what reading the message raises."""
        weights = (await self._configuration.current()).weights
        pack = await self._packs.current()
        evidence = await gather(specimen)
        evidence.matched.update(one.rule for one in specimen.findings.reasons)
        end = asyncio.get_running_loop().time() + SECONDS
        for name, check in self._checks:
            try:
                async with asyncio.timeout(min(CHECK_SECONDS, end - asyncio.get_running_loop().time())):
                    matches = await check(evidence)
            except Exception as error:
                log.event(
                    "inspection.failed", step=f"rules.{name}", error=type(error).__name__, detail=str(error)[:200]
                )
                continue
            self._add(evidence, matches, weights, pack)
        self._add(evidence, pack.matches(evidence), weights, pack)
        if evidence.matched & PHISHING and specimen.findings.nature != "malware":
            specimen.findings.nature = "phishing"

    def _add(
        self, evidence: Evidence, matches: Sequence[Match], weights: dict[str, float | None], pack: PackInForce
    ) -> None:
        for match in matches:
            # An administrator's own weight goes before that of a pack, and that before the table's.
            usual = pack.weights.get(match.rule, WEIGHTS[match.rule]) if match.weight is None else match.weight
            weight = weights.get(match.rule, usual)
            if weight is None:
                continue
            evidence.matched.add(match.rule)
            evidence.specimen.findings.reasons.append(Reason(match.rule, weight, match.facts))
