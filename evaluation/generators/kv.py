"""Key-value retrieval as in Lost in the Middle: which value belongs to this key?"""

from hashlib import sha256
from uuid import UUID

from evaluation.datasets.given import UNTITLED, passage_of
from evaluation.datasets.key_value import key_value_question, key_value_text
from evaluation.examples import Example
from evaluation.generators.bounds import check_size
from evaluation.generators.collection import SPARE, drawn, mixed
from evaluation.generators.registry import generator
from indexes.passages import Passage


@generator
def kv(*, keys: int = 75, examples: int = 100, seed: int = 0) -> tuple[Example, ...]:
    """Examples with `keys` pairs each, about 55 tokens a pair; keys and values are random UUIDs.

    Raises:
        ValueError: a number is out of range.
    """
    check_size(examples, keys, name="keys")
    pool = [_passage(*_pair(seed, number)) for number in range(examples, examples + SPARE * (keys - 1))]

    def example(number: int) -> Example:
        key, value = _pair(seed, number)
        gold = _passage(key, value)
        others = drawn(pool, keys - 1, seed=seed, purpose=f"others {number}")
        passages = mixed([gold, *others], seed=seed, purpose=f"order {number}")
        return Example(key, key_value_question(key), (value,), passages, (gold.id,))

    return tuple(example(number) for number in range(examples))


def _pair(seed: int, number: int) -> tuple[str, str]:
    digest = sha256(f"{seed} pair {number}".encode()).digest()
    return str(UUID(bytes=digest[:16], version=4)), str(UUID(bytes=digest[16:], version=4))


def _passage(key: str, value: str) -> Passage:
    return passage_of(UNTITLED, "", key_value_text(key, value))
