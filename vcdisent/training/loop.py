"""The training loop: any model, any objective, any corpus."""

import math
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import torch
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from vcdisent.batches import Batch, SegmentBatches
from vcdisent.errors import InputError
from vcdisent.progress import progress
from vcdisent.training import checkpoint
from vcdisent.training.distributed import agreed, averaged, earliest, wrap

Criterion = Callable[[Any], dict[str, float]]
Pictures = Callable[[Any], dict[str, Tensor]]
NEVER = 2**62
"""The step at which a term broke that has not."""


@dataclass
class Settings:
    """How to train.

    Attributes:
        max_steps: Steps in all.
        max_minutes: Stop cleanly after this long, to be resumed by the same command; None never does.
        learning_rate: Of Adam, at its highest.
        schedule: `cosine` falls to nothing at max_steps, `constant` stays.
        warmup_steps: Steps over which the learning rate rises.
        weight_decay: Of AdamW.
        clip_norm: Largest norm of the gradient.
        dev_every: Steps between two looks at dev.
        log_every: Steps between two lines of the log; a term that broke at any step before is told then.
        checkpoint_minutes: Time between two saved states.
        best: Name of the criterion's figure that picks the weights to keep; the highest wins, of equals the last.
            `step` keeps the last of all.
        precision: `bfloat16` computes matrix products in bfloat16 where that is safe.
        compile: Compile the step, worth its minute on a GPU.

    Raises:
        InputError: A value is not of its kind, or makes no sense.
    """

    max_steps: int = 5000
    max_minutes: float | None = None
    learning_rate: float = 1e-3
    schedule: Literal["cosine", "constant"] = "cosine"
    warmup_steps: int = 100
    weight_decay: float = 0.0
    clip_norm: float = 5.0
    dev_every: int = 500
    log_every: int = 10
    checkpoint_minutes: float = 3.0
    best: str = "score"
    precision: Literal["float32", "bfloat16"] = "float32"
    compile: bool = False

    def __post_init__(self) -> None:
        for name, hint in get_type_hints(type(self)).items():
            value, least = getattr(self, name), 1 if name in ("max_steps", "dev_every", "log_every") else 0
            if not fits(value, hint) or (isinstance(value, int | float) and value < least):
                raise InputError(f"configuration: trainer.{name}={value} makes no sense; give {in_words(hint, least)}")


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of the type that a field is annotated with; whole numbers will do for others."""
    kinds = get_args(hint) or (hint,)
    if get_origin(hint) is Literal:
        return value in kinds
    return type(value) in kinds or (float in kinds and type(value) is int)


def in_words(hint: Any, least: int) -> str:
    """What fits a field, for people."""
    kinds = get_args(hint) or (hint,)
    if get_origin(hint) is Literal:
        return " or ".join(kinds)
    names = {int: f"a whole number, {least} or more", float: f"a number, {least} or more", bool: "true or false"}
    return " or ".join("null" if kind is type(None) else names.get(kind, "a name") for kind in kinds)


class Step(nn.Module):
    """Model and objective as one module: what gradients are averaged over and what is compiled."""

    def __init__(self, model: nn.Module, objective: nn.Module, precision: str) -> None:
        super().__init__()
        self.model, self.objective, self.precision = model, objective, precision

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """Terms of the batch."""
        with torch.autocast(batch.x.device.type, torch.bfloat16, enabled=self.precision == "bfloat16"):
            return self.objective(self.model, batch)


class Trainer:
    """Trains `model` and keeps in `folder` the weights that are best on dev, and all that resuming needs.

    Args:
        model: Has `encode`; its weights are what is kept.
        objective: Called with model and batch; returns terms and `loss`. May have parameters of its own.
        batches: Gives the batch of any step.
        criterion: Looks at dev: figures by name, among them `settings.best`. If it has `names`, all that it may give,
            a mistyped one is told before the first step.
        pictures: Images in [0, 1] by name, for the log: (H, W), or (H, W, 3) in colour.
        folder: The checkpoint folder.
        settings: See `Settings`.

    Raises:
        InputError: bfloat16 is asked of a CPU.
    """

    def __init__(
        self,
        model: nn.Module,
        objective: nn.Module,
        batches: SegmentBatches,
        criterion: Criterion,
        pictures: Pictures,
        folder: Path,
        settings: Settings,
    ) -> None:
        self.model, self.objective, self.batches = model, objective, batches
        self.criterion, self.pictures, self.folder, self.settings = criterion, pictures, folder, settings
        self.device = batches.normaliser.device
        self.is_first = batches.rank == 0
        if settings.precision == "bfloat16" and self.device.type == "cpu":  # few can run an LSTM in it
            raise InputError("configuration: trainer.precision=bfloat16 needs a GPU; use float32 on a CPU")
        step = Step(model, objective, settings.precision)
        self.parameters = list(step.parameters())
        self.optimiser = torch.optim.AdamW(
            self.parameters, settings.learning_rate, weight_decay=settings.weight_decay, fused=True
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, self._learning_rate_factor)
        if settings.compile:
            step.compile()
        self.forward = wrap(step, self.device, batches.num_ranks)
        self.step, self.best = 0, -math.inf
        self.broken_at: Tensor | None = None

    def fit(self) -> bool:
        """Trains to `max_steps`, or for `max_minutes`; says whether it got to the end.

        Raises:
            InputError: A term is not a number, or `settings.best` is no figure of the criterion.
        """
        self._check_best(getattr(self.criterion, "names", (self.settings.best,)))
        self._resume()
        started = saved = time.monotonic()
        settings = self.settings
        with self._writer() as writer, self._bar() as bar:
            while self.step < settings.max_steps:
                terms = self._train_step(self.batches.batch(self.step))
                self.step += 1
                bar.update()
                is_logged = self.step % settings.log_every == 0
                is_dev_due = self.step % settings.dev_every == 0 or self.step == settings.max_steps
                if is_logged or is_dev_due:  # states are saved after one of the two, so none is of broken weights
                    self._see_that_all_is_finite(terms)
                if is_logged:
                    self._log(writer, terms, bar)
                if is_dev_due:
                    self._look_at_dev(writer)
                now = time.monotonic()
                if self._is_over(now - saved, settings.checkpoint_minutes):
                    self._save_state()
                    saved = now
                if self._is_over(now - started, settings.max_minutes):
                    break
            if self.best == -math.inf:  # stopped before the first look: what there is makes a checkpoint too
                self._look_at_dev(writer)
        self._save_state()
        return self.step >= settings.max_steps

    def _writer(self) -> AbstractContextManager[SummaryWriter | None]:
        return SummaryWriter(self.folder / "tensorboard", purge_step=self.step + 1) if self.is_first else nullcontext()

    def _bar(self) -> tqdm:
        return progress(total=self.settings.max_steps, initial=self.step, unit="step", disable=not self.is_first)

    def _train_step(self, batch: Batch) -> dict[str, Tensor]:
        self.model.train()
        terms = self.forward(batch)
        self.optimiser.zero_grad()
        terms["loss"].backward()
        terms["gradient_norm"] = nn.utils.clip_grad_norm_(self.parameters, self.settings.clip_norm)
        self.optimiser.step()
        self.schedule.step()
        self._note_broken(terms)
        return terms

    def _note_broken(self, terms: dict[str, Tensor]) -> None:
        """Keeps, on the device, the step at which each term was first not finite: soon after it all of them are."""
        values = torch.stack([term.detach().float() for term in terms.values()])
        if self.broken_at is None:
            self.broken_at = torch.full_like(values, NEVER, dtype=torch.int64)
        self.broken_at = torch.where(values.isfinite(), self.broken_at, self.broken_at.clamp_max(self.step + 1))

    def _see_that_all_is_finite(self, names: Iterable[str]) -> None:
        assert self.broken_at is not None  # a step was taken
        steps = earliest(self.broken_at)
        first = min(steps)
        if first == NEVER:
            return
        broken = [name for name, step in zip(names, steps, strict=True) if step == first]
        state = self.folder / checkpoint.STATE
        again = f"the last good state is in {state}: resume" if state.exists() else "begin again"
        raise InputError(
            f"step {first}: {', '.join(broken)} is not a finite number; {again} with a lower "
            "trainer.learning_rate or trainer.clip_norm"
        )

    def _learning_rate_factor(self, step: int) -> float:
        warmup = min(1.0, (step + 1) / max(self.settings.warmup_steps, 1))
        if self.settings.schedule == "constant":
            return warmup
        return warmup * 0.5 * (1 + math.cos(math.pi * min(step / self.settings.max_steps, 1.0)))

    def _log(self, writer: SummaryWriter | None, terms: dict[str, Tensor], bar: tqdm) -> None:
        values = averaged(terms)
        bar.set_postfix(loss=f"{values['loss']:.1f}", refresh=False)
        for name, value in {**values, "learning_rate": self.schedule.get_last_lr()[0]}.items():
            if writer:
                writer.add_scalar(f"train/{name}", value, self.step)

    def _look_at_dev(self, writer: SummaryWriter | None) -> None:
        if not writer:
            return
        self.model.eval()
        figures = self.criterion(self.model)
        self._check_best(figures)
        told = {"step": self.step, **figures}
        if told[self.settings.best] >= self.best:  # of weights that do alike the later ones are surer
            self.best = told[self.settings.best]
            checkpoint.save_tensors(self.folder / checkpoint.WEIGHTS, self.model.state_dict())
            checkpoint.save_yaml(self.folder / checkpoint.DEV, told)
        tqdm.write(f"step {self.step}: " + ", ".join(f"{name} {value:.4g}" for name, value in figures.items()))
        for name, value in figures.items():
            writer.add_scalar(f"dev/{name}", value, self.step)
        for name, picture in self.pictures(self.model).items():
            writer.add_image(name, picture, self.step, dataformats="HWC"[: picture.dim()])

    def _check_best(self, names: Collection[str]) -> None:
        every = (*names, "step")
        if self.settings.best not in every:
            raise InputError(f"configuration: trainer.best={self.settings.best} is none of {', '.join(every)}")

    def _is_over(self, seconds: float, minutes: float | None) -> bool:
        if minutes is None or self.step % self.settings.log_every:
            return False
        return agreed(seconds > 60 * minutes, self.device)

    def _save_state(self) -> None:
        if not self.is_first:
            return
        state = {
            "step": self.step,
            "best": self.best,
            "model": self.model.state_dict(),
            "objective": self.objective.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": {"last_epoch": self.schedule.last_epoch},
        }
        checkpoint.save_state(self.folder / checkpoint.STATE, state)

    def _resume(self) -> None:
        path = self.folder / checkpoint.STATE
        if not path.exists():
            return
        state = checkpoint.load_state(path)
        try:
            self.model.load_state_dict(state["model"])
            self.objective.load_state_dict(state["objective"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.schedule.last_epoch = state["schedule"]["last_epoch"]
            self.step, self.best = state["step"], state["best"]
        except (RuntimeError, LookupError, TypeError, ValueError) as error:
            reason = str(error).splitlines()[-1].strip()[:160]
            raise InputError(f"{path}: is the state of another model ({reason}); name another out=") from None
        for group in self.optimiser.param_groups:  # the state holds those that it was saved under
            group["lr"] = self.settings.learning_rate * self._learning_rate_factor(self.step)
            group["weight_decay"] = self.settings.weight_decay
