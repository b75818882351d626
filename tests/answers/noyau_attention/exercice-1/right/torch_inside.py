# style: PyTorch does the work, NumPy comes in and out

import torch


def softmax_from_scratch(x, axis=-1):
    t = torch.softmax(torch.tensor(np.ascontiguousarray(x), dtype=torch.float64), dim=axis)
    return t.nan_to_num(0.0).numpy()
