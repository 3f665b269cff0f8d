"""Numbers of things, as people say them."""


def counted(number: int, noun: str) -> str:
    """`1 recording`, `2,000 recordings`.

    Args:
        number: How many.
        noun: What one of them is called, such as `recording`.
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
