"""The release file of an environment through time: its versions, and how each came to be."""
