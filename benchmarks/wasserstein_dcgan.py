"""DCGAN and "Wasserstein DCGAN": the same networks under two objectives, with and without batch norm.

python benchmarks/wasserstein_dcgan.py --data ../shared/data/FashionMNIST

The comparison of Arjovsky et al. 2017, figures 5 and 6, at the data's own size and with labels joined to both networks:
DCGAN's objective and optimiser (Radford et al. 2016: Adam at 2e-4 with 0.5) beside Wasserstein by clipping with the
paper's settings (RMSProp at 5e-5, five critic steps, weights within 0.01). One seed, two threads, about the same time
each; WGAN's steps count six moves. Writes docs/wasserstein_dcgan.png, a sheet of samples for each.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image, ImageDraw
from record import RESULTS, keep
from trained import trained

COMMON = (
    "--recipe image --batch 64 --run.average 0 --run.anneal 0 --game.latent 100 --game.discriminator_label join "
    "--regularizer.r1.weight 0"
)
OBJECTIVES = {
    "DCGAN": "--steps 6000 --optimizer.lr 2e-4 --optimizer.beta1 0.5 --optimizer.beta2 0.999",
    "Wasserstein DCGAN": "--steps 2000 --objective wgan --objective.clip 0.01 --optimizer rmsprop --optimizer.lr 5e-5",
}
NORMS = {"batch norm": "batch", "no batch norm": "none"}
PAGE = RESULTS.parent.parent / "docs" / "wasserstein_dcgan.png"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data/FashionMNIST")
    data = parser.parse_args().data
    sheets = {}
    for objective, told in OBJECTIVES.items():
        for norm, name in NORMS.items():
            norms = ["--network.generator_norm", name, "--network.discriminator_norm", name]
            picture = PAGE.with_name(f".{objective}-{name}.png")
            row = trained(data, *COMMON.split(), *told.split(), *norms, threads=2, picture=picture)
            keep("wasserstein_dcgan", objective=objective, norm=norm, data=Path(data).name, **row)
            sheets[f"{objective}, {norm}"] = picture
    draw(sheets)


def draw(sheets: dict[str, Path]) -> None:
    """All sheets on one page, each under its name."""
    images = {name: Image.open(file).convert("L") for name, file in sheets.items()}
    width, height = next(iter(images.values())).size
    page = Image.new("L", (2 * width + 20, 2 * (height + 40)), 255)
    for place, (name, image) in enumerate(images.items()):
        left, top = place % 2 * (width + 20), place // 2 * (height + 40)
        ImageDraw.Draw(page).text((left + 4, top + 12), name, fill=0)
        page.paste(image, (left, top + 30))
    page.save(PAGE)
    for file in sheets.values():
        file.unlink()


if __name__ == "__main__":
    main()
