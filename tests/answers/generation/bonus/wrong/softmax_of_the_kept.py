# misconception: probabilities are put through a softmax again
# fails: test_nucleus_example, test_any_nucleus

def top_p_probabilities(logits, p):
    probabilities, order = torch.softmax(logits, dim=-1).sort(descending=True)
    inside = probabilities.cumsum(-1) - probabilities < p
    again = torch.softmax(probabilities.masked_fill(~inside, -torch.inf), dim=-1)
    return torch.zeros_like(again).scatter(-1, order, again)
