"""Commands that need the packages of the extra `eval`."""

from typing import Any

from cli.commands import Command


class EvalCommand(Command):
    """A command that says before anything else, but its help, what is not installed."""

    def invoke(self, ctx: Any) -> Any:
        from evaluation.packages import check_packages

        check_packages(ctx.command_path.rpartition(" ")[0])
        return super().invoke(ctx)
