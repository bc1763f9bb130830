"""A dataset from the CLI's side: its documents, and what of it is stored in the bucket."""
