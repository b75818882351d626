# style: an error class of its own, derived from ValueError; double precision
class LongueurImpossible(ValueError):
    """La longueur réelle n'est pas possible."""


def create_combined_mask(seq_len, real_len):
    if min(max(real_len, 0), seq_len) != real_len:
        raise LongueurImpossible(real_len)
    masque = torch.zeros(seq_len, seq_len, dtype=torch.float64)
    masque[:real_len, :real_len].fill_(1).tril_()
    return masque
