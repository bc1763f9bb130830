"""Gate: another environment served the model before."""

from config.served_in import SERVED_IN, ServedIn, lacks_proof
from scripts.gates.candidate import Candidate
from scripts.gates.finding import Finding, Outcome


def served_in(candidate: Candidate) -> Finding:
    """The model carries the proof that the environment named in the settings served it."""
    settings, model = candidate.settings, candidate.model
    wanted, proof = settings.gates.served_in, model.served_in
    # A recorded override is the judgement's business: it may hold on, but it is no proof.
    lack = lacks_proof(wanted, model.artifact_sha256, proof, override=None)
    if lack is not None:
        value = lack
    elif proof is not None:
        value = in_words(proof)
    else:
        value = "no proof"
    return Finding(
        gate=SERVED_IN,
        what="what is known of it elsewhere",
        value=value,
        limit="asked of nobody" if wanted is None else f"served by {wanted} before",
        outcome=Outcome.of(lack is None),
        remedy=""
        if wanted is None
        else f"release and deploy it in {wanted}, then "
        f"`darkroom promote --from {wanted} --to {settings.name}`",
        may_be_overridden=True,
    )


def in_words(proof: ServedIn) -> str:
    """Who answered, where and when."""
    return f"{', '.join(proof.endpoints)} of {proof.environment} answered on {proof.at[:10]}"
