# misconception: a token counts where it is probable enough
# fails: test_any_nucleus
def top_p_probabilities(logits, p):
    probas = torch.softmax(logits, dim=-1)
    triees, ordre = torch.sort(probas, descending=True)
    avant = triees.cumsum(-1) - triees
    gardees = torch.where(triees >= min(1 - p, triees[0].item()), triees, torch.zeros_like(triees))
    resultat = torch.zeros_like(probas)
    resultat[ordre] = gardees
    return resultat / resultat.sum()
