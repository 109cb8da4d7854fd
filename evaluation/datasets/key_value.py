"""Key-value retrieval as Lost in the Middle wrote it: ``{ordered_kv_records: [[key, value]], key, value}``."""

from evaluation.datasets.given import given
from evaluation.datasets.record import Record
from evaluation.datasets.registry import Contents, reader
from evaluation.datasets.source import Source
from evaluation.examples import Example


@reader(keys=("ordered_kv_records", "key", "value"))
def key_value(source: Source) -> Contents:
    """Each pair is a passage; the key is the example's id."""
    return source.examples(_example)


def key_value_text(key: str, value: str) -> str:
    """A pair as a passage writes it.

    >>> key_value_text("9f4a", "703a")
    '"9f4a": "703a"'
    """
    return f'"{key}": "{value}"'


def key_value_question(key: str) -> str:
    """What is asked about a pair."""
    return f'What is the value of the key "{key}"?'


def _example(record: Record) -> Example:
    key, value = record.text("key"), record.text("value")
    pairs = [_pair(record, name, item) for name, item in record.each("ordered_kv_records")]
    found = [other for name, other in pairs if name == key]
    if found != [value]:
        raise record.error(
            f"'ordered_kv_records' must hold its key once, with its value; it holds it {len(found)} times"
        )
    texts = [("", key_value_text(*pair)) for pair in pairs]
    passages, gold = given(record, texts, [name == key for name, _ in pairs])
    return Example(key, key_value_question(key), (value,), passages, gold)


def _pair(record: Record, name: str, item: object) -> tuple[str, str]:
    pair = record.typed(name, item, list, "a pair of key and value")
    if len(pair) != 2 or not all(isinstance(part, str) for part in pair):
        raise record.wrong(name, "a pair of key and value, both text", pair)
    return pair[0], pair[1]
