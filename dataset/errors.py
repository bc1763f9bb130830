"""The one exception that leaves this package."""


class DatasetError(Exception):
    """No dataset can be made of the input, or a dataset's document is not valid.

    The text is one line: what, where, the value found, the limit and the remedy.
    """
