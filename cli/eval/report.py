"""`rag eval report`: what a run shows."""

from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run, finished or not.")],
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Write one HTML file with every trial; needs no network."),
    ] = None,
    markdown: Annotated[Path | None, typer.Option("--markdown", metavar="FILE", help="Write a Markdown file.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write a row for each trial.")] = None,
    figures: Annotated[
        Path | None, typer.Option("--figures", metavar="FOLDER", help="Write each figure as PNG and SVG.")
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option("--metric", metavar="NAME", help="Score by this one; may be repeated, the first one decides."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Report on a run: the verdict in words, tables, a small plot.

    Nothing is asked again; a run can be reported while it goes on, and by other metrics than its own.
    """
    from cli.console import note
    from cli.eval.reported import print_values
    from cli.eval.targets import check_file, check_folder
    from evaluation.analysis import analyse
    from evaluation.design.grid_check import check_primary
    from evaluation.metrics import parse_metric
    from evaluation.run import Rescored
    from evaluation.store.opening import open_run

    with open_run(run) as stored:
        for target in (html, markdown, csv):
            if target:
                check_file(target, apart={"run": run})
        if figures:
            check_folder(figures)
        if metric:
            check_primary(metric[0])
        design = stored.manifest.design
        metrics = [parse_metric(name) for name in dict.fromkeys(metric or (design.primary, *design.secondary))]
        primary, *secondary = map(str, metrics)
        opened = Rescored(stored, primary=primary, secondary=secondary, margin=design.margin)
        values = analyse(opened)
        print_values(values, as_json=as_json)
        if html:
            from evaluation.metrics.scorer import scorer
            from evaluation.report.html import write_html

            write_html(opened, values, html, scores_of=scorer(opened, metrics))
            note(f"wrote {html}")
        if markdown:
            from evaluation.report.markdown import markdown as drawn

            markdown.write_text(drawn(values), encoding="utf-8")
            note(f"wrote {markdown}")
        if csv:
            from evaluation.report.csv_export import write_trials

            with csv.open("w", encoding="utf-8", newline="") as file:
                write_trials(opened, metrics, file)
            note(f"wrote {csv}")
        if figures:
            from evaluation.report.figures import figures as drawn_figures
            from evaluation.report.figures import save_figures

            for path in save_figures(drawn_figures(values), figures):
                note(f"wrote {path}")
