"""Whatever is minimised: two ranks that share a batch find the gradient that one finds alone."""

import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file

METHODS = {
    "cdsvae": ["objective=cdsvae"],
    "cdsvae_mws": ["objective=cdsvae_mws"],
    "verification": ["mi_static.memory=16", "mi_dynamic.critic=within", "mi_cross=sequence_club"],
    "club": ["mi_cross=club"],
    "halves_adversary": ["mi_cross=halves_adversary"],
    "s3vae": ["objective=s3vae"],
    "rwae": ["objective=rwae"],
    "spyl": ["objective=spyl", "objective.start_step=0"],
    "dbse": ["objective=dbse"],
}

GRADIENTS = """
import json, sys
from pathlib import Path
import torch
from safetensors.torch import save_file
from vcdisent.commands.train import make_trainer
from vcdisent.config import compose
from vcdisent.training.distributed import process_group

methods, out, device = json.loads(sys.argv[1]), Path(sys.argv[2]), torch.device("cpu")
torch.set_num_threads(1)
with process_group(device) as (rank, num_ranks):
    for name, overrides in methods.items():
        torch.manual_seed(0)
        trainer = make_trainer(compose([*overrides, "trainer.clip_norm=1e9"]), out / name, device, rank, num_ranks)
        for step in range(2):
            trainer._train_step(trainer.batches.batch(0))
            if step == 0:
                first = {n: p.grad.clone() for n, p in trainer.model.named_parameters() if p.grad is not None}
        if rank == 0:
            save_file(first, out / f"{name}.safetensors")
"""


def gradients(num_ranks, methods, out):
    import json

    out.mkdir()
    (out / "gradients.py").write_text(GRADIENTS)
    ranks = ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={num_ranks}"] if num_ranks > 1 else []
    words = [sys.executable, *ranks, out / "gradients.py", json.dumps(methods), out]
    ran = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return {name: load_file(out / f"{name}.safetensors") for name in methods}


@pytest.fixture(scope="module")
def both(tiny, tmp_path_factory):
    """Gradients of every method's first step, on one rank and on two."""
    folder = tmp_path_factory.mktemp("ranks")
    common = [override for override in tiny if "_posterior." not in override]  # dbse has another
    methods = {name: [*common, *overrides] for name, overrides in METHODS.items()}
    return [gradients(num_ranks, methods, folder / str(num_ranks)) for num_ranks in (1, 2)]


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_two_ranks_find_the_gradient_of_one(both, name):
    one, two = (found[name] for found in both)
    assert one.keys() == two.keys()
    whole = torch.cat([gradient.flatten() for gradient in one.values()])
    apart = torch.cat([(two[key] - one[key]).flatten() for key in one])
    assert whole.norm() > 0 and apart.norm() < 1e-3 * whole.norm(), f"{apart.norm() / whole.norm():.2e}"
