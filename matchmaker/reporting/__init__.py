"""Pages to look at: what an explanation says, as one HTML file that needs nothing else."""

from matchmaker.reporting.page import html_page

__all__ = ["html_page"]
