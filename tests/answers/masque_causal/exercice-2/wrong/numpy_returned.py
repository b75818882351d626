# misconception: NumPy arrays are returned where tensors are asked
# fails: test_mean_weight_example, test_variance_example, test_entropy_example, test_visible_example, test_mean_weight_values, test_variance_values, test_entropy_values, test_visible_values
def mean_weight_per_position(weights):
    return weights.numpy().mean(axis=(0, 1))


def weight_variance(weights):
    return weights.numpy().var(axis=-1).mean(axis=0)


def attention_entropy(weights):
    return torch.special.entr(weights).sum(dim=-1).mean(dim=0).numpy()


def count_visible_positions(weights):
    return (weights.numpy() > 0).sum(axis=-1).mean(axis=0)
