"""Tables in Markdown: the same on the screen and in RESULTS.md."""

from collections.abc import Mapping, Sequence
from typing import Any

from vcdisent.counted import counted
from vcdisent.evaluation.narrow_table import narrow_table

KINDS = {
    "static": "static: mean of s",
    "static_centred": "static, less its mean over training data",
    "dynamic_mean": "dynamic: mean of means of z",
    "dynamic_mean_deviation": "dynamic: mean and deviation of means of z",
    "dynamic_sample": "dynamic: mean of samples of z",
    "dynamic_centred": "dynamic, less its mean over training data",
    "mean_spectrum": "mean spectrum",
    "noise": "noise",
    "noise_mean_deviation": "noise, mean and deviation",
    "untrained_static": "untrained model, static",
    "untrained_dynamic_mean": "untrained model, mean of means of z",
    "untrained_dynamic_mean_deviation": "untrained model, mean and deviation of means of z",
    "untrained_dynamic_sample": "untrained model, mean of samples of z",
}
"""What the vectors of a verification row are, in words."""

INPUTS = {
    "static": "s of the segment",
    "static_recording": "s, mean of the recording",
    "dynamic": "z, one frame",
    "dynamic_context": "z, {width}",
    "dynamic_recording": "z, mean and covariance over the recording",
    "frames": "input, one frame",
    "frames_context": "input, {width}",
    "mean_spectrum": "input, mean of the recording",
    "untrained_dynamic": "untrained model, z, one frame",
    "noise": "noise in place of z",
    "loudness": "input, its mean in each frame, standardised over the recording",
    "phones": "the phones that were said, one frame",
    "chance": "chance: the commonest class",
}
"""What a probe or a speaker network has read, in words; `width` is what a probe with context sees."""

COLUMNS = {
    "nearer_to_target": ("nearer to target than to the source itself, %", 100, 0),
    "nearer_to_target_voice": ("nearer to target than to other recordings of the source's speaker, %", 100, 0),
    "similarity_target": ("similarity to target", 1, 3),
    "similarity_source": ("to source", 1, 3),
    "similarity_source_voice": ("to other recordings of the source's speaker", 1, 3),
    "eer_real": ("EER, real against converted, %", 1, 1),
    "distillmos": ("DistillMOS", 1, 2),
    "dnsmos": ("DNSMOS", 1, 2),
    "wer": ("word errors against what is heard in the source, %", 100, 1),
    "wer_capped": ("no recording's more than its words, %", 100, 1),
    "cer": ("character errors, %", 100, 1),
    "wer_text": ("word errors against its text, %", 100, 1),
    "per": ("phone errors against what is heard in the source, %", 100, 1),
    "f0_correlation": ("F0 correlation with the source", 1, 2),
    "mcd_db": ("MCD to the target saying the same, dB", 1, 2),
    "f0_rmse_semitones": ("F0 error to it, semitones", 1, 1),
}
"""Columns of a conversion table: heading, factor, decimals."""


def table(header: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> str:
    """A Markdown table whose columns also line up on a terminal; one for a terminal of a `width`, if it is wider."""
    sizes = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    cells = [[cell.ljust(size) for cell, size in zip(row, sizes, strict=True)] for row in [header, *rows]]
    cells.insert(1, ["-" * size for size in sizes])
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return narrow_table([header, *rows], width) if width and len(lines[0]) > width else "\n".join(lines)


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
        f"{record['set']}: {counted(record['num_recordings'], 'recording')}, "
        f"{counted(record['num_speakers'], 'speaker')}, {counted(record['num_trials'], 'trial')}, "
        f"{record['num_targets']:,} of them target; 95% intervals are over speakers; "
        f"`verify A B` goes by `{names.get('static_centred', 'static_centred')}`, with the checkpoint's threshold"
    )
    return f"{counts}\n\n{table(['', 'EER, %', 'interval', 'minDCF'], rows)}"


def probe_tables(record: Mapping[str, Any], names: Mapping[str, str] = INPUTS) -> str:
    """Tables of what `vcdisent probe` found: phones, speakers and, where one was trained, the speaker network."""

    def heard_by(kind: str) -> str:
        speakers = counted(record[f"num_{kind}_speakers"], "speaker")
        return f"{counted(record[f'num_{kind}_recordings'], 'recording')} of {speakers}"

    trained, heard = heard_by("train"), heard_by("network")
    tested, others = (counted(record[f"num_{kind}_speakers"], "speaker") for kind in ("test", "other"))
    about = {
        "phone": f"{record['set']}: {record['num_phones']} phones (no silence) of {tested}, by probes trained "
        f"on {trained}: frames told right, in percent",
        "speaker": f"{record['speaker_set']}: {others}, by probes trained on half of each one's recordings: "
        "frames, or recordings, of the other half told right, in percent",
    }
    width = f"{2 * record['context_frames'] + 1} frames"
    if "frame_s" in record:
        width += f" of {1000 * record['frame_s']:.0f} ms"
    parts = []
    for task, text in about.items():
        if not record[task]:  # no speaker has two recordings
            continue
        called = [names.get(row["name"], row["name"]).replace("{width}", width) for row in record[task]]
        rows = [[name, *probe_cells(row)] for name, row in zip(called, record[task], strict=True)]
        parts.append(f"{text}; 95% intervals are over speakers\n\n{table(['', 'linear', 'non-linear'], rows)}")
    if record["speaker_network"]:
        rows = [[names.get(row["name"], row["name"]), interval(row, "eer", 1)] for row in record["speaker_network"]]
        text = f"{record['speaker_set']}: all pairs, by a speaker network (ECAPA-TDNN) trained on {heard}"
        parts.append(f"{text}\n\n{table(['', 'EER, %'], rows)}")
    return "\n\n".join(parts)


def probe_cells(row: Mapping[str, Any]) -> list[str]:
    """What a linear and a non-linear probe told right of one input, with intervals."""
    return [interval(row[kind], "accuracy", 1) if kind in row else "" for kind in ("linear", "non_linear")]


def interval(values: Mapping[str, float], name: str, decimals: int) -> str:
    """A figure, with its 95% interval behind it where it has one."""
    text = f"{values[name]:.{decimals}f}"
    return f"{text} ({values['low']:.{decimals}f} to {values['high']:.{decimals}f})" if "low" in values else text


def conversion_table(summaries: Mapping[str, Mapping[str, Mapping[str, float]]], width: int | None = None) -> str:
    """Table of what the judges said, one row a kind of conversion, each figure with its 95% interval."""
    present = [name for name in COLUMNS if any(name in summary for summary in summaries.values())]
    rows = [[name, *(figure(summary.get(column), column) for column in present)] for name, summary in summaries.items()]
    return table(["", *(COLUMNS[column][0] for column in present)], rows, width)


def figure(values: Mapping[str, float] | None, column: str) -> str:
    """A mean with its interval, as its column shows it."""
    if values is None:
        return ""
    _, factor, decimals = COLUMNS[column]
    mean, low, high = (f"{factor * values[name]:.{decimals}f}" for name in ("mean", "low", "high"))
    return f"{mean} ({low} to {high})"
