"""A spec written into a configuration comes back as it was."""

import tomllib

import pytest
import tomli_w

from saddlepoint import data
from saddlepoint.configuration.specs import spec_in, table_of
from saddlepoint.errors import BadOption
from saddlepoint.laws import zoo

TABLE = "when,kind,size,much\n2020-01-02,a,1.50,3\n2020-02-03,b,,4\n2021-03-04,a,2.25,5\n2021-03-05,b,2.5,6\n"


@pytest.mark.parametrize("kind", zoo.SPECS)
def test_every_spec_of_the_zoo_comes_back(kind):
    written = tomli_w.dumps(table_of(zoo.SPECS[kind]))
    assert spec_in(tomllib.loads(written)) == zoo.SPECS[kind]


def test_a_tables_columns_come_back(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    spec = data.build("table", str(tmp_path / "t.csv")).spec
    assert spec.units.columns
    assert spec_in(tomllib.loads(tomli_w.dumps(table_of(spec)))) == spec


@pytest.mark.parametrize(("change", "words"), [({"shape": [0]}, "wanted a shape"), ({"units": 3}, "not")])
def test_what_is_no_spec_is_refused(change, words):
    with pytest.raises(BadOption, match=r"does not say what samples are: .*put it back") as error:
        spec_in(table_of(zoo.PLANE) | change)
    assert words in str(error.value)
    with pytest.raises(BadOption, match="'shape' is missing"):
        spec_in({name: value for name, value in table_of(zoo.PLANE).items() if name != "shape"})
