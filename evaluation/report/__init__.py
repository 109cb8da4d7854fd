"""Draws what a run shows: for a terminal, Markdown, JSON, CSV, figures, one HTML file."""
