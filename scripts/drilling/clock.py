"""Moments of a drill, in whole seconds since its traffic began, everywhere cut off alike."""


def clock(moment: float) -> str:
    """Minutes and seconds: `1:05`."""
    return f"{int(moment) // 60}:{int(moment) % 60:02}"


def elapsed(start: float, end: float) -> str:
    """What lies between two moments as `clock` shows them: `11 s`."""
    return f"{int(end) - int(start)} s"
