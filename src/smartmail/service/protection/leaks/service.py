"""Leak prevention as the edge and the composition hold it. Must not know how its parts work."""

from dataclasses import dataclass

from smartmail.service.protection.leaks.exceptions import LeakExceptions
from smartmail.service.protection.leaks.incidents import Incidents
from smartmail.service.protection.leaks.judging import LeakJudge
from smartmail.service.protection.leaks.proposing import LeakProposals
from smartmail.service.protection.leaks.rules import LeakRules
from smartmail.service.protection.leaks.trying import LeakTrial


@dataclass(frozen=True, slots=True)
class LeakPrevention:
    """Its parts."""

    judge: LeakJudge
    incidents: Incidents
    rules: LeakRules
    proposing: LeakProposals
    trying: LeakTrial
    exceptions: LeakExceptions
