# style: not defs: a lambda, a partial, an object that can be called, a decorated function
from functools import partial

mean_weight_per_position = lambda weights: weights.mean((0, 1))


def moyenne(mesure, weights):
    return mesure(weights).mean(0)


weight_variance = partial(moyenne, lambda w: (w - w.mean(-1, keepdim=True)).square().mean(-1))


class Entropie:
    def __call__(self, weights):
        return moyenne(lambda w: -(w * (w + (w == 0)).log()).sum(-1), weights)


attention_entropy = Entropie()


@torch.inference_mode()
def count_visible_positions(weights):
    return moyenne(lambda w: w.gt(0).sum(-1).to(w.dtype), weights)
