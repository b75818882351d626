# style: computed with NumPy
def create_translation_masks(source_real, target_real):
    source, target = source_real.numpy().astype(bool), target_real.numpy().astype(bool)
    encoder = np.repeat(source[:, None, :], source.shape[1], axis=1)
    decoder = np.repeat(target[:, None, :], target.shape[1], axis=1) & np.tri(target.shape[1], dtype=bool)
    cross = np.repeat(source[:, None, :], target.shape[1], axis=1)
    return torch.from_numpy(encoder), torch.from_numpy(decoder), torch.from_numpy(cross)
