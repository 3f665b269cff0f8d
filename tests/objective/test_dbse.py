"""DBSE: what s alone explains."""

from collections.abc import Callable

import torch

from vcdisent.batches import Batch
from vcdisent.model.sequence_vae import SequenceVAE
from vcdisent.objective import elbo
from vcdisent.objective.dbse import SIGNS, DBSEObjective


def test_each_term_is_that_of_the_codes(make_model: Callable[..., SequenceVAE], batch: Batch) -> None:
    model, normal = make_model(), batch.keyed.normal
    terms = DBSEObjective(dict.fromkeys(SIGNS, 1.0))(model, batch)
    posterior = model.encode(batch.x)
    s, z = posterior.static.sample(normal("static", (5, 6))), posterior.dynamic.sample(normal("dynamic", (5, 8, 4)))
    expected = {
        "log_likelihood": elbo.log_likelihood(batch.x, model.decode(s, z)),
        "log_likelihood_static": elbo.log_likelihood(batch.x, model.decode(s, torch.zeros_like(z))),
        "kl_static": elbo.kl_static(posterior.static),
        "kl_dynamic": elbo.kl_dynamic(posterior.dynamic, model.prior(z)),
    }
    for name, value in expected.items():
        torch.testing.assert_close(terms[name], value, msg=name)
    total = expected["log_likelihood"] + expected["log_likelihood_static"]
    torch.testing.assert_close(terms["loss"], expected["kl_static"] + expected["kl_dynamic"] - total)


def test_a_decoder_that_does_not_hear_z_explains_as_much_without_it(
    make_model: Callable[..., SequenceVAE], batch: Batch
) -> None:
    model = make_model()
    decode = model.decode
    model.decode = lambda static, dynamic: decode(static, torch.zeros_like(dynamic))
    terms = DBSEObjective(dict.fromkeys(SIGNS, 1.0))(model, batch)
    torch.testing.assert_close(terms["log_likelihood"], terms["log_likelihood_static"])
