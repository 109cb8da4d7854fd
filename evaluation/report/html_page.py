"""The parts of the page that need no data of trials: head, verdict, figures, tables."""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files

from evaluation.analysis.values import Report
from evaluation.report.figures import Figure, figures, svg
from evaluation.report.tables import Table, tables

_SCRIPTS = ("elements", "blocks", "grid", "trials", "pairs", "detail", "figures", "main")
"""In the order in which they build on each other."""
_COLUMN = 700
"""Pixels; a wider figure gets the whole width of the page."""


def head(report: Report) -> str:
    """Everything up to the body; nothing but this page's own style and script may run, and nothing may be fetched."""
    style, script = _read("report.css"), page_script()
    policy = (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>{escape(report.run)} · evaluation</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
"""


def page_script() -> str:
    """All scripts of the page as one."""
    return "\n(() => {\n'use strict';\n" + "\n".join(_read(f"{name}.js") for name in _SCRIPTS) + "})();\n"


def trials_section() -> str:
    """The table of trials before it is filled, and the dialog with one trial's details."""
    return _read("trials.html")


def verdict(report: Report) -> str:
    """What the run shows, in words."""
    said = "".join(f"<p>{escape(line)}</p>\n" for line in report.headline)
    warned = "".join(f"<li>{escape(line)}</li>\n" for line in report.warnings)
    warned = f'<ul class="warnings" aria-label="Warnings">\n{warned}</ul>\n' if warned else ""
    counts = [f"{report.n:,} questions", report.primary_metric]
    counts += [] if report.baseline is None else [f"baseline {report.baseline}"]
    counts += [f"{report.missing:,} trials still to be asked"] if report.missing else []
    return f"""<header>
<h1>{escape(report.run)}</h1>
<p class="counts">{" · ".join(f"<span>{escape(count)}</span>" for count in counts)}</p>
<nav aria-label="Sections">
<a href="#figures">Figures</a> <a href="#tables">Tables</a> <a href="#trials">Trials</a>
</nav>
</header>
<section id="verdict" aria-label="Verdict">
{said}{warned}</section>
"""


def gallery(report: Report) -> str:
    """The figures, drawn; nothing where there is none."""
    drawn = "".join(_figure(figure) for figure in figures(report))
    return (
        f'<section id="figures">\n<h2>Figures</h2>\n<div class="gallery">\n{drawn}</div>\n</section>\n' if drawn else ""
    )


def _figure(figure: Figure) -> str:
    drawn = svg(figure)
    width = re.search(r'width="([\d.]+)"', drawn)
    wide = ' class="wide"' if width and float(width[1]) > _COLUMN else ""
    return (
        f'<figure id="figure-{figure.name}"{wide}>\n<figcaption><h3>{escape(figure.title)}</h3>'
        f"<p>{escape(figure.note)}</p></figcaption>\n{drawn}\n</figure>\n"
    )


def tables_section(report: Report) -> str:
    """The tables; nothing where there is none."""
    drawn = "".join(_table(table) for table in tables(report))
    return f'<section id="tables">\n<h2>Tables</h2>\n<div class="tables">\n{drawn}</div>\n</section>\n' if drawn else ""


def _table(table: Table) -> str:
    def cells(tag: str, row: Sequence[str]) -> str:
        marks = ["" if at < table.names else ' class="number"' for at in range(len(row))]
        return "".join(f"<{tag}{mark}>{escape(cell)}</{tag}>" for cell, mark in zip(row, marks, strict=True))

    rows = "".join(f"<tr>{cells('td', row)}</tr>\n" for row in table.rows)
    notes = "".join(f"<p>{escape(note)}</p>\n" for note in table.notes)
    return (
        f'<div class="table" tabindex="0" role="group" aria-label="{escape(table.title)}">\n<table>\n'
        f"<caption>{escape(table.title)}</caption>\n<thead><tr>{cells('th', table.columns)}</tr></thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>\n{notes}</div>\n"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _read(name: str) -> str:
    return (files("evaluation.report") / "page" / name).read_text(encoding="utf-8")
