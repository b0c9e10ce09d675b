"""Tables in CSV files."""

from __future__ import annotations

import gzip
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from saddlepoint import games
from saddlepoint.data import build
from saddlepoint.data.table import alike
from saddlepoint.errors import BadData, BadOption

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
    assert source.notes == [
        "column 'size': numbers of 1 decimal from 0.0 to 43.5",
        "column 'colour': 3 categories ('blue', 'green', 'red')",
        "column 'kind': 2 categories ('a', 'b')",
    ]


def test_own_units_are_the_cells(load):
    source = load(ROWS, held_out=0.3)
    own = torch.cat([source.real(100).x, source.held_out().x])
    order = own[:, 0].argsort()
    assert torch.equal(own[order, 0], torch.arange(30, dtype=torch.float64) * 1.5)
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
        (["2019-01-05,2", "2019-02-05,3"], ["c0", "c1"], 2),
        (["1.5,red", ",blue", "3,red"], ["c0", "c1"], 3),
        (['"1,5",red', '"2,5",blue'], ["c0", "c1"], 2),
        (["a;b", "3;4", "5;6"], ["a", "b"], 2),
        (["a\tb", "3\t4", "5\t6"], ["a", "b"], 2),
        (["a, b", "", "3, 4", "5, 6", ""], ["a", "b"], 2),
        (['"a,1","b"', '"3","4"', "5,6"], ["a,1", "b"], 2),
        ("\ufeffa,b\r\n3,4\r\n5,6\r\n", ["a", "b"], 2),
    ],
)
def test_the_first_row_is_a_header_when_it_is_none_of_the_others(load, rows, names, count):
    source = load(rows, held_out=0)
    assert [column.name for column in source.units.columns if not column.of] == names
    assert len(source) == count
    assert source.notes[0].startswith("no row of names") == (names == ["c0", "c1"])


def test_a_gzipped_table_is_the_table(load):
    assert load(ROWS, "t.csv.gz").fingerprint() == load(ROWS).fingerprint()


LONG = [f"{i}.5" for i in range(30)]
REFUSE = {"missing": "refuse"}


def dated(*cells: str) -> list[str]:
    return ["d,m", *(f"2019-01-{day:02},1" for day in range(1, 31)), *(f"{cell},1" for cell in cells)]


def column(*cells: str) -> list[str]:
    return ["n,m", *(f"{cell},1" for cell in [*LONG, *cells])]


