"""Papers: sections of tables and charts, written as a spreadsheet or as pages for print. They know nothing of mail."""

from smartmail.formats.papers.model import Chart, Column, Paper, Section, Table
from smartmail.formats.papers.pages import pdf
from smartmail.formats.papers.sheet import xlsx

__all__ = ["Chart", "Column", "Paper", "Section", "Table", "pdf", "xlsx"]
