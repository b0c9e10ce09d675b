"""Batches as people have them: loaders of tensors, pairs and dicts."""

import itertools

import pytest
import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset

from saddlepoint import data, train
from saddlepoint.errors import BadOption
from saddlepoint.training.batches import batch_of
from tests.conftest import PLANE, VECTOR

X, Y = torch.randn(24, 5, dtype=torch.float64), torch.arange(24) % 3


class Named(Dataset):
    """Samples as dicts."""

    def __len__(self):
        return len(X)

    def __getitem__(self, index):
        return {"x": X[index], "y": Y[index]}


def losses(game, batches, adams):
    """Of three steps, more than an epoch."""
    return [
        step.losses["discriminator"].total.item() for step in itertools.islice(train(game, batches, adams(game)), 3)
    ]


def test_pairs_and_dicts_of_a_loader_are_the_batches_that_a_function_gives(small_gan, adams):
    whole = losses(small_gan(spec=VECTOR), lambda index: {"x": X[index % 2 * 12 :][:12].float(), "y": Y[:12]}, adams)
    for dataset in (TensorDataset(X, Y), Named()):
        assert losses(small_gan(spec=VECTOR), Batched(dataset), adams) == whole


class Batched(DataLoader):
    """A loader that leaves torch's random state alone, so that the steps' noise is that of a function's."""

    def __init__(self, dataset):
        super().__init__(dataset, 12, generator=torch.Generator())


def test_bare_tensors_and_shuffled_loaders_are_batches(small_gan, adams):
    points = torch.randn(12, 2)
    function = losses(small_gan(), lambda index: {"x": points}, adams)
    assert losses(small_gan(), [points], adams) == function
    assert losses(small_gan(), Batched(TensorDataset(points)), adams) == function
    shuffled = [losses(small_gan(), DataLoader(points, 5, shuffle=True), adams) for _ in range(2)]
    assert shuffled[0] == shuffled[1], "a function of the seed"


@pytest.mark.parametrize(
    ("batches", "words"),
    [
        (X, r"one tensor \(24, 5\): take DataLoader\(TensorDataset"),
        (7, "got int; of a source take"),
        (data.build("ring"), r"got \w+; of a source take source.batches\(64\)"),
        (TensorDataset(X, Y), r"got TensorDataset; .* of a dataset DataLoader\(dataset"),
        ([(X, Y, Y)], "got a tuple of 3: Tensor, Tensor, Tensor"),
        ([(X, ["a", "b"])], "got a tuple of 2: Tensor, list"),
        ([{"x": X, "names": ["a"]}], "got a dict of x: Tensor, names: list"),
        ([(X, Y[:7])], "as many of each part, got {'x': 24, 'y': 7}"),
        ([X.byte()], r"got bytes \(uint8\); of images"),
        ([None], "got NoneType"),
        ([], "an iterable that is empty or spent"),
    ],
)
def test_what_is_no_batch_is_one_line(batches, words, small_gan, adams):
    with pytest.raises(BadOption, match=words) as refusal:
        next(train(small_gan(spec=PLANE), batches, adams(small_gan())))
    assert "\n" not in str(refusal.value)


def test_numbers_take_the_games_precision_and_labels_stay():
    made = batch_of((X, Y), torch.device("cpu"), torch.float32)
    assert (made["x"].dtype, made["y"].dtype) == (torch.float32, torch.int64)
    for kind in (torch.uint8, torch.int32, torch.int16):
        assert torch.equal(batch_of((X, Y.to(kind)), torch.device("cpu"), torch.float32)["y"], Y)
