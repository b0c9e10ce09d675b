"""Tables in CSV files."""

from __future__ import annotations

import gzip
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from saddlepoint.data import build
from saddlepoint.errors import BadData

ROWS = ["size,colour,kind", *(f"{i * 1.5},{('red', 'blue', 'green')[i % 3]},{'ab'[i % 2]}" for i in range(30))]


@pytest.fixture
def load(tmp_path):
    """Writes a table and loads it as a source."""

    def written(rows, name="t.csv", **options):
        text = rows if isinstance(rows, bytes) else (rows if isinstance(rows, str) else "\n".join(rows)).encode()
        (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        return build("table", str(tmp_path / name), **options)

    return written


def test_numbers_are_standardised_and_texts_one_hot(load):
    source = load(ROWS)
    assert source.spec.shape == (6,)
    assert source.spec.simplexes == ((1, 4), (4, 6))
    assert [column.name for column in source.units.columns] == ["size", "colour", "kind"]
    assert [column.categories for column in source.units.columns] == [(), ("blue", "green", "red"), ("a", "b")]
    seen = source.batches(len(source))(0)["x"]
    assert seen[:, 0].mean().item() == pytest.approx(0, abs=1e-6)
    assert seen[:, 0].std(correction=0).item() == pytest.approx(1, abs=1e-5)
    assert source.notes == ()


def test_own_units_are_the_cells(load):
    source = load(ROWS, held_out=0.3)
    own = torch.cat([source.real(100).x, source.held_out().x])
    order = own[:, 0].argsort()
    assert torch.allclose(own[order, 0], torch.arange(30) * 1.5, atol=1e-4)
    colours = source.units.columns[1].categories
    assert [colours[int(c)] for c in own[order, 1]] == [("red", "blue", "green")[i % 3] for i in range(30)]


def test_a_column_may_be_the_label(load):
    source = load(ROWS, label="colour", drop="kind")
    assert source.spec.classes == ("blue", "green", "red")
    assert source.spec.shape == (1,)
    real = source.real(100)
    which = (real.x[:, 0] / 1.5).round().long() % 3
    assert torch.equal(real.y, torch.tensor([2, 0, 1])[which])


def test_numbers_as_labels_are_ordered_as_numbers(load):
    rows = [f"{i},{i % 12}" for i in range(48)]
    assert load(rows, label="c1").spec.classes == tuple(str(i) for i in range(12))


@pytest.mark.parametrize(
    ("rows", "names", "count"),
    [
        (["1,2", "3,4", "5,6"], ["c0", "c1"], 3),
        (["1.5,red", "2.5,blue", "3,red"], ["c0", "c1"], 3),
        (["a,b", "3,4", "5,6"], ["a", "b"], 2),
        (["id,2019", "1,4", "2,6"], ["id", "2019"], 2),
        (["name,kind", "x,y", "z,y"], ["name", "kind"], 2),
        (["a,", "3,4", "5,6"], ["a", "c1"], 2),
        (["a;b", "3;4", "5;6"], ["a", "b"], 2),
        (["a\tb", "3\t4", "5\t6"], ["a", "b"], 2),
        (["a, b", "", "3, 4", "5, 6", ""], ["a", "b"], 2),
        (['"a,1","b"', '"3","4"', "5,6"], ["a,1", "b"], 2),
        ("\ufeffa,b\r\n3,4\r\n5,6\r\n", ["a", "b"], 2),
    ],
)
def test_the_first_row_is_a_header_when_it_is_none_of_the_others(load, rows, names, count):
    source = load(rows, held_out=0)
    assert [column.name for column in source.units.columns] == names
    assert len(source) == count
    assert bool(source.notes) == (names == ["c0", "c1"])


def test_a_gzipped_table_is_the_table(load):
    assert load(ROWS, "t.csv.gz").fingerprint() == load(ROWS).fingerprint()


LONG = [f"{i}.5" for i in range(30)]


def column(*cells: str) -> list[str]:
    return ["n,m", *(f"{cell},1" for cell in [*LONG, *cells])]


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        (column("abc"), {}, "t.csv, row 32, column 'n': wanted a number, got 'abc'"),
        (column("", "2"), {}, "t.csv, row 32, column 'n': wanted a value, got an empty cell; fill it, remove the row"),
        (column("nan"), {}, "row 32, column 'n': wanted a finite number, got 'nan'"),
        (column("-inf"), {}, "row 32, column 'n': wanted a finite number, got '-inf'"),
        (column("1e300"), {}, "row 32, column 'n': wanted a finite number, got '1e300'"),
        ([*column(), "", "7"], {}, "t.csv, row 33: wanted 2 cells as in the first row, got 1"),
        ([*column(), "1,2,3"], {}, "row 32: wanted 2 cells as in the first row, got 3"),
        (["a,b", "x,1", ",2"], {}, "row 3, column 'a': wanted a value, got an empty cell"),
        (["a", *(f"w{i}" for i in range(101))], {}, "column 'a': wanted at most 100 .*, got 101; .* --data.drop a"),
        ([f"{i}" for i in range(200)], {"label": "c0"}, "column 'c0': wanted at most 100 .* a label must name"),
        (ROWS, {"label": "colour", "drop": "size, kind"}, "no columns are left to learn"),
        (ROWS, {"label": "color"}, r"t.csv: column 'color' is not known; did you mean 'colour'\?"),
        (ROWS, {"drop": "kind,sise"}, r"t.csv: column 'sise' is not known; did you mean 'size'\?"),
        (["a,b,a", "1,2,3"], {}, "t.csv: two columns are called 'a'"),
        ("", {}, "t.csv: is empty; wanted a row for each sample"),
        ("\n \n", {}, "t.csv: is empty"),
        ("a,b\n", {}, "t.csv: is empty but for the names of its columns"),
        (b"caf\xe9,1\n", {}, r"t.csv: is not UTF-8 text \(.+\); save it as UTF-8"),
        ("a\n" + "x" * 200_000, {}, r"t.csv: is not a CSV file that can be read \(field larger"),
    ],
)
def test_tables_that_cannot_be_trained_on_are_refused(load, rows, options, words):
    with pytest.raises(BadData, match=words):
        load(rows, **options)


