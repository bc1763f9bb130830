"""The model card: recorded facts in, Markdown out."""

import json
import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from algorithm.contract.metrics import TimeCost, TrainAccuracy, ValidationAccuracy
from config.environments import LOCAL, PROD
from config.served_in import Override
from dataset.description import Description, Inspection
from scripts.card import write_card
from scripts.cards.card import model_card
from scripts.cards.facts import CardFacts, Place
from scripts.cards.sources import gather, places_of, versions_of
from scripts.errors import Refused
from scripts.releases.version import Version
from scripts.session import open_session
from scripts.training.history import TrainingHistory
from scripts.training.job import TrainingJob
from tests.releases import any_model, any_proof
from tests.unit.scripts.answering import Reply, answering
from tests.unit.scripts.releases.story import Story, proven, release_of

HYPERPARAMETERS = {
    "num_classes": "2",
    "num_training_samples": "80",
    "image_shape": "3,32,32",
    "num_layers": "20",
    "epochs": "2",
}
JOB = TrainingJob(
    name="darkroom-dev-a",
    arn=any_model("a").training_job_arn,
    status="Completed",
    secondary_status="Completed",
    status_message="",
    failure_reason=None,
    image="811284229777.dkr.ecr.us-east-1.amazonaws.com/image-classification:1",
    artifact_url="s3://artifacts/training/darkroom-dev-a/output/model.tar.gz",
    hyperparameters=HYPERPARAMETERS,
    manifests={"train": "s3://datasets/datasets/0123456789abcdef/train/train.manifest"},
    billable_seconds=1234,
    instance_type="ml.g4dn.xlarge",
    instance_count=1,
    ended_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
)
DATASET = Description(
    id="0123456789abcdef",
    digest="0123456789abcdef" * 4,
    classes=("cat", "dog"),
    counts={"train": {"cat": 60, "dog": 20}, "validation": {"cat": 15, "dog": 5}},
    inspection=Inspection(
        files=110,
        accepted=100,
        accepted_bytes=1_000_000,
        duplicates=4,
        rejected={"side": 5, "truncated": 1},
        verified=False,
    ),
    source={"kind": "folder", "name": "photos"},
    validation_fraction=0.2,
    seed=7,
    grouping=None,
)


def history(*epochs: tuple[float, float]) -> TrainingHistory:
    found = TrainingHistory(training_samples=80)
    for number, (train, validation) in enumerate(epochs):
        found.read(
            [
                str(TrainAccuracy(epoch=number, accuracy=train)),
                str(TimeCost(epoch=number, seconds=1.5)),
                str(ValidationAccuracy(epoch=number, accuracy=validation)),
            ]
        )
    return found


FACTS = CardFacts(
    environment="dev",
    region="us-east-1",
    job=JOB,
    history=history((0.5, 0.75), (0.9, 0.95)),
    dataset=DATASET,
    released=None,
    places=(),
)
BARE = replace(
    FACTS,
    job=replace(JOB, instance_type=None, billable_seconds=None, artifact_url=None, ended_at=None),
    history=TrainingHistory(training_samples=80),
    dataset=None,
)


def headings(markdown: str) -> list[str]:
    return re.findall(r"^#+ (.*)$", markdown, re.MULTILINE)


def html(markdown: str) -> str:
    rendered: str = MarkdownIt("gfm-like", {"linkify": False}).render(markdown)
    return rendered


def place(**different: object) -> Place:
    given: dict[str, object] = {
        "environment": "prod",
        "role": "champion",
        "share": 1.0,
        "since": Version(commit=None),
        "model": proven("a"),
        "region": "eu-west-1",
        "endpoint_url": None,
        "endpoints": {"realtime": "darkroom-prod-realtime"},
    }
    return Place(**(given | different))  # type: ignore[arg-type] # each member by its own test


def test_the_sections_come_in_the_order_of_the_literature() -> None:
    assert headings(model_card(FACTS)) == [
        "Model card: darkroom-dev-a",
        "Model details",
        "Intended use",
        "Limits",
        "Data",
        "Training procedure",
        "Evaluation",
        "How to use it",
        "Lineage",
        "Releases",
        "Environmental impact and cost",
    ]
    assert headings(model_card(BARE)) == headings(model_card(FACTS))


def test_the_same_facts_are_the_same_bytes() -> None:
    assert model_card(FACTS) == model_card(
        replace(FACTS, history=history((0.5, 0.75), (0.9, 0.95)))
    )


def test_the_card_tells_what_the_records_say() -> None:
    text = model_card(FACTS)
    for told in (
        "**Validation accuracy 0.9500** on 20 images (76.4 % to 99.1 % with 95 % confidence), in",
        "in epoch 2, whose model is kept.",
        "Always answering cat, the commonest class, would be right 75.0 %.",
        "| 2 | 0.9000 | 0.9500 | 1.5 | kept |",
        "| 1 | dog | 20 | 5 |",
        "Of 110 files, 100 were accepted (1,000,000 bytes), 4 were further copies of one content",
        "and 6 were rejected (side 5, truncated 1).",
        "| `num_layers` | `20` |",
        "Training was billed for 1,234 seconds of 1 x `ml.g4dn.xlarge`, in region us-east-1.",
        "ResNet of 20 layers, trained from nothing",
        "0.2 of each class held back for validation, seed 7",
        "not recorded: no release file has held it",
    ):
        assert told in text


