# style: loops over tokens, lists of lists
def create_document_mask(document_ids):
    rows = document_ids.tolist()
    n = len(rows[0])
    return torch.tensor(
        [[[1 if j <= i and row[i] == row[j] else 0 for j in range(n)] for i in range(n)] for row in rows]
    )


def document_positions(document_ids):
    result = []
    for row in document_ids.tolist():
        positions, seen = [], {}
        for number in row:
            positions.append(seen.get(number, 0))
            seen[number] = positions[-1] + 1
        result.append(positions)
    return torch.tensor(result)