@pytest.mark.parametrize(
    ("rows", "options", "words"),
    [
        (column("abc"), {}, "t.csv, row 32, column 'n': wanted a number, got 'abc'"),
        (
            column("", "2"),
            REFUSE,
            "t.csv, row 32, column 'n': wanted a value, got an empty cell; fill it, remove the row",
        ),
        (column("nan"), REFUSE, "row 32, column 'n': wanted a value, got 'nan'"),
        (column("-inf"), {}, "row 32, column 'n': wanted a finite number, got '-inf'"),
        (column("1e300"), {}, "row 32, column 'n': wanted a finite number, got '1e300'"),
        ([*column(), "", "7"], {}, "t.csv, row 33: wanted 2 cells as in the first row, got 1"),
        ([*column(), "1,2,3"], {}, "row 32: wanted 2 cells as in the first row, got 3"),
        (["a,b", "x,1", ",2"], REFUSE, "row 3, column 'a': wanted a value, got an empty cell"),
        (["a,b", "x,1", ",2"], {"label": "a"}, "row 3, column 'a': wanted a value, got an empty cell"),
        (["a,b", "NA,1", ",2"], {}, "column 'a': every cell is missing; leave it out with --data.drop a"),
        (["a", *(f"w{i}" for i in range(101))], {}, "column 'a': wanted at most 100 .*, got 101; .* --data.drop a"),
        (["a", *(f"0{i}" for i in range(101))], {}, "got 101; leave it out .* say what it is: --data.categories a"),
        (["a", *(f"w{i}" for i in range(1001))], {"categories": "a"}, "wanted at most 1,000 .*, got 1,001"),
        ([f"{i}" for i in range(200)], {"label": "c0"}, "column 'c0': wanted at most 100 .* a label must name"),
        (["a,b", "x,1", '"y,2', "z,3"], {}, r't.csv, row 3: a quote \("\) is not closed'),
        (["a,b", "x,1", '"y,2', '"z",3'], {}, r't.csv, row 3: a quote \("\) is not closed'),
        (
            ["a,b", *['"1,500",2'] * 3],
            {},
            "row 2, column 'a': '1,500' may be 1500 or 1.5, .*; say which: --data.decimal",
        ),
        (["a;b", *["1.500;2"] * 3], {}, "row 2, column 'a': '1.500' may be 1.5 or 1500, .*; say which: --data.decimal"),
        (
            ["a,b", *["05/04/2019,2"] * 3],
            {},
            r"'05/04/2019' may be 2019-04-05 or 2019-05-04.* a=%d/%m/%Y or a=%m/%d/%Y",
        ),
        (dated("2019-02-30"), {}, "row 32, column 'd': wanted a date as %Y-%m-%d, got '2019-02-30'; mend it, or give"),
        (
            ROWS,
            {"numbers": "kind"},
            "row 2, column 'kind': wanted a number, got 'a'; mend it, or give --data.categories",
        ),
        (ROWS, {"dates": "kind"}, "row 2, column 'kind': wanted a date, got 'a'"),
        (ROWS, {"categories": "sise"}, r"t.csv: column 'sise' is not known; did you mean 'size'\?"),
        (ROWS, {"label": "colour", "drop": "size, kind"}, "no columns are left to learn"),
        (ROWS, {"label": "color"}, r"t.csv: column 'color' is not known; did you mean 'colour'\?"),
        (ROWS, {"drop": "kind,sise"}, r"t.csv: column 'sise' is not known; did you mean 'size'\?"),
        (["a,b,a", "1,2,3"], {}, "t.csv: two columns are called 'a'"),
        ("", {}, "t.csv: is empty; wanted a row for each sample"),
        ("\n \n", {}, "t.csv: is empty"),
        (",\n,\n", {}, "t.csv: is empty"),
        ("sep=;\n", {}, "t.csv: is empty"),
        ("a,b\n", {}, "t.csv: is empty but for the names of its columns"),
        ("a;b,c\nx;y,z\n", {}, "t.csv: cells may be divided by ';' or ','; put \"quotes\" around the cells that hold"),
        ("a,b\n1,2\n".encode("utf-16"), {}, "t.csv: is UTF-16 .*; save it as UTF-8"),
        ("a,b\n1,2\n".encode("utf-16-le"), {}, "t.csv: is UTF-16 .*; save it as UTF-8"),
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


def kind(load, *cells, **options):
    """What a column of these cells is taken for, the note of it, and the cells that its values are written as."""
    delimiter = options.pop("delimiter", ",")
    rows = [f"k{delimiter}n", *(f'"{cell}"{delimiter}{i}' for i, cell in enumerate(cells))]
    source = load(rows, held_out=0, **options)
    column, own = source.units.columns[0], source.real(99).x
    return column, source.notes[0], [column.cell(value) for value in own[own[:, -1].argsort(), 0].tolist()]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (
            ["02116", "501", "90210"],
            "3 categories ('501', '02116', '90210'), codes with leading zeros",
        ),
        (["2019_01", "2019_02"], "2 categories ('2019_01', '2019_02')"),
        (["١", "٢", "٣"], "3 categories"),
        (["٢٠١٩-٠١-٠١", "٢٠١٩-٠١-٠٢"], "2 categories"),
        (
            ["1234567890123456789", "5"],
            "2 categories ('5', '1234567890123456789'), codes with more figures than a number",
        ),
        (["true", "false", "true"], "2 categories ('false', 'true')"),
        (["yes", "NA", "no"], "3 categories ('NA', 'no', 'yes')"),
        (["3", "-5", "12"], "whole numbers from -5 to 12"),
        (["3.0", "4.0"], "whole numbers from 3.0 to 4.0"),
        (["3.50", "4.25"], "numbers of 2 decimals from 3.50 to 4.25"),
        (["3.5", "4.25", "7"], "numbers of 2 decimals from 3.5 to 7"),
        (["1,5", "2,25"], "numbers of 2 decimals with a decimal comma from 1,5 to 2,25"),
        (["0,500", "2,250"], "numbers of 2 decimals with a decimal comma from 0,500 to 2,250"),
        (["12%", "7%"], "whole numbers with '%' from 7% to 12%"),
        (
            ["$1,234.50", "$7.25"],
            "numbers of 2 decimals with ',' between thousands and with '$' from $7.25 to $1,234.50",
        ),
        (
            ["1.234,50 €", "7,25 €"],
            "numbers of 2 decimals with a decimal comma and with '.' between thousands and with '€'",
        ),
        (["1'234'567", "89"], "whole numbers with \"'\" between thousands from 89 to 1'234'567"),
        (["2019-01-31", "2018-12-01"], "dates as %Y-%m-%d from 2018-12-01 to 2019-01-31"),
        (["1/31/2019", "12/1/2018"], "dates as %m/%d/%Y from 12/1/2018 to 1/31/2019"),
        (["31/01/2019", "01/12/2018"], "dates as %d/%m/%Y from 01/12/2018 to 31/01/2019"),
        (["31.01.2019", "01.02.2018"], "dates as %d.%m.%Y from 01.02.2018 to 31.01.2019"),
        (["2019-01-31T10:20:30.25Z", "2019-01-31T10:20:30.75Z"], "dates as %Y-%m-%dT%H:%M:%S.%fZ from"),
        (
            ["2020-03-15T10:00:00+01:00", "2020-07-15T10:00:00+01:00"],
            "dates as %Y-%m-%dT%H:%M:%S+01:00 from 2020-03-15T10:00:00+01:00 to 2020-07-15T10:00:00+01:00",
        ),
        (["2019-01-31 10:20", "2019-01-31 23:59"], "dates as %Y-%m-%d %H:%M from"),
        (["Mar 5, 2019", "Dec 12, 2019"], "dates as %b %d, %Y from"),
        (["1/5/2019 3:04 PM", "12/31/2019 12:00 AM"], "dates as %m/%d/%Y %I:%M %p from"),
        (["($1,234.00)", "$7.25"], "numbers of 2 decimals with ',' between thousands and with '$' from ($1,234.00) to"),
        (["−17", "5"], "whole numbers from −17 to 5"),
        (["1.5-", "2.5"], "numbers of 1 decimal from 1.5- to 2.5"),
        (["1'234.50", "7.25"], "numbers of 2 decimals with \"'\" between thousands from 7.25 to 1'234.50"),
        (["USD 3.09", "USD -12.50"], "numbers of 2 decimals with 'USD' from"),
        (
            ["CHF 1'234.50", "CHF 7.25"],
            "numbers of 2 decimals with \"'\" between thousands and with 'CHF' from CHF 7.25",
        ),
        (["0.5 kg", "12 kg"], "numbers of 1 decimal with 'kg' from 0.5 kg to 12 kg"),
        ([f"{i}k" for i in range(10)], "whole numbers with 'k' from 0k to 9k"),
        (
            ["2WD", "4WD"],
            "2 categories ('2WD', '4WD'), though most are figures (--data.numbers k takes it as a number)",
        ),
        (["5.900e-10", "1.250e-09"], "numbers of 11 decimals from 5.900e-10 to 1.250e-09"),
        (["7.16794e-09", "59247"], "numbers from 7.16794e-09 to 59247"),
        (["3", ".", "5"], "whole numbers from 3 to 5; 1 of 3 cells are missing (.)"),
        (["SKU 001", "SKU 017"], "2 categories ('SKU 001', 'SKU 017'), codes with leading zeros"),
        (
            ["1:51:15", "2:00:01"],
            "2 categories ('1:51:15', '2:00:01'), though most are figures (write numbers all in one",
        ),
        (["3/4", "1.5"], "2 categories ('1.5', '3/4'), though most are figures"),
        (["red", "NA", "n/a", "NA"], "2 categories ('NA', 'red'); 3 of 4 cells are missing (NA)"),
    ],
)
def test_columns_are_told_from_their_cells_and_written_as_they_came(load, cells, said):
    column, note, back = kind(load, *cells)
    assert note.startswith(f"column 'k': {said}"), note
    assert bool(column.categories) == ("categories" in said)
    assert back == ["4" if cell == "." else "NA" if cell == "n/a" else cell for cell in cells]


