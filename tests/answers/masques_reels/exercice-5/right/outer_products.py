# style: einsum with ones
def create_translation_masks(source_real, target_real):
    ones_source, ones_target = torch.ones_like(source_real).float(), torch.ones_like(target_real).float()
    encoder = torch.einsum("bi,bj->bij", ones_source, source_real.float())
    decoder = torch.tril(torch.einsum("bi,bj->bij", ones_target, target_real.float()))
    cross = torch.einsum("bi,bj->bij", ones_target, source_real.float())
    return encoder, decoder, cross
