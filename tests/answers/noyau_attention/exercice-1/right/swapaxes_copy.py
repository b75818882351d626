# style: a float copy, worked on in place along the last axis

def softmax_from_scratch(x, axis=-1):
    copie = np.swapaxes(np.array(x, dtype=float), axis, -1).copy()
    maxi = copie.max(axis=-1)[..., None]
    maxi[maxi == -np.inf] = 0
    copie -= maxi
    np.exp(copie, out=copie)
    somme = copie.sum(axis=-1)[..., None]
    somme[somme == 0] = 1
    copie /= somme
    return np.swapaxes(copie, axis, -1)
