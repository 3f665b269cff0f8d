"""One vector a recording, and what dev says of a model."""

import pytest
import torch

from vcdisent.batches import FrameBank, Normaliser
from vcdisent.errors import InputError
from vcdisent.evaluation.codes import DevCriterion, ReconstructionPictures, find_centres, recording_vectors
from vcdisent.evaluation.verification import Trials, equal_error_rate
from vcdisent.model.gaussian import Gaussian
from vcdisent.model.long_sequence import encode_long
from vcdisent.model.sequence_vae import Posterior

NUM_BINS = 12


def frames(num_frames, seed=0):
    return torch.randn(num_frames, NUM_BINS, generator=torch.Generator().manual_seed(seed))


def bank_of(sequences, speakers):
    lengths = torch.tensor([len(x) for x in sequences])
    ids = [str(number) for number in range(len(sequences))]
    return FrameBank(torch.cat(sequences), lengths.cumsum(0) - lengths, lengths, torch.tensor(speakers), ids)


BACKGROUND = torch.stack([frames(8, seed) for seed in range(100, 104)])
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
    figures = DevCriterion(bank_of(sequences, speakers), UNIT, BACKGROUND)(MeanOnly())
    assert figures["static_eer"] == 0 and figures["score"] == 0 and 0 < figures["threshold"] < 1
    shuffled = DevCriterion(bank_of(sequences, [0, 1, 2] * 3), UNIT, BACKGROUND)(MeanOnly())
    assert shuffled["static_eer"] > 30 and shuffled["score"] == -shuffled["static_eer"]


def test_the_score_is_the_gap_and_the_threshold_is_that_of_centred_codes(make_model):
    model = make_model().eval()
    sequences, speakers = speakers_apart()
    figures = DevCriterion(bank_of(sequences, speakers), UNIT, BACKGROUND)(model)
    kinds = ("static", "static_centred", "dynamic_mean", "dynamic_sample", "dynamic_centred")
    assert figures.keys() == {*(f"{kind}_eer" for kind in kinds), "score", "threshold"}
    assert figures["score"] == pytest.approx(figures["dynamic_mean_eer"] - figures["static_eer"])
    trials = Trials.all_pairs(speakers)
    scores = trials.scores(recording_vectors(model, sequences)["static_centred"])
    assert (figures["static_centred_eer"], figures["threshold"]) == equal_error_rate(scores, trials.is_target)


def test_the_criterion_normalises_and_changes_nothing(make_model):
    model = make_model().eval()
    sequences, speakers = speakers_apart()
    before = [parameter.clone() for parameter in model.parameters()]
    scaled = bank_of([2 * x + 3 for x in sequences], speakers)
    normaliser = Normaliser(torch.full((NUM_BINS,), 3.0), torch.full((NUM_BINS,), 2.0))
    figures = DevCriterion(bank_of(sequences, speakers), UNIT, BACKGROUND)(model)
    again = DevCriterion(scaled, normaliser, BACKGROUND)(model)
    assert figures == pytest.approx(again)
    assert all(map(torch.equal, before, model.parameters()))


@pytest.mark.parametrize("speakers", [[0, 0, 0], [0, 1, 2], [0]])
def test_dev_needs_pairs_of_both_kinds(speakers):
    with pytest.raises(InputError, match=r"corpus\.dev: .* two speakers"):
        DevCriterion(bank_of([frames(9, seed) for seed in speakers], speakers), UNIT, BACKGROUND)


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
