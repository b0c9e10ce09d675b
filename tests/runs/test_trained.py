"""A part that is a run: a trained model, frozen, in another run's game."""

import json
import shutil
import tomllib
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import saddlepoint
from saddlepoint.cli.app import main
from saddlepoint.errors import BadOption, BadRun
from saddlepoint.saved.folder import RunFolder

TINY = ["--network.width", 8, "--run.threads", 1, "--batch", 16, "--run.judge", 0, "--watch.share", 0]
TINY += ["--run.picture_every", 1000]
ENCODER = ["digits", "--game", "encoder", *TINY, "--steps", 4, "--run.save_every", 2]
OWN = '''
from saddlepoint import games
from saddlepoint.game import Samples
from saddlepoint.trained import Trained


def copied(spec, model: Trained[Samples], network):
    """An autoencoder beside a model that samples.

    Paper: none
    """
    made = games.build("autoencoder", spec, network)
    made.beside = model
    return made


def shared(spec, network):
    """An autoencoder.

    Paper: none
    """
    return games.build("autoencoder", spec, network)
'''


def trained(*told):
    with pytest.raises(SystemExit) as exit:
        main([str(one) for one in ("train", *told)])
    assert not exit.value.code


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A tiny conditional GAN of digits, an encoder trained on it, and one trained on a copy that is no longer there."""
    folder = tmp_path_factory.mktemp("runs")
    trained("digits", "--steps", 3, *TINY, "--out", folder / "gan")
    trained(*ENCODER, "--model", folder / "gan", "--out", folder / "encoder")
    shutil.copytree(folder / "gan", folder / "gone")
    trained(*ENCODER, "--model", folder / "gone", "--out", folder / "alone")
    shutil.rmtree(folder / "gone")
    return folder


@pytest.fixture
def alone(runs, tmp_path):
    """A copy of the encoder whose model's own run is gone."""
    return Path(shutil.copytree(runs / "alone", tmp_path / "alone"))


def weights(run, step=4):
    return load_file(run / "checkpoints" / f"{step:09d}.safetensors")


def test_the_folder_needs_no_other(runs, alone, saddle):
    before = saddlepoint.load(runs / "gan").sample(5, 3, seed=0)
    model = saddlepoint.load(alone)
    assert torch.equal(model.sample(5, 3, seed=0), before), "it samples as the frozen model does"
    z = model.encode(before, 3)
    assert z.shape == (5, model.game.latents(1).shape[1])
    assert model.decode(z, 3).shape == before.shape
    assert saddle("resume", alone, "--steps", 6)[0] == 0
    assert RunFolder(alone).checkpoints()[-1] == 6
    assert saddle("judge", alone, "--metrics", "l1")[0] == 0
    assert saddle("report", alone)[0] == 0


def test_its_configuration_is_told_and_its_weights_are_those_that_load_takes(runs):
    config = tomllib.loads((runs / "encoder" / "config.toml").read_text())
    other = tomllib.loads((runs / "gan" / "config.toml").read_text())
    model = config["model"]
    assert (model["run"], model["step"]) == (str(runs / "gan"), 3)
    parts = {"game", "network", "prior", "objective", "regularizer"}
    assert {name: model[name] for name in parts} == {name: other[name] for name in parts}
    assert model.keys() == parts | {"run", "step", "spec"}
    state = saddlepoint.load(runs / "gan").state_dict()
    saved = weights(runs / "encoder")
    assert all(torch.equal(saved[f"game.model.game.{name}"], value) for name, value in state.items())


def test_it_is_in_no_player_and_does_not_change(runs):
    first, last = weights(runs / "encoder", 2), weights(runs / "encoder")
    frozen = [name for name in last if name.startswith("game.model.")]
    assert frozen
    assert all(torch.equal(first[name], last[name]) for name in frozen)
    assert not any(torch.equal(first[n], last[n]) for n in last if n.startswith("game.encoder.") and "weight" in n)
    game = saddlepoint.load(runs / "encoder").game
    assert [player.name for player in game.players()] == ["encoder"]
    assert not any(p.requires_grad for p in game.model.parameters())
    assert not any(module.training for module in game.train().model.modules())


