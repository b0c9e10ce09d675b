"""Folders and zips of images: labels, sizes, modes, and everything that may be wrong with them."""

from __future__ import annotations

import gzip
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from saddlepoint.data import build
from saddlepoint.data._picture import head_of
from saddlepoint.errors import BadData, BadOption
from saddlepoint.source import Source
from tests.data.conftest import save_images, save_zip


def only(source: Source) -> np.ndarray:
    """The one image of a source as uint8 (H, W, C)."""
    (image,) = source.real(1).x
    return (image * 255).round().byte().permute(1, 2, 0).numpy()


def everything(source: Source) -> torch.Tensor:
    return source.real(10_000).x


def load(path: Path, **options) -> Source:
    return build("images", str(path), **options)


# --- what is found ------------------------------------------------------------------------------------------------


def test_sub_folders_are_the_classes(photos):
    source = load(photos)
    assert source.spec.classes == ("cat", "dog")
    assert source.spec.shares == (0.5, 0.5)
    assert source.spec.shape == (3, 6, 8)
    assert (len(source), len(source.held_out().x)) == (18, 2)
    assert source.notes == ()


def test_pixels_and_labels_are_those_of_the_files(photos):
    files = {np.asarray(Image.open(file)).tobytes(): file.parent.name for file in photos.rglob("*.png")}
    source = load(photos)
    for part in (source.real(100), source.held_out()):
        for image, y in zip(part.x, part.y, strict=True):
            pixels = (image * 255).round().byte().permute(1, 2, 0).contiguous().numpy()
            assert files.pop(pixels.tobytes()) == source.spec.classes[y]
    assert not files


def test_a_zip_is_the_folder(photos, tmp_path):
    folder, packed = load(photos), load(save_zip(photos, tmp_path / "photos.zip"))
    assert packed.fingerprint() == folder.fingerprint()
    assert packed.spec == folder.spec


@pytest.mark.parametrize("below", ["all/", "a/b/"])
def test_folders_that_wrap_everything_do_not_matter(photos, tmp_path, below):
    wrapped = load(save_zip(photos, tmp_path / "photos.zip", below))
    assert wrapped.fingerprint() == load(photos).fingerprint()


def test_classes_are_in_the_order_people_expect(tmp_path):
    save_images(tmp_path, [f"{name}/{i}.png" for name in ("10", "9", "x2", "x10") for i in range(2)])
    assert load(tmp_path).spec.classes == ("9", "10", "x2", "x10")


def test_a_flat_folder_has_no_classes(tmp_path):
    save_images(tmp_path, [f"{i}.png" for i in range(20)])
    source = load(tmp_path)
    assert source.spec.classes == ()
    assert source.real(3).y is None
    assert (len(source), len(source.held_out().x)) == (18, 2)


def test_folders_are_no_classes_when_so_asked(photos):
    assert load(photos, labels="none").spec.classes == ()


@pytest.mark.parametrize("held", ["test", "val", "Validation"])
def test_train_and_test_folders_say_what_is_held_out(tmp_path, held):
    names = [f"{part}/{kind}/{i}.png" for part in ("train", held) for kind in ("a", "b") for i in range(3)]
    source = load(save_images(tmp_path, names), held_out=0.9)
    assert source.spec.classes == ("a", "b")
    assert (len(source), len(source.held_out().x)) == (6, 6)
    held_files = {np.asarray(Image.open(file)).tobytes() for file in (tmp_path / held).rglob("*.png")}
    seen = (source.held_out().x * 255).round().byte().permute(0, 2, 3, 1)
    assert {image.contiguous().numpy().tobytes() for image in seen} == held_files


def test_a_class_that_is_only_held_out_is_left_out_and_told(tmp_path):
    names = [f"train/{kind}/{i}.png" for kind in ("a", "b") for i in range(3)]
    save_images(tmp_path, [*names, "test/a/0.png", "test/c/0.png", "test/c/1.png"])
    source = load(tmp_path)
    assert source.spec.classes == ("a", "b")
    assert len(source.held_out().x) == 1
    assert source.notes == ("2 held-out images have no class that training holds: left out",)


