"""The one way a verb says no."""


class Refused(Exception):
    """What the operator asked for cannot be done; the text is one line.

    It names the thing, the rule or limit, the value found and what to do. The CLI prints it
    behind `darkroom: ` and exits 1 (design section 7).
    """
