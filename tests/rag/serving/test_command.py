import os
import shlex
import subprocess

import pytest

from indexes.errors import RequestError
from rag.models.catalogue import models
from rag.serving.command import Command, Wanted, command_for, environment_of, shell_line
from rag.serving.installed import PINNED, Installed
from rag.serving.target import Target, find_target

R1 = find_target("r1-qwen-7b", models())
FOLDER = Target("/models/mine", ("mine",), None)


def flags(
    target: Target = R1,
    version: str = PINNED,
    *,
    cpu: bool = False,
    bfloat16: bool = True,
    wanted: Wanted | None = None,
) -> list[str]:
    vllm = Installed("/env/bin/python", version, cpu)
    return list(command_for(target, wanted or Wanted(), vllm, bfloat16=bfloat16).arguments)


def value(arguments: list[str], flag: str) -> str | None:
    return arguments[arguments.index(flag) + 1] if flag in arguments else None


def test_the_pinned_version_gets_all_that_a_reasoning_model_needs() -> None:
    assert flags() == [
        *("/env/bin/python", "-m", "vllm.entrypoints.openai.api_server"),
        *("--model", "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B"),
        *("--served-model-name", "r1-qwen-7b", "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B"),
        *("--host", "127.0.0.1", "--port", "8000", "--max-model-len", "auto", "--reasoning-parser", "deepseek_r1"),
        *("--enable-prefix-caching", "--enable-prompt-tokens-details"),
    ]


@pytest.mark.parametrize(
    ("version", "enable", "configured", "context"),
    [
        ("0.7.3", True, False, "32768"),
        ("0.8.5.post1", True, False, "32768"),
        ("0.9.0", False, False, "32768"),
        ("0.13.0", False, False, "32768"),
        ("0.14.0", False, False, "auto"),
        ("0.18.0", False, False, "auto"),
        ("0.19.1", False, True, "auto"),
        ("0.25.2+cu129", False, True, "auto"),
        ("0.26.0", False, False, "auto"),
        ("0.32.0", False, False, "auto"),
        ("1.2.0", False, False, "auto"),
        ("0.1.dev1+gabcdef", False, False, "auto"),
    ],
)
def test_each_version_gets_the_flags_that_it_knows(version: str, enable: bool, configured: bool, context: str) -> None:
    found = flags(version=version)
    assert ("--enable-reasoning" in found) == enable
    assert ("--reasoning-config" in found) == configured
    assert value(found, "--max-model-len") == context
    assert value(found, "--reasoning-parser") == "deepseek_r1"


def test_a_version_that_cannot_read_thinking_is_refused() -> None:
    with pytest.raises(RequestError, match=r"vLLM 0\.6\.6 is too old .* 0\.7 or newer"):
        flags(version="0.6.6")


def test_a_model_that_does_not_think_gets_no_parser() -> None:
    found = flags(find_target("qwen-7b", models()), version="0.8.0")
    assert not [flag for flag in found if "reasoning" in flag]


def test_the_build_for_processors_gets_what_is_fast_there() -> None:
    emulated, native = flags(cpu=True, bfloat16=False), flags(cpu=True, bfloat16=True)
    assert value(emulated, "--dtype") == "float32"
    assert "--dtype" not in native
    assert "--enforce-eager" in native
    assert value(native, "--max-model-len") == "32768"
    assert "--max-model-len" not in flags(FOLDER, cpu=True)
    assert "--enforce-eager" not in flags()


def test_sizes_are_passed_on_and_further_flags_come_last() -> None:
    wanted = Wanted(
        host="0.0.0.0",  # noqa: S104
        port=8123,
        context=4096,
        gpu_memory_share=0.5,
        tensor_parallel=2,
        data_parallel=3,
        pipeline_parallel=4,
        flags=("--seed", "7", "--reasoning-parser=mine"),
    )
    found = flags(wanted=wanted)
    assert [value(found, f"--{name}-parallel-size") for name in ("tensor", "data", "pipeline")] == ["2", "3", "4"]
    assert [value(found, f"--{name}") for name in ("host", "port", "max-model-len", "gpu-memory-utilization")] == [
        *("0.0.0.0", "8123", "4096", "0.5"),  # noqa: S104
    ]
    assert found[-3:] == ["--seed", "7", "--reasoning-parser=mine"]


@pytest.mark.parametrize(
    "wanted", [{"port": 0}, {"port": 65536}, {"context": 0}, {"gpu_memory_share": 1.1}, {"tensor_parallel": -1}]
)
def test_what_no_server_can_do_is_refused(wanted: dict[str, int]) -> None:
    with pytest.raises(RequestError, match=next(iter(wanted)).replace("_", "-")):
        Wanted(**wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("flag", ["--port", "--host=::", "--served_model_name", "--api-key", "8000"])
def test_flags_by_which_the_server_is_found_cannot_be_passed_beside_ours(flag: str) -> None:
    with pytest.raises(RequestError):
        flags(wanted=Wanted(flags=(flag, "x")))


@pytest.mark.parametrize("flag", ["--ssl-keyfile", "--ssl_certfile=x", "--root-path", "--uds"])
def test_flags_with_which_rag_ask_would_not_find_the_server_are_refused(flag: str) -> None:
    with pytest.raises(RequestError, match="by plain http"):
        flags(wanted=Wanted(flags=(flag, "x")))


def test_a_folder_needs_no_hub_and_the_users_own_variables_win() -> None:
    command = command_for(FOLDER, Wanted(), Installed("/env/bin/python", PINNED, cpu=True), bfloat16=True)
    assert dict(command.environment).keys() >= {"HF_HUB_OFFLINE", "VLLM_CPU_KVCACHE_SPACE", "VLLM_NO_USAGE_STATS"}
    found = environment_of(command, {"VLLM_CPU_KVCACHE_SPACE": "40", "PATH": "/bin"})
    assert found["VLLM_CPU_KVCACHE_SPACE"] == "40"
    assert found["HF_HUB_OFFLINE"] == "1"
    assert found["PATH"] == "/env/bin:/bin"
    assert environment_of(command, {"PATH": "/bin:/env/bin"})["PATH"] == "/bin:/env/bin"


def test_the_printed_line_runs_as_the_command_does() -> None:
    program = "import os, sys; print([sys.argv[1:], os.environ['A'], os.environ['PATH'].split(':')[0]])"
    arguments = ("/usr/bin/env", "python3", "-c", program, "two words", "it's", '{"a": 1}')
    line = shell_line(Command(arguments, (("A", "$HOME;"),)), {"PATH": "/bin"})
    done = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
    )
    assert done.stdout.strip() == str([["two words", "it's", '{"a": 1}'], "$HOME;", "/usr/bin"])
    assert shlex.split(line)[-1] == '{"a": 1}'