def test_stopped_and_resumed_equals_unbroken_bit_for_bit(runs, alone, saddle):
    (alone / "checkpoints" / "000000004.safetensors").unlink()
    assert saddle("resume", alone)[0] == 0
    one, other = weights(alone), weights(runs / "encoder")
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_what_is_wanted_is_told(runs, refused, saddle, tmp_path):
    wants = "game 'encoder' wants --model RUN, a trained run whose model decodes"
    assert f"{wants}; got none" in refused("train", "digits", "--game", "encoder")
    line = refused("train", "digits", "--model", runs / "gan")
    assert "game 'gan' takes no model; it takes spec, objective, network, prior; " in line
    assert "of a run's model there is --game encoder" in line
    for path in (tmp_path / "nothing", runs):
        line = refused("train", *ENCODER, "--model", path)
        assert f"--model {path}: wanted the folder of a trained run, such as runs/digits-1, got none" in line
    line = refused("train", *ENCODER, "--model", runs / "gan", "--model.checkpont", "last")
    assert "option of model 'checkpont' is not known; there are: run" in line
    assert "wants --model RUN, a trained run whose model decodes." in saddle("list", "games", "encoder")[1]
    assert "wants" not in saddle("list", "games", "vae")[1]
    line = refused("resume", runs / "encoder", "--model", runs / "gan")
    assert "a run keeps its model; start another one" in line


def test_a_run_of_something_else_is_refused(runs, refused, tmp_path):
    trained("digits", "--game", "kde", "--run.judge", 0, "--watch.share", 0, "--out", tmp_path / "kde")
    line = refused("train", *ENCODER, "--model", tmp_path / "kde")
    assert f"whose model decodes; got {tmp_path / 'kde'}, whose game is kde; take a run of another game" in line
    line = refused("train", "ring", *ENCODER[1:], "--model", runs / "gan")
    assert "encoder wants a model of samples such as the data's, 2" in line
    assert "got one of 1 x 8 x 8 in 10 classes, of another shape; train one on this data" in line
    for file in (tmp_path / "kde" / "checkpoints").iterdir():
        file.unlink()
    line = refused("train", *ENCODER, "--model", tmp_path / "kde")
    assert f"{tmp_path / 'kde'} has no checkpoint that can be read" in line
    assert not list(tmp_path.glob("runs/*"))


def test_a_model_without_classes_reads_samples_of_any(tmp_path):
    trained("digits", *TINY, "--steps", 2, "--game", "infogan", "--out", tmp_path / "infogan")
    trained(*ENCODER, "--model", tmp_path / "infogan", "--out", tmp_path / "encoder")
    model = saddlepoint.load(tmp_path / "encoder")
    x = model.sample(3, seed=0)
    assert model.decode(model.encode(x)).shape == x.shape


def test_a_run_from_such_a_run_keeps_its_model_or_takes_another(runs, alone, saddle, tmp_path):
    trained("digits", "--from", alone, "--steps", 2, "--out", tmp_path / "kept")
    one, other = (weights(run, step) for run, step in ((tmp_path / "kept", 0), (alone, 4)))
    assert all(torch.equal(value, other[name]) for name, value in one.items() if name.startswith("game."))
    trained("digits", *TINY, "--steps", 3, "--seed", 1, "--out", tmp_path / "gan")
    trained("digits", "--from", alone, "--model", tmp_path / "gan", "--steps", 2, "--out", tmp_path / "another")
    saved, state = weights(tmp_path / "another", 0), saddlepoint.load(tmp_path / "gan").state_dict()
    assert all(torch.equal(saved[f"game.model.game.{name}"], value) for name, value in state.items())
    assert all(torch.equal(saved[name], other[name]) for name in saved if name.startswith("game.encoder."))
    config = tomllib.loads((tmp_path / "another" / "config.toml").read_text())
    assert config["model"]["run"] == str(tmp_path / "gan")


def test_a_recipe_in_a_file_may_name_it(runs, refused, alone, tmp_path):
    (tmp_path / "mine.toml").write_text(f'like = "digits"\n[game]\nname = "encoder"\n[model]\nrun = "{runs / "gan"}"\n')
    for recipe in (tmp_path / "mine.toml", runs / "encoder" / "config.toml"):
        trained("digits", "--recipe", recipe, *TINY, "--steps", 2, "--out", tmp_path / recipe.stem)
        assert saddlepoint.load(tmp_path / recipe.stem).step == 2
    assert f"--model {runs / 'gone'}: wanted the folder" in refused(
        "train", "digits", "--recipe", alone / "config.toml"
    )


