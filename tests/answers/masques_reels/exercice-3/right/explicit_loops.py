# style: loops over tokens
def position_ids_of(real):
    result = []
    for row in real.tolist():
        positions, seen = [], 0
        for value in row:
            positions.append(seen if value else 0)
            seen += int(value)
        result.append(positions)
    return torch.tensor(result)


def create_decoding_mask(real, n_new):
    n = real.shape[1]
    if n_new < 1 or n_new > n:
        raise ValueError("n_new impossible")
    rows = real.tolist()
    n_past = n - n_new
    return torch.tensor(
        [[[1 if j <= n_past + i and row[j] else 0 for j in range(n)] for i in range(n_new)] for row in rows]
    )
