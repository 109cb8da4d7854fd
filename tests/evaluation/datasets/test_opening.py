"""Opening files: how the format is told, and what becomes of files that are broken."""

import gzip
import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.datasets import files, open_dataset, reader
from evaluation.datasets.registry import all_readers
from indexes.errors import RequestError, UnknownNameError
from tests.evaluation.datasets.writing import LITM, MULTIDOC, QUESTION, RECORDS, write_lines, write_list, write_text


@pytest.mark.parametrize("name", RECORDS)
@pytest.mark.parametrize("file", ["a.jsonl", "a.jsonl.gz", "a.json", "a.json.gz", "list.json", "list.json.gz"])
def test_every_format_is_told_by_its_first_record_in_every_kind_of_file(tmp_path: Path, name: str, file: str) -> None:
    path = (write_list if file.startswith("list") else write_lines)(tmp_path / file, RECORDS[name])
    found = open_dataset(path)
    assert (found.format, found.name, len(found.examples)) == (name, file, 1)
    assert found.checksum == sha256(path.read_bytes()).hexdigest()
    assert found == open_dataset(path, format=name)


def test_all_registered_formats_are_tested_here() -> None:
    assert set(all_readers()) == {*RECORDS, "beir"}


def test_an_unknown_format_names_the_keys_found_and_the_known_formats(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", {"prompt": "x", "completion": "y"})
    with pytest.raises(
        RequestError, match=r"line 1: of no known format: its keys are 'prompt', 'completion'; known: .*hotpotqa"
    ):
        open_dataset(path)
    with pytest.raises(UnknownNameError, match="unknown dataset format 'hotpot'; did you mean 'hotpotqa'"):
        open_dataset(path, format="hotpot")


def test_a_format_that_does_not_fit_says_what_is_missing(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", QUESTION)
    with pytest.raises(RequestError, match="line 1: 'docs' is missing; its keys are 'id', 'question', 'answers'"):
        open_dataset(path, format="multidoc")
    with pytest.raises(RequestError, match=r"a dataset of format 'beir' is a folder or zip, .* is a file"):
        open_dataset(path, format="beir")
    with pytest.raises(RequestError, match=r"a dataset of format 'questions' is a file, .* is a folder or zip"):
        open_dataset(tmp_path, format="questions")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="there is no dataset at"):
        open_dataset(tmp_path / "absent.jsonl")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no records"),
        ("\n \n", "holds no records"),
        ("[]", "holds no records"),
        ("[ ] x", "something follows the JSON list: 'x'"),
        ('{"question": "x", "answers": []}\n\n{"question": "y", "answers": []}\n', "line 2: empty"),
        ('\n{"question": "x", "answers": []}\n', "line 1: empty"),
        ('{"question": "x", "answers": []}\n{"question": "y", ', r"line 2: not JSON: .* \(column \d+\)"),
        ('{"question": "x", "answers": []}\n["y"]\n', r"line 2: wanted a JSON object, found \['y'\]"),
        ('{"question": "x", "answers": []}\n7\n', "line 2: wanted a JSON object, found 7"),
        ('[{"question": "x", "answers": []}, 7]', "record 2: wanted a JSON object, found 7"),
        ('[{"question": "x", "answers": []} 7]', "record 1: wanted ',' or '\\]' behind it, found '7\\]'"),
        ('[{"question": "x", "answers": []},]', r"record 2: not JSON: .* \(column \d+\)"),
        ('[{"question": "x", "answers": []}', "record 1: wanted ',' or '\\]' behind it, found ''"),
        ('[\n{"question": "x", "answers": []},\n{"question"]', r"record 2: not JSON: .* \(line 3, column \d+\)"),
        ('{"question": "x", "answers": ' + "[" * 200_000 + "]" * 200_000 + "}", "line 1: not readable as JSON"),
        ('{"question": "x", "answers": [' + "9" * 5_000 + "]}", "line 1: not readable as JSON"),
    ],
)  # fmt: skip
def test_a_broken_file_says_where_and_briefly(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        open_dataset(write_text(tmp_path / "q", text))
    assert len(str(caught.value)) - len(str(tmp_path)) < 300


def test_blank_lines_at_the_end_and_a_byte_order_mark_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(QUESTION).encode() + b"\r\n\r\n  \n")
    assert [example.id for example in open_dataset(path).examples] == ["q1"]


