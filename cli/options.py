"""Options that several commands take, spelled and explained once. None: not said; the settings decide."""

from typing import Annotated

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
    str | None, typer.Option("--model", help="extractive, smollm2, a path to a .gguf file, or a model of --base-url.")
]
BaseUrl = Annotated[str | None, typer.Option("--base-url", help="An OpenAI-compatible endpoint; its key: RAG_API_KEY.")]
Timeout = Annotated[
    float | None, typer.Option("--timeout", help="Seconds that an endpoint may be silent; default: 120.")
]
MaxTokens = Annotated[int | None, typer.Option("--max-tokens", help="Most tokens of thinking and answer together.")]
Temperature = Annotated[float | None, typer.Option("--temperature", help="0 is greedy; default: by model.")]
