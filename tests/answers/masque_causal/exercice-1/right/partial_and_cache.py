# style: not a def: a cached partial application of a more general function
from functools import lru_cache, partial


def bande(largeur, n):
    return np.array([[1 if i - largeur < j <= i else 0 for j in range(n)] for i in range(n)])


create_local_mask = lru_cache(maxsize=None)(partial(bande, 2))