@pytest.mark.parametrize(
    ("cells", "pattern", "span"),
    [
        (["03/15/56", "08/27/70", "04/16/99"], "%m/%d/%y", "03/15/1956 to 04/16/1999"),
        (["03/15/40", "08/27/70", "04/16/05"], "%m/%d/%y", "03/15/1940 to 04/16/2005"),
        (["01/02/19", "31/12/21"], "%d/%m/%y", "01/02/2019 to 31/12/2021"),
        (["29.02.00", "01.03.04"], "%d.%m.%y", "29.02.2000 to 01.03.2004"),
        (["01-Apr-68", "14-Sep-75"], "%d-%b-%y", "01-Apr-1968 to 14-Sep-1975"),
    ],
)
def test_two_figures_are_years_of_the_century_that_holds_all(load, cells, pattern, span):
    column, note, back = kind(load, *cells, dates="k")
    assert note == f"column 'k': dates as {pattern} from {span}"
    assert back == cells
    made = column.own(torch.tensor([[-9.0], [9.0]]).double()).tolist()
    assert [column.cell(value) for value in made] == [cells[0], cells[-1]], "samples stay within the file's years"


def test_times_of_several_offsets_are_instants(load):
    cells = [
        "2020-01-12T10:00:00+01:00",
        "2020-07-10T10:00:00+02:00",
        "2020-07-10T08:00:00Z",
        "2020-01-12T10:00:00+01:00",
    ]
    _, note, back = kind(load, *cells)
    assert note.startswith("column 'k': dates as %Y-%m-%dT%H:%M:%S+01:00 from 2020-01-12T10:00:00+01:00 to")
    assert back == [cells[0], *["2020-07-10T09:00:00+01:00"] * 2, cells[0]]


