"""The command that starts vLLM for a model: which flags, by the version that is installed. Starts nothing."""

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from indexes.errors import RequestError
from rag.serving.installed import Installed
from rag.serving.target import Target

MODULE = "vllm.entrypoints.openai.api_server"
"""Run with ``python -m``: the command `vllm` does not start where the distribution is not called vllm."""

OLDEST = (0, 7)
"""The first version that reads a model's thinking apart."""

CONTEXT = 32768
"""Most tokens of context where vLLM cannot find out what fits: the R1 distillations think within that many."""


class _Span(NamedTuple):
    """Versions: from `since`, and before `before`."""

    since: tuple[int, ...]
    before: tuple[int, ...] | None


# What changed between versions. Whatever else is passed has been there since the oldest.
_SPANS: Mapping[str, _Span] = {
    # --reasoning-parser alone did nothing; deprecated in 0.9.0 (vLLM 17452, 18404), an unknown argument in 0.10.0
    "enable_reasoning": _Span((0, 7), (0, 9)),
    # `thinking_token_budget` came with --reasoning-config (vLLM 20859; no such flag in 0.18.0) and was ignored, later
    # refused, without it; 0.26.0 and 0.32.0 make it from the parser. That 0.19.1 to 0.25 want it is what users wrote.
    "reasoning_config": _Span((0, 19, 1), (0, 26)),
    # the longest context that the memory holds (vLLM 29431); without it vLLM ends if the model's own does not fit
    "fitting_context": _Span((0, 14), None),
}

_THINK_TAGS = frozenset({"deepseek_r1", "qwen3"})
"""Parsers of models that think between <think> and </think>."""

_REASONING_CONFIG = '{"reasoning_start_str": "<think>", "reasoning_end_str": "</think>"}'

OURS = frozenset({"--model", "--served-model-name", "--host", "--port", "--api-key"})
"""Flags by which `rag ask` finds the server, and so not to be passed to vLLM beside ours."""


UNREACHED = frozenset({"--ssl-keyfile", "--ssl-certfile", "--root-path", "--uds"})
"""Flags that move the server away from the plain http at a host and port where `rag ask` looks for it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a model is to be served; None leaves it to vLLM.

    Attributes:
        host: the address to listen at.
        port: a TCP port.
        context: most tokens of prompt and reply together; None: what fits.
        gpu_memory_share: of each GPU's memory, 0..1.
        tensor_parallel: GPUs that share each layer.
        data_parallel: copies of the model.
        pipeline_parallel: groups of GPUs that the layers are dealt out to.
        flags: further ones of vLLM's own, which win over ours.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    context: int | None = None
    gpu_memory_share: float | None = None
    tensor_parallel: int | None = None
    data_parallel: int | None = None
    pipeline_parallel: int | None = None
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises RequestError for what no server can do."""
        if not 1 <= self.port <= 65535:
            raise RequestError(f"--port must be from 1 to 65535, not {self.port}")
        if self.gpu_memory_share is not None and not 0 < self.gpu_memory_share <= 1:
            raise RequestError(f"--gpu-memory-share must be above 0 and at most 1, not {self.gpu_memory_share:g}")
        for name in ("context", "tensor_parallel", "data_parallel", "pipeline_parallel"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise RequestError(f"--{name.replace('_', '-')} must be 1 or more, not {value}")


@dataclass(frozen=True, slots=True)
class Command:
    """What starts a server.

    Attributes:
        arguments: the program and its arguments.
        environment: variables to set, by name; what the user has set is to win.
    """

    arguments: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]


def command_for(target: Target, wanted: Wanted, vllm: Installed, *, bfloat16: bool) -> Command:
    """The command that serves `target` with `vllm`.

    Args:
        target: the model.
        wanted: how it is to be served.
        vllm: which vLLM.
        bfloat16: the processor computes in it; only asked where there is no GPU.

    Raises:
        RequestError: that vLLM is too old, or one of the flags is not to be passed on.
    """
    if vllm.numbers and vllm.numbers < OLDEST:
        raise RequestError(f"vLLM {vllm.version} is too old to serve reasoning models; 0.7 or newer is needed")
    _check_flags(wanted.flags)
    arguments = [vllm.python, "-m", MODULE, "--model", target.source, "--served-model-name", *target.names]
    arguments += ["--host", wanted.host, "--port", str(wanted.port)]
    arguments += _context(target, wanted, vllm)
    arguments += _reasoning(target, vllm)
    arguments += ["--enable-prefix-caching", "--enable-prompt-tokens-details"]
    for flag, value in (
        ("--gpu-memory-utilization", wanted.gpu_memory_share),
        ("--tensor-parallel-size", wanted.tensor_parallel),
        ("--data-parallel-size", wanted.data_parallel),
        ("--pipeline-parallel-size", wanted.pipeline_parallel),
    ):
        if value is not None:
            arguments += [flag, str(value)]
    if vllm.cpu:
        arguments.append("--enforce-eager")  # compiling takes two minutes and more, and gains little there
        if not bfloat16:
            arguments += ["--dtype", "float32"]  # five times as fast where bfloat16 is emulated
    return Command((*arguments, *wanted.flags), tuple(_environment(target, vllm)))


