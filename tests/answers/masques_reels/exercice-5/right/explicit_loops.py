# style: loops over sentences
def create_translation_masks(source_real, target_real):
    encoders, decoders, crosses = [], [], []
    for source, target in zip(source_real.tolist(), target_real.tolist(), strict=True):
        encoders.append([[int(s) for s in source] for _ in source])
        decoders.append([[int(bool(t) and j <= i) for j, t in enumerate(target)] for i in range(len(target))])
        crosses.append([[int(s) for s in source] for _ in target])
    return torch.tensor(encoders), torch.tensor(decoders), torch.tensor(crosses)
