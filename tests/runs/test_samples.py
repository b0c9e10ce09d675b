"""What `saddle sample` writes of a table: every column as the table's own file has it, and read again as what it is."""

from __future__ import annotations

import csv
import json
import random
import re

import numpy as np
import pytest

TINY = ["--batch", 32, "--run.threads", 1, "--run.judge", 0]
PATTERNS = {
    "code": "007|042|99",
    "age": r"[1-9]\d|",
    "money": r"\d+\.\d\d",
    "share": r"\d{1,3}%",
    "born": r"19\d\d-\d\d-\d\d",
    "smoker": "true|false",
    "species": "cat|dog",
    "city": "Rome|Oslo|NA",
    "score": r"-?\d\.\d{3}|NA",
    "height": r"1\d\d,\d",
}


def mixed(count):
    """Rows of numbers, money with a spike at zero, dates, booleans, categories, missing cells, a label in between."""
    rng = random.Random(0)
    for _ in range(count):
        cat = rng.random() < 0.5
        yield {
            "code": rng.choice(["007", "042", "99"]),
            "age": "" if rng.random() < 0.1 else rng.randint(18, 90),
            "money": "0.00" if rng.random() < 0.4 else f"{rng.lognormvariate(3, 1):.2f}",
            "share": f"{rng.randint(0, 100)}%",
            "born": f"19{rng.randint(40, 99)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
            "smoker": rng.choice(["true", "false"]),
            "species": "cat" if cat else "dog",
            "city": rng.choice(["Rome", "Oslo", "NA"]),
            "score": rng.choice(["NA", f"{rng.gauss(0, 1):.3f}"]),
            "height": f"{rng.gauss(170 + 9 * cat, 8):.1f}".replace(".", ","),
        }


def rows_of(file):
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    file = tmp_path_factory.mktemp("mixed") / "t.csv"
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, list(PATTERNS))
        writer.writeheader()
        writer.writerows(mixed(300))
    return file


def figures(rows, name):
    cells = (row[name] for row in rows)
    return [float(re.sub("[^0-9.-]", "", cell.replace(",", "."))) for cell in cells if re.search(r"\d", cell)]


@pytest.mark.parametrize("game", ["gaussian", "gan", "empirical"])
def test_a_mixed_table_comes_back_in_its_own_columns(game, table, saddle, tmp_path):
    small = ["--network.width", 8, "--steps", 2, "--watch.share", 0] if game == "gan" else []
    told = ["--data.label", "species", "--game", game, *small, *TINY, "--out", tmp_path / "run"]
    status, _, err = saddle("train", table, *told)
    assert status == 0, err
    assert saddle("sample", tmp_path / "run", "-n", 300, "-o", tmp_path / "s.csv")[0] == 0
    real, made = rows_of(table), rows_of(tmp_path / "s.csv")
    assert list(made[0]) == list(real[0]), "the label keeps its name and place"
    for name, pattern in PATTERNS.items():
        for row in (*real, *made):
            assert re.fullmatch(pattern, row[name]), (name, row[name])
    for name in ("age", "money", "share", "score", "height"):
        assert min(figures(real, name)) <= min(figures(made, name))
        assert max(figures(made, name)) <= max(figures(real, name))
    assert min(row["born"] for row in real) <= min(row["born"] for row in made)
    if game == "empirical":
        alone = lambda rows: {tuple(row.items()) for row in rows}
        assert alone(made) <= alone(real), "a value drawn is a value of the file"
    if game != "gan":
        assert any(row["age"] == "" for row in made)
        assert any(row["score"] == "NA" for row in made)
    # What was written is read again as the same.
    again = ["--data.label", "species", "--game", "gaussian", *TINY, "--out", tmp_path / "again"]
    status, _, second = saddle("train", tmp_path / "s.csv", *again)
    assert status == 0, second
    kinds = lambda told: [re.sub(r" from .*| (\d+ classes|\d+ categor).*", "", line) for line in told.splitlines()]
    assert kinds(second) == kinds(err)


