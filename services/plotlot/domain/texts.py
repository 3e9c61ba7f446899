"""What text may hold to be kept and told."""


def is_plain(text: str) -> bool:
    """Whether every database and protocol takes it: without NUL, and no half of a pair of UTF-16."""
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)
