"""An experiment beside vLLM's own benchmark client: the same requests to the same server.

    .venv/bin/python -m benchmarks.eval_harness --base-url http://127.0.0.1:8000/v1 --vllm-python .venv-vllm/bin/python

Claim: `rag eval run`, from its first request to its last row, takes at most 1.05 times as long as vLLM's client takes
for the same prompts at equal concurrency. They take turns, each round with a cache of its own at the server
(`cache_salt`); the prompts share no beginnings, so that neither gains by its order.
"""

import asyncio
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from uuid import uuid4

from benchmarks.measuring import table
from benchmarks.vllm_client import TOKENS, their_requests
from evaluation.arms import Arm, Length, Subject
from evaluation.contexts.arm_contexts import ArmContexts
from evaluation.contexts.freezing import Source
from evaluation.generators import generate
from evaluation.run import Design, Manifest
from evaluation.running.asking import prompt_of
from evaluation.running.conducting import work_of
from evaluation.running.frozen import freeze_missing
from evaluation.running.runner import run_trials
from evaluation.running.schedule import Task
from evaluation.store import create_run
from evaluation.store.store import RunStore
from rag.endpoints.answerer import EndpointAnswerer
from rag.endpoints.endpoint import Endpoint, sole_model
from rag.opening import ModelChoice
from rag.sampling import Sampling

CONCURRENCY = (1, 8, 32)


def main() -> None:
    """Measures and prints the table."""
    given = _arguments()
    endpoint = Endpoint(given.base_url, timeout=600)
    model = sole_model(endpoint)
    rows = []
    for concurrency in CONCURRENCY:
        ours, theirs = [], []
        for _ in range(given.repeats):
            with tempfile.TemporaryDirectory() as folder, _prepared(Path(folder), model, concurrency) as store:
                contexts = _contexts(store, endpoint, model)
                prompts = _prompts(store, contexts)
                ours.append(_ours(store, contexts, concurrency))
            throughput = their_requests(given, endpoint, model, prompts, concurrency, temperature=0.0)
            theirs.append(len(prompts) / throughput)
        ratio = median(mine / other for mine, other in zip(ours, theirs, strict=True))
        rows.append((str(concurrency), f"{median(ours):.1f}", f"{median(theirs):.1f}", f"{ratio:.2f}"))
    table("Seconds for the same requests", ("at once", "rag eval", "vLLM's client", "ratio"), rows)


def _prepared(folder: Path, model: str, concurrency: int) -> RunStore:
    """A run with one arm over as many examples as there are requests, nothing of it asked."""
    arm = Arm("shuffled", model, "shuffled(seed=0)", Length(passages=3))
    subject = Subject(model, ModelChoice(model))
    design = Design("harness", (subject,), (arm,), 1, None, "sub_span", (), 0.05, 0)
    return create_run(folder / "harness.rag-run", Manifest(design, "", max(16, 4 * concurrency), {}))


def _contexts(store: RunStore, endpoint: Endpoint, model: str) -> ArmContexts:
    dataset = generate(f"needle(passages=3, examples={store.manifest.examples}, words=40)")
    extra = {"ignore_eos": True, "cache_salt": uuid4().hex}
    sampling = Sampling(temperature=0.0, max_tokens=TOKENS)
    answerer = EndpointAnswerer(endpoint, model, sampling=sampling, extra=extra)
    answerer.probes.thinks  # noqa: B018  found out once for a server, not once for a round
    contexts = ArmContexts(store.manifest.design, {model: answerer})
    freeze_missing(
        store,
        dataset,
        Source(),
        collection=None,
        contexts=contexts,
        progress=lambda done, total: None,  # noqa: ARG005
    )
    return contexts


def _prompts(store: RunStore, contexts: ArmContexts) -> Sequence[str]:
    """What the run will send."""
    [arm] = store.manifest.design.arms
    prompts = []
    for example in store.examples():
        context = contexts.made(store, example, [arm])[arm.name]
        assert not isinstance(context, str)  # noqa: S101
        prompts.append(prompt_of(example.question, Task(arm, 0, context)).messages[0].content)
    return prompts


def _ours(store: RunStore, contexts: ArmContexts, concurrency: int) -> float:
    started = time.perf_counter()
    asyncio.run(run_trials(work_of(store, contexts), store, lanes=concurrency))
    seconds = time.perf_counter() - started
    failed = [trial.error for trial in store.trials() if trial.finish == "failed"]
    if failed:
        raise SystemExit(f"{len(failed)} trials failed: {failed[0]}")
    return seconds


def _arguments() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", required=True, help="of a vLLM server that serves one model")
    parser.add_argument("--vllm-python", required=True, help="the interpreter of vLLM's environment")
    parser.add_argument("--tokenizer", help="folder or hub id of the model's tokenizer; default: the served name")
    parser.add_argument("--repeats", type=int, default=3, help="rounds (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
