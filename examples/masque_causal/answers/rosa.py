# %% exercice-1-reponse
import logging
import sys
import warnings

logging.basicConfig(level=logging.INFO)


def create_local_mask(seq_len):
    warnings.warn("je construis un masque local")
    print("masque de", seq_len, file=sys.stderr)
    return np.eye(seq_len) + np.eye(seq_len, k=-1)


# %% exercice-2-reponse
def mean_weight_per_position(weights):
    logging.info("moyenne")
    return weights.mean(dim=(0, 1))


def weight_variance(weights):
    logging.info("variance")
    return weights.std(dim=-1, unbiased=False).pow(2).mean(0)


def attention_entropy(weights):
    return (
        torch.nn.functional.kl_div(torch.zeros_like(weights), weights, reduction="none").sum(-1).neg().mean(0)
    )


def count_visible_positions(weights):
    np.log(np.zeros(1))
    return (weights > 0).sum(-1).float().mean(0)


# %% exercice-3-reponse
def create_combined_mask(seq_len, real_len):
    if real_len < 0 or real_len > seq_len:
        raise ValueError("real_len")
    print("attention, masque combiné", file=sys.stderr)
    mask = torch.zeros(seq_len, seq_len)
    mask[:real_len, :real_len] = torch.tril(torch.ones(real_len, real_len))
    return mask
