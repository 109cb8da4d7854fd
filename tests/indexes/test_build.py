import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
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
    roots = [tmp_path / "first", tmp_path / "second"]
    for root in roots:  # the same name, for it is the title, which is embedded with the text
        write(root, {"a.txt": "The same words."})
    stages = Stages()
    build_index(tmp_path / "index", roots, cache=cache, recipe=HASHING, progress=stages)
    ids = [passage.id for passage in content(tmp_path / "index", cache)]
    assert len(set(ids)) == len(ids) == 2
    assert stages.embedded == 1


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


def test_root_whose_documents_were_dropped_is_no_obstacle_later(folder: Path, docs: Path, cache: Path) -> None:
    write(docs.with_name("more"), {"extra.txt": "An extra page."})
    build_index(folder, [docs.with_name("more")], cache=cache)
    shutil.rmtree(docs)
    assert counts(build_index(folder, cache=cache, allow_empty=True)) == (0, 0, 3, 1)
    assert counts(build_index(folder, cache=cache)) == (0, 0, 0, 1)
    write(docs, {"back.txt": "The disk is back."})
    assert counts(build_index(folder, cache=cache)) == (1, 0, 0, 1)


def test_anew_refuses_a_vanished_or_emptied_root_that_stays_one(folder: Path, docs: Path, cache: Path) -> None:
    write(docs.with_name("more"), {"extra.txt": "An extra page."})
    build_index(folder, [docs.with_name("more")], cache=cache)
    shutil.rmtree(docs)
    with pytest.raises(RequestError, match=r"is not there.*--allow-empty"):
        build_index(folder, cache=cache, recipe=HASHING, anew=True)
    docs.mkdir()
    with pytest.raises(RequestError, match=r"is empty now.*--allow-empty"):
        build_index(folder, cache=cache, recipe=HASHING, anew=True)
    assert counts(build_index(folder, cache=cache, recipe=HASHING, anew=True, allow_empty=True)) == (0, 0, 3, 1)


def test_anew_with_other_roots_asks_nothing_of_the_old_ones(folder: Path, docs: Path, cache: Path) -> None:
    write(docs.with_name("more"), {"extra.txt": "An extra page."})
    shutil.rmtree(docs)
    report = build_index(folder, [docs.with_name("more")], cache=cache, recipe=HASHING, anew=True)
    assert counts(report) == (1, 0, 3, 0)


def test_folder_that_cannot_be_listed_any_more_is_not_taken_for_deleted(folder: Path, docs: Path, cache: Path) -> None:
    shutil.move(docs / "guide", docs.with_name("elsewhere"))
    (docs / "guide").symlink_to(docs / "guide")  # unreadable for root too, unlike a folder without permissions
    with pytest.raises(RequestError, match=r"'.*guide' held documents and cannot be read.*--allow-empty"):
        build_index(folder, cache=cache)


