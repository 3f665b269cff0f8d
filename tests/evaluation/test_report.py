"""Tables: what they say, and that they are Markdown."""

from vcdisent.evaluation.report import conversion_table, figure, table, verification_table

RECORD = {
    "set": "test",
    "num_recordings": 1200,
    "num_speakers": 24,
    "num_trials": 18336,
    "num_targets": 672,
    "rows": [
        {"name": "static", "eer": 1.234, "low": 0.96, "high": 2.0, "min_dcf": 0.12345, "threshold": 0.5},
        {"name": "of my own", "eer": 50.0, "low": 40.0, "high": 60.0, "min_dcf": 1.0, "threshold": 0.0},
    ],
}


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_columns_line_up_and_every_row_is_there():
    lines = table(["name", "x"], [["a", "1"], ["longer than that", "22"]]).splitlines()
    assert [cells(line) for line in (lines[0], *lines[2:])] == [["name", "x"], ["a", "1"], ["longer than that", "22"]]
    assert set(lines[1]) == set("|- ") and len({len(line) for line in lines}) == 1
    assert [line.index("|", 1) for line in lines] == [lines[0].index("|", 1)] * 4


def test_verification_has_its_counts_and_names_in_words():
    counts, _, header, _, static, own = verification_table(RECORD).splitlines()
    assert counts.startswith("test: 1,200 recordings, 24 speakers, 18,336 trials, 672 of them target")
    assert cells(header) == ["", "EER, %", "interval", "minDCF"]
    assert cells(static) == ["static: mean of s", "1.23", "1.0 to 2.0", "0.123"]
    assert cells(own) == ["of my own", "50.00", "40.0 to 60.0", "1.000"]


def test_conversion_has_the_columns_that_were_judged():
    summaries = {
        "converted": {"nearer_to_target": {"mean": 0.754, "low": 0.5, "high": 1.0}},
        "source": {
            "nearer_to_target": {"mean": 0.0, "low": 0.0, "high": 0.0},
            "wer": {"mean": 0.0914, "low": 0.05, "high": 0.1},
        },
    }
    header, _, converted, source = conversion_table(summaries).splitlines()
    assert cells(header) == ["", "nearer to target, %", "word errors against what is heard in the source, %"]
    assert cells(converted) == ["converted", "75 (50 to 100)", ""]
    assert cells(source) == ["source", "0 (0 to 0)", "9.1 (5.0 to 10.0)"]


def test_a_figure_that_is_not_there_is_left_open():
    assert figure(None, "wer") == ""
