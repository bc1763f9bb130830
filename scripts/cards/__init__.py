"""The model card of a training job: what is recorded of a model, on one page of Markdown."""
