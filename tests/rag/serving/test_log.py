from pathlib import Path

from rag.serving.log import last_lines, reason

LOG = (
    "(APIServer pid=1) INFO 11-21 12:13:49 [api.py:335] loading\n"
    "Loading shards:   0%| \rLoading shards: 100%|##\n\n"
    "(EngineCore pid=2) ERROR 11-21 12:13:50 [core.py:842] Traceback (most recent call last):\n"
    '(EngineCore pid=2) ERROR 11-21 12:13:50 [core.py:842]   File "x.py", line 1, in f, which can raise OSError: no\n'
    "(EngineCore pid=2) ERROR 11-21 12:13:50 [core.py:842] torch.cuda.OutOfMemoryError: out of memory\n"
    "RuntimeError: Engine core initialization failed. See root cause above.\n"
)


def test_lines_are_shown_without_what_vllm_puts_before_them(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(LOG)
    lines = last_lines(log)
    assert lines[:2] == ("loading", "Loading shards: 100%|##")
    assert lines[-1] == "RuntimeError: Engine core initialization failed. See root cause above."


def test_the_first_error_is_the_reason_and_not_one_that_is_only_spoken_of(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(LOG)
    assert reason(last_lines(log)) == "torch.cuda.OutOfMemoryError: out of memory"
    assert reason(("api_server.py: error: unrecognized arguments: --x",)) is not None
    assert reason(("all is well",)) is None


def test_a_log_that_is_not_there_or_not_text_is_no_error(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "missing") == ()
    (tmp_path / "log").write_bytes(b"\xff\xfe" * 50_000)
    assert len(last_lines(tmp_path / "log")) == 1
