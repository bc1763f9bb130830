"""What a screen calls the training job of a released model."""

from config.release import ReleasedModel


def short_job_name(model: ReleasedModel, app: str) -> str:
    """Without the app's name that all begin with; a promoted model's keeps its environment's."""
    return model.training_job_name.removeprefix(f"{app}-")