def test_other_files_are_ignored_and_counted(photos):
    (photos / "README.md").write_text("cats and dogs")
    (photos / ".DS_Store").write_bytes(b"\0")
    (photos / "__MACOSX").mkdir()
    (photos / "__MACOSX" / "._1.png").write_bytes(b"\0")
    source = load(photos)
    assert source.spec.classes == ("cat", "dog")
    assert source.notes == ("3 files are no image: ignored",)


# --- labels from a table ------------------------------------------------------------------------------------------


@pytest.fixture
def flat(tmp_path) -> Path:
    return save_images(tmp_path / "flat", [f"{i}.png" for i in range(6)])


TABLE = "\n".join(f"{i}.png,{'odd' if i % 2 else 'even'}" for i in range(6))


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        "file,label\n" + TABLE,
        "name,kind\n" + TABLE,
        TABLE.replace(",", ";"),
        TABLE.replace("0.png", "./0.png"),
        TABLE.replace("1.png", "flat/1.png").replace("flat/", ""),
        "id,Filename,split,class\n" + "\n".join(f"{i},{i}.png,a,{'odd' if i % 2 else 'even'}" for i in range(6)),
        "label,id,file\n" + "\n".join(f"{'odd' if i % 2 else 'even'},{i},{i}.png" for i in range(6)),
    ],
)
def test_labels_come_from_a_table(flat, tmp_path, text):
    (tmp_path / "labels.csv").write_text(text)
    source = load(flat, labels=str(tmp_path / "labels.csv"), held_out=0)
    assert source.spec.classes == ("even", "odd")
    odd = np.asarray(Image.open(flat / "3.png"))
    where = (source.real(6).x * 255).round().byte().permute(0, 2, 3, 1).eq(torch.from_numpy(odd.copy()))
    assert source.real(6).y[where.flatten(1).all(1)].tolist() == [1]


def test_a_table_of_labels_that_nobody_named_is_told_with_how_to_take_it(flat, tmp_path):
    (flat / "sub").mkdir()
    (flat / "sub" / "labels.csv").write_text("filename,label\n" + TABLE)
    (flat / "sizes.csv").write_text("width,height\n5,7\n")
    (flat / "broken.csv").write_bytes(b"\xff\xfe")
    (flat / "list.csv").write_text("0.png\n1.png")
    hint = "sub/labels.csv names images and their labels: to learn them say --data.labels sub/labels.csv"
    for path in (flat, save_zip(flat, tmp_path / "flat.zip")):
        assert load(path).notes == (hint, "3 files are no image: ignored")
        assert load(path, labels="none").notes == ("4 files are no image: ignored",)
        assert load(path, labels="sub/labels.csv").spec.classes == ("even", "odd")


def test_a_table_is_not_offered_where_folders_are_the_classes(flat):
    for name in ("cat", "dog"):
        (flat / name).mkdir()
    for i in range(6):
        (flat / f"{i}.png").rename(flat / ("dog" if i % 2 else "cat") / f"{i}.png")
    (flat / "labels.csv").write_text(TABLE)
    assert load(flat).notes == ("1 file is no image: ignored",)


def test_the_table_may_lie_among_the_images_and_be_packed(flat, tmp_path):
    (flat / "labels.csv").write_text(TABLE)
    (flat / "more.csv.gz").write_bytes(gzip.compress(TABLE.encode()))
    packed = save_zip(flat, tmp_path / "flat.zip")
    assert load(flat, labels=str(flat / "labels.csv")).notes == ("1 file is no image: ignored",)
    assert load(packed, labels="labels.csv").spec.classes == ("even", "odd")
    assert load(packed, labels=str(flat / "more.csv.gz")).spec.classes == ("even", "odd")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TABLE + "\n7.png,odd", r"labels.csv, row 7: there is no image '7.png'; did you mean"),
        ("file,label\n" + TABLE + "\nzzzzzzzzzz,odd", "row 8: there is no image 'zzzzzzzzzz'; remove the row"),
        (TABLE.rpartition("\n")[0], "labels.csv: has no label for 1 of 6 images, among them 5.png"),
        (TABLE.replace("1.png,odd", "1.png,"), "labels.csv: has no label for 1 of 6 images, among them 1.png"),
        (TABLE + "\n1.png,even", "labels.csv, row 7: '1.png' is 'even' here but was 'odd'"),
        ("0.png\n1.png", "labels.csv: wanted two columns, file and label, got one"),
        (TABLE + "\n1.png", "labels.csv, row 7: wanted 2 cells as in the first row, got 1"),
        ("", "labels.csv: is empty"),
    ],
)
def test_labels_that_do_not_fit_are_refused(flat, tmp_path, text, words):
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(BadData, match=words):
        load(flat, labels=str(tmp_path / "labels.csv"))


