"""Endpoints from the CLI's side: what will change, what runs, and what it answers."""