@pytest.mark.parametrize(
    ("rows", "names", "first"),
    [
        (["Größe, cm;Gewicht, kg", "170,5;60,2", "180,0;70,9"], ["Größe, cm", "Gewicht, kg"], "170,5"),
        (['"Größe, cm";"Gewicht, kg"', "170;60", "180;70"], ["Größe, cm", "Gewicht, kg"], "170"),
        (['"a;b";c;d', "x,1;2;3", "y,1;2;4"], ["a;b", "c", "d"], "x,1"),
        (["a,b", "x;y;z,3", "x;u;z,4"], ["a", "b"], "x;y;z"),
        (["a, b\tc", "x, y\t3", "z, y\t4"], ["a, b", "c"], "x, y"),
        (["sep=;", "a;b", "1,5;2", "2,5;3"], ["a", "b"], "1,5"),
        (["sep=,", "name,", "x,1", "y,2"], ["name", "c1"], "x"),
        (["2018,2019", "0.6,0.5", "0.7,0.8"], ["2018", "2019"], "0.6"),
        (["2018,2019", "6,2018", "7,8"], ["c0", "c1"], "2018"),
        (["land,2018,2019", "x,0.6,0.5", "y,0.7,0.8"], ["land", "2018", "2019"], "x"),
        (["x,2019,2017", "y,2018,2016"], ["c0", "c1", "c2"], "x"),
        (["c1,,", "x,y,3", "z,y,4"], ["c1", "c1_", "c2"], "x"),
    ],
)
def test_what_divides_cells_and_who_names_them_is_told_by_all_rows(load, rows, names, first):
    source = load(rows, held_out=0)
    assert [column.name for column in source.units.columns] == names
    column, own = source.units.columns[0], source.real(9).x[:, 0].tolist()
    assert first in [column.cell(value) for value in own]