def environment_of(command: Command, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that `command` runs with: those of `environment`, and its own where they are not set there."""
    folder = os.path.dirname(command.arguments[0])  # noqa: PTH120
    path = environment.get("PATH", os.defpath)
    if folder not in path.split(os.pathsep):
        path = f"{folder}{os.pathsep}{path}"  # vLLM starts tools of its own environment, such as ninja, by name
    return {**dict(command.environment), **environment, "PATH": path}


def shell_line(command: Command, environment: Mapping[str, str]) -> str:
    """`command` as it can be pasted into a shell or a job script.

    Args:
        command: what to print.
        environment: that it would be run in; what is set there wins.

    >>> shell_line(Command(("/env/bin/python", "a b"), (("A", "1"), ("B", "2"))), {"B": "3", "PATH": "/bin"})
    'PATH=/env/bin:"$PATH" A=1 B=3 /env/bin/python \\'a b\\''
    """
    full = environment_of(command, environment)
    variables = [f"{name}={shlex.quote(full[name])}" for name, _ in command.environment]
    if full["PATH"] != environment.get("PATH", os.defpath):
        folder = full["PATH"].partition(os.pathsep)[0]
        variables.insert(0, f'PATH={shlex.quote(folder)}:"$PATH"')
    return " ".join((*variables, shlex.join(command.arguments)))


def _has(vllm: Installed, feature: str) -> bool:
    since, before = _SPANS[feature]
    return since <= vllm.numbers and (before is None or vllm.numbers < before)


def _context(target: Target, wanted: Wanted, vllm: Installed) -> list[str]:
    if wanted.context is not None:
        return ["--max-model-len", str(wanted.context)]
    if not vllm.cpu and _has(vllm, "fitting_context"):  # on processors "auto" was reported to end at 512 tokens
        return ["--max-model-len", "auto"]
    known = target.entry.context if target.entry else None
    return ["--max-model-len", str(min(known, CONTEXT))] if known else []


def _reasoning(target: Target, vllm: Installed) -> list[str]:
    parser = target.entry.reasoning_parser if target.entry else None
    if parser is None:
        return []
    flags = ["--reasoning-parser", parser]
    if _has(vllm, "enable_reasoning"):
        flags.insert(0, "--enable-reasoning")
    if _has(vllm, "reasoning_config") and parser in _THINK_TAGS:
        flags += ["--reasoning-config", _REASONING_CONFIG]
    return flags


def _environment(target: Target, vllm: Installed) -> list[tuple[str, str]]:
    variables = [("VLLM_NO_USAGE_STATS", "1")]  # whoever serves their own documents' questions did not ask to report
    if target.is_folder:
        variables.append(("HF_HUB_OFFLINE", "1"))  # all of it is here
    if vllm.cpu:
        variables += [("VLLM_CPU_KVCACHE_SPACE", "4"), ("VLLM_CPU_NUM_OF_RESERVED_CPU", "0")]  # GiB; all cores compute
    return variables


def _check_flags(flags: Sequence[str]) -> None:
    if flags and not flags[0].startswith("-"):
        raise RequestError(f"unexpected argument {flags[0]!r}; flags for vLLM stand behind ' -- '")
    for flag in flags:
        name = flag.partition("=")[0].replace("_", "-")
        if name == "--api-key":
            raise RequestError("a key on the command line can be read by everyone on the machine; set RAG_API_KEY")
        if name in OURS:
            raise RequestError(f"{name} is set by `rag serve`, which has to know it; give MODEL, --host or --port")
        if name in UNREACHED:
            raise RequestError(
                f"`rag ask` looks for the server by plain http at --host and --port, so it would not find one with "
                f"{name}; leave that out, and put a proxy before the server for others"
            )


def computes_bfloat16(cpu_information: str) -> bool:
    """Whether the processor computes in bfloat16, by the text of ``/proc/cpuinfo``.

    >>> computes_bfloat16("flags : avx512f avx512_bf16"), computes_bfloat16("flags : avx2")
    (True, False)
    """
    return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(cpu_information.split())
