import json
from pathlib import Path

import pytest

from cli.settings import load_settings
from indexes.errors import RequestError, UnknownNameError


@pytest.fixture
def user_file(project: Path) -> Path:
    """Where the user's settings stand; not there yet."""
    import platformdirs

    folder = platformdirs.user_config_path("reasoning-rag")
    folder.mkdir(parents=True)
    return folder / "config.toml"


def test_without_a_word_there_are_defaults(project: Path) -> None:
    loaded = load_settings(model=None, k=None)
    assert loaded.settings.model is None
    assert (loaded.settings.k, loaded.settings.placement, loaded.settings.mode) == (10, "edges", "hybrid")
    assert loaded.settings.dir.parts[-2:] == ("reasoning-rag", "indexes")
    assert set(loaded.origins.values()) == {"default"}
    assert [file.found for file in loaded.files] == [False, False]


def test_each_source_wins_over_the_next(project: Path, user_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """k is said in four places; dropping them one by one brings up the next."""
    user_file.write_text("k = 1\nbudget = 100\n")
    assert load_settings().settings.k == 1
    (project / "rag.toml").write_text("k = 2\n")
    assert load_settings().settings.k == 2
    monkeypatch.setenv("RAG_K", "3")
    assert load_settings().settings.k == 3
    loaded = load_settings(k=4)
    assert (loaded.settings.k, loaded.settings.budget) == (4, 100)
    assert (loaded.origins["k"], loaded.origins["budget"]) == ("-k", str(user_file))


def test_the_nearest_project_file_counts(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "rag.toml").write_text("k = 2\n")
    (project / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(project / "a" / "b")
    assert load_settings().origins["k"] == str(project / "rag.toml")
    (project / "a" / "rag.toml").write_text("k = 3\n")
    assert load_settings().settings.k == 3


def test_paths_in_a_file_are_relative_to_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "rag.toml").write_text(
        'dir = "idx"\nmodel = "models/r1.gguf"\nembedder = "./minilm"\nreranker = "cross/encoder"\ncache = "~/c"\n'
    )
    (project / "a").mkdir()
    monkeypatch.chdir(project / "a")
    settings = load_settings().settings
    assert settings.dir == project / "idx"
    assert settings.model == str(project / "models" / "r1.gguf")
    assert settings.embedder == str(project / "minilm")
    assert settings.reranker == "cross/encoder"
    assert settings.cache == Path.home() / "c"


def test_paths_in_flags_are_relative_to_the_current_folder(project: Path) -> None:
    settings = load_settings(dir=Path("idx"), model="~/r1.gguf", embedder="org/name").settings
    assert settings.dir == project / "idx"
    assert settings.model == str(Path.home() / "r1.gguf")
    assert settings.embedder == "org/name"


def test_an_empty_variable_says_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_MODEL", "")
    monkeypatch.setenv("RAG_API_KEY", "")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    loaded = load_settings()
    assert (loaded.settings.model, loaded.settings.api_key) == (None, None)


def test_what_lies_in_the_environment_for_openai_selects_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("OPENAI_BASE_URL", "https://api.example.org/v1")
    settings = load_settings().settings
    assert (settings.model, settings.base_url) == (None, None)
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == "sk-1"


def test_a_key_of_ours_wins_over_openais(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    (project / "rag.toml").write_text('api_key = "sk-2"\n')
    assert load_settings().origins["api_key"] == str(project / "rag.toml")
    monkeypatch.setenv("RAG_API_KEY", "sk-3")
    assert load_settings().origins["api_key"] == "RAG_API_KEY"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("k", "0"),
        ("k", "ten"),
        ("budget", "0"),
        ("max_tokens", "-1"),
        ("timeout", "0"),
        ("timeout", "inf"),
        ("temperature", "-0.1"),
        ("temperature", "nan"),
        ("base_url", "localhost:8000"),
    ],
)
def test_a_bad_value_is_refused_with_its_place(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"RAG_{name.upper()}", value)
    with pytest.raises(RequestError, match=rf"^{name} must .*, found '{value}' \(from RAG_{name.upper()}\)$"):
        load_settings()


def test_a_bad_flag_is_named(project: Path) -> None:
    with pytest.raises(RequestError, match=r"found 0 \(from --max-tokens\)$"):
        load_settings(max_tokens=0)


def test_an_unknown_mode_gets_the_nearest(project: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'dense'.*it comes from --mode"):
        load_settings(mode="desne")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("placment = 'edges'\n", "unknown setting 'placment'; did you mean 'placement'"),
        ("[rag]\nk = 3\n", "unknown setting 'rag'"),
        ("k = '5'\n", "k must be a number, found '5'"),
        ("k = true\n", "k must be a number, found True"),
        ("k = 2.5\n", "k must be a valid integer, found 2.5"),
        ("model = 5\n", "model must be text in quotes, found 5"),
        ("model = ''\n", "model must have at least 1 character, found ''"),
        ("k = 3\nmodel =\n", r"not valid TOML: .*line 2"),
    ],
)
def test_a_bad_file_is_refused_by_name_and_key(project: Path, text: str, message: str) -> None:
    (project / "rag.toml").write_text(text)
    with pytest.raises(RequestError, match=message) as refusal:
        load_settings()
    assert str(project / "rag.toml") in str(refusal.value)


