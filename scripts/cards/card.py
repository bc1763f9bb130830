"""The model card: sections in the order of Mitchell et al., "Model Cards for Model Reporting".

Mitchell et al. (2019) ask for model details, intended use, factors, metrics, evaluation and
training data, analyses, ethical considerations, caveats; Hugging Face's template adds how to get
started and the environmental impact. Each section here is told from records alone.
"""

from scripts.cards.data import data
from scripts.cards.description import intended_use, limits, model_details
from scripts.cards.evaluation import evaluation
from scripts.cards.facts import CardFacts
from scripts.cards.lineage import cost, lineage, use
from scripts.cards.markdown import section
from scripts.cards.procedure import procedure


def model_card(facts: CardFacts, picture: str | None = None) -> str:
    """The card as Markdown; `picture` is the relative path of the accuracies' plot, if drawn.

    A pure function: the same facts are the same text.
    """
    sections = (
        section(
            f"Model card: {facts.job.name}",
            "Written by `darkroom card` from records: SageMaker's description of the training "
            "job, its log, the dataset's description, and the release files. What they do not "
            'tell is called "not recorded".',
            level=1,
        ),
        model_details(facts),
        intended_use(facts),
        limits(facts),
        data(facts),
        procedure(facts),
        evaluation(facts, picture),
        use(facts),
        lineage(facts),
        cost(facts),
    )
    return "\n\n".join(sections) + "\n"