def test_rows_of_missing_cells_stay_and_blank_lines_are_counted(load):
    rows = ["a,b", "1,x", ",", "2,y", "", "3,x"]
    source = load(rows, held_out=0)
    assert len(source) == 4
    assert source.notes == [
        "column 'a': whole numbers from 1 to 3; 1 of 4 cells are missing (empty)",
        "column 'b': 3 categories ('', 'x', 'y'); 1 of 4 cells are missing (empty)",
    ]
    source = load(["a", "1", "", "", "2", '""', "3", ""], held_out=0)
    assert len(source) == 4
    assert source.notes[0] == '2 blank lines were left out; of a missing cell alone in its row write NA or ""'


def test_a_label_may_be_called_na_where_that_is_said(load):
    rows = ["x,lab", *(f"{i},{('NA', 'a', 'n/a')[i % 3]}" for i in range(12))]
    with pytest.raises(BadData, match=r"row 2, column 'lab': wanted a value, got 'NA'; .* --data.categories lab"):
        load(rows, label="lab")
    assert load(rows, label="lab", categories="lab").spec.classes == ("NA", "a", "n/a")
    with pytest.raises(BadData, match="row 14, column 'lab': wanted a value, got an empty cell"):
        load([*rows, "5,"], label="lab", categories="lab")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"drop": "Height, cm"}, ["Weight = kg", "a", "day"]),
        ({"drop": "a,Height, cm"}, ["Weight = kg", "day"]),
        ({"drop": " Weight = kg , a"}, ["Height, cm", "day"]),
        ({"dates": "day=%b %d, %Y", "drop": "a"}, ["Height, cm", "Weight = kg", "day"]),
        ({"dates": "day=%b %d, %Y,Weight = kg=%Y", "drop": "a"}, ["Height, cm", "Weight = kg", "day"]),
    ],
)
def test_names_and_patterns_may_hold_commas(load, options, names):
    rows = ['"Height, cm",Weight = kg,a,day', *(f'{i},{1970 + i},x,"Mar {i}, 2019"' for i in range(1, 9))]
    assert [column.name for column in load(rows, **options).units.columns] == names
    with pytest.raises(BadData, match="column 'qqqq' is not known; there are: 'Height, cm', 'Weight = kg', a, day"):
        load(rows, drop="a,qqqq")
    with pytest.raises(BadData, match="column 'a=5' is not known"):
        load(rows, drop="a=5")


def test_advice_works_and_what_would_be_lost_is_not_advised(load):
    long = [f"{584493381532295723 + i}" for i in range(1001)]
    with pytest.raises(BadData, match=r"got 1,001; leave it out with --data.drop 'a b'$"):
        load(["a b", *long])
    with pytest.raises(BadData, match=r"code with more figures than a number holds.*; give --data.drop 'a b'$"):
        load(["a b", *long], numbers="a b")
    with pytest.raises(BadData, match=r"got '007', a code with leading zeros, .*; give --data.categories a$"):
        load(["a", "007", "12", "5"], numbers="a")
    _, note, back = kind(load, "00", "07", "23", numbers="k")
    assert (note, back) == ("column 'k': whole numbers from 00 to 23", ["00", "07", "23"])


def test_empty_columns_are_named_together(load):
    with pytest.raises(BadData, match=r"columns 'a', 'c, d': every cell is missing; .* --data.drop 'a,c, d'$"):
        load(['a,b,"c, d"', "NA,1,", ",2,?"])


def test_powers_without_end_are_nothing_special(load):
    assert load(["a", "1e-" + "9" * 5000, "2"], held_out=0).units.columns[0].limits == (0, 2)


def test_numbers_of_every_size_come_back_to_the_last_bit(load):
    """Neither decimals nor 32 bits hold these: only the map itself can be exact."""
    rng = np.random.default_rng(0)
    values = np.stack([rng.random(200), 0.5 + 0.3 * rng.normal(size=200), 10 ** rng.uniform(-13, 12, 200)], axis=1)
    values[0, 2], values[1, 2] = 1e-30, -1e30
    rows = ["u,n,w", *(",".join(map(repr, row)) for row in values.tolist())]
    source = load(rows)
    memory = games.build("empirical", source.spec)
    memory.fit(source.whole(0)["x"])
    made = source.units.own(memory.sample(300)).tolist()
    assert {tuple(row) for row in made} <= {tuple(row) for row in values.tolist()}
    assert {",".join(c.cell(v) for c, v in zip(source.units.columns, row, strict=True)) for row in made} <= set(rows)


