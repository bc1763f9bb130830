"""Answers of champion and shadow find each other by request."""

import random
from datetime import UTC, datetime, timedelta

from scripts.serving.agreement import Answer
from scripts.serving.captured import CapturedAnswer
from scripts.serving.pairs import Pairing, in_step

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def answer(request: int, label: int = 0, when: datetime = NOON) -> CapturedAnswer:
    return CapturedAnswer(request.to_bytes(16), when, Answer(label, 0.9))


def test_answers_pair_in_whatever_order_they_come() -> None:
    rows = [(request, shadow) for request in range(200) for shadow in (False, True)]
    random.Random(5).shuffle(rows)  # noqa: S311 - any order does
    pairing = Pairing()
    for request, shadow in rows:
        label = 1 if shadow and request % 10 == 0 else 0
        pairing.add(answer(request, label), shadow=shadow)
    pairing.end()
    assert (pairing.comparison.pairs, pairing.comparison.agreed) == (200, 180)
    assert dict(pairing.comparison.cells) == {(0, 0): 180, (0, 1): 20}
    assert (pairing.unpaired_champion, pairing.unpaired_shadow) == (0, 0)


def test_answers_without_a_partner_are_counted_by_whose_they_are() -> None:
    pairing = Pairing()
    for request in range(5):
        pairing.add(answer(request), shadow=False)
    pairing.add(answer(0), shadow=True)
    pairing.add(answer(77), shadow=True)
    pairing.end()
    assert pairing.comparison.pairs == 1
    assert (pairing.unpaired_champion, pairing.unpaired_shadow) == (4, 1)


def test_a_request_name_used_twice_pairs_once() -> None:
    pairing = Pairing()
    for _ in range(2):
        pairing.add(answer(1), shadow=False)
    pairing.add(answer(1), shadow=True)
    pairing.end()
    assert (pairing.comparison.pairs, pairing.repeated) == (1, 1)


def test_an_answer_waits_for_the_next_hours_records_and_no_longer() -> None:
    pairing = Pairing()
    pairing.add(answer(1, when=NOON - timedelta(minutes=1)), shadow=False)
    pairing.add(answer(2, when=NOON - timedelta(minutes=61)), shadow=False)
    pairing.forget(NOON)
    assert pairing.unpaired_champion == 1
    pairing.add(answer(1, when=NOON + timedelta(seconds=1)), shadow=True)
    pairing.add(answer(2, when=NOON + timedelta(seconds=1)), shadow=True)
    assert pairing.comparison.pairs == 1


def test_both_variants_objects_are_read_in_step() -> None:
    champion = ["c/10/00-05-a.jsonl", "c/10/30-00-b.jsonl"]
    shadow = ["s/10/00-06-c.jsonl", "s/10/29-00-d.jsonl"]
    assert list(in_step(champion, shadow)) == [
        ("c/10/00-05-a.jsonl", False),
        ("s/10/00-06-c.jsonl", True),
        ("s/10/29-00-d.jsonl", True),
        ("c/10/30-00-b.jsonl", False),
    ]
