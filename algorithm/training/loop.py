"""The training loop, to be read from top to bottom."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from algorithm.contract.hyperparameters import Hyperparameters
from algorithm.contract.metrics import BestModel, SavedCheckpoint, ValidationAccuracy
from algorithm.failure import ClientError
from algorithm.training import log
from algorithm.training.batches import Batch, Batches
from algorithm.training.channel import Channel
from algorithm.training.early_stopping import EarlyStopping
from algorithm.training.framing import Framing
from algorithm.training.model_directory import ModelDirectory
from algorithm.training.onnx_graph import onnx_model
from algorithm.training.optimization import build_optimizer, learning_rate, set_learning_rate
from algorithm.training.resnet import resnet
from algorithm.training.score import EpochScore
from algorithm.training.stop import Stop

# Weights, crops and flips follow from it: on a CPU the same job gives the same model.
SEED = 0


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to train on, and where to."""

    chosen: Hyperparameters
    training: Channel
    validation: Channel
    models: ModelDirectory
    stop: Stop
    threads: int
    seed: int = SEED


def train(job: Job) -> None:
    """Train, and store the best model on the way.

    Raises ClientError for data that cannot be trained on, and Stopped when a stop is requested.
    """
    chosen = job.chosen
    torch.set_num_threads(job.threads)
    torch.manual_seed(job.seed)
    early_stopping = EarlyStopping(chosen)
    best_accuracy = -1.0
    with ThreadPoolExecutor(job.threads, thread_name_prefix="decode") as decoders:
        trainer = Trainer(job, decoders)
        for epoch in range(chosen.epochs):
            trainer.train(epoch)
            accuracy = trainer.validate(epoch)
            log.info(ValidationAccuracy(epoch=epoch, accuracy=accuracy))

            if chosen.checkpoint_frequency is None and accuracy > best_accuracy:
                log.info(BestModel(accuracy=accuracy))
                path = job.models.store_best(epoch, trainer.exported())
                log.info(SavedCheckpoint(path=str(path)))
            elif chosen.checkpoint_frequency and (epoch + 1) % chosen.checkpoint_frequency == 0:
                path = job.models.store(epoch, trainer.exported())
                log.info(SavedCheckpoint(path=str(path)))
            best_accuracy = max(best_accuracy, accuracy)

            if early_stopping.ends_after(accuracy):
                log.info(f"Epoch[{epoch}] Early stopping: no improvement on {best_accuracy:.6f}")
                return


class Trainer:
    """A network on its device, with what changes its weights and what feeds it."""

    def __init__(self, job: Job, decoders: ThreadPoolExecutor) -> None:
        self._job = job
        self._decoders = decoders
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._network = resnet(
            num_layers=job.chosen.num_layers,
            channels=job.chosen.image_shape.channels,
            num_classes=job.chosen.num_classes,
        )
        # Convolutions are fastest in channels-last order, on CPUs and on GPUs (torch's stub of
        # this method lacks the argument).
        self._network.to(  # type: ignore[call-overload]
            self._device, memory_format=torch.channels_last
        )
        self._optimizer = build_optimizer(self._network, job.chosen)

    def train(self, epoch: int) -> None:
        """One pass over the train channel in full batches; an incomplete last one is left out."""
        chosen = self._job.chosen
        rate = learning_rate(chosen, epoch)
        if epoch in chosen.lr_scheduler_step:
            log.info(f"Epoch[{epoch}] Change learning rate to {rate:.5e}")
        set_learning_rate(self._optimizer, rate)
        self._network.train()
        score = EpochScore(epoch, chosen.top_k, self._device)
        framing = Framing.of_training(chosen, self._job.seed)
        left_out = 0
        for batch in self._batches(self._job.training, framing, epoch):
            if len(batch) < chosen.mini_batch_size:
                left_out = len(batch)
                break
            labels = torch.from_numpy(batch.labels).to(self._device)
            logits = self._network(self._pixels(batch))
            loss = cross_entropy(logits, labels)
            self._optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch left it untyped
            self._optimizer.step()
            score.count(logits.detach(), labels, loss.detach())
            if score.is_line_due:
                log.info(score.progress())
        self._check(score, left_out)
        for line in score.summary():
            log.info(line)

    @torch.inference_mode()
    def validate(self, epoch: int) -> float:
        """Correct predictions by all predictions over every image of the validation channel.

        The built-in fills its last batch up with images it has seen (A.7); this figure is exact.
        """
        self._network.eval()
        correct = torch.zeros((), dtype=torch.int64, device=self._device)
        count = 0
        framing = Framing.of_validation(self._job.chosen)
        for batch in self._batches(self._job.validation, framing, epoch):
            labels = torch.from_numpy(batch.labels).to(self._device)
            correct += (self._network(self._pixels(batch)).argmax(dim=1) == labels).sum()
            count += len(batch)
        return int(correct) / count

    def exported(self) -> bytes:
        """The network as it is now, as an ONNX model."""
        chosen = self._job.chosen
        return onnx_model(self._network, chosen.image_shape, chosen.num_classes)

    def _batches(self, channel: Channel, framing: Framing, epoch: int) -> Batches:
        return Batches(
            channel.samples(epoch, self._job.stop),
            partial(framing.pixels, epoch=epoch),
            size=self._job.chosen.mini_batch_size,
            threads=self._decoders,
            stop=self._job.stop,
        )

    def _pixels(self, batch: Batch) -> Tensor:
        """NCHW floats from 0 to 255; in memory they stay in channels-last order."""
        images_NHWC = torch.from_numpy(batch.images).to(self._device)  # noqa: N806 - dimensions
        return images_NHWC.permute(0, 3, 1, 2).float()

    def _check(self, score: EpochScore, left_out: int) -> None:
        chosen = self._job.chosen
        if score.images == 0:
            raise ClientError(
                "The number of input images must be bigger or equal to the mini_batch_size."
            )
        if score.has_diverged:
            raise ClientError(
                f"Training diverged in epoch {score.epoch}: the loss is no finite number. "
                f"Use a learning_rate lower than {chosen.learning_rate:g}."
            )
        if score.epoch == 0 and score.images + left_out != chosen.num_training_samples:
            log.warning(
                f"num_training_samples is {chosen.num_training_samples}, "
                f"but channel train has {score.images + left_out} images"
            )
