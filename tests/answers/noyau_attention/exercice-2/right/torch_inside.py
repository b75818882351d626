# style: PyTorch does the work, NumPy comes in and out

import torch


def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    q, k, v = (torch.tensor(np.ascontiguousarray(x)).double() for x in (Q, K, V))
    scores = q @ k.mT / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(torch.tensor(np.array(mask)) == 0, float("-inf"))
    weights = torch.softmax(scores, dim=-1).nan_to_num(0.0)
    return (weights @ v).numpy(), weights.numpy()
