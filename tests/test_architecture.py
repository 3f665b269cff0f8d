"""The way through the house goes one way, and training needs no more than a bare GPU node has."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "vcdisent"
LAYERS = [
    {"errors", "atomic", "counted", "progress", "provenance"},  # free for all
    {"audio", "audio_extent", "audio_header", "audio_level", "audio_write", "video"},
    {"corpora"},
    {"features"},
    {"augment"},
    {"batches"},
    {"model"},
    {"objective"},
    {"training"},
    {"vocoder"},
    {"evaluation"},
    {"conversion"},
    {"overrides"},
    {"config", "loading", "cli", "verbs", "commands", "conf", ""},  # "" is the package itself
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}

BARE = [
    "features/cepstrum.py",
    "features/frames.py",
    "features/spectrogram.py",
    "features/store.py",
    "augment/keep_dynamic_audio.py",
    "augment/keep_dynamic_video.py",
    "augment/keep_static.py",
    "augment/stored_views.py",
    "batches.py",
    "model",
    "objective",
    "training",
    "config.py",
]
ON_A_BARE_NODE = {"torch", "numpy", "safetensors", "yaml", "tqdm", "vcdisent", *sys.stdlib_module_names}
NOT_ON_A_BARE_NODE = [
    *("librosa", "soundfile", "soxr", "pyworld", "kaldiio", "speechbrain", "sklearn", "joblib", "hydra", "omegaconf"),
    *("matplotlib", "torchaudio", "espeakng_loader", "PIL", "cv2", "kornia"),
]


def module_name(path: Path) -> str:
    """`vcdisent.model.prior` for its file."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


def imported(nodes: Iterator[ast.AST]) -> Iterator[str]:
    """Names of what import statements bring in, `vcdisent.audio` for `from vcdisent import audio`."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(module: str) -> str:
    """The room of the house that a module of ours is in; no room for an attribute of the package, as `__version__`."""
    room = [*module.split("."), ""][1]
    return room if room in LEVEL else ""


def bare_files() -> list[Path]:
    """Files that training is made of."""
    places = [PACKAGE / name for name in BARE]
    return sorted(file for place in places for file in (place.rglob("*.py") if place.is_dir() else [place]))


def test_every_module_has_its_place() -> None:
    rooms = {path.stem for path in PACKAGE.glob("*.py")} | {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert rooms - {"__init__"} == set(LEVEL) - {""}


def test_a_package_imports_only_from_those_before_it() -> None:
    wrong = [
        f"{module_name(path)} imports {name}"
        for path in PACKAGE.rglob("*.py")
        for name in imported(ast.walk(ast.parse(path.read_text())))
        if name.split(".")[0] == "vcdisent" and LEVEL[layer(name)] > LEVEL[layer(module_name(path))]
    ]
    assert wrong == []


def test_evaluation_takes_models_and_arrays_never_recordings() -> None:
    reading = ("vcdisent.audio", "vcdisent.corpora", "soundfile")
    wrong = [
        f"{module_name(path)} imports {name}"
        for path in (PACKAGE / "evaluation").rglob("*.py")
        for name in imported(ast.walk(ast.parse(path.read_text())))
        if name.startswith(reading)
    ]
    assert wrong == []


def test_training_names_nothing_at_module_top_that_a_bare_node_lacks() -> None:
    wrong = [
        f"{module_name(path)} imports {name}"
        for path in bare_files()
        for name in imported(iter(ast.parse(path.read_text()).body))
        if name.split(".")[0] not in ON_A_BARE_NODE
    ]
    assert wrong == []


def test_training_imports_and_builds_on_a_bare_node() -> None:
    modules = [module_name(path) for path in bare_files()]
    assert "vcdisent.training.loop" in modules
    code = f"""
import importlib, sys

class BareNode:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in {NOT_ON_A_BARE_NODE}:
            raise ModuleNotFoundError(f"a bare node has no {{name}}", name=name)

sys.meta_path.insert(0, BareNode)
for module in {modules}:
    importlib.import_module(module)

import torch
from vcdisent.config import build
features = build({{"kind": "LogMagnitude", "floor": 0.001}})
print(tuple(features(torch.zeros(1, 1600)).shape))
"""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip() == "(1, 11, 200)"