def test_what_is_not_recorded_is_called_so_and_never_made_up() -> None:
    text = model_card(BARE)
    for told in (
        "The validation accuracy is not recorded: the job's log is gone.",
        "Accuracies by epoch are not recorded.",
        "Dataset `0123456789abcdef`; what is in it is not recorded.",
        "Billed training time is not recorded",
        "| artifact | not recorded |",
        "| trained | not recorded |",
        "On instances that are not recorded",
    ):
        assert told in text
    assert re.search(r"\bnan\b", text, re.IGNORECASE) is None
    value = BARE.to_value()
    assert value["validation_accuracy"] is value["images"] is value["billable_seconds"] is None
    json.dumps(value, allow_nan=False)


def test_an_epoch_whose_training_accuracy_was_not_logged_has_none(tmp_path: Path) -> None:
    lone = TrainingHistory(training_samples=80)
    lone.read([str(ValidationAccuracy(epoch=0, accuracy=0.5))])
    facts = replace(FACTS, history=lone)
    assert "| 1 | not recorded | 0.5000 | not recorded | kept |" in model_card(facts)
    assert facts.to_value()["epochs"][0]["train_accuracy"] is None
    assert write_card(facts, tmp_path / "card.md") is not None


def test_after_the_log_is_gone_the_release_files_accuracy_stands() -> None:
    facts = replace(BARE, released=any_model("a"))
    assert "**Validation accuracy 0.9800**, as the release file recorded it" in model_card(facts)


@pytest.mark.parametrize(("dogs", "warned"), [(20, True), (21, False), (60, False)])
def test_imbalance_is_warned_of_from_three_to_one(dogs: int, warned: bool) -> None:
    counts = {**DATASET.counts, "train": {"cat": 60, "dog": dogs}}
    text = model_card(replace(FACTS, dataset=replace(DATASET, counts=counts)))
    assert ("**Imbalanced:**" in text) == warned
    assert f"({dogs:,})" in text


def test_a_class_without_a_training_image_is_infinitely_rarer() -> None:
    counts = {**DATASET.counts, "train": {"cat": 60, "dog": 0}}
    facts = replace(FACTS, dataset=replace(DATASET, counts=counts))
    assert facts.imbalance == math.inf
    json.dumps(facts.to_value(), allow_nan=False)


def test_releases_are_told_with_the_way_the_model_came() -> None:
    pardon = Override(gates=("accuracy",), reason="*demo*", by="arn", at="2026-03-01T12:00:00Z")
    facts = replace(
        FACTS,
        released=proven("a"),
        places=(
            place(),
            place(role="challenger", share=0.1, model=replace(any_model("a"), override=pardon)),
            place(environment="dev", role="shadow", share=None),
        ),
    )
    text = model_card(facts)
    commit = any_proof().commit[:9]
    assert (
        f"| prod | champion | 100 % | not committed | promoted from dev, commit `{commit}` |"
        in text
    )
    assert (
        r"| challenger | 10 % | not committed | released; **accuracy overridden**: \*demo\* |"
        in text
    )
    assert "| dev | shadow | copy |" in text
    assert "darkroom invoke photo.jpg --env prod --variant challenger" in text
    assert f"`{proven('a').artifact_sha256}` (1,048,576 bytes)" in text
    assert [each["role"] for each in facts.to_value()["releases"]] == [
        "champion",
        "challenger",
        "shadow",
    ]


def test_a_model_is_asked_only_where_it_answers_and_by_its_variant() -> None:
    kinds = {"realtime": "darkroom-prod-realtime", "serverless": "darkroom-prod-serverless"}
    alone = model_card(replace(FACTS, places=(place(endpoints=kinds),)))
    for name in kinds.values():
        assert f"--region eu-west-1 --endpoint-name {name} --content-type" in alone
    assert "--target-variant" not in alone
    assert "--endpoint-url" not in alone
    few = model_card(replace(FACTS, places=(place(role="challenger", share=0.1),)))
    assert "darkroom-prod-realtime --target-variant challenger --content" in few
    most = model_card(replace(FACTS, places=(place(share=0.9, endpoints=kinds),)))
    assert "darkroom-prod-realtime --target-variant champion --content" in most
    assert "darkroom-prod-serverless --content" in most
    elsewhere = place(endpoints=kinds, endpoint_url="http://127.0.0.1:4566")
    assert "--endpoint-url http://127.0.0.1:4566" in model_card(replace(FACTS, places=(elsewhere,)))