@pytest.mark.parametrize("kind", ["csv", "npz"])
def test_samples_are_judged_by_the_references_kinds(kind, table, saddle, refused, tmp_path):
    """Eight rows tell little: 99 alone is a number, a column without a missing cell a plain one."""
    told = ["--data.label", "species", "--game", "empirical", *TINY, "--data.held_out", 0, "--out", tmp_path / "run"]
    assert saddle("train", table, *told)[0] == 0
    samples = tmp_path / f"s.{kind}"
    assert saddle("sample", tmp_path / "run", "-n", 100, "-o", samples)[0] == 0
    found = []
    for against in ([table, "--data.label", "species", "--data.held_out", 0], [tmp_path / "run"]):
        asked = ["--metrics", "columns,pairs", "-n", 100, "-o", tmp_path / "s.jsonl", "--against", *against]
        status, _, err = saddle("judge", samples, *asked)
        assert status == 0, err
        found.append([json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()])
    assert found[0] == found[1], "the run's data is the table"
    assert found[0][0]["value"] < 0.12
    if kind == "csv":
        lines = samples.read_text().splitlines()
        samples.write_text("\n".join([lines[0], *(line for line in lines[1:] if line.startswith("99"))]))
        status, _, err = saddle("judge", samples, "--against", tmp_path / "run", "--metrics", "columns", "-n", 9)
        assert status == 0, err


def test_a_run_is_judged_against_another_file_read_as_its_own(table, saddle, refused, tmp_path):
    """The other file lacks a category and all missing cells: guessed, it would be another table."""
    told = ["--data.label", "species", "--game", "gaussian", *TINY, "--out", tmp_path / "run"]
    assert saddle("train", table, *told)[0] == 0
    lines = table.read_text().splitlines()
    whole = [line for line in lines[1:] if line.startswith("99") and ",NA," not in line and ",," not in line]
    (tmp_path / "other.csv").write_text("\n".join([lines[0], *whole]))
    asked = ["judge", tmp_path / "run", "--against", tmp_path / "other.csv", "--metrics", "columns", "-n", 8]
    assert saddle(*asked)[0] == 0
    line = refused(*asked, "--data.categories", "code")
    assert "other.csv is read as the run's own table: leave out --data.categories" in line


def test_semicolons_stay(saddle, tmp_path):
    (tmp_path / "t.csv").write_text("height;n\n" + "".join(f"1,{i}5;{i}\n" for i in range(1, 30)))
    assert saddle("train", tmp_path / "t.csv", "--game", "empirical", *TINY, "--out", tmp_path / "run")[0] == 0
    assert saddle("sample", tmp_path / "run", "-n", 20, "-o", tmp_path / "s.csv")[0] == 0
    lines = (tmp_path / "t.csv").read_text().splitlines()
    assert set((tmp_path / "s.csv").read_text().splitlines()) <= set(lines)


def test_a_label_without_a_name_takes_a_free_one(saddle, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.arange(60).reshape(20, 3) / 4, y=np.arange(20) % 2)
    assert saddle("train", tmp_path / "a.npz", "--game", "empirical", *TINY, "--out", tmp_path / "run")[0] == 0
    assert saddle("sample", tmp_path / "run", "-n", 9, "-o", tmp_path / "s.csv")[0] == 0
    rows = rows_of(tmp_path / "s.csv")
    assert list(rows[0]) == ["c0", "c1", "c2", "label"]
    assert {float(row["c0"]) for row in rows} <= {i / 4 for i in range(60)}


def test_a_column_without_a_name_gets_none(saddle, tmp_path):
    (tmp_path / "t.csv").write_text(",a\n" + "".join(f"{i},{i / 4}\n" for i in range(30)))
    assert saddle("train", tmp_path / "t.csv", "--game", "empirical", *TINY, "--out", tmp_path / "run")[0] == 0
    assert saddle("sample", tmp_path / "run", "-n", 9, "-o", tmp_path / "s.csv")[0] == 0
    assert set((tmp_path / "s.csv").read_text().splitlines()) <= set((tmp_path / "t.csv").read_text().splitlines())
    asked = ["judge", tmp_path / "s.csv", "--against", tmp_path / "run", "--metrics", "columns", "-n", 9]
    assert saddle(*asked)[0] == 0
