"""What a run shows, as values (`values`), and drawn: for a terminal, Markdown, JSON, CSV, figures, one HTML file."""
