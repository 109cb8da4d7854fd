"""`rag config`: the effective settings and where each comes from."""

from typing import TYPE_CHECKING

from cli.options import AsJson

if TYPE_CHECKING:
    from cli.settings import Loaded


def config(
    as_json: AsJson = False,
) -> None:
    """Show the effective settings and where each comes from.

    Flags win over environment variables (RAG_MODEL, RAG_K, ...), these over the project's rag.toml (in the
    current folder or its nearest parent), this over the user's config.toml. Secrets are never shown.
    """
    from cli.console import print_result
    from cli.settings import load_settings

    loaded = load_settings()
    if as_json:
        settings = {name: {"value": value, "from": loaded.origins[name]} for name, value in _values(loaded).items()}
        files = [{"kind": file.kind, "path": str(file.path), "found": file.found} for file in loaded.files]
        print_result({"settings": settings, "files": files})
    else:
        _draw(loaded)


def _values(loaded: "Loaded") -> dict[str, str | int | float | None]:
    from cli.settings import without_password

    values = loaded.settings.model_dump(mode="json")
    values["api_key"] = "set" if loaded.settings.api_key else "not set"
    if loaded.settings.base_url:
        values["base_url"] = without_password(loaded.settings.base_url)
    return values


def _draw(loaded: "Loaded") -> None:
    from rich.text import Text

    from cli.console import stdout
    from cli.printable import one_line

    shown = {name: "not set" if value is None else one_line(str(value)) for name, value in _values(loaded).items()}
    name_width, value_width = max(map(len, shown)), max(map(len, shown.values()))
    out = stdout()
    for name, value in shown.items():
        origin = loaded.origins[name]
        line = Text(f"{name:<{name_width}}   ")
        line.append(f"{value:<{value_width}}   ", "dim" if origin == "default" else "bold")
        out.print(line.append(one_line(origin), "dim"), soft_wrap=True)
    out.print()
    for file in loaded.files:
        state = "" if file.found else " (not there)"
        out.print(Text(f"{file.kind:<{name_width}}   {one_line(str(file.path))}{state}", "dim"), soft_wrap=True)
