"""What was seen of the source, as an operator sees it: each line with its value."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from scripts.promotion.outcome import PromotedModel
from scripts.promotion.witness import Witnessed


def witness_screen(witnessed: Witnessed) -> RenderableType:
    """Endpoint by endpoint what runs, from which artifact, and what it answered."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("  release", f"{witnessed.release_sha256[:12]}, deployed as committed")
    for endpoint in witnessed.endpoints:
        grid.add_row(
            f"  {endpoint.name}", f"{endpoint.status}, runs {endpoint.endpoint_config_name}"
        )
        for variant in endpoint.variants:
            share = f"{100 * endpoint.share(variant):.4g} % of the requests"
            grid.add_row(f"    {variant.name}", f"artifact {variant.artifact}, {share}")
        for answer in witnessed.predictions:
            if answer.endpoint == endpoint.name:
                name, probability = answer.classes[0]
                grid.add_row(
                    f"    sample to {answer.variant}",
                    f"{len(answer.classes)} probabilities, most for {name} ({probability:.4f})",
                )
    return Group(Text(f"{witnessed.environment} serves its release", "bold"), grid)


def promoted_rows(each: PromotedModel) -> dict[str, object]:
    """What became of one model, as lines of a name and a value."""
    model, previous, proof = each.model, each.replaced, each.model.served_in
    rows: dict[str, object] = {
        each.role: model.training_job_name,
        "validation_accuracy": model.metrics["validation_accuracy"],
        "replaces": previous.training_job_name if previous else "-",
        "its_validation_accuracy": previous.metrics["validation_accuracy"] if previous else "-",
        "artifact": f"{model.model_data_url}, {each.copied}",
    }
    if proof is not None:
        rows |= {
            "served_in": f"{proof.environment} (account {proof.account}, {proof.region}) as "
            f"{proof.role}, by {' and '.join(proof.endpoints)}",
            "release": f"{proof.release_sha256[:12]} of commit {proof.commit[:9]}",
            "promoted": f"{proof.at} by {proof.by}",
        }
    if model.override is not None:
        rows["override"] = f"{', '.join(model.override.gates)}: {model.override.reason}"
    return rows
