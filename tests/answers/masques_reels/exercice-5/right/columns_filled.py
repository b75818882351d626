# style: zeros where a key is padding
def create_translation_masks(source_real, target_real):
    def hidden(n_queries, real):
        ones = torch.ones(real.shape[0], n_queries, real.shape[1], dtype=torch.int64)
        return ones.masked_fill((real == 0).unsqueeze(1), 0)

    n_source, n_target = source_real.shape[1], target_real.shape[1]
    return hidden(n_source, source_real), hidden(n_target, target_real).tril(), hidden(n_target, source_real)