def test_a_broken_gzip_is_named(load, tmp_path):
    file = tmp_path / "t.csv.gz"
    file.write_bytes(gzip.compress("\n".join(ROWS).encode())[:-12])
    with pytest.raises(BadData, match=r"t.csv.gz: cannot be read \(.+\); get the file anew"):
        build("table", str(file))


def test_a_dropped_column_may_hold_anything(load):
    source = load(["a,b", "1,", "2,nan", "3,x"], drop="b", held_out=0)
    assert source.spec.shape == (1,)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(-1e6, 1e6, width=32),
            st.sampled_from(["red", "deep blue", 'a "quoted", one']),
            st.integers(-5, 5),
        ),
        min_size=2,
        max_size=30,
    )
)
def test_what_was_written_comes_back(tmp_path_factory, rows):
    import csv

    file = tmp_path_factory.mktemp("table") / "t.csv"
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([("x", "colour", "n"), *rows])
    source = build("table", str(file), held_out=0)
    names = source.units.columns[1].categories
    back = sorted((float(x), names[int(c)], round(float(n))) for x, c, n in source.real(100).x)
    spread = max(abs(x) for x, _, _ in rows)
    order = sorted(rows)
    assert sorted(c for _, c, _ in back) == sorted(c for _, c, _ in order)
    assert sorted(n for _, _, n in back) == sorted(n for _, _, n in order)
    assert np.allclose([x for x, _, _ in back], [x for x, _, _ in order], atol=1e-5 * (1 + spread))


def test_a_million_cells_are_read_in_seconds(load):
    numbers = np.random.default_rng(0).normal(size=(50_000, 20))
    text = "\n".join(",".join(f"{cell:.5g}" for cell in row) for row in numbers)
    began = time.monotonic()
    assert load(text).spec.shape == (20,)
    assert time.monotonic() - began < 10


def test_real_tables_load(real_data):
    widths = {file.name.partition(".")[0]: 0 for file in (real_data / "uci").glob("*.csv.gz")}
    for name in widths:
        source = build("table", str(real_data / "uci" / f"{name}.csv.gz"))
        widths[name] = source.spec.shape[0]
        assert source.notes[0].startswith("no row of names")
    assert widths == {"bike": 18, "elevators": 19, "gas": 129, "kin40k": 9, "pol": 27, "protein": 10}
