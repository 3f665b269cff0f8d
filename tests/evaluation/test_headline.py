"""One row a configuration, over its seeds."""

import pytest

from vcdisent.evaluation.headline import COLUMNS, headline_table


def records(static, phone, baselines=False):
    rows = [{"name": "static", "eer": static}, {"name": "dynamic_mean", "eer": 40.0}]
    phones = [{"name": "dynamic", "linear": {"accuracy": phone}, "non_linear": {"accuracy": phone + 5}}]
    network = [{"name": "dynamic", "eer": 33.0}]
    if baselines:
        rows += [{"name": "noise", "eer": 50.0}, {"name": "untrained_static", "eer": 20.0}]
        phones += [{"name": "frames", "linear": {"accuracy": 40.0}, "non_linear": {"accuracy": 50.0}}]
        network += [{"name": "noise", "eer": 49.0}]
    probes = {"phone": phones, "speaker": [], "speaker_network": network}
    return {"verification": {"rows": rows}, "probes": probes}


def cells(text):
    header, _, *lines = ([cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines())
    return {line[0]: dict(zip(header[1:], line[1:], strict=True)) for line in lines}


def test_a_row_is_the_mean_over_seeds_and_how_far_they_lie_apart():
    found = cells(headline_table({"cdsvae": [records(1.0, 20.0), records(2.0, 30.0)], "dsvae": [records(3.0, 10.0)]}))
    assert list(found) == ["cdsvae", "dsvae"]
    assert found["cdsvae"]["seeds"] == "2" and found["dsvae"]["seeds"] == "1"
    assert found["cdsvae"]["static EER"] == "1.5 (1.0 to 2.0)" and found["dsvae"]["static EER"] == "3.0"
    assert found["cdsvae"]["phone from z, a frame, linear"] == "25.0 (20.0 to 30.0)"
    assert found["dsvae"]["speaker from s"] == "", "what was not measured is left open"


def test_phones_are_held_against_the_input_and_baselines_come_once():
    runs = {"a": [records(1.0, 20.0, baselines=True)], "b": [records(1.0, 10.0)]}
    found = cells(headline_table(runs))
    assert list(found) == ["a", "b", "a, untrained", "noise in place of z", "mean spectrum; input frames"]
    assert found["a"]["phone from z, a frame, linear"] == "20.0, 50% of input"
    assert found["b"]["non-linear"] == "15.0, 30% of input"
    assert found["noise in place of z"]["z: mean"] == "50.0" and found["noise in place of z"]["static EER"] == ""
    assert found["noise in place of z"]["z: speaker network"] == "49.0"
    assert found["a, untrained"]["static EER"] == "20.0"
    assert found["mean spectrum; input frames"]["non-linear"] == "50.0"


def test_a_figure_of_some_of_the_runs_says_so():
    whole, part = records(1.0, 20.0), {"verification": records(2.0, 0.0)["verification"]}
    found = cells(headline_table({"a": [whole, part]}))["a"]
    assert found["static EER"] == "1.5 (1.0 to 2.0)" and found["z: speaker network"] == "33.0, 1 of 2 runs"


def test_intervals_over_speakers_stand_beside():
    narrow, wide = records(1.0, 20.0), records(2.0, 30.0)
    narrow["verification"]["rows"][0] |= {"low": 0.5, "high": 2.0}
    wide["verification"]["rows"][0] |= {"low": 1.5, "high": 4.0}
    found = cells(headline_table({"a": [narrow, wide], "b": [wide]}))
    assert (
        found["a"]["static EER"] == "1.5 (1.0 to 2.0) [1.0 to 3.0]" and found["b"]["static EER"] == "2.0 [1.5 to 4.0]"
    )


@pytest.mark.parametrize("difference", [{"context_frames": 32}, {"frame_s": 0.02}])
def test_an_input_that_was_probed_otherwise_is_no_measure(difference):
    one, other = records(1.0, 20.0, baselines=True), records(1.0, 20.0)
    assert cells(headline_table({"a": [one], "b": [other]}))["b"]["non-linear"] == "25.0, 50% of input"
    other["probes"] |= difference
    assert cells(headline_table({"a": [one], "b": [other]}))["b"]["non-linear"] == "25.0"
    other["probes"]["phone"].append({"name": "frames", "linear": {"accuracy": 80.0}, "non_linear": {"accuracy": 100.0}})
    assert cells(headline_table({"a": [one], "b": [other]}))["b"]["non-linear"] == "25.0, 25% of input"


@pytest.mark.parametrize("kept", ["verification", "probes"])
def test_a_run_may_have_been_measured_in_part(kept):
    part = {kept: records(1.0, 20.0)[kept]}
    found = cells(headline_table({"a": [part]}))["a"]
    assert len(found) == len(COLUMNS) + 1
    assert bool(found["static EER"]) == (kept == "verification")
    assert bool(found["z: speaker network"]) == (kept == "probes")
