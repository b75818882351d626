# style: a band cut from a matrix of ones, with another name for the argument
def create_local_mask(n):
    return np.triu(np.tril(np.ones((n, n), dtype=np.float16)), k=-1)