def test_nothing_that_a_folder_is_called_becomes_markup() -> None:
    names = (
        "**bold** [x](http://e.example) ![i](j)",
        "<img src=x onerror=alert(1)> & `code` | pipe",
        "line\nbreak # @someone $x$ ~~s~~",
    )
    counts = {split: dict.fromkeys(names, 5) for split in ("train", "validation")}
    hostile = replace(
        DATASET, classes=names, counts=counts, source={"kind": "folder", "name": "<b>|</b>"}
    )
    page = html(model_card(replace(FACTS, dataset=hostile)))
    tags = set(re.findall(r"<(\w+)", page))
    assert not tags & {"img", "a", "b", "s"}
    for shown in (
        "**bold** [x](http://e.example) ![i](j)",
        "&lt;img src=x onerror=alert(1)&gt; &amp; `code` | pipe",
        r"line\nbreak # @someone $x$ ~~s~~",
        "&lt;b&gt;|&lt;/b&gt;",
    ):
        assert f"<td>{shown}</td>" in page or shown in page
    rows = re.findall(r"<tr>\n<td.*?</tr>", page, re.DOTALL)
    counted = [row for row in rows if "bold" in row or "onerror" in row or "someone" in row]
    assert [row.count("<td") for row in counted] == [4, 4, 4]


@pytest.mark.parametrize(
    ("job", "start"),
    [
        (JOB, "nothing"),
        (
            replace(
                JOB,
                hyperparameters=HYPERPARAMETERS
                | {"use_pretrained_model": "1", "num_layers": "50", "image_shape": "3,224,224"},
            ),
            "ImageNet's weights, with a new last layer",
        ),
        (
            replace(JOB, manifests={**JOB.manifests, "model": "s3://b/model.tar.gz"}),
            "the model at `s3://b/model.tar.gz`",
        ),
    ],
    ids=["scratch", "pretrained", "incremental"],
)
def test_the_card_says_what_training_began_with(job: TrainingJob, start: str) -> None:
    assert f"trained from {start} |" in model_card(replace(FACTS, job=job))


def test_long_tables_are_folded() -> None:
    names = tuple(f"class {number:03}" for number in range(40))
    counts = {split: dict.fromkeys(names, 5) for split in ("train", "validation")}
    text = model_card(replace(FACTS, dataset=replace(DATASET, classes=names, counts=counts)))
    assert "<summary>Images of 40 classes</summary>" in text
    assert "<details>" not in model_card(FACTS)


def test_a_written_card_shows_the_plot_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "cards" / "a model.md"
    picture = write_card(FACTS, file)
    assert picture == tmp_path / "cards" / "a model-accuracy.svg"
    assert "best: 95.00 %" in picture.read_text(encoding="utf-8")
    assert "![Accuracy by epoch](a%20model-accuracy.svg)" in file.read_text(encoding="utf-8")
    before = file.read_bytes(), picture.read_bytes()
    write_card(FACTS, file)
    assert (file.read_bytes(), picture.read_bytes()) == before
    assert write_card(BARE, tmp_path / "bare.md") is None
    with pytest.raises(Refused, match="cannot be written"):
        write_card(BARE, file / "below-a-file.md")


def test_the_release_files_tell_where_a_model_is_and_since_when(tmp_path: Path) -> None:
    story, model = Story(tmp_path), proven("a")
    other, arn = proven("b"), proven("a").training_job_arn
    story.commits(release_of(champion=model))
    story.commits(release_of(champion=other))
    since = story.commits(release_of(champion=model))
    story.commits(release_of(champion=model, challenger=other))
    [found] = places_of("prod", versions_of(story.file), arn)
    assert (found.role, found.share) == ("champion", 0.5)
    assert found.since.commit is not None
    assert found.since.commit.sha == since
    kinds = {"realtime": "darkroom-prod-realtime", "serverless": "darkroom-prod-serverless"}
    assert found.endpoints == kinds
    story.says(release_of(champion=other))
    assert list(places_of("prod", versions_of(story.file), arn)) == []
    story.says(release_of(champion=other, challenger=model))
    [moved] = places_of("prod", versions_of(story.file), arn)
    assert moved.since.commit is None
    # A serverless endpoint has the champion alone (facts C.4).
    assert set(moved.endpoints) == {"realtime"}
    story.says(None)
    assert list(places_of("prod", versions_of(story.file), arn)) == []


def test_a_promoted_models_job_is_looked_for_where_it_was_trained(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.commits(release_of(champion=proven("a")))
    unknown = json.dumps(
        {"__type": "ValidationException", "message": "Requested resource not found."}
    )
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    with answering([Reply(400, unknown, headers)]) as url:
        session = open_session(
            replace(PROD, endpoint_url=url, endpoint_credentials=LOCAL.endpoint_credentials)
        )
        with pytest.raises(Refused, match=r"run `darkroom card darkroom-dev-a --env dev`"):
            gather(session, "darkroom-dev-a", tmp_path)
        with pytest.raises(Refused, match="darkroom-dev-b does not exist in environment prod"):
            gather(session, "darkroom-dev-b", tmp_path)
