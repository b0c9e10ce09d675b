"""A discrete Bayes net: each variable depends on one other."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from saddlepoint.fitted import FittedDensity, Known
from saddlepoint.games._bins import Bins
from saddlepoint.ranges import Levels, Scale
from saddlepoint.spec import Spec


def bayes_net(spec: Spec, *, bins: Levels = 4, count: Scale = 1.0) -> FittedDensity:
    """A tree of discrete variables with tables of conditional probabilities, sampled from the root down.

    Paper: Chow & Liu 1968, Approximating Discrete Probability Distributions with Dependence Trees

    Each dimension is cut into `bins`, over the data's bounds or what it holds; the tree is the one of greatest mutual
    information, which is the tree of greatest likelihood; a table's entry is (n + count) / (N + count bins), Laplace's
    rule. Uniform inside a bin.
    """
    fits = spec.at_most(_MOST_VALUES // bins, f"a tree of variables of {bins} values")
    return FittedDensity(fits, lambda: Tree(bins, count, spec.bounds))


class Tree(Known):
    """A dependence tree: nodes in `order` (D,), each one's `parent` (D,), and `tables` (D, bins, bins).

    tables[d, a, b] is log p(x_d = b | x_parent = a); the root, its own parent, has every row alike.
    """

    low: Tensor
    high: Tensor
    order: Tensor
    parent: Tensor
    tables: Tensor

    def __init__(self, bins: int, count: float, bounds: tuple[float, float] | None) -> None:
        whole = torch.empty(0, dtype=torch.long)
        super().__init__(
            low=torch.empty(0), high=torch.empty(0), order=whole, parent=whole.clone(), tables=torch.empty(0, 0, 0)
        )
        self.bins, self.count, self.bounds = bins, count, bounds

    def fit(self, x: Tensor) -> None:
        around = Bins.around(x, self.bins, self.bounds)
        self.low, self.high = around.low, around.high
        pairs = _pair_counts(around.index(x), self.bins)
        self.order, self.parent = _tree(_information(pairs))
        own = torch.arange(len(self.parent), device=x.device)
        tables = pairs[self.parent, own] + self.count
        root = self.order[0]
        tables[root] = pairs[root, root].sum(0) + self.count
        self.tables = (tables / tables.sum(2, keepdim=True)).log().float()

    def draw(self, n: int) -> Tensor:
        index = torch.zeros(n, len(self.order), dtype=torch.long, device=self.tables.device)
        for node, parent in zip(self.order.tolist(), self.parent[self.order].tolist(), strict=True):
            index[:, node] = torch.multinomial(self.tables[node].exp()[index[:, parent]], 1)[:, 0]
        return self._bins.inside(index)

    def log_density(self, x: Tensor) -> Tensor:
        """log p(x) (B,); minus infinity outside the bins."""
        log_mass = self.log_mass(self._bins.index(x))
        return torch.where(self._bins.holds(x), log_mass - self._bins.log_volume, -torch.inf)

    def log_mass(self, index: Tensor) -> Tensor:
        """log P of the discrete values `index` (B, D): (B,)."""
        nodes = torch.arange(len(self.parent), device=index.device)
        return self.tables[nodes, index[:, self.parent], index].sum(1)

    @property
    def _bins(self) -> Bins:
        return Bins(self.low, self.high, self.bins)


def _pair_counts(index: Tensor, bins: int) -> Tensor:
    """How often values a of i and b of j come together, [i, j, a, b], for indices (N, D)."""
    dimensions = index.shape[1]
    counts = torch.zeros(dimensions * bins, dimensions * bins, device=index.device, dtype=torch.double)
    for part in index.split(4096):
        wide = one_hot(part, bins).flatten(1).float()
        counts += wide.T @ wide
    return counts.view(dimensions, bins, dimensions, bins).permute(0, 2, 1, 3)


def _information(pairs: Tensor) -> Tensor:
    """Mutual information in nats (D, D) of counts [i, j, a, b]."""
    joint = pairs / pairs[0, 0].sum()
    single = joint.diagonal(dim1=0, dim2=1).diagonal(dim1=0, dim2=1)
    alone = single[:, None, :, None] * single[None, :, None, :]
    return torch.where(joint > 0, joint * (joint / alone).log(), 0.0).sum((2, 3))


def _tree(information: Tensor) -> tuple[Tensor, Tensor]:
    """The tree of greatest total information, from node 0 down: nodes in order, and each one's parent."""
    from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

    # scipy looks for the least tree and takes a zero for no edge.
    cost = (information.max() - information + 1).cpu().numpy()
    tree = minimum_spanning_tree(cost)
    order, parent = breadth_first_order(tree, 0, directed=False)
    parent[0] = 0
    return tuple(torch.from_numpy(each).long().to(information.device) for each in (order, parent))  # type: ignore[return-value]


_MOST_VALUES = 8192
