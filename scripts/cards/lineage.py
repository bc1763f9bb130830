"""Sections of the card about where the model comes from, where it is now, and what it took."""

from collections.abc import Iterator, Sequence
from datetime import UTC

from config.roles import CHAMPION, SHADOW
from scripts.cards.description import NOT_RECORDED
from scripts.cards.facts import CardFacts, Place
from scripts.cards.markdown import code, plain, section, table
from scripts.cards.procedure import instances
from scripts.serving.shares import percent


def use(facts: CardFacts) -> str:
    """How to ask it, where it answers; else how it comes there."""
    asked = [place for place in facts.places if place.role != SHADOW]
    if not asked:
        return section(
            "How to use it",
            "No release names it in a role that answers. To make it one:",
            _shell(
                f"darkroom release {facts.job.name} --env {facts.environment}",
                f"darkroom deploy --env {facts.environment}",
            ),
        )
    return section(
        "How to use it",
        "Where the release is deployed (`darkroom status` says whether it is):",
        _shell(*map(_command, asked)),
        *_endpoints(asked),
        "The endpoint answers with a JSON list of probabilities, in label order.",
    )


def _command(place: Place) -> str:
    variant = "" if place.role == CHAMPION else f" --variant {place.role}"
    return f"darkroom invoke photo.jpg --env {place.environment}{variant}"


def _endpoints(places: Sequence[Place]) -> Iterator[str]:
    commands = [
        _invocation(place, kind, name) for place in places for kind, name in place.endpoints.items()
    ]
    if commands:
        yield _shell(*commands)


def _invocation(place: Place, kind: str, name: str) -> str:
    url = "" if place.endpoint_url is None else f" --endpoint-url {place.endpoint_url}"
    # Where several share the requests, the endpoint would choose another model.
    chosen = kind == "realtime" and place.share is not None and place.share < 1
    variant = f" --target-variant {place.role}" if chosen else ""
    return (
        f"aws sagemaker-runtime invoke-endpoint{url} --region {place.region} --endpoint-name {name}"
        f"{variant} --content-type image/jpeg --body fileb://photo.jpg /dev/stdout"
    )


def lineage(facts: CardFacts) -> str:
    """From what it was made, and which releases hold it now."""
    job, released = facts.job, facts.released
    if released is None:
        digest = f"{NOT_RECORDED}: no release file has held it"
    else:
        digest = f"{code(released.artifact_sha256)} ({released.artifact_size_bytes:,} bytes)"
    rows = [
        ("training job", code(job.arn)),
        ("dataset", code(job.dataset_id)),
        *((f"{name} manifest", code(url)) for name, url in sorted(job.manifests.items())),
        ("image", code(job.image)),
        ("artifact", code(job.artifact_url) if job.artifact_url else NOT_RECORDED),
        ("SHA-256 of the artifact", digest),
        ("git commit that it was trained at", NOT_RECORDED),
    ]
    return section("Lineage", table(("", ""), rows), "### Releases", _releases(facts.places))


def _releases(places: Sequence[Place]) -> str:
    if not places:
        return "No environment's release file has it now."
    rows = [
        (
            place.environment,
            place.role,
            "copy" if place.share is None else percent(place.share),
            _since(place),
            _way(place),
        )
        for place in places
    ]
    header = ("environment", "role", "traffic", "since", "how it came there")
    return table(header, rows, right=("traffic",))


def _since(place: Place) -> str:
    commit = place.since.commit
    if commit is None:
        return "not committed"
    return f"{code(commit.short)}, {commit.at.astimezone(UTC):%Y-%m-%d}"


def _way(place: Place) -> str:
    proof, override = place.model.served_in, place.model.override
    told = (
        f"promoted from {proof.environment}, commit {code(proof.commit[:9])}"
        if proof
        else "released"
    )
    if override is None:
        return told
    gates = ", ".join(map(plain, override.gates))
    return f"{told}; **{gates} overridden**: {plain(override.reason)}"


def cost(facts: CardFacts) -> str:
    """What training took; serving is the environments' matter."""
    billed = facts.job.billable_seconds
    told = (
        f"Billed training time is {NOT_RECORDED}"
        if billed is None
        else f"Training was billed for {billed:,} seconds of {instances(facts)}"
    )
    return section(
        "Environmental impact and cost",
        f"{told}, in region {facts.region}. Energy and emissions are {NOT_RECORDED}; what serving "
        "it costs is told by `darkroom cost`.",
    )


def _shell(*commands: str) -> str:
    return "\n".join(("```sh", *commands, "```"))
