"""Options that several commands take, spelled and explained once. None: not said; the settings decide."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import typer

Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="KEY=PATTERN",
        help="Only documents that fit, as source='guide/*'; may be repeated, all must hold.",
    ),
]
Mode = Annotated[str | None, typer.Option("--mode", help="dense, lexical or hybrid; default: hybrid.")]
Reranker = Annotated[
    str | None, typer.Option("--reranker", help="Cross-encoder that ranks the best again: a hub name or a folder.")
]
IndexName = Annotated[str | None, typer.Option("--index", help="Which index; default: the only one.")]
Directory = Annotated[str | None, typer.Option("--dir", help="The folder that holds indexes.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]

Passages = Annotated[int | None, typer.Option("-k", help="Most passages in the context; default: 10.")]
Budget = Annotated[
    int | None, typer.Option("--budget", help="Most tokens of passages; default: 3000, or the model's own.")
]
Placement = Annotated[
    str | None, typer.Option("--placement", help="Order of the passages, as 'shuffled(seed=7)'; default: edges.")
]
Model = Annotated[
    str | None, typer.Option("--model", help="A name of `rag models`, a .gguf file, or a model of --base-url.")
]
BaseUrl = Annotated[str | None, typer.Option("--base-url", help="An OpenAI-compatible endpoint; its key: RAG_API_KEY.")]
Timeout = Annotated[
    float | None, typer.Option("--timeout", help="Seconds that an endpoint may be silent; default: 120.")
]
MaxTokens = Annotated[int | None, typer.Option("--max-tokens", help="Most tokens of thinking and answer together.")]
Temperature = Annotated[float | None, typer.Option("--temperature", help="0 is greedy; default: by model.")]
ThinkBudget = Annotated[
    int | None,
    typer.Option("--think-budget", metavar="N", help="Most tokens of thinking; then an answer is asked for."),
]
Effort = Annotated[
    str | None, typer.Option("--effort", help="A thinking budget by name: low (512), medium (2048) or high (8192).")
]
NoThink = Annotated[bool, typer.Option("--no-think", help="Answer without thinking; the same as --think-budget 0.")]
Thinking = Annotated[
    str | None, typer.Option("--thinking", help="Show the thinking in full, or as a counter; default: full.")
]
Verbatim = Annotated[
    bool, typer.Option("--verbatim", help="Answer only with sentences of the passages, word for word.")
]


def _asking(
    k: Passages = None,
    budget: Budget = None,
    placement: Placement = None,
    mode: Mode = None,
    where: Where = None,
    reranker: Reranker = None,
    model: Model = None,
    base_url: BaseUrl = None,
    timeout: Timeout = None,
    max_tokens: MaxTokens = None,
    temperature: Temperature = None,
    think_budget: ThinkBudget = None,
    effort: Effort = None,
    no_think: NoThink = False,
    thinking: Thinking = None,
    verbatim: Verbatim = False,
    index: IndexName = None,
    directory: Directory = None,
) -> None:
    """The options of every command that asks a model; only the signature counts."""


def shared_options(shared: Callable[..., None]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A decorator that gives a command the options of `shared`, before its own, and hands them over as `said`."""
    common = inspect.signature(shared, eval_str=True).parameters

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True).parameters

        @wraps(command)
        def with_options(**values: Any) -> None:
            said = {name: values.pop(name) for name in common}
            command(**values, said=said)

        mine = [parameter for name, parameter in own.items() if name != "said"]
        arguments = [parameter for parameter in mine if parameter.default is inspect.Parameter.empty]
        options = [parameter for parameter in mine if parameter.default is not inspect.Parameter.empty]
        parameters = [*arguments, *common.values(), *options]
        vars(with_options)["__signature__"] = inspect.Signature(parameters)  # which typer reads
        with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return with_options

    return decorate


asking_options = shared_options(_asking)