@pytest.mark.parametrize(
    ("cells", "options", "values"),
    [
        (["007", "012"], {"numbers": "k"}, [7, 12]),
        (["1,500", "2,000"], {"decimal": "comma"}, [1.5, 2]),
        (["1,500", "2,000"], {"decimal": "point"}, [1500, 2000]),
        (["05/04/2019", "06/04/2019"], {"dates": "k=%m/%d/%Y"}, [18020, 18051]),
        (["20190504", "20190604"], {"dates": "k"}, [18020, 18051]),
        (["10:20", "11:20"], {"dates": "k=%H:%M"}, [-36815860, -36815800]),
        (["1970-01-01", "1970-01-11"], {}, [0, 10]),
        (["3k", "12k"], {"numbers": "k"}, [3, 12]),
        (["1970-01-01 00:00:00", "1970-01-02 00:00:01"], {}, [0, 86401]),
        (["12%", "7.5%"], {}, [12, 7.5]),
    ],
)
def test_what_the_user_says_of_a_column_counts(load, cells, options, values):
    rows = ["k,n", *(f'"{cell}",{i}' for i, cell in enumerate(cells))]
    own = load(rows, held_out=0, **options).real(9).x
    assert own[own[:, 1].argsort(), 0].tolist() == values


def test_numbers_may_be_taken_for_categories(load):
    source = load(["k,n", "3,1", "5,2", "3,4"], categories="k,n")
    assert [column.categories for column in source.units.columns] == [("3", "5"), ("1", "2", "4")]


def test_a_file_has_one_decimal_point(load):
    """`price` alone could be thousands, `height` cannot; of the other kind is a file with 0.5."""
    rows = ["height;price;many", *(f"1,{i}5;{i},000;{i}.000" for i in range(1, 9))]
    columns = load(rows).units.columns
    assert [column.limits for column in columns] == [(1.15, 1.85), (1, 8), (1000, 8000)]
    rows = ["height;price", *(f"0.{i};{i}.125" for i in range(1, 9))]
    assert load(rows).units.columns[1].limits == (1.125, 8.125)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"dates": "size=%Q"}, "--data.dates size=%Q: wanted a pattern such as %d/%m/%Y"),
        ({"dates": "size=%d%d"}, "wanted a pattern such as"),
        ({"dates": "size=tomorrow"}, "wanted a pattern such as"),
        ({"dates": "size", "numbers": "size"}, "column 'size' is named twice in --data.categories, numbers and dates"),
    ],
)
def test_what_is_said_must_make_sense(load, options, words):
    with pytest.raises(BadOption, match=words):
        load(ROWS, **options)


def test_a_missing_number_has_a_category_beside_it_and_a_missing_category_is_one(load):
    rows = ["age,pet", *(f"{'NA' if i % 7 == 0 else i},{'' if i % 5 == 0 else 'dog'}" for i in range(1, 71))]
    source = load(rows, held_out=0)
    age, flag, pet = source.units.columns
    assert (age.missing, flag.name, flag.of, flag.categories) == ("NA", "age missing", "age", ("there", "missing"))
    assert pet.categories == ("", "dog")
    assert source.notes[0] == "column 'age': whole numbers from 1 to 69; 10 of 70 cells are missing (NA)"
    assert source.spec.simplexes == ((1, 3), (3, 5))
    own = source.real(70).x
    gone = own[:, 1] == 1
    assert gone.sum() == 10
    assert own[gone, 0].unique().tolist() == [round(sum(i for i in range(1, 71) if i % 7) / 60)]
    assert torch.equal(own[~gone, 0].sort().values, torch.tensor([float(i) for i in range(1, 71) if i % 7]).double())
    # Whatever a model says of a number that is missing: it is the same for all.
    made = source.units.own(torch.tensor([[9.0, 0, 1, 1, 0], [0.5, 1, 0, 1, 0]]))
    assert made[0, 0] == own[gone, 0][0] != made[1, 0]


