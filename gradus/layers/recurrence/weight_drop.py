"""DropConnect on the recurrent weights of a layer."""

from torch import Tensor, nn

from gradus.layers.dropout import mask


class WeightDrop(nn.Module):
    """Recurrent layer whose matrix U has a new mask in every call of the training: `U' = m * U / (1 - p)`.

    The layer stays a module of torch, so its fused kernels are used. The weight U itself is trained: it gets the
    gradient of `U'` at the entries that were kept. In evaluation mode, `U' = U`.

    Source: Merity et al. (2018), Regularizing and optimizing LSTM language models, section 2.
    """

    def __init__(self, layer: nn.RNNBase, rate: float) -> None:
        super().__init__()
        self.layer = layer
        self.rate = rate

    def weights(self) -> list[Tensor]:
        """Return W, the masked U, and the biases of the layer."""
        w, u, *biases = layer_weights(self.layer)
        return [w, u * mask(u.shape, self.rate, u) if self.training else u, *biases]


def layer_weights(layer: nn.RNNBase) -> list[Tensor]:
    """Return W, U, the bias of W x and the bias of U h of every layer of a module, one after another."""
    return [weight for weights in layer.all_weights for weight in weights]
