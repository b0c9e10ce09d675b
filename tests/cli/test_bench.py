"""`saddle bench`: recipes over seeds, in real processes, resumed where they were stopped."""

import json

import pytest

from saddlepoint.cli.app import main

TINY = ["--network.width", 8, "--run.steps", 4, "--run.batch", 16, "--run.judge", 100, "--run.picture_every", 1000]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Two recipes with two seeds each, run two at a time."""
    folder = tmp_path_factory.mktemp("bench")
    told = ["--data", "ring", "--recipes", "ring,ring-hinge", "--seeds", 2, "--jobs", 2, *TINY]
    with pytest.raises(SystemExit) as exit:
        main([str(one) for one in ["bench", folder, *told]])
    assert not exit.value.code
    return folder


def test_a_table_tells_medians_and_ranges_beside_real_data(done, saddle):
    status, out, err = saddle("bench", done)
    assert (status, err) == (0, "")
    rows = {row.split("|")[1].strip(): [cell.strip() for cell in row.split("|")[2:-1]] for row in out.splitlines()}
    assert rows["median [least, most]"] == ["ring", "ring-hinge", "real data"]
    assert rows["modes.covered"][2] == "8"
    values = [
        json.loads(line)["value"]
        for seed in "01"
        for line in (done / "ring" / seed / "scores.jsonl").read_text().splitlines()
        if '"frechet"' in line
    ]
    assert rows["frechet"][0] == f"{sum(values) / 2:.4g} [{min(values):.4g}, {max(values):.4g}] of 2"


def test_recipes_are_compared_seed_by_seed(done, saddle):
    _, out, _ = saddle("bench", done, "--metric", "frechet")
    assert "frechet against ring, seed by seed:" in out
    assert "of 2, p = " in out


def test_what_is_complete_is_not_run_again_and_what_was_stopped_goes_on(done, saddle, refused):
    told = ["bench", done, "--data", "ring", "--recipes", "ring", *TINY, "--commands"]
    status, out, _ = saddle(*told, "--seeds", 2)
    assert (status, out.strip()) == (0, "")
    status, out, _ = saddle(*told, "--seeds", 3)
    (line,) = out.splitlines()
    assert line.startswith("saddle train ring --recipe ring --seed 2 --network.width 8 --run.steps 4 ")
    assert line.endswith(f"--out {done / 'ring' / '2'}")
    scores = done / "ring" / "1" / "scores.jsonl"
    before = scores.read_text()
    scores.unlink()
    try:
        assert saddle(*told, "--seeds", 2)[1].strip() == f"saddle resume {done / 'ring' / '1'}"
    finally:
        scores.write_text(before)
    said = refused("bench", done, "--data", "ring", "--recipes", "ring", "--run.steps", 9, "--seeds", 1)
    assert "holds another run: " in said
    assert "run.steps 4 -> 9; take another folder" in said
    said = refused(*told[:2], "--data", "grid", *told[4:-1], "--seeds", 1)
    assert "data.name ring -> grid" in said


def test_a_run_that_fails_is_told_and_the_others_go_on(saddle, tmp_path):
    (tmp_path / "ring" / "0").mkdir(parents=True)
    (tmp_path / "ring" / "0" / "in the way").write_text("")
    told = ["--data", "ring", "--recipes", "ring,ring-gaussian", "--seeds", 1, "--run.steps", 1, "--run.judge", 100]
    status, out, err = saddle("bench", tmp_path, *told)
    assert status == 2
    assert "ring, seed 0: status 2: saddle: " in err
    assert "exists already" in err
    assert "| ring-gaussian |" in out


def test_where_every_run_fails_the_reasons_come_first(saddle, tmp_path):
    told = ["--data", "ring", "--recipes", "ring", "--seeds", 1, "--network.wdith", 8]
    status, _, err = saddle("bench", tmp_path, *told)
    assert status == 2
    assert "did you mean 'width'?" in err.splitlines()[0]


def test_recipes_come_from_files_and_from_runs(done, saddle, refused, tmp_path, monkeypatch):
    (tmp_path / "wide.toml").write_text('like = "ring"\n[network]\nwidth = 12\n')
    told = ["--data", "ring", "--seeds", 1, "--run.judge", 0, "--commands"]
    config = done / "ring" / "0" / "config.toml"
    status, out, _ = saddle("bench", tmp_path / "b", *told, "--recipes", f"ring,{tmp_path / 'wide.toml'},{config}")
    assert status == 0
    assert [line.rpartition("--out ")[2] for line in out.splitlines()] == [
        str(tmp_path / "b" / name / "0") for name in ("ring", "wide", "0")
    ]
    monkeypatch.chdir(config.parent)
    _, out, _ = saddle("bench", tmp_path / "b", *told, "--recipes", "config.toml")
    assert out.strip().endswith(f"--out {tmp_path / 'b' / '0' / '0'}")
    for text, words in {
        'like = "ring"\n[netwrok]\nwidth = 8': "table 'netwrok' is not known; did you mean 'network'?",
        f'like = "{tmp_path}/bad.toml"': "wanted like = the name of another recipe",
        "like = 3": "wanted like = the name of another recipe, got 3",
        "[regularizer]\nr1 = 3": "there is no table [r1]",
        "[optimizer]\nname = 3": "optimizer.name: wanted a name, got 3",
        "network = 3": "wanted tables such as [network], got network",
        "[network": "cannot be read",
    }.items():
        (tmp_path / "bad.toml").write_text(text + "\n")
        assert words in refused("train", "ring", "--recipe", tmp_path / "bad.toml", "--out", tmp_path / "no"), text
        assert words in refused("bench", tmp_path / "b", *told, "--recipes", tmp_path / "bad.toml"), text
    assert saddle("list", "recipes", tmp_path / "wide.toml")[0] == 0


def test_a_value_with_a_colon_is_no_code_to_trust(saddle, tmp_path):
    rows = "".join(f"2020-01-{day:02} 10:3{day % 6},{day}\n" for day in range(1, 29))
    (tmp_path / "t.csv").write_text("when,x\n" + rows)
    told = ["--data.dates", "when=%Y-%m-%d %H:%M", "--run.judge", 0]
    saddle(
        "train",
        tmp_path / "t.csv",
        "--recipe",
        "vector",
        "--seed",
        0,
        *told,
        "--run.steps",
        1,
        "--out",
        tmp_path / "b/vector/0",
    )
    (tmp_path / "b/vector/0/report.html").unlink()
    _, out, _ = saddle(
        "bench",
        tmp_path / "b",
        "--data",
        tmp_path / "t.csv",
        "--recipes",
        "vector",
        "--seeds",
        1,
        *told,
        "--run.steps",
        1,
        "--commands",
    )
    assert out.strip() == f"saddle resume {tmp_path / 'b/vector/0'}"


def test_bad_wishes_are_one_line(refused, tmp_path):
    assert "did you mean 'ring-wgan'?" in refused("bench", tmp_path, "--data", "ring", "--recipes", "ring-wgna")
    assert "no recipe is for moons by name; say which ones" in refused("bench", tmp_path, "--data", "moons")
    assert "holds no complete runs" in refused("bench", tmp_path)
    assert "at least 1" in refused("bench", tmp_path, "--data", "ring", "--jobs", 0)