def test_seconds_since_1970_come_back_to_the_last_one(load):
    rng = np.random.default_rng(0)
    seconds = rng.integers(1_600_000_000, 1_700_000_000, 200)
    rows = ["at,n", *(f"{at},{i}" for i, at in enumerate(seconds))]
    source = load(rows, held_out=0)
    assert sorted(source.real(200).x[:, 0].tolist()) == sorted(seconds.tolist())
    memory = games.build("empirical", source.spec)
    memory.fit(source.whole(0)["x"])
    assert set(source.units.own(memory.sample(500))[:, 0].tolist()) <= set(seconds.tolist())
    assert source.batches(8)(0)["x"].dtype == torch.float32, "networks take 32 bits"


def test_wide_tables_are_told_by_kind(load):
    rows = [",".join(f"n{i}" for i in range(40)), *(",".join([*["1"] * 38, "a", str(k / 2)]) for k in range(9))]
    assert load(rows).notes == [
        "1 column of categories: 'n38'",
        "1 column of numbers of 1 decimal: 'n39'",
        "38 columns of whole numbers: 'n0', 'n1', 'n2', 'n3', 'n4', 'n5' ...",
    ]


def test_another_table_is_read_as_the_first_one_is(load, tmp_path):
    rows = [
        "code,size,pet",
        *(f"{code},{i}.5,{pet}" for i, (code, pet) in enumerate([("01", "cat"), ("10", "dog")] * 9)),
    ]
    first = load(rows, label="pet")
    (tmp_path / "other.csv").write_text("pet,size,code\ndog,7,10\ndog,8,10\n")
    other = alike(str(tmp_path / "other.csv"), first.units, first.spec.classes)
    assert other.spec.classes == ("cat", "dog")
    assert sorted(other.real(9).x.tolist()) == [[1, 7], [1, 8]], "10 is a code as before, not a number"
    assert other.real(9).y.tolist() == [1, 1]
    same = alike(str(tmp_path / "t.csv"), first.units, first.spec.classes, held_out=0.1)
    assert same.digest == first.digest
    for text, words in [
        ("pet,size,code\ncow,7,10", "row 2, column 'pet': 'cow' is not among those of the reference: cat, dog"),
        ("pet,size,code\ncat,7,1", "row 2, column 'code': '1' is not among those of the reference: 01, 10"),
        ("pet,size,code\ncat,x,10", "row 2, column 'size': wanted a number as in the reference, got 'x'"),
        ("pet,size,code\ncat,,10", "row 2, column 'size': wanted a number .*, got an empty cell"),
        ("pet,code\ncat,10", "the reference's column 'size' is missing; there are: pet, code"),
    ]:
        (tmp_path / "other.csv").write_text(text)
        with pytest.raises(BadData, match=words):
            alike(str(tmp_path / "other.csv"), first.units, first.spec.classes)


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
    order = sorted(rows)
    assert sorted(c for _, c, _ in back) == sorted(c for _, c, _ in order)
    assert sorted(n for _, _, n in back) == sorted(n for _, _, n in order)
    assert np.allclose([x for x, _, _ in back], [x for x, _, _ in order], rtol=1e-15, atol=1e-9)


def test_a_million_cells_are_read_in_seconds(load):
    numbers = np.random.default_rng(0).normal(size=(50_000, 20))
    text = "\n".join(",".join(f"{cell:.5g}" for cell in row) for row in numbers)
    began = time.process_time()
    assert load(text).spec.shape == (20,)
    assert time.process_time() - began < 10


def test_real_tables_load(real_data):
    widths = {file.name.partition(".")[0]: 0 for file in (real_data / "uci").glob("*.csv.gz")}
    for name in widths:
        source = build("table", str(real_data / "uci" / f"{name}.csv.gz"))
        widths[name] = source.spec.shape[0]
        assert source.notes[0].startswith("no row of names")
    assert widths == {"bike": 18, "elevators": 19, "gas": 129, "kin40k": 9, "pol": 27, "protein": 10}
