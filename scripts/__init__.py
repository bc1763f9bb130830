"""The operator's CLI: `darkroom <verb>`, one module a verb."""