def test_a_name_that_several_images_have_is_refused(photos, tmp_path):
    (tmp_path / "labels.csv").write_text("1.png,x\n2.png,y")
    with pytest.raises(BadData, match=r"row 1: '1.png' may mean 2 images; give its folder too"):
        load(photos, labels=str(tmp_path / "labels.csv"))


def test_a_table_that_is_not_there_is_refused(flat):
    with pytest.raises(BadData, match=r"nowhere.csv: no such file, neither as given nor in"):
        load(flat, labels="nowhere.csv")
    with pytest.raises(BadOption, match=r"data.labels: wanted folders, none or the path of a .csv file, got 'dirs'"):
        load(flat, labels="dirs")


# --- sizes --------------------------------------------------------------------------------------------------------


def test_images_of_several_sizes_need_a_size(tmp_path):
    save_images(tmp_path, ["a.png"], (4, 5))
    save_images(tmp_path, ["b.png"], (7, 5))
    with pytest.raises(BadData, match=r"differ in size, a.png is 4x5 and b.png is 7x5 .*--data.size 64 --data.fit"):
        load(tmp_path)
    assert load(tmp_path, size="3x2").spec.shape == (3, 3, 2)
    assert load(tmp_path, size="6").spec.shape == (3, 6, 6)


@pytest.mark.parametrize("size", ["", "0", "64x", "big", "-3", "64x48x3", "10000", "9" * 5000, "٣"])
def test_a_size_is_one_side_or_two(photos, size):
    with pytest.raises(BadOption, match=r"data.size: wanted a side, 64, or height and width, 48x64, below 10,000, got"):
        load(photos, size=size)


def stripes(tmp_path: Path) -> Path:
    """One image, 4 high and 8 wide: red, then green in the middle half, then blue."""
    pixels = np.zeros((4, 8, 3), np.uint8)
    pixels[:, :2, 0], pixels[:, 2:6, 1], pixels[:, 6:, 2] = 255, 255, 255
    Image.fromarray(pixels).save(tmp_path / "stripes.png")
    return tmp_path


def test_crop_keeps_the_middle(tmp_path):
    pixels = only(load(stripes(tmp_path), size="4", fit="crop"))
    assert (pixels == [0, 255, 0]).all()


def test_resize_stretches(tmp_path):
    pixels = only(load(stripes(tmp_path), size="4", fit="resize"))
    assert pixels[0, 0, 0] > 150 > pixels[0, 1, 0]
    assert pixels[0, 3, 2] > 150


def test_pad_leaves_black_margins(tmp_path):
    pixels = only(load(stripes(tmp_path), size="8", fit="pad"))
    assert (pixels[:2] == 0).all()
    assert (pixels[6:] == 0).all()
    assert (pixels[2:6, 2:6] == [0, 255, 0]).all()


def test_shrinking_averages_rather_than_picks(tmp_path):
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    Image.fromarray(board).save(tmp_path / "board.png")
    assert abs(only(load(tmp_path, size="8")).astype(int) - 127).max() < 20


def test_a_photo_taken_sideways_is_turned(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.full((4, 9, 3), 200, np.uint8)).save(tmp_path / "a.jpg", exif=exif)
    save_images(tmp_path, ["b.png"], (9, 4))
    assert load(tmp_path, held_out=0).spec.shape == (3, 9, 4)


