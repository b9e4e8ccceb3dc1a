"""A run as one page that opens anywhere: a single HTML file without scripts or requests."""

from jepsen.report.page import write

__all__ = ["write"]
