"""Numbers of things, as people say them."""


def counted(number: int, noun: str) -> str:
    """`1 recording`, `2,000 recordings`, `2 identities`.

    Args:
        number: How many.
        noun: What one of them is called, such as `recording`.
    """
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun.removesuffix('y')}ies" if noun.endswith("y") else f"{number:,} {noun}s"
