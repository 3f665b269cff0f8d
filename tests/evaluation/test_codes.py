"""One vector a recording, and what dev says of a model."""

import pytest
import torch

from vcdisent.batches import Batch, FrameBank, Keyed, Normaliser
from vcdisent.errors import InputError
from vcdisent.evaluation.codes import (
    DevCriterion,
    ReconstructionPictures,
    find_centres,
    frame_codes,
    mean_and_deviation,
    noise_vectors,
    recording_vectors,
)
from vcdisent.evaluation.verification import Trials, equal_error_rate
from vcdisent.model.gaussian import Gaussian
from vcdisent.model.long_sequence import encode_long
from vcdisent.model.sequence_vae import Posterior
from vcdisent.objective.readings import READINGS

NUM_BINS = 12


def frames(num_frames, seed=0):
    return torch.randn(num_frames, NUM_BINS, generator=torch.Generator().manual_seed(seed))


def bank_of(sequences, speakers):
    lengths = torch.tensor([len(x) for x in sequences])
    ids = [str(number) for number in range(len(sequences))]
    return FrameBank(torch.cat(sequences), lengths.cumsum(0) - lengths, lengths, torch.tensor(speakers), ids)


def batch_of(x):
    """A batch without much of a view."""
    keyed = Keyed(0, 0, torch.device("cpu"))
    order = torch.arange(x.shape[1]).flip(0).expand(len(x), -1)
    return Batch(x, order, x + 0.1, torch.zeros(len(x), dtype=torch.int64), keyed)


BACKGROUND = [batch_of(torch.stack([frames(8, seed) for seed in range(start, start + 4)])) for start in (100, 200)]
UNIT = Normaliser(torch.zeros(NUM_BINS), torch.ones(NUM_BINS))


@pytest.mark.parametrize("num_frames", [1, 5, 8, 9, 50])
def test_vectors_of_a_recording_of_any_length(make_model, num_frames):
    model = make_model().eval()
    x = frames(num_frames)
    vectors = recording_vectors(model, [x, frames(20, seed=1)])
    posterior = encode_long(model, x)
    assert {name: rows.shape for name, rows in vectors.items()} == {
        "static": (2, 6),
        "dynamic_mean": (2, 4),
        "dynamic_mean_deviation": (2, 8),
        "dynamic_sample": (2, 4),
        "static_centred": (2, 6),
        "dynamic_centred": (2, 4),
    }
    torch.testing.assert_close(torch.from_numpy(vectors["static"][0]), posterior.static.mean[0])
    torch.testing.assert_close(torch.from_numpy(vectors["dynamic_mean"][0]), posterior.dynamic.mean[0].mean(0))


def test_samples_are_keyed_and_go_with_the_variance(make_model):
    model = make_model().eval()
    sequences = [frames(30, seed) for seed in range(3)]
    first, again = (recording_vectors(model, sequences)["dynamic_sample"] for _ in range(2))
    other = recording_vectors(model, sequences, seed=1)["dynamic_sample"]
    assert (first == again).all() and (first != other).all()
    with torch.no_grad():
        model.dynamic_posterior.head.log_variance.weight.zero_()
        model.dynamic_posterior.head.log_variance.bias.fill_(-10)
    vectors = recording_vectors(model, sequences)
    assert abs(vectors["dynamic_sample"] - vectors["dynamic_mean"]).max() < 0.02


def test_the_deviation_tells_what_the_mean_hides():
    generator = torch.Generator().manual_seed(0)
    speakers = torch.arange(20) % 2
    means = torch.randn(20, 3, generator=generator) + 100
    deviations = 1 + speakers.unsqueeze(1) + 0.1 * torch.rand(20, 3, generator=generator)
    trials = Trials.all_pairs(speakers.tolist())
    hidden, found = (
        equal_error_rate(trials.scores(rows.numpy()), trials.is_target)[0]
        for rows in (means, mean_and_deviation(means, deviations))
    )
    assert hidden > 35 and found < 20
    both = mean_and_deviation(means, deviations)
    torch.testing.assert_close(both.mean(0), torch.zeros(6), atol=1e-4, rtol=0)
    torch.testing.assert_close(both.std(0, correction=0), torch.ones(6))


def test_noise_tells_no_speaker():
    vectors = noise_vectors([50] * 40, 8)
    assert {name: rows.shape for name, rows in vectors.items()} == {"noise": (40, 8), "noise_mean_deviation": (40, 16)}
    trials = Trials.all_pairs([number % 4 for number in range(40)])
    for rows in vectors.values():
        assert 40 < equal_error_rate(trials.scores(rows), trials.is_target)[0] < 60


@pytest.mark.parametrize("num_frames", [5, 8, 27])
def test_every_frame_has_the_codes_of_its_segment(make_model, num_frames):
    model = make_model().eval()
    x = frames(num_frames)
    static, dynamic = frame_codes(model, x)
    assert static.shape == (num_frames, 6) and dynamic.shape == (num_frames, 4)
    torch.testing.assert_close(dynamic, encode_long(model, x).dynamic.mean[0])
    first = model.encode(x[: min(num_frames, 8)].unsqueeze(0)).static.mean[0]
    torch.testing.assert_close(static[0], first)
    assert (static[0] == static[-1]).all() == (num_frames <= 8)
    assert frame_codes(MeanOnly(), x)[1] is None


class MeanOnly(torch.nn.Module):
    """A speaker network: the mean of the frames."""

    segment_frames = 8

    def __init__(self):
        super().__init__()
        self.register_buffer("static_centre", torch.zeros(NUM_BINS))

    def encode(self, x):
        return Posterior(Gaussian(x.mean(1), torch.zeros(len(x), x.shape[2])), None)


