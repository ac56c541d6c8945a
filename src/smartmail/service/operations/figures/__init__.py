"""Figures of mail: days counted from the rows of trace and logins, reports made of days, and availability.

NAME        figures
PURPOSE     Day, week and month reports whose numbers are the sums of rows (BR-42, BR-43).
STRATEGIES  A day is counted once, at night, into one sealed row for each company; a report opens the rows of its days.
LIMITS      A day names at most MOST_DOMAINS domains outside. Events of stories older than BACK_DAYS are not counted any more.
FAILURE     A round that is cut off is done again: a day is written whole. A day without a row is told as missing, never as 0.
SECURITY    `report.read` over the company shows everything; over some people, these and sums over them. What the role does
            not show (`addresses`) is left out. A file leaves with a reason, recorded before its first octet.
"""

from smartmail.service.operations.figures.counting import BACK_DAYS, MOST_DOMAINS, DayCount
from smartmail.service.operations.figures.parts import FigureParts
from smartmail.service.operations.figures.service import FigureService
from smartmail.service.operations.figures.serving import ServingService
from smartmail.service.operations.figures.telling import ReportPlan, ReportTelling

__all__ = [
    "BACK_DAYS", "MOST_DOMAINS", "DayCount", "FigureParts", "FigureService", "ReportPlan", "ReportTelling", "ServingService",
]  # fmt: skip
