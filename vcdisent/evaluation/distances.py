"""Distances between recordings that no network judges: of pitch, and of spectra that say the same."""

import numpy as np

from vcdisent.features.world import analyse

HOP_MS = 10.0
NUM_BANDS = 60
NUM_CEPSTRA = 24
QUIET_DB = 40.0  # frames so far below the loudest are pauses
FEWEST_FRAMES = 10
FLAT = 1e-6


def f0_correlation(f0_a: np.ndarray, f0_b: np.ndarray) -> float | None:
    """Pearson's correlation of the logs of two tracks (T,) in step where both are voiced; None: they hardly are."""
    num_frames = min(len(f0_a), len(f0_b))
    a, b = f0_a[:num_frames], f0_b[:num_frames]
    both = (a > 0) & (b > 0)
    log_a, log_b = np.log(a[both]), np.log(b[both])
    if len(log_a) < FEWEST_FRAMES or min(log_a.std(), log_b.std()) < FLAT:
        return None
    return float(np.corrcoef(log_a, log_b)[0, 1])


def parallel_distances(wav: np.ndarray, reference: np.ndarray, sample_rate: int) -> tuple[float, float | None]:
    """Mel-cepstral distortion in dB, and root mean square error of log F0 in semitones, between two sayings of a text.

    The first is Kubichek's (1993), over 24 coefficients without the zeroth, along the path on which dynamic time
    warping finds it least, pauses cut; the second along the same path, where both are voiced (None: nowhere).

    Both are of sentences: time and memory grow with the product of their lengths.

    Args:
        wav: (N,) one of them.
        reference: (M,) the other, as long as it likes.
        sample_rate: Of both, in hertz.
    """
    import librosa

    (cepstra_a, f0_a), (cepstra_b, f0_b) = (_speech(one, sample_rate) for one in (wav, reference))
    _, path = librosa.sequence.dtw(cepstra_a.T, cepstra_b.T)
    rows, columns = path.T
    scale = 10 / np.log(10) * np.sqrt(2)
    distortion = scale * np.linalg.norm(cepstra_a[rows] - cepstra_b[columns], axis=1).mean()
    both = (f0_a[rows] > 0) & (f0_b[columns] > 0)
    if both.sum() < FEWEST_FRAMES:
        return float(distortion), None
    semitones = 12 * np.log2(f0_a[rows][both] / f0_b[columns][both])
    return float(distortion), float(np.sqrt(np.mean(np.square(semitones))))


def _speech(wav: np.ndarray, sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Mel-cepstra (T, 24) and F0 (T,) in hertz of the frames that are no pause."""
    frames = analyse(wav, sample_rate, HOP_MS, NUM_BANDS)
    cosines = np.cos(np.pi * np.arange(NUM_CEPSTRA + 1)[:, None] * np.linspace(0, 1, NUM_BANDS))
    cepstra = frames.log_envelope @ np.linalg.pinv(cosines)  # log |H| is the sum of c cos, as SPTK has it
    level_db = 20 / np.log(10) * np.logaddexp.reduce(frames.log_envelope, axis=1)
    loud = level_db > level_db.max() - QUIET_DB
    return cepstra[loud, 1:], frames.f0_hz[loud]