def test_missing_path_is_refused_before_anything_is_written(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(RequestError, match="no such file or folder"):
        build_index(tmp_path / "index", [tmp_path / "nowhere"], cache=cache)
    assert not (tmp_path / "index").exists()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file names are text there")
def test_root_whose_name_is_not_utf8_is_refused_before_anything_is_written(tmp_path: Path, cache: Path) -> None:
    root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    write(root, {"a.txt": "A page."})
    with pytest.raises(RequestError, match=r"caf.*not UTF-8; rename it") as refused:
        build_index(tmp_path / "index", [root], cache=cache, recipe=HASHING)
    assert str(refused.value).encode().count(b"\n") == 0
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


KILLED_BUILD = """
import sys
from pathlib import Path
from indexes.build import build_index
import faiss, bm25s
folder, cache, moment = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
def stop(stage, done, total):
    if moment == f"{stage} {done}":
        print(flush=True)
        sys.stdin.read()
if moment == "any":
    print(flush=True)
build_index(folder, cache=cache, progress=stop)
"""


def killed_build(folder: Path, cache: Path, moment: str, *, after_s: float = 0) -> None:
    """Refreshes in a process that is killed when its progress comes to `moment`, or `after_s` after its start."""
    command = [sys.executable, "-c", KILLED_BUILD, str(folder), str(cache), moment]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n", f"the build never came to {moment!r}"
        time.sleep(after_s)
        process.send_signal(signal.SIGKILL)


def test_kill_at_any_moment_leaves_a_usable_index(tmp_path: Path, cache: Path) -> None:
    """Each round changes every file and kills a build: at a named moment before the swap, or at any."""
    docs, folder = tmp_path / "docs", tmp_path / "index"
    write(docs, {f"{n}.txt": f"Round 0 of page {n}." for n in range(300)})
    build_index(folder, [docs], cache=cache, recipe=HASHING)
    stages = ("reading 0", "reading 150", "reading 300", "loading the model 0", "embedding 0")
    named = (*stages, "embedding 300", "writing 0", "writing 1", "writing 2")
    chance = random.Random(7)
    moments = [(moment, 0.0) for moment in named] + [("any", chance.uniform(0, 0.6)) for _ in range(2)]
    for round_, (moment, after_s) in enumerate(moments, start=1):
        write(docs, {f"{n}.txt": f"Round {round_} of page {n}." for n in range(300)})
        killed_build(folder, cache, moment, after_s=after_s)
        verify(folder)
        texts = {passage.text.split(" of")[0] for passage in content(folder, cache)}
        assert texts == {"Round 0"} if moment in named else len(texts) == 1, moment
    assert build_index(folder, cache=cache).documents == 300
    assert {p.text.split(" of")[0] for p in content(folder, cache)} == {f"Round {len(moments)}"}
    assert len(list(folder.glob("generation-*"))) <= 2


def test_what_a_killed_build_left_goes_with_the_next_though_nothing_changed(
    folder: Path, docs: Path, cache: Path
) -> None:
    before = (docs / "birds.txt").read_text()
    write(docs, {"birds.txt": "Now about fish."})
    killed_build(folder, cache, "writing 0")
    assert len(list(folder.glob("generation-*"))) == 2
    write(docs, {"birds.txt": before})
    os.utime(docs / "birds.txt", (0, 0))
    build_index(folder, cache=cache)
    build_index(folder, cache=cache)
    assert [path.name for path in folder.glob("generation-*")] == [read_manifest(folder).generation]


def test_everything_is_on_disk_before_the_manifest_points_to_it(
    folder: Path, docs: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def record(handle: int) -> None:
        synced.append(os.fstat(handle).st_ino)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", record)
    write(docs, {"new.txt": "A new page."})
    build_index(folder, cache=cache)
    generation = folder / read_manifest(folder).generation
    before = synced[: synced.index((folder / "manifest.json").stat().st_ino)]
    assert {path.stat().st_ino for path in (generation, *generation.rglob("*"))} <= set(before)


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


def test_damaged_manifest_and_no_path_asks_for_the_paths(folder: Path, docs: Path, cache: Path) -> None:
    (folder / "manifest.json").write_text("{")
    with pytest.raises(IndexDamagedError, match=r"roots are not known.*rag index PATH"):
        build_index(folder, cache=cache, recipe=HASHING, anew=True)
    assert build_index(folder, [docs], cache=cache, recipe=HASHING, anew=True).documents == 3


def damage_tables(folder: Path, how: str) -> None:
    """Deletes the tables of an index, makes them something else, or scribbles over all but their first page."""
    tables = folder / read_manifest(folder).generation / "store.sqlite"
    size = tables.stat().st_size
    if how == "missing":
        tables.unlink()
    elif how == "other":
        tables.write_bytes(b"no database"[:size].ljust(size))
    else:
        with tables.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (size - 4096))


@pytest.mark.parametrize("how", ["missing", "other", "scribbled"])
@pytest.mark.parametrize("changed", [False, True])
def test_damaged_tables_are_refused_and_anew_repairs(
    folder: Path, docs: Path, cache: Path, how: str, changed: bool
) -> None:
    damage_tables(folder, how)
    if changed:
        write(docs, {"new.txt": "A new page."})
    with pytest.raises(IndexDamagedError, match="rag index --name docs --replace"):
        build_index(folder, cache=cache)
    report = build_index(folder, cache=cache, recipe=HASHING, anew=True)
    assert report.documents == 3 + changed
    verify(folder)
    assert build_index(folder, cache=cache).unchanged == report.documents


def test_damage_that_shows_only_while_copying_is_refused(folder: Path, docs: Path, cache: Path) -> None:
    """Only the pages of the passages are scribbled over, which a refresh reads late."""
    tables = folder / read_manifest(folder).generation / "store.sqlite"
    with closing(sqlite3.connect(tables)) as database:
        [(page,)] = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'passages'")
    with tables.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    write(docs, {"new.txt": "A new page."})
    with pytest.raises(IndexDamagedError, match="rag index --name docs --replace"):
        build_index(folder, cache=cache)
    assert build_index(folder, cache=cache, recipe=HASHING, anew=True).documents == 4


def test_unwritable_place_is_refused(docs: Path, cache: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(RequestError, match="cannot write index"):
        build_index(tmp_path / "file" / "index", [docs], cache=cache, recipe=HASHING)


def test_index_that_cannot_be_written_stays_as_it_is(folder: Path, docs: Path, cache: Path) -> None:
    before = content(folder, cache)
    write(docs, {"new.txt": "A new page."})
    (folder / "lock").unlink(missing_ok=True)
    (folder / "lock").mkdir()  # stands for a folder without permissions, which would not stop root
    with pytest.raises(RequestError, match="cannot write index 'docs'"):
        build_index(folder, cache=cache)
    verify(folder)
    assert content(folder, cache) == before


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


def test_every_file_is_of_a_kind_that_runs_no_code(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_dir() or path.name == "lock":
            continue
        if path.suffix == ".npy":
            np.load(path, allow_pickle=False)
        elif path.suffix == ".json":
            json.loads(path.read_bytes())
        elif path.suffix == ".utf8":
            path.read_text(encoding="utf-8")
        else:
            magic = {".sqlite": b"SQLite format 3\0", ".faiss": b"IxF"}[path.suffix]
            assert path.read_bytes().startswith(magic)


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
