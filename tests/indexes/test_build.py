import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from indexes.build import build_index, merge_roots
from indexes.errors import IndexBusyError, IndexDamagedError, IndexMismatchError, IndexMissingError, RequestError
from indexes.generation import writing
from indexes.index import Index
from indexes.manifest import read_manifest, verify
from indexes.passages import Passage
from indexes.ranking import rank
from indexes.recipe import Recipe
from indexes.report import BuildReport
from tests.indexes.collection import HASHING, PAGES, write


def counts(report: BuildReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.removed, report.unchanged


def content(folder: Path, cache: Path) -> list[Passage]:
    with Index(folder, cache=cache) as index:
        return list(index.all_passages())


class Stages:
    """Records what a build reports of its progress."""

    def __init__(self) -> None:
        self.embedded = 0

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage == "embedding":
            self.embedded = total


def test_first_build_counts_documents_and_passages(folder: Path, docs: Path, cache: Path) -> None:
    passages = content(folder, cache)
    assert [passage.source for passage in passages] == [
        "birds.txt",
        "guide/france.md",
        "guide/france.md",
        "guide/germany.md",
    ]
    assert read_manifest(folder).documents == 3
    assert read_manifest(folder).passages == 4
    for passage in passages:
        assert (docs / passage.source).read_text()[passage.start : passage.end] == passage.text


def test_passages_know_their_line_heading_and_title(folder: Path, cache: Path) -> None:
    food = content(folder, cache)[2]
    assert (food.line, food.heading, food.title) == (5, "France > Food", "France")


def test_second_run_does_nothing(folder: Path, cache: Path) -> None:
    before = (folder / "manifest.json").read_bytes()
    report = build_index(folder, cache=cache)
    assert counts(report) == (0, 0, 0, 3)
    assert (folder / "manifest.json").read_bytes() == before


def test_refresh_embeds_only_what_changed(folder: Path, docs: Path, cache: Path) -> None:
    write(
        docs,
        {"birds.txt": "Ravens are black birds. They remember faces.\nOwls sleep by day.\n", "new.txt": "A new page."},
    )
    (docs / "guide/germany.md").unlink()
    stages = Stages()
    report = build_index(folder, cache=cache, progress=stages)
    assert counts(report) == (1, 1, 1, 1)
    assert stages.embedded == 2
    assert {passage.source for passage in content(folder, cache)} == {"birds.txt", "guide/france.md", "new.txt"}


def test_refreshed_index_equals_one_built_anew(folder: Path, docs: Path, cache: Path, tmp_path: Path) -> None:
    write(docs, {"a.txt": "First page.", "birds.txt": "Only owls."})
    build_index(folder, cache=cache)
    build_index(tmp_path / "anew", [docs], cache=cache, recipe=HASHING)
    assert content(folder, cache) == content(tmp_path / "anew", cache)


def test_renamed_file_is_not_embedded_again(folder: Path, docs: Path, cache: Path) -> None:
    (docs / "guide/france.md").rename(docs / "guide/la-france.md")
    stages = Stages()
    report = build_index(folder, cache=cache, progress=stages)
    assert counts(report) == (1, 0, 1, 2)
    assert stages.embedded == 0


def test_repeated_passages_are_embedded_once_and_have_ids_of_their_own(tmp_path: Path, cache: Path) -> None:
    write(tmp_path / "docs", {"a.txt": "The same words.", "b.txt": "The same words."})
    stages = Stages()
    build_index(tmp_path / "index", [tmp_path / "docs"], cache=cache, recipe=HASHING, progress=stages)
    ids = [passage.id for passage in content(tmp_path / "index", cache)]
    assert len(set(ids)) == 2
    assert stages.embedded <= 2  # the title, which is the file's name, may be embedded with the text


def test_touched_file_is_unchanged(folder: Path, docs: Path, cache: Path) -> None:
    os.utime(docs / "birds.txt")
    stages = Stages()
    assert counts(build_index(folder, cache=cache, progress=stages)) == (0, 0, 0, 3)
    assert stages.embedded == 0


def test_change_within_the_clock_tick_of_the_build_is_noticed(tmp_path: Path, cache: Path) -> None:
    write(tmp_path / "docs", {"a.txt": "Old words."}, age_s=-5)  # its time can still be that of a later write
    build_index(tmp_path / "index", [tmp_path / "docs"], cache=cache, recipe=HASHING)
    stat = (tmp_path / "docs/a.txt").stat()
    (tmp_path / "docs/a.txt").write_text("New words.")
    os.utime(tmp_path / "docs/a.txt", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert counts(build_index(tmp_path / "index", cache=cache)) == (0, 1, 0, 0)


def test_roots_are_added(folder: Path, tmp_path: Path, cache: Path) -> None:
    write(tmp_path / "more", {"extra.txt": "An extra page."})
    assert counts(build_index(folder, [tmp_path / "more"], cache=cache)) == (1, 0, 0, 3)
    assert counts(build_index(folder, cache=cache)) == (0, 0, 0, 4)


def test_anew_replaces_the_roots(folder: Path, tmp_path: Path, cache: Path) -> None:
    write(tmp_path / "more", {"extra.txt": "An extra page."})
    report = build_index(folder, [tmp_path / "more"], cache=cache, recipe=HASHING, anew=True)
    assert counts(report) == (1, 0, 3, 0)


def test_anew_without_paths_keeps_the_roots(folder: Path, cache: Path) -> None:
    recipe = Recipe(embedder="hashing", passage_tokens=16)
    report = build_index(folder, cache=cache, recipe=recipe, anew=True)
    assert report.documents == 3
    assert read_manifest(folder).passage_tokens == 16


def test_root_inside_another_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="lies inside"):
        merge_roots([tmp_path], [tmp_path / "docs"])


def test_vanished_root_is_refused_and_nothing_is_lost(folder: Path, docs: Path, cache: Path) -> None:
    shutil.move(docs, docs.with_name("unmounted"))
    with pytest.raises(RequestError, match=r"is not there.*--allow-empty"):
        build_index(folder, cache=cache)
    assert len(content(folder, cache)) == 4


def test_emptied_root_is_refused_unless_allowed(folder: Path, docs: Path, cache: Path) -> None:
    shutil.rmtree(docs)
    docs.mkdir()
    with pytest.raises(RequestError, match=r"is empty now.*--allow-empty"):
        build_index(folder, cache=cache)
    report = build_index(folder, cache=cache, allow_empty=True)
    assert counts(report) == (0, 0, 3, 0)
    with Index(folder, cache=cache) as index:
        assert rank(index, "capital").passages == ()


def test_folder_that_cannot_be_listed_any_more_is_not_taken_for_deleted(folder: Path, docs: Path, cache: Path) -> None:
    shutil.move(docs / "guide", docs.with_name("elsewhere"))
    (docs / "guide").symlink_to(docs / "guide")  # unreadable for root too, unlike a folder without permissions
    with pytest.raises(RequestError, match=r"'.*guide' held documents and cannot be read.*--allow-empty"):
        build_index(folder, cache=cache)


def test_missing_path_is_refused_before_anything_is_written(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(RequestError, match="no such file or folder"):
        build_index(tmp_path / "index", [tmp_path / "nowhere"], cache=cache)
    assert not (tmp_path / "index").exists()


def test_empty_folder_is_refused(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "docs").mkdir()
    with pytest.raises(RequestError, match="no files to index"):
        build_index(tmp_path / "index", [tmp_path / "docs"], cache=cache, recipe=HASHING)


def test_refresh_of_an_index_that_is_not_there_is_refused(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(IndexMissingError, match="rag index PATH"):
        build_index(tmp_path / "index", cache=cache)


def test_unreadable_files_are_skipped_by_name_and_the_rest_is_indexed(tmp_path: Path, cache: Path) -> None:
    write(tmp_path / "docs", PAGES)
    (tmp_path / "docs/bad.pdf").write_bytes(b"%PDF-1.4 no")
    (tmp_path / "docs/data.bin").write_bytes(b"\0\1\2" * 100)
    (tmp_path / "docs/empty.txt").write_bytes(b"")
    report = build_index(tmp_path / "index", [tmp_path / "docs"], cache=cache, recipe=HASHING)
    assert report.documents == 3
    assert [skipped.path for skipped in report.skipped] == ["bad.pdf", "data.bin", "empty.txt"]
    again = build_index(tmp_path / "index", cache=cache)
    assert [skipped.path for skipped in again.skipped] == ["bad.pdf", "data.bin", "empty.txt"]


@pytest.mark.parametrize("recipe", [Recipe(embedder="sentence-transformers/other"), Recipe(passage_tokens=32)])
def test_other_embedder_or_cutting_is_refused_with_the_remedy(folder: Path, cache: Path, recipe: Recipe) -> None:
    with pytest.raises(IndexMismatchError, match="--replace"):
        build_index(folder, cache=cache, recipe=recipe)


def test_factory_is_kept_on_refresh_and_can_be_changed(folder: Path, docs: Path, cache: Path) -> None:
    build_index(folder, cache=cache, recipe=Recipe(factory="HNSW16"))
    assert read_manifest(folder).vectors.factory == "HNSW16"
    write(docs, {"new.txt": "A new page."})
    build_index(folder, cache=cache)
    assert read_manifest(folder).vectors.factory == "HNSW16"


def test_bad_factory_is_refused_and_the_index_stays(folder: Path, cache: Path) -> None:
    with pytest.raises(RequestError, match="--factory 'Nonsense'"):
        build_index(folder, cache=cache, recipe=Recipe(factory="Nonsense"))
    verify(folder)
    assert len(list(folder.glob("generation-*"))) == 1


def test_second_writer_fails_with_a_clear_message(folder: Path, cache: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from indexes.generation import writing
with writing(Path({str(folder)!r})):
    print("locked", flush=True)
    sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        with pytest.raises(IndexBusyError, match="being written by another process"):
            build_index(folder, cache=cache)
        other.kill()
    build_index(folder, cache=cache)


def test_reader_is_not_disturbed_by_a_build(folder: Path, docs: Path, cache: Path) -> None:
    with Index(folder, cache=cache) as index:
        write(docs, {"birds.txt": "Now about fish."})
        build_index(folder, cache=cache)
        assert rank(index, "ravens", mode="lexical").passages[0].passage.source == "birds.txt"
        assert rank(index, "ravens", mode="dense").passages


def test_interrupted_build_continues_from_the_vectors_already_computed(tmp_path: Path, cache: Path) -> None:
    write(tmp_path / "docs", {f"{n}.txt": f"Page {n} about topic{n}." for n in range(700)})

    def interrupt(stage: str, done: int, total: int) -> None:
        if stage == "embedding" and done > 512:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(tmp_path / "index", [tmp_path / "docs"], cache=cache, recipe=HASHING, progress=interrupt)
    stages = Stages()
    build_index(tmp_path / "index", [tmp_path / "docs"], cache=cache, recipe=HASHING, progress=stages)
    assert stages.embedded == 700 - 512


def test_kill_at_any_moment_leaves_a_usable_index(tmp_path: Path, cache: Path) -> None:
    """Each round changes every file, starts a build and kills it; the index must stay whole, old or new."""
    docs, folder = tmp_path / "docs", tmp_path / "index"
    write(docs, {f"{n}.txt": f"Round 0 of page {n}." for n in range(300)})
    build_index(folder, [docs], cache=cache, recipe=HASHING)
    script = (
        "from pathlib import Path; from indexes.build import build_index; import faiss, bm25s; print(flush=True);"
        f"build_index(Path({str(folder)!r}), cache=Path({str(cache)!r}))"
    )
    moments = random.Random(7)
    whole = 0
    for round_ in range(1, 9):
        write(docs, {f"{n}.txt": f"Round {round_} of page {n}." for n in range(300)})
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()  # all is imported: what follows is the build
            time.sleep(moments.uniform(0, 0.6))
            process.send_signal(signal.SIGKILL)
        verify(folder)
        texts = {passage.text.split(" of")[0] for passage in content(folder, cache)}
        assert len(texts) == 1
        whole += texts == {f"Round {round_}"}
    report = build_index(folder, cache=cache)
    assert report.documents == 300
    assert {p.text.split(" of")[0] for p in content(folder, cache)} == {"Round 8"}
    assert len(list(folder.glob("generation-*"))) <= 2
    assert whole < 8  # else the builds were faster than the killing, and nothing was tested


def test_damaged_file_is_found_and_anew_repairs(folder: Path, cache: Path) -> None:
    generation = folder / read_manifest(folder).generation
    (generation / "vectors.faiss").write_bytes(b"broken")
    (generation / "text.utf8").unlink()
    with pytest.raises(IndexDamagedError, match=r"text.utf8 is missing, vectors.faiss has changed"):
        verify(folder)
    build_index(folder, cache=cache, recipe=HASHING, anew=True)
    verify(folder)


def test_damaged_manifest_is_refused(folder: Path, cache: Path) -> None:
    (folder / "manifest.json").write_text("{")
    with pytest.raises(IndexDamagedError, match="--replace"):
        build_index(folder, cache=cache)


def test_unwritable_place_is_refused_and_the_index_stays(folder: Path, docs: Path, cache: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(RequestError, match="cannot write index"):
        build_index(tmp_path / "file" / "index", [docs], cache=cache, recipe=HASHING)


def test_disk_that_fills_loses_nothing(folder: Path, docs: Path, cache: Path) -> None:
    """A limit on the size of files stands for a full disk: writes fail in the middle of the build."""
    write(docs, {f"{n}.txt": f"Page {n} is about topic {n}. " * 20 for n in range(300)})
    script = f"""
import resource
from pathlib import Path
from indexes.build import build_index
from indexes.errors import RequestError
import faiss, bm25s
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    build_index(Path({str(folder)!r}), cache=Path({str(cache)!r}))
except RequestError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "cannot write index 'docs'" in done.stdout, done.stderr
    verify(folder)
    assert len(content(folder, cache)) == 4
    assert build_index(folder, cache=cache).documents == 303


def test_no_pickle_in_any_file(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            assert not path.read_bytes().startswith(b"\x80")
            assert path.suffix not in (".pkl", ".pickle")


def test_refresh_of_unchanged_files_reads_none_and_loads_no_model(tmp_path: Path, cache: Path) -> None:
    write(tmp_path / "docs", {f"{n}.txt": f"Page {n}." for n in range(1000)})
    build_index(tmp_path / "index", [tmp_path / "docs"], cache=cache, recipe=HASHING)
    script = f"""
import sys
from pathlib import Path
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from indexes.build import build_index
report = build_index(Path({str(tmp_path / "index")!r}), cache=Path({str(cache)!r}))
assert report.unchanged == 1000, report
assert not [name for name in opened if "/docs/" in name], opened
heavy = {{"faiss", "torch", "sentence_transformers", "onnxruntime", "bm25s", "tokenizers"}} & set(sys.modules)
assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_writing_is_released_after_an_error(folder: Path) -> None:
    with pytest.raises(ValueError, match="mine"), writing(folder):
        raise ValueError("mine")
    with writing(folder):
        pass
