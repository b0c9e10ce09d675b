"""Run folders that were written before: they load, sample, judge and go on as they did."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

import saddlepoint
from saddlepoint.cli.app import main
from saddlepoint.configuration.building import source_of
from saddlepoint.saved.folder import RunFolder
from saddlepoint.saved.provenance import description

BEFORE = Path(__file__).parent / "before"


@pytest.fixture(params=sorted(folder.name for folder in BEFORE.iterdir()))
def folder(request, tmp_path) -> Path:
    return Path(shutil.copytree(BEFORE / request.param, tmp_path / request.param))


def test_samples_are_as_they_were(folder):
    made = saddlepoint.load(folder).sample(6, seed=0)
    assert made.shape[0] == 6
    if not saddlepoint.load(folder).spec.classes:
        assert torch.allclose(made, torch.from_numpy(np.load(folder / "before.npy")), atol=1e-5)
    else:
        mixed, _ = saddlepoint.load(folder).mixed(6, seed=0)
        assert torch.allclose(mixed, torch.from_numpy(np.load(folder / "before.npy")), atol=1e-5)


def test_the_data_is_told_as_it_was_and_scores_are_of_the_same_reference(folder):
    source = source_of(RunFolder(folder).config()["data"])
    assert description(source) == json.loads((folder / "data.json").read_text())
    scores = [json.loads(line) for line in (folder / "scores.jsonl").read_text().splitlines()]
    assert {score["reference"] for score in scores} == {source.digest}


def test_it_goes_on_and_is_judged(folder, capsys):
    steps = RunFolder(folder).checkpoints()[-1]
    with pytest.raises(SystemExit) as ended:
        main(["resume", str(folder), "--steps", str(steps + 2), "--run.judge", "0"])
    assert ended.value.code == 0
    assert RunFolder(folder).checkpoints()[-1] == steps + 2
    with pytest.raises(SystemExit) as ended:
        main(["judge", str(folder), "--metrics", "sliced_wasserstein", "--features", "values"])
    assert ended.value.code == 0
