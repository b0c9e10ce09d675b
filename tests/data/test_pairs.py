"""Pairs of images: which folders they are, which side is given, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from saddlepoint.configuration.building import data_table, source_of
from saddlepoint.data import build
from saddlepoint.data._open import reader_of
from saddlepoint.data._streamed import Streamed
from saddlepoint.errors import BadData, BadOption, UnknownName
from saddlepoint.source import Labelled, Source
from tests.data.conftest import save_images, save_zip


def load(path: Path, **options) -> Source:
    return build("pairs", str(path), **options)


def sides(folder: Path, one: str, other: str, count: int = 3, below: str = "") -> Path:
    """Pairs told apart by their brightness: the picture `i` of `one` is of the value i, its partner of 100 + i."""
    for i in range(count):
        for value, side in ((i, one), (100 + i, other)):
            file = folder / side / below / f"{i}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((4, 6), value, np.uint8)).save(file)
    return folder


def values(pairs: Labelled) -> list[tuple[int, int]]:
    """The brightness of what is given and of what is made in each pair."""
    given, made = ((side * 255).round().flatten(1).mean(1).int().tolist() for side in (pairs.y, pairs.x))
    return sorted(zip(given, made, strict=True))


# --- which folders are pairs --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [("A", "B"), ("input", "target"), ("inputs", "outputs"), ("Source", "Target"), ("given", "truth"), ("LR", "HR")],
)
def test_folders_called_as_sides_are_pairs_and_say_which_is_given(tmp_path, one, other):
    table = data_table(str(sides(tmp_path, one, other)), {})
    assert table["name"] == "pairs"
    assert values(source_of(table).real(9)) == [(0, 100), (1, 101), (2, 102)]


def test_a_zip_is_the_folder(tmp_path):
    packed = save_zip(sides(tmp_path / "pairs", "A", "B"), tmp_path / "pairs.zip", "all/")
    assert reader_of(str(packed)) == "pairs"
    assert load(packed).digest == load(tmp_path / "pairs").digest


def test_names_are_partners_whatever_their_ending_or_their_writing(tmp_path):
    save_images(tmp_path, ["A/1.png", "A/in/\u00e9 \u2603.png", "B/1.jpg", "B/in/e\u0301 \u2603.bmp"])
    assert reader_of(str(tmp_path)) == "pairs"
    assert load(tmp_path, held_out=0).size == 2


@pytest.mark.parametrize("layout", ["{part}/{side}", "{side}/{part}", "all/{part}/{side}"])
def test_sets_say_which_pairs_are_held_out(tmp_path, layout):
    names = [layout.format(part=part, side=side) for part in ("train", "val", "test") for side in "AB"]
    save_images(tmp_path, [f"{name}/{i}.png" for name in names for i in range(3)])
    source = source_of(data_table(str(tmp_path), {}))
    assert source.spec.given
    assert (source.size, len(source.held_out().x)) == (3, 6)


def test_each_side_has_its_own_size_and_channels(samples, tmp_path):
    source = load(samples["pairs"](tmp_path))
    assert source.spec.shape == (3, 6, 8)
    assert source.spec.given.shape == (1, 3, 4)
    assert load(tmp_path / "pairs", size="12").spec.given.shape == (1, 3, 4), "the given side keeps its own"
    both = load(tmp_path / "pairs", given_size="5x7", given_channels="rgb", channels="grey").spec
    assert (both.shape, both.given.shape) == ((1, 6, 8), (3, 5, 7))


def test_pairs_of_one_size_are_brought_to_another_together(tmp_path):
    spec = load(sides(tmp_path, "A", "B"), size="2x3").spec
    assert spec.shape == spec.given.shape == (1, 2, 3)
    spec = load(tmp_path, size="2x3", given_size="4").spec
    assert (spec.shape, spec.given.shape) == ((1, 2, 3), (1, 4, 4))


def test_two_classes_of_the_same_names_stay_classes_and_it_is_told(tmp_path):
    path = str(sides(tmp_path, "sketches", "paintings"))
    source = source_of(data_table(path, {}))
    assert source.spec.classes == ("paintings", "sketches")
    words = "paintings and sketches hold files of the same names: taken for classes (for pairs: --data.given paintings)"
    assert words in source.notes
    assert values(source_of(data_table(path, {"given": "sketches"})).real(3))[0] == (0, 100)


def test_classes_a_and_b_are_classes(tmp_path):
    assert reader_of(str(sides(tmp_path, "a", "b"))) == "images"
    (tmp_path / "more").mkdir()
    save_images(tmp_path / "more", [f"A/{i}.png" for i in range(5)] + [f"B/b{i}.png" for i in range(5)])
    assert reader_of(str(tmp_path / "more")) == "images", "files of other names"


def test_domains_are_pairs_only_when_so_said(tmp_path):
    save_images(tmp_path, [f"{part}{side}/{i}.png" for part in ("train", "test") for side in "AB" for i in range(2)])
    assert reader_of(str(tmp_path)) == "images"
    source = source_of(data_table(str(tmp_path), {"name": "pairs"}))
    assert (source.size, len(source.held_out().x)) == (2, 2)


# --- who reads ----------------------------------------------------------------------------------------------------


def test_options_told_decide_before_what_is_there(tmp_path):
    path = str(sides(tmp_path, "A", "B"))
    assert data_table(path, {"labels": "folders"})["name"] == "images"
    assert data_table(path, {"held_out": "0.5"})["name"] == "pairs"
    save_images(tmp_path / "flat", ["1.png", "2.png"])
    assert data_table(str(tmp_path / "flat"), {"given": "left"})["name"] == "pairs"
    with pytest.raises(BadOption, match=r"option of data 'images' 'layout' is not known; there are: channels"):
        data_table(str(tmp_path / "flat"), {"layout": "NHWC"})


def test_a_reader_may_be_named(tmp_path):
    path = str(sides(tmp_path, "A", "B"))
    assert data_table(path, {"name": "images"})["name"] == "images"
    with pytest.raises(UnknownName, match=r"data 'pars' is not known; did you mean 'pairs'"):
        data_table(path, {"name": "pars"})
    with pytest.raises(BadOption, match=r"data 'ring' reads no path; there are: arrays, .*, pairs, stacked, table"):
        data_table(path, {"name": "ring"})
    with pytest.raises(
        BadOption, match=r"data 'ring' is a source itself; --data pairs says who reads a path: leave it"
    ):
        data_table("ring", {"name": "pairs"})


# --- one picture that holds both ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "one", "shape"),
    [("left", 0, (4, 3)), ("right", 40, (4, 3)), ("top", 0, (2, 6)), ("bottom", 80, (2, 6))],
)
def test_a_picture_may_hold_both_sides(tmp_path, given, one, shape):
    pixels = np.zeros((4, 6), np.uint8)
    pixels[:, 3:] += 40
    pixels[2:] += 80
    Image.fromarray(pixels).save(tmp_path / "1.png")
    source = load(tmp_path, given=given)
    assert source.spec.shape[1:] == source.spec.given.shape[1:] == shape
    assert int((source.real(1).y * 255).round()[0, 0, 0, 0]) == one
    assert int((source.real(1).x * 255).round().sum() + (source.real(1).y * 255).round().sum()) == int(pixels.sum())


def test_a_folder_called_left_goes_before_the_half(tmp_path):
    assert values(load(sides(tmp_path, "left", "right"), given="right").real(1))[0][0] >= 100


# --- what is refused ----------------------------------------------------------------------------------------------


def _lonely(folder: Path) -> None:
    save_images(folder, ["A/1.png", "A/3.png", "B/1.png", "B/2.png"])


def _alike(folder: Path) -> None:
    save_images(folder, ["A/1.png", "A/1.bmp", "B/1.png"])


def _empty(folder: Path) -> None:
    save_images(folder, ["A/1.png"])
    (folder / "B").mkdir()


def _nothing(folder: Path) -> None:
    save_images(folder, ["A/1.png", "B/1.png"])
    (folder / "B" / "1.png").write_bytes(b"")


def _unlike(folder: Path) -> None:
    save_images(folder, ["A/1.png", "B/1.png", "B/2.png"])
    save_images(folder, ["A/2.png"], (5, 8))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_lonely, r"2 files have no partner of the same name on the other side, A/3.png, B/2.png; add them, or remove"),
        (_alike, r"A/1.png: A/1.bmp is called so too; keep one of them"),
        (_empty, r"B: holds no images, and the folder beside it does"),
        (_nothing, r"B/1.png: is no image that can be read"),
        (_unlike, r"differ in size, A/1.png is 6x8 and A/2.png is 5x8 .* give one: --data.given_size 64 --data.fit"),
    ],
)
def test_sides_that_do_not_fit_are_refused_by_who_reads_the_folder(tmp_path, make, words):
    make(tmp_path)
    with pytest.raises(BadData, match=words) as met:
        source_of(data_table(str(tmp_path), {}))
    assert "\n" not in str(met.value)


def test_what_cannot_be_told_is_asked(tmp_path):
    sides(tmp_path, "cat", "dog")
    with pytest.raises(
        BadData, match=r"cat and dog do not tell which side is given; say --data.given cat or --data.giv"
    ):
        load(tmp_path)
    with pytest.raises(BadOption, match=r"data.given: wanted cat, dog, or left, right, top, bottom, got 'cow'"):
        load(tmp_path, given="cow")
    save_images(tmp_path, ["cow/0.png"])
    with pytest.raises(
        BadData, match=r"wanted two folders of files of the same names, .* got the folders cat, cow, dog"
    ):
        load(tmp_path)
    with pytest.raises(BadData, match=r"got images that lie in no two folders; .* say --data.given left"):
        load(save_images(tmp_path / "flat", ["1.png"]))


def test_a_side_that_is_odd_is_refused_by_its_name(tmp_path):
    save_images(tmp_path, ["1.png"], (4, 6))
    save_images(tmp_path, ["2.png"], (5, 7))
    with pytest.raises(BadData, match=r"2.png: wanted an even width, for it holds both sides of a pair, got 7; cut"):
        load(tmp_path, given="left")
    with pytest.raises(BadData, match=r"2.png: wanted an even height, .* got 5"):
        load(tmp_path, given="top")


# --- what is there twice ------------------------------------------------------------------------------------------


def test_a_pair_that_is_trained_on_too_is_not_held_out(tmp_path):
    save_images(tmp_path, [f"train/{side}/{i}.png" for side in "AB" for i in range(4)])
    save_images(tmp_path, [f"test/{side}/new.png" for side in "AB"], seed=1)
    for side in "AB":
        (tmp_path / "test" / side / "old.png").write_bytes((tmp_path / "train" / side / "2.png").read_bytes())
    source = load(tmp_path)
    assert (source.size, len(source.held_out().x)) == (4, 1)
    (note,) = source.notes
    assert note.startswith("1 of 2 held-out pairs are trained on too, byte for byte, such as test/B/old.png: left out")
    (tmp_path / "test" / "A" / "old.png").write_bytes((tmp_path / "test" / "A" / "new.png").read_bytes())
    assert len(load(tmp_path).held_out().x) == 2, "only one of its files is"


def test_images_that_are_there_twice_are_told_and_kept(photos):
    before = build("images", str(photos), held_out=0)
    (photos / "cat" / "copy.png").write_bytes((photos / "dog" / "3.png").read_bytes())
    source = build("images", str(photos), held_out=0)
    assert source.size == before.size + 1
    assert source.notes == ("1 image is a copy of another, byte for byte, such as dog/3.png of cat/copy.png",)


def test_images_that_are_held_out_and_trained_on_are_told(tmp_path):
    save_images(tmp_path, ["train/1.png", "train/2.png", "test/3.png"])
    (tmp_path / "test" / "4.png").write_bytes((tmp_path / "train" / "2.png").read_bytes())
    (note,) = build("images", str(tmp_path)).notes
    assert note.endswith("such as test/4.png of train/2.png; of those held out 1 is trained on too")


# --- read while training, and in the mirror -----------------------------------------------------------------------


@pytest.mark.parametrize("form", ["folders", "halves"])
def test_what_is_read_while_training_equals_what_is_in_memory(samples, tmp_path, form):
    path = samples["pairs"](tmp_path)
    path, options = (path, {}) if form == "folders" else (path / "B", {"given": "left"})
    stored, streamed = (load(path, memory=memory, **options) for memory in (1.0, 0.0))
    assert isinstance(streamed, Streamed)
    assert streamed.spec == stored.spec
    assert streamed.notes == ("20 pairs would take 0.01 GiB: read while training (--data.memory 0.01 holds them)",)
    for index in (0, 3):
        one, other = (source.batches(4, seed=2)(index) for source in (stored, streamed))
        assert all(torch.equal(one[key], other[key]) for key in ("x", "y"))
    for one, other in ((stored.real(5), streamed.real(5)), (stored.held_out(), streamed.held_out())):
        assert torch.equal(one.x, other.x)
        assert torch.equal(one.y, other.y)
    assert (
        streamed.digest
        == load(path, memory=0.0, **options).digest
        != load(path, memory=0.0, size="3", **options).digest
    )


def test_both_sides_tell_the_data(tmp_path):
    before = load(sides(tmp_path, "A", "B")).digest
    assert load(tmp_path, given="B").digest != before
    save_images(tmp_path, ["A/1.png"], (4, 6), mode="L")
    assert load(tmp_path).digest != before


def test_in_the_mirror_both_sides_are_turned_half_of_the_time_in_training_alone(samples, tmp_path):
    path = samples["pairs"](tmp_path)
    plain, mirrored = load(path), load(path, mirror=True)
    assert plain.digest == mirrored.digest
    assert torch.equal(plain.held_out().x, mirrored.held_out().x)
    turned = []
    for index in range(20):
        one, other = (source.batches(8, seed=1)(index) for source in (plain, mirrored))
        rows = [torch.equal(a, b.flip(-1)) for a, b in zip(one["x"], other["x"], strict=True)]
        for row, is_turned in enumerate(rows):
            for key in ("x", "y"):
                assert torch.equal(other[key][row], one[key][row].flip(-1) if is_turned else one[key][row])
        turned += rows
    assert 60 < sum(turned) < 100
    assert torch.equal(mirrored.batches(8, seed=1)(19)["x"], other["x"]), "a function of the seed and the index"
    whole = mirrored.whole(0)
    assert len(whole["x"]) == 2 * plain.size
    assert torch.equal(whole["y"][plain.size :].flip(-1), whole["y"][: plain.size])
