# misconception: the library's softmax is taken for the whole exercise
# fails: test_blocked_slice, test_blocked_scores
def softmax_from_scratch(x, axis=-1):
    return torch.softmax(torch.tensor(x, dtype=torch.float64), dim=axis).numpy()
