# style: a helper function; it prints as well as it returns
def peut_voir(i, j):
    return j == i or j + 1 == i


def create_local_mask(seq_len):
    lignes = []
    for i in range(seq_len):
        lignes.append([peut_voir(i, j) for j in range(seq_len)])
    masque = np.stack([np.array(ligne) for ligne in lignes])
    print("masque de forme", masque.shape)
    return masque
