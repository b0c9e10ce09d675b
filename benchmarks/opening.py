"""How long is it from the command to the first step on 60,000 pictures, the first time and the second?

python benchmarks/opening.py              # FashionMNIST as PNGs of ten classes, in a folder and in a zip

Whole processes with an empty cache, then with what the first one kept: the pictures as they were decoded and the
classifier by whose features looks judge. What stands beside is the time to import torch.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from record import keep

from saddlepoint.configuration.building import data_table, source_of

DATA = Path(__file__).parent.parent.parent / "shared" / "data" / "FashionMNIST"
TARGET, PAUSE = 5.0, 0.02


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default=str(DATA), help="other labelled pictures")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        count = written(told.data, folder / "photos")
        for path in (folder / "photos", packed(folder / "photos", folder / "photos.zip")):
            first, second = (to_first_step(path, folder) for _ in range(2))
            shutil.rmtree(folder / "cache")
            keep(
                "opening",
                case=f"a {path.suffix.lstrip('.') or 'folder'} of {count} pictures",
                first=round(first, 2),
                second=round(second, 2),
                target=TARGET,
                torch_alone=round(to_import(), 2),
            )


def written(name: str, folder: Path) -> int:
    """The training pictures as PNGs, a folder for each class; their number."""
    known = source_of(data_table(name, {})).real(60_000)
    assert known.y is not None
    for number, (image, label) in enumerate(zip((known.x * 255).round().byte().numpy(), known.y.tolist(), strict=True)):
        (folder / str(label)).mkdir(parents=True, exist_ok=True)
        pixels = np.ascontiguousarray(image.transpose(1, 2, 0)).squeeze()
        Image.fromarray(pixels).save(folder / str(label) / f"{number:05}.png", compress_level=1)
    return len(known.x)


def packed(folder: Path, file: Path) -> Path:
    with zipfile.ZipFile(file, "w") as made:
        for picture in sorted(folder.rglob("*.png")):
            made.write(picture, picture.relative_to(folder).as_posix())
    return file


def to_first_step(path: Path, folder: Path) -> float:
    """Seconds until the log of a training holds its first step."""
    run = Path(tempfile.mkdtemp(dir=folder)) / "run"
    command = [sys.executable, "-m", "saddlepoint", "train", str(path), "--run.log_every", "1", "--out", str(run)]
    environment = {**os.environ, "SADDLEPOINT_CACHE": str(folder / "cache")}
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment) as training:
        try:
            while training.poll() is None:
                if stepped(run / "scalars.jsonl"):
                    return time.perf_counter() - began
                time.sleep(PAUSE)
        finally:
            training.kill()
    raise SystemExit(f"{path}: the training ended before its first step; try: {' '.join(command)}")


def stepped(log: Path) -> bool:
    """Whether a log holds a step."""
    return log.exists() and '"step": 1,' in log.read_text()


def to_import() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