@pytest.mark.parametrize("kind", ["png", "webp", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_format_is_turned_as_jpeg_is(tmp_path, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = np.zeros((16, 24, 3), np.uint8)
    pixels[:8, :12] = 255
    for name in (kind, "jpg"):
        (tmp_path / name).mkdir()
        lossless = {"lossless": True} if name == "webp" else {}
        Image.fromarray(pixels).save(tmp_path / name / f"a.{name}", exif=exif, **lossless)
    made, wanted = (only(load(tmp_path / name)) for name in (kind, "jpg"))
    assert made.shape == wanted.shape == ((16, 24, 3) if orientation < 5 else (24, 16, 3))
    assert np.abs(made.astype(int) - wanted).max() < 30


def test_a_png_without_orientation_is_not_read_twice(tmp_path, monkeypatch):
    save_images(tmp_path, ["a.png"])
    loaded = []
    load_pixels = PngImageFile.load

    def counted(image):
        loaded.append(image)
        return load_pixels(image)

    monkeypatch.setattr(PngImageFile, "load", counted)
    head_of((tmp_path / "a.png").read_bytes(), "a.png")
    assert not loaded


# --- modes --------------------------------------------------------------------------------------------------------


def test_grey_images_stay_grey(tmp_path):
    save_images(tmp_path, ["a.png", "b.png"], mode="L")
    assert load(tmp_path).spec.shape == (1, 6, 8)
    assert load(tmp_path, channels="rgb").spec.shape == (3, 6, 8)


def test_one_colour_image_makes_all_colour(tmp_path):
    save_images(tmp_path, ["a.png", "c.png"], mode="L")
    save_images(tmp_path, ["b.png"])
    source = load(tmp_path)
    assert source.spec.shape == (3, 6, 8)
    assert source.notes[0].startswith("2 images have grey pixels only: taken as colour")
    assert load(tmp_path, channels="grey").spec.shape == (1, 6, 8)


def test_sixteen_bits_are_scaled_to_eight(tmp_path):
    deep = np.array([[0, 257, 65535], [32768, 128, 129]], np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    source = load(tmp_path)
    assert only(source)[..., 0].tolist() == [[0, 1, 255], [128, 0, 1]]
    assert source.notes == ("1 image has 16 bits: scaled to 8",)


def test_more_than_sixteen_bits_are_refused(tmp_path):
    Image.fromarray(np.array([[70_000]], np.int32)).save(tmp_path / "a.tif")
    with pytest.raises(BadData, match=r"a.tif: wanted 8 or 16 bits a pixel, got values from 70000 to 70000"):
        load(tmp_path)
    Image.fromarray(np.array([[0.5]], np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(BadData, match=r"a.tif: has floating-point pixels; scale them to 0 to 65535 and save with 16"):
        load(tmp_path)


def test_palettes_become_colours(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putdata([0, 1])
    image.save(tmp_path / "a.png")
    source = load(tmp_path)
    assert only(source).tolist() == [[[10, 20, 30], [200, 100, 50]]]
    assert source.notes == ("1 image has a palette: turned into plain pixels",)


def test_a_palette_s_transparent_colour_is_kept_or_white(tmp_path):
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putdata([0, 1])
    image.save(tmp_path / "a.png", transparency=0)
    assert only(load(tmp_path)).tolist() == [[[255, 255, 255], [200, 100, 50]]]
    assert only(load(tmp_path, channels="rgba"))[0, :, 3].tolist() == [0, 255]


def test_alpha_is_laid_on_white_or_kept(tmp_path):
    pixels = np.array([[[255, 0, 0, 255], [255, 0, 0, 0], [0, 0, 0, 51]]], np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    flat = load(tmp_path)
    assert only(flat).tolist() == [[[255, 0, 0], [255, 255, 255], [204, 204, 204]]]
    assert flat.notes == ("1 image has an alpha channel: flattened onto white (--data.channels rgba keeps it)",)
    kept = load(tmp_path, channels="rgba")
    assert kept.spec.shape == (4, 1, 3)
    assert only(kept).tolist() == pixels.tolist()
    assert kept.notes == ()


def test_grey_with_alpha_stays_grey(tmp_path):
    Image.fromarray(np.array([[[100, 255], [100, 0]]], np.uint8), mode=None).save(tmp_path / "a.png")
    assert only(load(tmp_path))[..., 0].tolist() == [[100, 255]]


def test_print_colours_and_films_are_told(tmp_path):
    Image.new("CMYK", (4, 4)).save(tmp_path / "a.jpg")
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "b.webp", save_all=True, append_images=frames[1:])
    notes = load(tmp_path).notes
    assert "1 image has a mode such as CMYK: turned into RGB" in notes
    assert "1 image has several frames: the first is taken" in notes


# --- what is wrong ------------------------------------------------------------------------------------------------


def test_a_folder_without_images_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("none")
    with pytest.raises(BadData, match=r"holds no images; wanted files such as .png or .jpg"):
        load(tmp_path)
    with pytest.raises(BadData, match="nowhere: no such file or folder"):
        load(tmp_path / "nowhere")


def test_a_truncated_image_is_named(photos, tmp_path):
    whole = (photos / "cat" / "3.png").read_bytes()
    (photos / "cat" / "3.png").write_bytes(whole[: len(whole) // 2])
    packed = save_zip(photos, tmp_path / "photos.zip")
    with pytest.raises(BadData, match=r"cat/3.png: is no image that can be read \(.+\); remove or replace it"):
        load(photos)
    with pytest.raises(BadData, match=r"photos.zip/cat/3.png: is no image that can be read"):
        load(packed)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["png", "jpg", "gif", "tif", "bmp"]))
def test_damaged_images_are_refused_or_read(tmp_path_factory, data, kind):
    file = save_images(tmp_path_factory.mktemp("damaged"), [f"a.{kind}"]) / f"a.{kind}"
    raw = bytearray(file.read_bytes())
    place = data.draw(st.integers(0, len(raw) - 1))
    if data.draw(st.booleans()):
        del raw[place:]
    else:
        raw[place] ^= data.draw(st.integers(1, 255))
    file.write_bytes(raw)
    said = str(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            load(file.parent, size="4")
        except BadData as error:
            said = str(error)
    assert str(file) in said
    assert "\n" not in said


def test_a_file_that_only_is_called_an_image_is_named(photos):
    (photos / "dog" / "3.png").write_text("<html>404</html>")
    with pytest.raises(BadData, match=r"dog/3.png: is no image that can be read \(its format is not known\)"):
        load(photos)


def test_a_link_to_nowhere_is_named(photos):
    (photos / "dog" / "99.png").symlink_to(photos / "gone.png")
    with pytest.raises(BadData, match=r"dog/99.png: cannot be read \(.*No such file"):
        load(photos)


def test_damaged_zips_are_named(photos, tmp_path):
    file = save_zip(photos, tmp_path / "photos.zip")
    raw = bytearray(file.read_bytes())
    (tmp_path / "cut.zip").write_bytes(raw[:-40])
    with pytest.raises(BadData, match=r"cut.zip: is no zip that can be read .*; get the file anew"):
        load(tmp_path / "cut.zip")
    with zipfile.ZipFile(file) as packed:
        first = packed.infolist()[0]
    raw[first.header_offset + 30 + len(first.filename) + 60] ^= 255
    (tmp_path / "flipped.zip").write_bytes(raw)
    with pytest.raises(BadData, match=r"flipped.zip/cat/0.png: cannot be read \(Bad CRC"):
        load(tmp_path / "flipped.zip")


def test_a_class_of_one_image_is_refused(photos):
    save_images(photos, ["bird/0.png"])
    with pytest.raises(BadData, match=r"class 'bird' has one image only.*add images to it, remove it, or give"):
        load(photos)


def test_an_image_beside_class_folders_is_refused(photos):
    save_images(photos, ["stray.png"])
    with pytest.raises(BadData, match=r"stray.png: lies beside the folders cat, dog, .*--data.labels none"):
        load(photos)


@pytest.mark.parametrize("folder", ["sign_digits/sign_digits_64.zip", "edges2people/edges2people.zip"])
def test_real_archives_load(real_data, folder):
    source = load(real_data / folder, size="32")
    assert source.spec.shape == (3, 32, 32)
    assert len(source.spec.classes) == (10 if "digits" in folder else 0)
    assert len(source.held_out().x) == (200 if "digits" in folder else 155)
