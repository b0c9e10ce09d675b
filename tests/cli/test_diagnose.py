"""`saddle diagnose`: the rules over files."""

import json


def test_scores_in_a_file_are_diagnosed_line_by_line(saddle, tmp_path):
    lines = [{"step": 100 * i, "metric": "fid", "value": value} for i, value in enumerate([50, 20, 30, 30, 30, 31])]
    (tmp_path / "fid.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) + "\n")
    status, out, err = saddle("diagnose", "--scores", tmp_path / "fid.jsonl")
    assert (status, err) == (0, "")
    (event,) = map(json.loads, out.splitlines())
    assert event.keys() == {"step", "symptom", "of", "since", "text", "evidence", "cause", "advice", "curable"}
    assert (event["step"], event["since"], event["symptom"], event["of"]) == (400, 200, "degradation", "fid")


def test_a_run_is_diagnosed_from_its_folder_alone(saddle, tmp_path):
    told = ["--steps", 30, "--batch", 8, "--run.log_every", 1, "--game", "flow", "--run.judge", 0]
    status, _, err = saddle("train", "ring", *told, "--game.transforms", 1, "--out", tmp_path / "run")
    assert status == 0, err
    assert saddle("diagnose", tmp_path / "run")[:2] == (0, "")
    file = tmp_path / "run" / "scalars.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    lines[-1]["flow/skipped"] = 2
    lines[-1]["flow/total"] = None
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    status, out, _ = saddle("diagnose", tmp_path / "run")
    (event,) = map(json.loads, out.splitlines())
    assert (event["symptom"], event["of"], event["step"]) == ("divergence", "flow", 30)


def test_what_cannot_be_diagnosed_is_one_line(refused, tmp_path):
    (tmp_path / "bad.jsonl").write_text('{"step": 1, "metric": "fid", "value": 3}\n{"step": 2, "fid": 3}\n')
    said = refused("diagnose", "--scores", tmp_path / "bad.jsonl")
    assert "bad.jsonl, line 2: wanted a score and its step" in said
    assert "cannot be read" in refused("diagnose", "--scores", tmp_path / "none.jsonl")
    assert "is no run folder" in refused("diagnose", tmp_path)
    assert "wants a run's folder, or --scores FILE" in refused("diagnose")
