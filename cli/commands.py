"""How commands read their arguments and show their help; knows no command by name."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from typer import BadParameter, Typer, TyperException
from typer.core import TyperCommand, TyperGroup

from indexes.errors import UnknownNameError

_WANTED: Mapping[type, str] = {str: "text", int: "a whole number", float: "a number", Path: "a path"}


class _Help:
    epilog: str | None

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]  # typer's
        option.default = False  # None would be converted, and that imports pydantic
        return option

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  typer's signature
        """The epilog of a command is its examples, one a line."""
        if self.epilog:
            with formatter.section("Examples"):
                formatter.write("".join(f"  {line}\n" for line in self.epilog.splitlines()))


class Command(_Help, TyperCommand):
    """A command whose plain parameters are converted here.

    Typer converts with pydantic, 90 ms to import, and its errors do not say what was found.
    """

    def __init__(self, *args: Any, params: Sequence[Any] = (), **kwargs: Any) -> None:
        for param in params:
            param.process_value = partial(_convert, param, param.process_value)
        super().__init__(*args, params=list(params), **kwargs)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except TyperException as error:
            if getattr(error, "ctx", self) is None:  # some errors of the parser do not say whose they are
                vars(error)["ctx"] = ctx
            raise


class Group(_Help, TyperGroup):
    """The `rag` command itself: shows commands under their panels, names the nearest to an unknown one."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  typer's signature
        if cmd_name not in self.commands:
            raise UnknownNameError("command", cmd_name, self.commands, hint="see `rag --help`")
        return self.commands[cmd_name]

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  typer's signature
        panels: dict[str, list[tuple[str, str]]] = {}
        room = formatter.width - 6 - max(map(len, self.commands))
        for name, command in self.commands.items():
            panel = getattr(command, "rich_help_panel", None) or "Commands"
            panels.setdefault(panel, []).append((name.ljust(12), command.get_short_help_str(room)))
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl(rows)


def new_group() -> Typer:
    """A command that holds others; without one of them it is called by itself."""
    return Typer(
        cls=Group,
        rich_markup_mode=None,
        add_completion=False,
        invoke_without_command=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _convert(param: Any, by_typer: Callable[[Any, Any], Any], context: Any, value: Any) -> Any:
    kind: Any = getattr(getattr(param, "type_descriptor", None), "annotation", None)
    if kind not in _WANTED or param.callback or (value is None and param.required):
        return by_typer(context, value)
    try:
        converted = kind(value) if isinstance(value, str) else value
    except ValueError as error:
        raise BadParameter(f"{_WANTED[kind]} is wanted, {value!r} found") from error
    least = getattr(param, "min", None)  # of options only
    if least is not None and converted is not None and converted < least:
        raise BadParameter(f"{_WANTED[kind]} of at least {least} is wanted, {value!r} found")
    return converted
