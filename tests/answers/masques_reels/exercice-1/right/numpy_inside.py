# style: computed with NumPy, returned as tensors
def create_document_mask(document_ids):
    ids = document_ids.numpy()
    same = ids[:, :, None] == ids[:, None, :]
    return torch.from_numpy(np.tril(same).astype(np.int64))


def document_positions(document_ids):
    ids = document_ids.numpy()
    result = np.zeros(ids.shape, dtype=int)
    for b in range(ids.shape[0]):
        for number in np.unique(ids[b]):
            places = np.flatnonzero(ids[b] == number)
            result[b, places] = np.arange(len(places))
    return torch.tensor(result)
