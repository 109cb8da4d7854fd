"""Our client beside vLLM's own benchmark client: the same prompts to the same server.

    .venv/bin/python -m benchmarks.vllm_client --base-url http://127.0.0.1:8000/v1 --vllm-python .venv-vllm/bin/python

Claims: requests per second at least 0.95 times those of vLLM's client at concurrency 1, 8 and 32; the first token,
counted from the request being sent, at most 30 ms later than over a bare HTTP connection. The clients take turns, each
round with a cache of its own at the server (`cache_salt`), so that none finds prompts that the other one left there.
"""

import asyncio
import json
import subprocess
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from statistics import median
from uuid import uuid4

import httpx2

from benchmarks.corpus import nq_questions
from benchmarks.measuring import table
from rag.context import Context
from rag.endpoints.answerer import EndpointAnswerer
from rag.endpoints.endpoint import Endpoint, sole_model
from rag.prompt import Message, Prompt
from rag.sampling import Sampling

CONCURRENCY = (1, 8, 32)
TOKENS = 32
NOTHING = Context((), "best_first", 0, "none")
THEIRS = "import argparse; from vllm.benchmarks.serve import add_cli_args, main; \
p = argparse.ArgumentParser(); add_cli_args(p); main(p.parse_args())"


def main() -> None:
    """Measures and prints the two tables."""
    given = _arguments()
    endpoint = Endpoint(given.base_url, timeout=600)
    model = sole_model(endpoint)
    prompts = [f"{question.text} Answer at length." for question in nq_questions(given.data)[:128]]
    _throughput(given, endpoint, model, prompts)
    _first_token(given, endpoint, model, prompts[:20])


def _throughput(given: Namespace, endpoint: Endpoint, model: str, prompts: Sequence[str]) -> None:
    rows = []
    for concurrency in CONCURRENCY:
        asked = prompts[: max(16, 4 * concurrency)]
        ours, theirs = [], []
        for _ in range(given.repeats):
            ours.append(asyncio.run(_ours(endpoint, model, asked, concurrency)))
            theirs.append(their_requests(given, endpoint, model, asked, concurrency, temperature=0.6))
        ratio = median(mine / other for mine, other in zip(ours, theirs, strict=True))
        rows.append((str(concurrency), f"{median(ours):.2f}", f"{median(theirs):.2f}", f"{ratio:.2f}"))
    table(f"Requests per second, {TOKENS} tokens each", ("at once", "ours", "vLLM's client", "ratio"), rows)


async def _ours(endpoint: Endpoint, model: str, prompts: Sequence[str], concurrency: int) -> float:
    answerer = _answerer(endpoint, model)
    places = asyncio.Semaphore(concurrency)

    async def ask(prompt: str) -> None:
        async with places, aclosing(answerer.reply(_prompt(prompt), NOTHING)) as items:
            async for _ in items:
                pass

    answerer.probes.thinks  # noqa: B018  found out once for a server, not once for a round
    started = time.perf_counter()
    await asyncio.gather(*(ask(prompt) for prompt in prompts))
    return len(prompts) / (time.perf_counter() - started)


def their_requests(
    given: Namespace, endpoint: Endpoint, model: str, prompts: Sequence[str], concurrency: int, *, temperature: float
) -> float:
    """Requests per second through vLLM's benchmark client.

    Raises:
        SystemExit: it failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "prompts.jsonl"
        data.write_text("".join(json.dumps({"prompt": prompt}) + "\n" for prompt in prompts))
        command = [
            given.vllm_python, "-c", THEIRS, "--backend", "openai-chat", "--endpoint", "/v1/chat/completions",
            "--base-url", endpoint.root.base_url, "--model", model, "--tokenizer", given.tokenizer or model,
            "--dataset-name", "custom", "--dataset-path", str(data), "--skip-chat-template", "--disable-shuffle",
            "--custom-output-len", str(TOKENS), "--num-prompts", str(len(prompts)), "--ignore-eos",
            "--max-concurrency", str(concurrency), "--temperature", str(temperature),
            "--top-p", "0.95", "--disable-tqdm", "--ready-check-timeout-sec", "0",
            "--extra-body", json.dumps({"cache_salt": uuid4().hex, "seed": 0}),
            "--save-result", "--result-dir", folder, "--result-filename", "result.json",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"vLLM's client ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return float(json.loads((Path(folder) / "result.json").read_text())["request_throughput"])


def _first_token(given: Namespace, endpoint: Endpoint, model: str, prompts: Sequence[str]) -> None:
    later = []
    for _ in range(given.repeats):
        for prompt in prompts:
            raw = _raw_first(endpoint, model, prompt)
            later.append((asyncio.run(_our_first(endpoint, model, prompt)) - raw) * 1000)
    table("First token, ms later than raw", ("requests", "median"), [(str(len(later)), f"{median(later):.1f}")])


def _raw_first(endpoint: Endpoint, model: str, prompt: str) -> float:
    body = {"model": model, "messages": [{"role": "user", "content": prompt}], "stream": True, "max_tokens": TOKENS}
    body |= {"temperature": 0.6, "top_p": 0.95, "seed": 0, "cache_salt": uuid4().hex, "ignore_eos": True}
    with httpx2.Client(timeout=600, trust_env=False) as client:
        started = time.perf_counter()
        with client.stream("POST", f"{endpoint.base_url}/chat/completions", json=body) as response:
            for line in response.iter_lines():
                delta = json.loads(line[6:])["choices"][0]["delta"] if line.startswith("data: {") else {}
                if delta.get("content") or delta.get("reasoning"):
                    return time.perf_counter() - started
    raise SystemExit("the server sent no token")


async def _our_first(endpoint: Endpoint, model: str, prompt: str) -> float:
    answerer = _answerer(endpoint, model)
    answerer.probes.thinks  # noqa: B018  found out once for a server
    async with aclosing(answerer.reply(_prompt(prompt), NOTHING)) as items:
        started = time.perf_counter()
        await anext(items)
        return time.perf_counter() - started


def _answerer(endpoint: Endpoint, model: str) -> EndpointAnswerer:
    extra = {"ignore_eos": True, "cache_salt": uuid4().hex}
    return EndpointAnswerer(endpoint, model, sampling=Sampling(max_tokens=TOKENS), extra=extra)


def _prompt(text: str) -> Prompt:
    return Prompt((Message("user", text),), text, "plain", "0" * 64)


def _arguments() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", required=True, help="of a vLLM server that serves one model")
    parser.add_argument("--vllm-python", required=True, help="the interpreter of vLLM's environment")
    parser.add_argument("--tokenizer", help="folder or hub id of the model's tokenizer; default: the served name")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with the public data sets")
    parser.add_argument("--repeats", type=int, default=3, help="rounds (default: %(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