def test_a_model_without_a_dynamic_half_has_static_vectors_only():
    sequences = [frames(8), frames(24, seed=1)]
    vectors = recording_vectors(MeanOnly(), sequences)
    assert vectors.keys() == {"static", "static_centred"}
    torch.testing.assert_close(torch.from_numpy(vectors["static"][0]), sequences[0].mean(0))


def test_centred_codes_are_compared_around_the_mean_of_training(make_model):
    model = make_model().eval()
    background = torch.stack([frames(8, seed) for seed in range(10, 15)])
    before = recording_vectors(model, [frames(20)])
    find_centres(model, background)
    posterior = model.encode(background)
    torch.testing.assert_close(model.static_centre, posterior.static.mean.mean(0))
    torch.testing.assert_close(model.dynamic_centre, posterior.dynamic.mean.flatten(0, 1).mean(0))
    after = recording_vectors(model, [frames(20)])
    for kind, plain, centre in (
        ("static_centred", "static", model.static_centre),
        ("dynamic_centred", "dynamic_mean", model.dynamic_centre),
    ):
        assert (before[kind] == before[plain]).all(), "a new model has its centres at 0"
        torch.testing.assert_close(torch.from_numpy(after[kind]), torch.from_numpy(after[plain]) - centre)
    assert not model.static_centre.requires_grad and "static_centre" in model.state_dict()


def speakers_apart(num_speakers=3, num_takes=3, num_frames=16):
    """Sequences whose mean tells the speaker."""
    numbers = [n for n in range(num_speakers) for _ in range(num_takes)]
    sequences = [frames(num_frames, seed) + 5 * torch.eye(NUM_BINS)[n] for seed, n in enumerate(numbers)]
    return sequences, numbers


def test_the_criterion_of_a_speaker_network_is_its_error_rate():
    sequences, speakers = speakers_apart()
    figures = DevCriterion(bank_of(sequences, speakers), UNIT, BACKGROUND, BACKGROUND[0])(MeanOnly())
    assert figures["static_eer"] == 0 and figures["score"] == 0 and 0 < figures["threshold"] < 1
    shuffled = DevCriterion(bank_of(sequences, [0, 1, 2] * 3), UNIT, BACKGROUND, BACKGROUND[0])(MeanOnly())
    assert shuffled["static_eer"] > 30 and shuffled["score"] == -shuffled["static_eer"]


def test_the_score_is_the_gap_and_the_threshold_is_that_of_centred_codes(make_model):
    model = make_model().eval()
    sequences, speakers = speakers_apart()
    figures = DevCriterion(bank_of(sequences, speakers), UNIT, BACKGROUND, BACKGROUND[0])(model)
    kinds = ("static", "static_centred", "dynamic_mean", "dynamic_mean_deviation", "dynamic_sample", "dynamic_centred")
    assert figures.keys() == {*(f"{kind}_eer" for kind in kinds), "score", "threshold", *READINGS}
    assert figures.keys() == set(DevCriterion.names)
    assert figures["score"] == pytest.approx(min(figures["dynamic_mean_eer"], 40.0) - figures["static_eer"])
    trials = Trials.all_pairs(speakers)
    scores = trials.scores(recording_vectors(model, sequences)["static_centred"])
    assert (figures["static_centred_eer"], figures["threshold"]) == equal_error_rate(scores, trials.is_target)


def test_the_criterion_normalises_and_changes_nothing(make_model):
    model = make_model().eval()
    sequences, speakers = speakers_apart()
    before = [parameter.clone() for parameter in model.parameters()]
    scaled = bank_of([2 * x + 3 for x in sequences], speakers)
    normaliser = Normaliser(torch.full((NUM_BINS,), 3.0), torch.full((NUM_BINS,), 2.0))
    figures = DevCriterion(bank_of(sequences, speakers), UNIT, BACKGROUND, BACKGROUND[0])(model)
    again = DevCriterion(scaled, normaliser, BACKGROUND, BACKGROUND[0])(model)
    assert figures == pytest.approx(again)
    assert all(map(torch.equal, before, model.parameters()))


@pytest.mark.parametrize("speakers", [[0, 0, 0], [0, 1, 2], [0]])
def test_dev_needs_pairs_of_both_kinds(speakers):
    with pytest.raises(InputError, match=r"corpus\.dev: .* two speakers"):
        DevCriterion(bank_of([frames(9, seed) for seed in speakers], speakers), UNIT, BACKGROUND, BACKGROUND[0])


def test_pictures_show_the_middle_of_what_is_long_enough(make_model):
    model = make_model().eval()
    sequences = [frames(length, seed) for seed, length in enumerate((10, 3, 8, 20))]
    pictures = ReconstructionPictures(bank_of(sequences, [0, 0, 1, 1]), UNIT, 8)
    torch.testing.assert_close(pictures.x, torch.stack([sequences[0][1:9], sequences[2], sequences[3][6:14]]))
    shown = pictures(model)
    assert {name: picture.shape for name, picture in shown.items()} == {
        "reconstruction": (2 * NUM_BINS, 3 * 8),
        "swap": (3 * NUM_BINS, 3 * 8),
        "sample": (NUM_BINS, 3 * 8),
    }
    assert all(picture.min() >= 0 and picture.max() <= 1 for picture in shown.values())
    assert all(torch.equal(picture, shown[name]) for name, picture in pictures(model).items()), "the same each time"
    assert pictures(MeanOnly()) == {}
