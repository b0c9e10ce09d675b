"""Every refusal is one line on stderr that says what was wanted, what came and what is near, and exit status 2."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from saddlepoint import data, games, networks, objectives, optimizers, priors, regularizers


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trian"], "trian|train"),
        (["train"], "DATA"),
        (["train", "digts"], "data 'digts' is not known; did you mean 'digits'?"),
        (["train", "ring", "--recipe", "rings"], "recipe 'rings' is not known; did you mean 'ring'?"),
        (["train", "ring", "--objective", "wgan_pg"], "objective 'wgan_pg' is not known; did you mean 'wgan_gp'?"),
        (["train", "ring", "--network", "mpl"], "network 'mpl' is not known; did you mean 'mlp'?"),
        (["train", "ring", "--game", "gna"], "game 'gna' is not known; did you mean 'gan'?"),
        (["train", "ring", "--prior", "gausian"], "prior 'gausian' is not known; did you mean 'gaussian'?"),
        (["train", "ring", "--optimizer", "adm"], "optimizer 'adm' is not known; did you mean 'adam'?"),
        (["train", "ring", "--regularizer", "r3"], "regularizer 'r3' is not known"),
        (["train", "ring", "--objective", "wgan_gp", "--objective.wieght", "1"], "did you mean 'weight'?"),
        (["train", "ring", "--objective", "wgan_gp", "--objective.weight", "big"], "objective.weight: wanted a number"),
        (["train", "ring", "--regularizer.r1.weigth", "1"], "option of regularizer 'r1' 'weigth' is not known; did"),
        (["train", "ring", "--regularizer.r1", "1"], "--regularizer.r1.OPTION VALUE"),
        (["train", "ring", "--objectiv.weight", "1"], "option '--objectiv' is not known; did you mean '--objective'?"),
        (["train", "ring", "--stpes", "10"], "--stpes"),
        (["train", "ring", "--run.save_evry", "10"], "did you mean 'save_every'?"),
        (["train", "ring", "--run.solver", "altrnate"], "wanted one of alternate, simultaneous, extragradient"),
        (["train", "ring", "--steps", "many"], "many"),
        (["train", "ring", "--steps", "0"], "run.steps: wanted a whole number from 1 to 1,000,000,000,000, got 0"),
        (
            ["train", "ring", "--run.save_every", "0"],
            "run.save_every: wanted a whole number from 1 to 1,000,000,000,000, got '0'",
        ),
        (["train", "ring", "--run.anneal", "2"], "run.anneal: wanted a number from 0 to 1, got '2'"),
        (["train", "ring", "--network.width", "0"], "network.width: wanted a whole number from 1 to 100,000, got '0'"),
        (
            ["train", "ring", "--network.depth", str(10**18)],
            "network.depth: wanted a whole number from 0 to 100, got '1",
        ),
        (["train", "ring", "--prior.std", "nan"], "prior.std: wanted a number from 1e-06 to 1,000,000, got 'nan'"),
        (
            ["train", "ring", "--objective.weight", "-1"],
            "objective.weight: wanted a number from 0 to 1,000,000, or a sch",
        ),
        (["train", "ring", "--regularizer.r1.weight", "1 to -1 over 9"], "got '1 to -1 over 9'"),
        (
            ["train", "ring", "--optimizer", "sgd", "--optimizer.lr", "inf"],
            "optimizer.lr: wanted a number from 0 to 10, got",
        ),
        (
            ["train", "ring", "--optimizer.generator.lr", "1e308"],
            "optimizer.generator.lr: wanted a number from 0 to 10",
        ),
        (["train", "ring", "--optimizer.beta1", "1"], "optimizer.beta1: wanted a number from 0 to below 1, got '1'"),
        (["train", "ring", "--optimizer.eps", "0"], "optimizer.eps: wanted a number from 1e-16 to 1, got '0'"),
        (
            ["train", "ring", "--data.radius", "1e308"],
            "data.radius: wanted a number from 1e-06 to 1,000,000, got '1e308'",
        ),
        (["train", "ring", "--data.modes", "many"], "data.modes: wanted a whole number from 1 to 10,000, got 'many'"),
        (["train", "ring", "--game.latent", ""], "an argument is empty"),
        (["train", "ring", "--game.pack", "0"], "game.pack: wanted a whole number from 1 to 100, got '0'"),
        (["train", "ring", "--batch", str(10**12)], "run.batch: wanted a whole number from 1 to 1,000,000, got 1000"),
        (["train", "ring", "--run.clip", "nan"], "run.clip: wanted a number from 1e-06 to 1,000,000, got 'nan'"),
        (["train", "ring", "--run.judge", "-1"], "run.judge: wanted a whole number from 0 to 1,000,000, got '-1'"),
        (
            ["train", "ring", "--watch.samples", "1"],
            "watch.samples: wanted a whole number from 16 to 1,000,000, got '1'",
        ),
        (["train", "ring", "--network.width.x", "1"], "--network.width.x goes too deep"),
        (["train", "ring", "--optimizer.name.x", "1"], "optimizer.name is an option itself"),
        (["train", "ring", "--optimizer.lr", "1", "--optimizer.lr.x", "1"], "optimizer.lr is an option itself"),
        (["train", "ring", "--objective"], "--objective"),
        (["train", "ring", "--network.width"], "--network.width wants a value"),
        (["train", "ring", "stray"], "wanted --TABLE.OPTION VALUE, got 'stray'"),
        (["list", "objectivs"], "did you mean 'objectives'?"),
        (["list", "objectives", "wgn"], "did you mean 'wgan'?"),
        (["resume", "nowhere"], "nowhere is no run folder: it has no config.toml"),
        (["show", "nowhere"], "nowhere is no run folder: it has no config.toml"),
        (["sample", "nowhere"], "nowhere is no run folder: it has no config.toml"),
        (
            ["sample", "nowhere", "-o", "grid.bmp"],
            "-o grid.bmp: wanted a file ending in .png, .gif, .npz, .npy, .csv, or a folder",
        ),
        (["sample", "nowhere", "-n", "0"], "-n: wanted at least 1 sample, got 0"),
    ],
)
def test_one_line_and_status_two(arguments, words, refused):
    assert any(word in refused(*arguments) for word in words.split("|"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ["--batch", "10", "--run.accumulate", "3"],
            "run.accumulate: wanted a number that divides the 10 samples of a",
        ),
        (["--batch", "128", "--game.pack", "3"], "128 samples do not divide into packs of 3"),
        (
            ["--batch", "1", "--network.norm", "batch"],
            "gan cannot be played with these options on this data: Expected mor",
        ),
        (["--network.width", "100000"], "this model's weights take more than half of"),
        (["--run.device", "meta"], "device 'meta' is not there; use --device cpu"),
        (["--game", "gan", "--objective", "wgan", "--watch.on", "colapse"], "did you mean 'collapse'?"),
        (["--optimizer.critic.lr", "1"], "player 'critic' is not known; there are: discriminator, generator"),
    ],
)
def test_what_cannot_be_played_is_refused_before_there_is_a_folder(options, words, refused, tmp_path):
    assert words in refused("train", "ring", "--steps", 2, "--out", tmp_path / "run", *options)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["train", "--help"],
        ["list"],
        ["trian"],
        ["train", "digts"],
        ["train", "ring", "--recipe", "no"],
        ["train", "ring", "--objective", "no"],
        ["train", "ring", "--network.no", "1"],
        ["train", "ring", "--objective", "wgan_gp", "--objective.weight", "no"],
        ["train", "ring", "--network.width", "0"],
        ["train", "ring", "--regularizer.r1.weight", "1 to -1 over 5"],
    ],
)
def test_help_and_refusals_do_without_torch(arguments):
    code = (
        "import sys\nfrom saddlepoint.cli.app import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'numpy', 'sklearn', 'matplotlib'} & set(sys.modules)\nassert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("images", "images: no such file or folder in"),
        ("photos/", "photos/: no such file or folder in"),
        ("shots 12:30", "shots 12:30: no such file or folder in"),
        ("a\0b", "wanted the path of a file or folder"),
        ("n" * 300 + "/", "wanted the path of a file or folder"),
        ("nowhere:make", "no module 'nowhere' on the import path"),
    ],
)
def test_data_that_is_not_there_is_one_line(data, words, refused):
    assert words in refused("train", data)
    assert words in refused("judge", "digits", "--against", data)


def test_a_pipe_is_refused_and_waits_for_nobody(refused, tmp_path):
    os.mkfifo(tmp_path / "t.csv")
    for arguments in (("train", tmp_path / "t.csv"), ("judge", tmp_path / "t.csv", "--against", "ring")):
        assert "t.csv: wanted a regular file, got a pipe" in refused(*arguments)


def test_what_a_terminal_lacks_is_shown_as_an_escape(tmp_path):
    command = [sys.executable, "-m", "saddlepoint", "list", "metrics", "precision_recall"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert "\\xe4" in done.stdout, "an author's name"


def test_the_list_names_everything_with_its_paper(saddle):
    for package in (data, games, networks, objectives, optimizers, priors, regularizers):
        status, out, _ = saddle("list", package.__name__.rpartition(".")[2])
        assert status == 0
        assert [line.split()[0] for line in out.splitlines()] == list(package.names())
        for line in out.splitlines():
            assert line.endswith("]"), line
            assert "[]" not in line, line
    status, out, _ = saddle("list", "objective", "wgan_gp")
    assert "--objective.weight" in out
    assert "default 10.0" in out
    assert "--run.save_every" in saddle("list", "run")[1]


def picture(file, size=(8, 8)):
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros(size, np.uint8)).save(file)
    return file


def empty_folder(folder):
    folder.mkdir()


def corrupt_image(folder):
    file = picture(folder / "a.png")
    picture(folder / "b.png")
    file.write_bytes(file.read_bytes()[:41])


def mixed_sizes(folder):
    picture(folder / "a.png")
    picture(folder / "b.png", (9, 8))


def one_image_class(folder):
    for name in ("cats/1.png", "cats/2.png", "dogs/1.png"):
        picture(folder / name)


def infinity_in_a_table(folder):
    folder.with_suffix(".csv").write_text("height,weight\n1,2\n3,inf\n5,6\n")


def text_in_a_table(folder):
    rows = [f"{i},{i}" for i in range(30)]
    folder.with_suffix(".csv").write_text("\n".join(["height,weight", *rows, "31,heavy"]) + "\n")


def unreadable_file(folder):
    folder.with_suffix(".xyz").write_text("?")


def nan_in_an_array(folder):
    np.save(folder.with_suffix(".npy"), np.array([[1.0, 2.0], [3.0, np.nan]]))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (empty_folder, "image"),
        (corrupt_image, "a.png"),
        (mixed_sizes, "--data.size 64 --data.fit crop|resize|pad"),
        (one_image_class, "dogs"),
        (infinity_in_a_table, "row 3, column 'weight'"),
        (text_in_a_table, "wanted a number, got 'heavy'"),
        (unreadable_file, "nobody reads such a file"),
        (nan_in_an_array, "nan"),
    ],
)
def test_bad_data_is_named_and_no_run_is_begun(make, words, refused, tmp_path):
    make(tmp_path / "things")
    (path,) = tmp_path.iterdir()
    line = refused("train", path, "--steps", 1, "--out", tmp_path / "run")
    assert path.name in line
    assert words in line
    assert not (tmp_path / "run").exists()
