"""The report as one HTML file that needs no network: verdict, figures, tables, and every trial to look into."""

import os
import shutil
import tempfile
from pathlib import Path

from evaluation.analysis.values import Report
from evaluation.report.html_blocks import block
from evaluation.report.html_page import gallery, head, page_script, tables_section, trials_section, verdict
from evaluation.report.html_trials import Scorer, write_details
from evaluation.run import Run


def write_html(run: Run, report: Report, path: Path, *, scores_of: Scorer) -> None:
    """Writes the page: whole, or, where that fails, not at all.

    It holds every trial with its context, passages once each. The rows of the run are read one at a time; what stays
    in memory is a line for each. Of what the run holds nothing can run in the page or fetch anything.

    Args:
        run: the trials, with what was asked and read.
        report: what they show.
        path: of the file, which is replaced if there is one; its folder is made if absent.
        scores_of: what the metrics of the run say of a trial.

    Raises:
        OSError: it could not be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with (
            tempfile.TemporaryFile("w+", dir=path.parent, encoding="ascii") as details,
            aside.open("w", encoding="utf-8", errors="xmlcharrefreplace", newline="\n") as page,
        ):
            index = write_details(run, report, scores_of, details)
            page.write(f"{head(report)}<body>\n<main>\n{verdict(report)}{gallery(report)}")
            page.write(f"{tables_section(report)}{trials_section()}</main>\n")
            page.write(f"{block('index', index)}<script>{page_script()}</script>\n")
            details.seek(0)
            shutil.copyfileobj(details, page, 1 << 20)
            page.write("</body>\n</html>\n")
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
