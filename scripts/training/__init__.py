"""A training job from the CLI's side: its request, its log, its history, its report."""
