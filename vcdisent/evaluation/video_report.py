"""Tables in Markdown of what judges say of video."""

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from vcdisent.errors import InputError
from vcdisent.evaluation.report import table

SEQUENCES = {
    "real": "test sequences themselves",
    "reconstruction": "reconstructed",
    "fixed_dynamic": "z of a test sequence, s from the prior",
    "fixed_static": "s of a test sequence, z from the prior",
    "swap": "z of a test sequence, s of another",
}
"""What is judged, in words."""

UNCHANGED = ("real", "reconstruction")
"""Those whose codes are all their own."""

EXPECTED = {"own": "stays", "other": "is the other's", "changed": "changes"}
"""What a label should do where codes are exchanged."""

INFORMATION = {
    "mi_static_contrastive": "I(s;x) contrastive",
    "mi_static_mws": "minibatch-weighted",
    "mi_dynamic_contrastive": "I(z;x) contrastive",
    "mi_dynamic_mws": "minibatch-weighted",
    "mi_cross_mws": "I(z;s) minibatch-weighted",
}
"""Readings of information, in words."""

HEADER = ("sequences", "label", "accuracy, %", "IS", "H(y|x)", "H(y)")
DECIMALS = {"accuracy": 2, "inception_score": 3, "entropy_given_x": 4, "entropy": 3}


def judge_table(record: Mapping[str, Any]) -> str:
    """Table of how well a judge tells real test sequences, from what `vcdisent judge` wrote of it."""
    rows = [[name, str(len(record["classes"][name])), f"{rate:.2f}"] for name, rate in record["accuracy"].items()]
    return table(["label", "classes", f"right of {record['num_tested']:,} real test sequences, %"], rows)


def measures_table(record: Mapping[str, Any], name: str = "", width: int | None = None) -> str:
    """Table of what `vcdisent evaluate video` found, one row a label of each kind of sequence.

    Where a label should change, the accuracy is the share that has kept its own class: chance is best.
    """
    error = record["reconstruction"]
    about = (
        f"{name or record['model']} on {record['num_sequences']:,} sequences of {record['features']}, mean and "
        f"standard deviation over {record['num_draws']} draws; reconstruction error {error['squared_error']:.2f} a "
        f"sequence (mean squared error {error['mean_squared_error']:.2e} of values from 0 to 1); "
        f"{information_in_words([record])}"
    )
    rows = [
        [*described(row), *(with_spread(row[score], decimals) for score, decimals in DECIMALS.items())]
        for row in record["rows"]
    ]
    return f"{about}\n\n{table(HEADER, rows, width)}"


def seeds_table(records: Sequence[Mapping[str, Any]]) -> str:
    """The same over models that differ in their seed alone: the mean and, in brackets, the lowest and the highest.

    Raises:
        InputError: They were measured in different ways.
    """
    if len({str([described(row) for row in record["rows"]]) for record in records}) > 1:
        raise InputError("measures of different labels make no table over seeds; evaluate all by one judge")
    errors = over_seeds([record["reconstruction"]["squared_error"] for record in records], 2)
    about = (
        f"{len(records)} seeds, {records[0]['num_sequences']:,} sequences each; reconstruction error {errors}; "
        f"{information_in_words(records)}"
    )
    rows = [
        [*described(own[0]), *(over_seeds([r[name]["mean"] for r in own], digits) for name, digits in DECIMALS.items())]
        for own in zip(*(record["rows"] for record in records), strict=True)
    ]
    return f"{about}\n\n{table(HEADER, rows)}"


def information_in_words(records: Sequence[Mapping[str, Any]]) -> str:
    """What s and z tell of x and of each other, over models that differ in their seed alone."""
    told = [record["information"] for record in records]
    figures = {name: over_seeds([own[name] for own in told], 2) for name in told[0] if name in INFORMATION}
    return "of one batch, in nats: " + ", ".join(f"{INFORMATION[name]} {text}" for name, text in figures.items())


def described(row: Mapping[str, Any]) -> list[str]:
    """Which sequences a row is of, and what its label should do, where one can do otherwise."""
    sequences, label = row["sequences"], row["label"]
    return [SEQUENCES[sequences], label if sequences in UNCHANGED else f"{label} {EXPECTED[row['expected']]}"]


def with_spread(values: Mapping[str, float], decimals: int) -> str:
    """A mean, with its standard deviation where it has one."""
    text = f"{values['mean']:.{decimals}f}"
    return f"{text} ± {values['std']:.{decimals}f}" if "std" in values else text


def over_seeds(values: Sequence[float], decimals: int) -> str:
    """The mean of values, with the lowest and the highest in brackets where there are several."""
    text = f"{mean(values):.{decimals}f}"
    return text if len(values) < 2 else f"{text} ({min(values):.{decimals}f} to {max(values):.{decimals}f})"
