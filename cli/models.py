"""`rag models`: the catalogue of models, and pulling those that answer on this machine."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson

if TYPE_CHECKING:
    from rich.text import Text

    from rag.folders import Folders
    from rag.models.catalogue import Model
    from rag.models.pulling import Pulled

ACTIONS = ("pull", "show")


def models(
    action: Annotated[
        str | None,
        typer.Argument(metavar="pull|show", help="Fetch a GGUF build, or show all that is known; default: list."),
    ] = None,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Which model.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the models that are known, show one, or pull one to answer on this machine."""
    from cli.console import print_result
    from indexes.errors import RequestError, UnknownNameError
    from rag.folders import default_folders
    from rag.models.catalogue import known_model, load_catalogue
    from rag.models.pulling import pulled

    folders = default_folders()
    catalogue = load_catalogue(folders.catalogue)
    if action is not None and action not in ACTIONS:
        is_model = known_model(action, catalogue) is not None
        hint = f"of a model: `rag models show {action}`" if is_model else "without one, `rag models` lists the models"
        raise UnknownNameError("action", action, ACTIONS, hint=hint)
    if action is not None and name is None:
        raise RequestError(f"`rag models {action}` wants the name of a model; `rag models` lists them")
    if name is None:
        here = {one.name: one for one in pulled(folders)}
        if as_json:
            print_result({"models": [model_values(model, here.get(model.name)) for model in catalogue.values()]})
        else:
            _draw(catalogue, here)
        return
    model = known_model(name, catalogue)
    if model is None:
        raise UnknownNameError("model", name, catalogue, hint=f"others go into {str(folders.catalogue)!r}")
    if action == "pull":
        _pull(model, folders, as_json=as_json)
    else:
        _show(model, next((one for one in pulled(folders) if one.name == model.name), None), as_json=as_json)


def model_values(model: "Model", here: "Pulled | None") -> dict[str, object]:
    """An entry as scripts read it.

    Args:
        model: the entry.
        here: its build, where it was pulled.
    """
    from dataclasses import asdict

    values = asdict(model)
    for key in ("package", "file", "install"):  # of the embedded model only
        del values[key]
    return values | {"switch": dict(model.switch) if model.switch else None, "path": str(here.path) if here else None}


def _pull(model: "Model", folders: "Folders", *, as_json: bool) -> None:
    from rich.text import Text

    from cli.console import note, print_result, stdout
    from cli.printable import filename
    from cli.progress import Progress
    from rag.models.pulling import pull

    with Progress() as progress:
        here = pull(model, folders, say=note, progress=progress)
    if as_json:
        print_result(
            {"name": here.name, "path": str(here.path), "sha256": here.sha256, "bytes": here.bytes}
            | {"licence": here.licence, "pulled": here.pulled}
        )
    else:
        stdout().print(Text(filename(str(here.path))), soft_wrap=True)
    note(f"it answers where no other model is chosen, and as --model {here.name}")


def _draw(catalogue: Mapping[str, "Model"], here: Mapping[str, "Pulled"]) -> None:
    from rich.text import Text

    from cli.printable import one_line

    wide = max(len(one_line(name)) for name in catalogue)
    _line(Text(f"{'name':<{wide}}  thinks   context     memory  GGUF     what", "dim"))
    for heading, reasoning in (("reasoning models", True), ("others", False)):
        _line(Text(f"{heading}:", "dim"))
        for model in (one for one in catalogue.values() if one.reasoning == reasoning):
            row = Text().append(f"{one_line(model.name):<{wide}}", "bold").append(f"  {_words(model.thinks):<7}")
            row.append(f"  {model.context or '':>7,}" if model.context else " " * 9)
            row.append(f"  {f'{model.memory_gb:,.1f} GB' if model.memory_gb else '':>9}")
            state = "pulled" if model.name in here else "package" if model.package else "to pull" if model.gguf else ""
            row.append(f"  {state:<7}", "dim" if state == "to pull" else "green")
            _line(row.append(f"  {one_line(model.description)}"))


def _line(row: "Text") -> None:
    """Prints a row: cut where a terminal ends, whole where it is piped."""
    from cli.console import stdout

    out = stdout()
    if out.is_terminal:
        out.print(row, no_wrap=True, overflow="ellipsis")
    else:
        out.print(row, soft_wrap=True)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _show(model: "Model", here: "Pulled | None", *, as_json: bool) -> None:
    from rich.text import Text

    from cli.console import print_result, stdout
    from cli.printable import one_line

    if as_json:
        print_result(model_values(model, here))
        return
    out = stdout()
    out.print(Text(one_line(model.name), "bold").append(f"   {one_line(model.description)}", ""), soft_wrap=True)
    for what, value in _lines(model, here):
        out.print(Text().append(f"  {what:<9}  ", "dim").append(one_line(value)), soft_wrap=True)


def _lines(model: "Model", here: "Pulled | None") -> Iterator[tuple[str, str]]:
    if model.hub_id:
        yield "hub id", model.hub_id
    if model.base:
        yield "base", model.base + (f", says {model.base_source}" if model.base_source else "")
    yield "reasoning", "yes" if model.reasoning else "no"
    switch = "; ".join(f"{key}={value}" for key, value in model.switch or ())
    yield "thinks", _words(model.thinks) + (f"; off by {switch}" if switch else "")
    for twin in model.twins:
        yield "twin", f"{twin.name} ({_words(twin.kind)})"
    if model.context:
        yield "context", f"{model.context:,} tokens"
    if model.memory_gb:
        yield "memory", f"{model.memory_gb:g} GB for the weights in 16 bits"
    sampling = model.sampling
    yield "sampling", f"temperature {sampling.temperature:g}, top-p {sampling.top_p:g}"
    if model.reasoning_parser:
        yield "parser", f"{model.reasoning_parser} (vLLM)"
    if model.licence:
        yield "licence", model.licence
    if model.gguf:
        yield "GGUF", f"{model.gguf.file} of {model.gguf.repo}"
    if here:
        yield "here", str(here.path)
