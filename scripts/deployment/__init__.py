"""A deployment from the CLI's side: what it will change, how it goes on, and how it ended."""
