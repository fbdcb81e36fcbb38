"""The one exception of the reader."""


class UnreadableFile(Exception):
    """The file cannot be read. `str(error)` tells the person why and what to do.

    `code` is a stable slug for tests, statistics and help pages; it never changes with the wording.
    """

    def __init__(self, message: str, code: str):
        # Both go to Exception so that the error survives pickling between processes.
        super().__init__(message, code)
        self.code = code

    def __str__(self) -> str:
        return self.args[0]
