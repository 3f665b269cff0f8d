"""Codes of a batch, as the estimators of mutual information see them."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vcdisent.augment.keep_static import reorder
from vcdisent.batches import Batch
from vcdisent.model.batch_statistics import encode_view
from vcdisent.model.gaussian import Gaussian, Normal
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective.gather import gather_batch


@dataclass
class Codes:
    """Static or dynamic codes of this rank's sequences.

    Attributes:
        posterior: q(s | x) (B, S) or q(z | x) (B, T, D).
        sample: Drawn from it.
        pair: Means for the sequences and for their views, which are compared; None where no view was encoded.
    """

    posterior: Gaussian
    sample: Tensor
    pair: tuple[Tensor, Tensor] | None = None


def code_batch(
    model: SequenceVAE,
    batch: Batch,
    static_view: bool,
    dynamic_view: bool,
    view_share: float = 1.0,
    decoded_views: float = 0.0,
) -> tuple[Codes, Codes]:
    """Static and dynamic codes of a batch, and of the views that are asked for.

    A view goes through the encoder only, by itself, and frames that it shares with its sequence go through it once.
    Of the keep-dynamic view the share `view_share` is read, at a place drawn for the step, and compared with the same
    frames of the sequence. The share `decoded_views` of the sequences have the s of their keep-static view.
    """
    own, normal = model.encoder(batch.x), batch.keyed.normal
    place = drawn_place(batch, view_share) if dynamic_view and view_share < 1 else None
    read = batch.x_dynamic if place is None else batch.x_dynamic[:, place]
    warped = encode_view(model.encoder, read) if dynamic_view else None
    dynamic = code_dynamic(model.dynamic_posterior, own, warped, normal, place)
    ordered = keep_static_codes(model, batch, own) if static_view else None
    return code_static(model.static_posterior, own, ordered, normal, round(decoded_views * len(own))), dynamic


def drawn_place(batch: Batch, share: float) -> slice:
    """Where that share of the frames lies in the segments of a step, all of which it is drawn for."""
    num_frames = max(1, round(share * batch.x.shape[1]))
    generator = batch.keyed.generator("view_place", torch.device("cpu"))
    first_frame = int(torch.randint(batch.x.shape[1] - num_frames + 1, (), generator=generator))
    return slice(first_frame, first_frame + num_frames)


def keep_static_codes(model: SequenceVAE, batch: Batch, own: Tensor) -> Tensor:
    """Frame codes (B, T, H) of the keep-static view: `own` in another order, or those of frames apart."""
    if batch.order is not None:
        return reorder(own, batch.order)
    assert batch.x_static is not None  # one of the two is given
    return encode_view(model.encoder, batch.x_static)


def code_static(
    posterior: nn.Module, own: Tensor, view: Tensor | None, normal: Normal, num_from_view: int = 0
) -> Codes:
    """Static codes for frame codes (B, T, H) of sequences and of their keep-static views.

    The first `num_from_view` sequences have q(s | x^c) of their view in place of q(s | x): the bound holds for either.
    """
    every = posterior(own if view is None else torch.cat([own, view]))
    rows = torch.arange(len(own), device=own.device)
    static = rows_of(every, rows + len(own) * (rows < num_from_view))
    pair = None if view is None else halves(every.mean)
    return Codes(static, static.sample(normal("static", tuple(static.mean.shape))), pair)


def code_dynamic(
    posterior: nn.Module, own: Tensor, view: Tensor | None, normal: Normal, place: slice | None = None
) -> Codes:
    """Dynamic codes for frame codes (B, T, H) of sequences, and of their keep-dynamic views or the `place` of those.

    A posterior that feeds back what it gave reads `own` twice: means are fed back for codes that are compared
    (section 2.3), samples for those that the bound is taken along.
    """
    if place is None:
        compared = None if view is None else posterior(torch.cat([own, view]))
        shared = None if posterior.feeds_back else compared
        dynamic = posterior(own, None, normal) if shared is None else rows_of(shared, slice(len(own)))
        pair = None if compared is None else halves(compared.mean)
    else:
        dynamic = posterior(own, None, normal)
        means = posterior(own).mean if posterior.feeds_back else dynamic.mean
        pair = means[:, place], posterior(view).mean
    return Codes(dynamic, dynamic.sample(normal("dynamic", tuple(dynamic.mean.shape))), pair)


def rows_of(gaussian: Gaussian, rows: Tensor | slice) -> Gaussian:
    """Some rows of a Gaussian."""
    return Gaussian(gaussian.mean[rows], gaussian.log_variance[rows])


def halves(codes: Tensor) -> tuple[Tensor, Tensor]:
    """The first and the second half of the rows (2B, ...)."""
    own, view = codes.chunk(2)
    return own, view


def everywhere(gaussian: Gaussian) -> Gaussian:
    """A Gaussian with the rows of all ranks."""
    return Gaussian(gather_batch(gaussian.mean), gather_batch(gaussian.log_variance))
