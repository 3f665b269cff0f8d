"""Tables in Markdown: the same on the screen and in RESULTS.md."""

from collections.abc import Mapping, Sequence
from typing import Any

KINDS = {
    "static": "static: mean of s",
    "static_centred": "static, less its mean over training data",
    "dynamic_mean": "dynamic: mean of means of z",
    "dynamic_sample": "dynamic: mean of samples of z",
    "dynamic_centred": "dynamic, less its mean over training data",
    "mean_spectrum": "mean spectrum",
    "noise": "noise",
    "untrained_static": "untrained model, static",
    "untrained_dynamic_mean": "untrained model, mean of means of z",
    "untrained_dynamic_sample": "untrained model, mean of samples of z",
}
"""What the vectors of a verification row are, in words."""

COLUMNS = {
    "nearer_to_target": ("nearer to target, %", 100, 0),
    "similarity_target": ("similarity to target", 1, 3),
    "similarity_source": ("to source", 1, 3),
    "distillmos": ("DistillMOS", 1, 2),
    "dnsmos": ("DNSMOS", 1, 2),
    "wer": ("word errors against what is heard in the source, %", 100, 1),
    "wer_text": ("against its text, %", 100, 1),
}
"""Columns of a conversion table: heading, factor, decimals."""


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns also line up on a terminal."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in [header, *rows]]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def verification_table(record: Mapping[str, Any], names: Mapping[str, str] = KINDS) -> str:
    """Table of what `vcdisent verify --trials` found on one set, with how many trials it rests on."""
    rows = [
        [
            names.get(row["name"], row["name"]),
            f"{row['eer']:.2f}",
            f"{row['low']:.1f} to {row['high']:.1f}",
            f"{row['min_dcf']:.3f}",
        ]
        for row in record["rows"]
    ]
    counts = (
        f"{record['set']}: {record['num_recordings']:,} recordings, {record['num_speakers']} speakers, "
        f"{record['num_trials']:,} trials, {record['num_targets']:,} of them target; 95% intervals are over speakers"
    )
    return f"{counts}\n\n{table(['', 'EER, %', 'interval', 'minDCF'], rows)}"


def conversion_table(summaries: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Table of what the judges said, one row a kind of conversion, each figure with its 95% interval."""
    present = [name for name in COLUMNS if any(name in summary for summary in summaries.values())]
    rows = [[name, *(figure(summary.get(column), column) for column in present)] for name, summary in summaries.items()]
    return table(["", *(COLUMNS[column][0] for column in present)], rows)


def figure(values: Mapping[str, float] | None, column: str) -> str:
    """A mean with its interval, as its column shows it."""
    if values is None:
        return ""
    _, factor, decimals = COLUMNS[column]
    mean, low, high = (f"{factor * values[name]:.{decimals}f}" for name in ("mean", "low", "high"))
    return f"{mean} ({low} to {high})"