def test_a_file_that_is_not_utf8_is_refused(project: Path) -> None:
    (project / "rag.toml").write_bytes(b"model = '\xff'\n")
    with pytest.raises(RequestError, match="save them as UTF-8"):
        load_settings()


@pytest.mark.parametrize(
    ("text", "secret"), [("api_key = 12345\n", "12345"), ("base_url = 'ftp://me:pass@x/v1'\n", "pass")]
)
def test_no_error_shows_a_secret(project: Path, text: str, secret: str) -> None:
    (project / "rag.toml").write_text(text)
    with pytest.raises(RequestError) as refusal:
        load_settings()
    assert secret not in str(refusal.value)


def test_a_project_cannot_fetch_the_users_own_key(
    project: Path, user_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "rag.toml").write_text('base_url = "https://elsewhere.example/v1"\n')
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    assert load_settings().settings.api_key is None
    user_file.write_text('api_key = "sk-2"\n')
    assert load_settings().settings.api_key is None
    monkeypatch.setenv("RAG_API_KEY", "sk-3")
    key = load_settings().settings.api_key
    assert key is not None
    assert key.get_secret_value() == "sk-3"


def test_a_key_goes_to_the_endpoint_that_its_user_names(
    project: Path, user_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    key = load_settings(base_url="https://mine.example/v1").settings.api_key
    assert key is not None
    assert key.get_secret_value() == "sk-1"


def test_key_of_the_environment_stays_away_from_a_project_that_overrides_the_users_endpoint(
    project: Path, user_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_API_KEY", "sk-3")
    (project / "rag.toml").write_text('base_url = "https://elsewhere.example/v1"\n')
    assert load_settings().settings.api_key is not None
    user_file.write_text('base_url = "https://mine.example/v1"\n')
    assert load_settings().settings.api_key is None


def test_ambient_key_is_not_sent_in_the_clear(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    assert load_settings(base_url="http://far.example/v1").settings.api_key is None
    assert load_settings(base_url="http://127.0.0.1:8000/v1").settings.api_key is not None


@pytest.mark.parametrize("model", ["extractive", "smollm2", "./mine.gguf"])
def test_local_model_said_more_strongly_overrides_an_endpoint(project: Path, model: str) -> None:
    (project / "rag.toml").write_text('base_url = "http://127.0.0.1:9/v1"\nmodel = "theirs"\n')
    assert load_settings(model=model).settings.base_url is None
    assert load_settings(model="other").settings.base_url is not None
    assert load_settings(model=model, base_url="http://127.0.0.1:9/v1").settings.base_url is not None


def test_model_name_of_an_endpoint_is_no_path(project: Path) -> None:
    loaded = load_settings(model="qwen-q4.gguf", base_url="http://127.0.0.1:9/v1")
    assert loaded.settings.model == "qwen-q4.gguf"


def test_what_rag_serve_executes_may_not_be_named_by_a_project(project: Path) -> None:
    (project / "rag.toml").write_text('vllm_python = "evil.sh"\n')
    with pytest.raises(RequestError, match=r"vllm_python would be executed.* by RAG_VLLM_PYTHON, or by --vllm-python"):
        load_settings()


def test_an_interpreter_is_a_command_or_a_path(project: Path) -> None:
    assert load_settings(vllm_python="python3.12").settings.vllm_python == Path("python3.12")
    assert load_settings(vllm_python="env/bin/python").settings.vllm_python == project / "env/bin/python"


def test_a_pulled_model_said_by_a_flag_wins_over_a_configured_endpoint(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rag.folders import default_folders

    monkeypatch.setenv("RAG_BASE_URL", "http://127.0.0.1:9/v1")
    assert load_settings(model="r1-qwen-1.5b").settings.base_url == "http://127.0.0.1:9/v1"
    weights = project / "weights.gguf"
    weights.write_bytes(b"GGUF")
    folder = default_folders().data / "models"
    folder.mkdir(parents=True)
    record = {"name": "r1-qwen-1.5b", "path": str(weights), "sha256": "0" * 64, "bytes": 4, "licence": None}
    record |= {"pulled": "2026-01-01T00:00:00+00:00", "repo": "a/b", "file": "weights.gguf"}
    (folder / "r1-qwen-1.5b.json").write_text(json.dumps(record))
    assert load_settings(model="r1-qwen-1.5b").settings.base_url is None


@pytest.mark.parametrize("url", ["ftp://x", "localhost:8000"])
def test_a_url_of_another_kind_is_shown_one_that_works(project: Path, url: str) -> None:
    with pytest.raises(RequestError, match=r"base_url must look like 'http://127\.0\.0\.1:8000/v1', found"):
        load_settings(base_url=url)
