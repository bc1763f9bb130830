"""The section of the card about training: what the job was asked to do."""

from scripts.cards.description import NOT_RECORDED
from scripts.cards.facts import CardFacts
from scripts.cards.markdown import code, section, table


def procedure(facts: CardFacts) -> str:
    """The hyperparameters, and the machines."""
    job = facts.job
    rows = [(code(name), code(value)) for name, value in sorted(job.hyperparameters.items())]
    return section(
        "Training procedure",
        f"On {instances(facts)}, both channels piped as RecordIO from augmented manifests. "
        "Hyperparameters that are not in the table are the algorithm's defaults.",
        table(("hyperparameter", "value"), rows),
    )


def instances(facts: CardFacts) -> str:
    """For example `1 x ml.g5.xlarge`."""
    job = facts.job
    if job.instance_type is None or job.instance_count is None:
        return f"instances that are {NOT_RECORDED}"
    return f"{job.instance_count} x {code(job.instance_type)}"
