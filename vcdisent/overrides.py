"""What is wrong with an override of the configuration, in plain words."""

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from vcdisent.errors import InputError

CONF = Path(__file__).parent / "conf"
UNKNOWN = re.compile(r"Could not (?:override|delete from config\.) '([^']+)'")


def choices(overrides: Sequence[str]) -> list[str]:
    """Those overrides that choose in a group of the configuration.

    Raises:
        InputError: One cannot be read, or chooses what is not there.
    """
    return [override for override in overrides if is_choice(override)]


def is_choice(override: str) -> bool:
    """Whether an override chooses in a group; see `choices`."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    key, equals, value = override.partition("=")
    if not key or not (equals or key.startswith("~")):
        raise InputError(f"configuration: {override} is no KEY=VALUE")
    try:
        parsed = OverridesParser.create().parse_override(override)
    except HydraException:
        quote = "'" if '"' in value else '"'
        quoted = shlex.quote(f"{key}={quote}{value}{quote}")
        raise InputError(f"configuration: {override} cannot be read; put the value in quotes: {quoted}") from None
    if parsed.is_sweep_override():
        raise InputError(f"configuration: {override} gives several values, and one is wanted")
    group = parsed.key_or_group
    if parsed.is_add() and "." not in group and group not in groups():
        raise InputError(f"configuration: there is no {group}, and nothing would read it")
    if group not in groups() or parsed.package is not None:
        return False
    chosen, there = parsed.value(), sorted(path.stem for path in (CONF / group).glob("*.yaml"))
    for name in chosen if isinstance(chosen, list) else [chosen]:
        if name is not None and name not in there:
            raise InputError(f"configuration: there is no {group}={name}; there are {', '.join(there)}")
    return True


def complaint(error: Exception, compose: Callable[[], dict[str, Any]]) -> str:
    """Hydra's or OmegaConf's error as one line.

    Args:
        error: What was raised for overrides that `choices` has let through.
        compose: Gives the configuration without the overrides at fault, for the names that are there.
    """
    unknown = UNKNOWN.match(str(error))
    if unknown:
        key = unknown[1]
        return f"there is no {key}; {suggestion(key, [*names_in(compose()), *groups()])}"
    where = getattr(error, "full_key", None)
    first = str(error).splitlines()[0][:300]
    return f"{where}: {first}" if where else first


def suggestion(name: str, names: Sequence[str]) -> str:
    """What comes near a mistyped dotted name: beside it, or of that name elsewhere; or else all that is beside it."""
    parent = name.rpartition(".")[0]
    while parent and not any(other.startswith(f"{parent}.") for other in names):
        parent = parent.rpartition(".")[0]
    prefix = f"{parent}." if parent else ""
    beside = {other.removeprefix(prefix).partition(".")[0] for other in names if other.startswith(prefix)}
    near = get_close_matches(name.removeprefix(prefix).partition(".")[0], sorted(beside), n=2)
    elsewhere = [other for other in names if other.endswith(f".{name.rpartition('.')[2]}")]
    meant = [f"{prefix}{other}" for other in near] or elsewhere[:2]
    return f"did you mean {' or '.join(meant)}?" if meant else f"{parent or 'it'} has {', '.join(sorted(beside))}"


def groups() -> list[str]:
    """Names of the groups of configuration files."""
    return sorted(path.name for path in CONF.iterdir() if path.is_dir() and any(path.glob("*.yaml")))


def names_in(config: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Dotted names of all that a configuration holds."""
    for name, value in config.items():
        yield f"{prefix}{name}"
        if isinstance(value, dict):
            yield from names_in(value, f"{prefix}{name}.")
