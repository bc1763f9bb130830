"""What a deployment proved, as an operator sees it."""

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from scripts.serving.live import LiveEndpoint
from scripts.serving.proof import Proof


def proof_screen(endpoints: Sequence[LiveEndpoint], proof: Proof) -> RenderableType:
    """Endpoint by endpoint what runs and what it answered; then the artifacts."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for endpoint in endpoints:
        shares = ", ".join(
            f"{each.name} {100 * endpoint.share(each):.4g} %" for each in endpoint.variants
        )
        grid.add_row(Text(endpoint.name, "bold"), Text(f"{endpoint.status}, {shares}"))
        for answer in proof.predictions:
            if answer.endpoint == endpoint.name:
                name, probability = answer.classes[0]
                grid.add_row(
                    f"  sample to {answer.variant}",
                    f"{len(answer.classes)} probabilities, most for {name} ({probability:.4f}), "
                    f"in {answer.milliseconds:.0f} ms",
                )
    for artifact in proof.artifacts:
        grid.add_row(f"artifact of {artifact.role}", f"{artifact.sha256[:12]}: {artifact.evidence}")
    return grid
