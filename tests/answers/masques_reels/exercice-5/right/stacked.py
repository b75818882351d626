# style: masks stacked sentence by sentence
def create_translation_masks(source_real, target_real):
    n_target = target_real.size(1)
    encoder = torch.stack([row.repeat(len(row), 1) for row in source_real])
    decoder = torch.stack([row.repeat(n_target, 1).tril() for row in target_real])
    cross = torch.stack([row.repeat(n_target, 1) for row in source_real])
    return encoder, decoder, cross
