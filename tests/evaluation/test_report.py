"""Tables: what they say, and that they are Markdown."""

from vcdisent.evaluation.report import conversion_table, figure, probe_tables, table, verification_table

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
    assert "`verify A B` goes by `static, less its mean over training data`, with the checkpoint's threshold" in counts
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
    words = "word errors against what is heard in the source, %"
    assert cells(header) == ["", "nearer to target than to the source itself, %", words]
    assert cells(converted) == ["converted", "75 (50 to 100)", ""]
    assert cells(source) == ["source", "0 (0 to 0)", "9.1 (5.0 to 10.0)"]


def test_a_figure_that_is_not_there_is_left_open():
    assert figure(None, "wer") == ""


PROBED = {
    "set": "dev",
    "speaker_set": "test",
    "num_train_recordings": 1443,
    "num_train_speakers": 245,
    "num_network_recordings": 1443,
    "num_network_speakers": 245,
    "context_frames": 10,
    "frame_s": 0.01,
    "num_test_speakers": 6,
    "num_other_speakers": 10,
    "num_phones": 39,
    "phone": [
        {
            "name": "dynamic",
            "linear": {"accuracy": 23.14, "low": 22.5, "high": 23.86},
            "non_linear": {"accuracy": 26.9, "low": 26.0, "high": 27.9},
        },
        {"name": "chance", "linear": {"accuracy": 5.7}},
    ],
    "speaker": [{"name": "run, s", "linear": {"accuracy": 95.0, "low": 92.0, "high": 98.0}}],
    "speaker_network": [{"name": "dynamic", "eer": 25.25, "low": 17.9, "high": 30.6}],
}


def test_probes_have_a_table_a_task():
    phones, speakers, network = (part.splitlines() for part in probe_tables(PROBED).split("\n\n")[1::2])
    assert [cells(line) for line in phones[2:]] == [
        ["z, one frame", "23.1 (22.5 to 23.9)", "26.9 (26.0 to 27.9)"],
        ["chance: the commonest class", "5.7", ""],
    ]
    assert cells(speakers[2]) == ["run, s", "95.0 (92.0 to 98.0)", ""]
    assert cells(network[2]) == ["z, one frame", "25.2 (17.9 to 30.6)"]


def test_probes_say_what_they_rest_on():
    about_phones, _, about_speakers, _, about_network, _ = probe_tables(PROBED).split("\n\n")
    assert (
        about_phones.startswith("dev: 39 phones (no silence) of 6 speakers")
        and "1,443 recordings of 245" in about_phones
    )
    assert about_speakers.startswith("test: 10 speakers") and about_network.startswith("test: all pairs")


def test_no_network_no_table():
    assert "speaker network" not in probe_tables({**PROBED, "speaker_network": []})
