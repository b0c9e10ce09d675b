"""What a look sees of models that turn pictures into others."""

import json
from dataclasses import replace

import pytest
import torch
from torch import nn

from saddlepoint import load
from saddlepoint.configuration.building import through
from saddlepoint.configuration.settings import Watching
from saddlepoint.data.digits import digits
from saddlepoint.game import Game, Translates
from saddlepoint.judging.records import suitable
from saddlepoint.judging.reference import Reference
from saddlepoint.saved.model import Model
from saddlepoint.source import Stored
from saddlepoint.spec import IMAGE_UNITS, Spec
from saddlepoint.watching.diagnosing import diagnosed
from saddlepoint.watching.look import Look

SPEC = Spec((3, 8, 8), ("day", "night"), (0.5, 0.5), bounds=(-1.0, 1.0), units=IMAGE_UNITS)
# Pictures by day are smooth, and those by night the same in negative.
SOURCE = torch.Generator().manual_seed(0)
DAY = nn.functional.interpolate(torch.rand(200, 3, 2, 2, generator=SOURCE) * 2 - 1, (8, 8), mode="bilinear")
# The lowest digit of a picture in 8 bits, of which one sees nothing.
FAINT = 1 / 127.5


class Fixed(Game, Translates):
    """Translations that are known: `there` and `back` of pictures (B, C, H, W) in [-1, 1]."""

    def __init__(self, there, back):
        super().__init__()
        self.ways, self.weight = (back, there), nn.Parameter(torch.zeros(1))

    def players(self):
        return ()

    def translate(self, x, y):
        return self.ways[int(y[0])](x)


def seen(there, back):
    """What a look sees of such a model."""
    x, y = torch.cat([DAY, -DAY]), torch.arange(2).repeat_interleave(200)
    return Look(Stored(SPEC, x, y), "sliced_wasserstein", 64, 0)(Model(Fixed(there, back), SPEC, 0))


def hidden(x):
    """Middle grey, in which the picture is written faintly."""
    return x * FAINT


def found_again(x):
    return x / FAINT


WAYS = {
    "right": (lambda x: -x, lambda x: -x),
    "copied_input": (lambda x: x, lambda x: x),
    "ignored_input": (lambda x: -DAY[:1].expand_as(x), lambda x: -x),
    "hidden_input": (hidden, found_again),
}


@pytest.mark.parametrize("name", WAYS)
def test_a_translation_that_is_wrong_is_named(name):
    numbers = {f"look/{key}": value for key, value in seen(*WAYS[name]).items()}
    looks = [(100 * look, numbers) for look in range(4)]
    named = {event["symptom"] for event in diagnosed(looks)} & {"copied_input", "ignored_input", "hidden_input"}
    # What is hidden is also all but the same for all.
    assert named - ({"ignored_input"} if name == "hidden_input" else set()) == ({name} - {"right"})


def test_numbers_of_a_translation_that_is_right():
    numbers = seen(*WAYS["right"])
    assert numbers["responds"] == pytest.approx(1, abs=0.2)
    assert 0.5 < numbers["changed"] < 2, "other pictures than its partners stand beside"
    assert seen(*WAYS["copied_input"])["changed"] == 0
    assert seen(*WAYS["ignored_input"])["responds"] == 0
    assert seen(*WAYS["hidden_input"])["hidden"] > 10


def test_large_pictures_are_turned_one_at_a_time():
    """Together they would take more memory than a step of a batch of one."""
    sizes = []
    model = Model(Fixed(lambda x: sizes.append(len(x)) or x, None), replace(SPEC, shape=(3, 256, 256)), 0)
    assert model.translate(torch.rand(3, 3, 256, 256)).shape == (3, 3, 256, 256)
    assert sizes == [1, 1, 1]


REGRESSION = {
    "game.adversarial": "0",
    "game.distance": "1",
    "network.width": "4",
    "network.depth": "1",
    "run.steps": "60",
    "run.log_every": "10",
    "run.average": "0.5",
    "run.judge": "50",
    "run.threads": "1",
    "watch.every": "20",
    "watch.score": "l1",
}


def test_the_best_by_l1_is_that_of_held_out_questions(saddle, tmp_path):
    told = [part for name, value in REGRESSION.items() for part in (f"--{name}", value)]
    status, _, _ = saddle("train", "digits", "--task", "hole", *told, "--out", tmp_path / "run")
    assert status == 0
    lines = [json.loads(line) for line in (tmp_path / "run" / "scalars.jsonl").read_text().splitlines()]
    looks = {line["step"]: line["look/score"] for line in lines if "look/score" in line}
    assert list(looks) == [20, 40, 60]
    model, source = load(tmp_path / "run"), through(digits(), {"name": "hole"})
    assert looks[model.step] == pytest.approx(min(looks.values()), rel=0.1)
    held = source.held_out()
    asked = Reference(source, suitable(source), most=Watching().samples).asked
    assert set(map(bytes, asked.x.numpy())) <= set(map(bytes, held.x.numpy()))
    error = float((model.translate(asked.y, seed=0) - asked.x).abs().mean())
    assert looks[model.step] == pytest.approx(error, rel=1e-3)


@pytest.mark.parametrize("data", [["digits"], ["digits", "--game", "vae"]])
def test_l1_is_refused_where_it_is_not_known_what_would_be_right(refused, tmp_path, data):
    said = refused("train", *data, "--watch.score", "l1", "--out", tmp_path / "run")
    assert "watch.score: l1 wants a model that is given something of which what would be right is known" in said
    assert said.rstrip().endswith("take sliced_wasserstein, frechet, kernel")
    assert not (tmp_path / "run").exists()
