"""The ways in which a verb ends early."""


class Refused(Exception):
    """What the operator asked for cannot be done; the text is one line.

    It names the thing, the rule or limit, the value found and what to do. The CLI prints it
    behind `darkroom: ` and exits 1 (design section 7).
    """


class Stopped(Exception):
    """Ctrl-C where the same command would not go on but begin anew; the text says what is left.

    The CLI prints it behind `interrupted; ` and exits 130.
    """