def test_a_line_separator_within_a_text_is_no_line_end(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.jsonl", json.dumps(QUESTION | {"question": "a\u2028b\x85c"}, ensure_ascii=False))
    assert open_dataset(path).examples[0].question == "a\u2028b\x85c"


def test_half_a_surrogate_pair_is_replaced(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", MULTIDOC | {"question": "a\ud800", "docs": [
        {"title": "\udfff", "text": "x\ud800y", "gold": True}]})  # fmt: skip
    [example] = open_dataset(path).examples
    assert (example.question, example.passages[0].text, example.passages[0].source) == ("a\ufffd", "x\ufffdy", "\ufffd")


def test_what_is_not_utf8_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json.dumps(QUESTION).encode() + b'\n{"question": "\xe9t\xe9"}\n')
    with pytest.raises(RequestError, match=r"line 2: not UTF-8 \(b'\\xe9t"):
        open_dataset(path)


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: data[:20] + b"\0\xff\0" + data[23:]])
def test_a_damaged_gz_is_an_error_of_ours(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(
        damage(gzip.compress("".join(json.dumps(LITM | {"question": str(n)}) + "\n" for n in range(99)).encode()))
    )
    with pytest.raises(RequestError, match=r"a\.jsonl\.gz"):
        open_dataset(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_LINE", 1000)
    monkeypatch.setattr(files, "MAX_LIST", 5000)
    monkeypatch.setattr(files, "MAX_LINES", 5000)
    with pytest.raises(RequestError, match="line 2: more than is safe to read"):
        open_dataset(write_text(tmp_path / "a.jsonl.gz", json.dumps(QUESTION) + "\n" + "x" * 10**6))
    with pytest.raises(RequestError, match="more than is safe to read"):
        open_dataset(write_lines(tmp_path / "b.jsonl.gz", *(QUESTION | {"id": str(n)} for n in range(999))))
    with pytest.raises(RequestError, match="write it as JSON Lines"):
        open_dataset(write_list(tmp_path / "c.json.gz", *(QUESTION | {"id": str(n)} for n in range(999))))


def test_messages_stay_short_whatever_the_value(tmp_path: Path) -> None:
    for record in (QUESTION | {"answers": "x" * 10**6}, {"x" * 10**6: 1}, {f"key {n}": n for n in range(10**4)}):
        with pytest.raises(RequestError) as caught:
            open_dataset(write_lines(tmp_path / "a.jsonl", record))
        assert len(str(caught.value)) < 1200


def test_a_format_is_registered_once() -> None:
    def multidoc() -> None: ...

    with pytest.raises(RequestError, match="dataset format 'multidoc' is registered twice"):
        reader(keys=("x",))(multidoc)  # type: ignore[type-var]


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner:
    st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        [key for record in RECORDS.values() for key in record]) | st.text(), inner, max_size=6)))  # fmt: skip
def test_whatever_json_a_file_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    path = write_text(tmp_path_factory.mktemp("any") / "a.jsonl", json.dumps(value))
    try:
        found = open_dataset(path)
    except RequestError:
        return
    assert found.examples


@given(st.sampled_from(sorted(RECORDS)), st.data())
def test_a_record_with_a_field_of_another_kind_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    record = dict(RECORDS[name])
    key = data.draw(st.sampled_from(sorted(record)))
    record[key] = data.draw(
        st.sampled_from([None, True, 7, "", "x", [], ["x"], [["x", "y"]], {}, {"title": ["x"]}, [{}]])
    )
    path = write_lines(tmp_path_factory.mktemp("any") / "a.jsonl", record)
    try:
        found = open_dataset(path, format=name).examples
    except RequestError as error:
        message = str(error)
    else:
        message = f"line {len(found)}"
    assert "line 1" in message
