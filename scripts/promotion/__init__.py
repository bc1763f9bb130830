"""The way of a release from the environment that serves it to the next one."""