def test_a_model_may_stand_on_another(runs, tmp_path):
    trained(*ENCODER, "--model", runs / "encoder", "--out", tmp_path / "twice")
    saved, state = weights(tmp_path / "twice"), saddlepoint.load(runs / "encoder").state_dict()
    assert all(torch.equal(saved[f"game.model.game.{name}"], value) for name, value in state.items())
    assert saddlepoint.load(tmp_path / "twice").sample(3, seed=0).shape == (3, 1, 8, 8)


def test_whose_code_a_model_names_needs_consent(refused, saddle, tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    game = f"{tmp_path / 'own.py'}:shared"
    trained("digits", *TINY, "--steps", 2, "--game", game, "--out", tmp_path / "a")
    (tmp_path / "own.py").rename(tmp_path / "moved.py")
    line = refused("train", *ENCODER, "--model", tmp_path / "a", "--out", tmp_path / "b")
    assert "names code that is not saddlepoint's own" in line
    assert "--trust" in line
    (tmp_path / "moved.py").rename(tmp_path / "own.py")
    trained(*ENCODER, "--model", tmp_path / "a", "--trust", "--out", tmp_path / "b")
    for told in (["sample", tmp_path / "b", "-o", tmp_path / "s.npy"], ["resume", tmp_path / "b", "--steps", 6]):
        assert game in refused(*told)
        assert saddle(*told, "--trust")[0] == 0
    with pytest.raises(BadRun, match="names code"):
        saddlepoint.load(tmp_path / "b")


def test_a_game_of_ones_own_may_want_what_is_fitted_at_once(refused, saddle, runs, tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    trained("digits", "--game", "kde", "--run.judge", 0, "--watch.share", 0, "--out", tmp_path / "kde")
    game = f"{tmp_path / 'own.py'}:copied"
    line = refused("train", "digits", *TINY, "--game", game)
    assert "wants --model RUN, a trained run whose model samples; got none" in line
    trained("digits", *TINY, "--steps", 2, "--game", game, "--model", tmp_path / "kde", "--out", tmp_path / "own")
    assert saddle("resume", tmp_path / "own", "--trust", "--steps", 4)[0] == 0
    games = saddlepoint.load(tmp_path / "own", trust=True).game.beside.game, saddlepoint.load(tmp_path / "kde").game
    one, other = (game.models[0].points for game in games)
    assert len(one) > 0
    assert torch.equal(one, other)


def test_what_is_written_of_it_must_be_as_it_was(alone, refused):
    text = (alone / "config.toml").read_text()
    for was, now, words in (
        ("[model.spec", "[model.spek", "there is no table [spec]"),
        ('[model.game]\nname = "gan"', '[model.game]\nname = "gann"', "did you mean 'gan'?"),
        ("[model.game]\n", "[model.game]\nwidht = 3\n", "option of game 'gan' 'widht' is not known"),
    ):
        assert was in text
        (alone / "config.toml").write_text(text.replace(was, now))
        assert words in refused("resume", alone)


def test_it_is_judged_by_what_it_makes_again_beside_the_mean(runs, saddle, tmp_path):
    run = Path(shutil.copytree(runs / "encoder", tmp_path / "encoder"))
    assert saddle("judge", run, "--metrics", "l1,psnr")[0] == 0
    scores = {one["metric"]: one for one in map(json.loads, (run / "scores.jsonl").read_text().splitlines())}
    model, source = saddlepoint.load(run), saddlepoint.data.build("digits")
    held = source.held_out()
    again = model.decode(model.encode(held.x, held.y), held.y)
    assert scores["l1"]["value"] == pytest.approx(float((again - held.x).abs().mean()), rel=1e-4)
    mean = float((source.real(source.size).x.mean(0) - held.x).abs().mean())
    assert scores["l1"]["costless"] == {"mean": pytest.approx(mean, rel=1e-3)}


def test_python_takes_it_too():
    from saddlepoint import games, networks
    from saddlepoint.laws import zoo
    from saddlepoint.trained import Trained

    wants = games.shelf.entry("encoder")
    part = zoo.model(wants, zoo.PLANE, "mlp")
    assert games.build("encoder", zoo.PLANE, part, networks.build("mlp", width=8)).model is part
    with pytest.raises(BadOption, match="wanted spec, model, network before its options, got Spec, Arch"):
        games.build("encoder", zoo.PLANE, networks.build("mlp"))
    assert isinstance(part, Trained)
