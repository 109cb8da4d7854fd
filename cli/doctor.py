"""`rag doctor`: what works here, what does not, and what to do about it."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from cli.options import AsJson, BaseUrl, Directory, IndexName, Model, Timeout

if TYPE_CHECKING:
    from cli.settings import Loaded
    from rag.checkup.finding import Finding
    from rag.endpoints.capabilities import Capabilities

COLOURS = {"ok": "green", "warning": "yellow", "failure": "bold red"}
STATE, WHAT = 7, 12
"""Columns of a finding's state and of its name."""
MARGIN = STATE + WHAT + 4


def doctor(
    model: Model = None,
    base_url: BaseUrl = None,
    timeout: Timeout = None,
    index: IndexName = None,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Check what answering stands on, and say what to do where it fails.

    Python, packages, GPU, settings, the model that would answer, its endpoint and what that can do, the indexes.
    An endpoint is asked anew. The exit status is 1 if anything fails.
    """
    from cli.amounts import count_of
    from cli.console import note, print_result
    from rag.endpoints.capabilities import Capabilities

    findings: list[Finding] = []
    capabilities: Capabilities | None = None
    for one in _all(model=model, base_url=base_url, timeout=timeout, index=index, dir=directory):
        if isinstance(one, Capabilities):
            capabilities = one
            continue
        findings.append(one)
        if not as_json:
            _draw(one)
    states = [one.state for one in findings]
    failures, warnings = states.count("failure"), states.count("warning")
    if as_json:
        can = asdict(capabilities) if capabilities else None
        print_result({"findings": [asdict(one) for one in findings], "capabilities": can})
    elif failures or warnings:
        note(f"{count_of(failures, 'failure')}, {count_of(warnings, 'warning')}")
    if failures:
        raise typer.Exit(1)


def _all(**flags: object) -> "Iterator[Finding | Capabilities]":
    """Every finding, as it is found, and what the endpoint can do.

    Raises:
        RequestError: a flag is wrong. Settings that are wrong elsewhere are a finding.
    """
    from cli.asked import choice_of, chosen_by
    from cli.console import note
    from cli.settings import load_settings
    from indexes.errors import RequestError
    from rag.checkup.checkup import check_answering, check_machine
    from rag.checkup.finding import failed
    from rag.folders import default_folders

    loaded: Loaded | None = None
    wrong: Finding | None = None
    try:
        load_settings()
    except RequestError as error:
        wrong = failed("settings", error)
    try:
        loaded = load_settings(**flags)
    except RequestError:
        if wrong is None:
            raise
    settings = loaded.settings if loaded else None
    yield from check_machine(settings.vllm_python if settings else None)
    yield wrong or _settings(loaded)
    if settings is None or loaded is None:
        return
    yield from check_answering(
        choice_of(loaded),
        why=chosen_by(loaded),
        folders=default_folders(settings.cache),
        directory=settings.dir,
        index=settings.index,
        say=note,
    )


def _settings(loaded: "Loaded | None") -> "Finding":
    from rag.checkup.finding import Finding

    files = loaded.files if loaded else ()
    found = [str(file.path) for file in files if file.found]
    return Finding("settings", "ok", ", ".join(found) or "no file, so the defaults hold (rag config shows them)")


def _draw(finding: "Finding") -> None:
    """One line, and the remedy below it; folded where a terminal ends, whole where it is piped."""
    from rich.text import Text

    from cli.console import stdout

    out = stdout()
    width = out.width if out.is_terminal else None
    first, *more = _folded(finding.found, width)
    line = Text(f"{finding.state:<{STATE}}  ", COLOURS[finding.state]).append(f"{finding.what:<{WHAT}}  ", "bold")
    out.print(line.append(first), soft_wrap=True)
    for text in more:
        out.print(Text(f"{'':<{MARGIN}}{text}"), soft_wrap=True)
    if finding.remedy:
        for number, text in enumerate(_folded(f"→ {finding.remedy}", width)):
            out.print(Text(f"{'':<{MARGIN}}{'  ' if number else ''}{text}", "dim"), soft_wrap=True)


def _folded(text: str, width: int | None) -> list[str]:
    import textwrap

    from cli.printable import one_line

    shown = one_line(text)
    room = max(20, width - MARGIN - 2) if width else len(shown) + 1
    return textwrap.wrap(shown, room, break_on_hyphens=False) or [""]
