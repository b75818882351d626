# style: loops over Python numbers, collected in tensors
import math


def mean_weight_per_position(weights):
    batch, n, _ = weights.shape
    resultat = torch.zeros(n)
    for j in range(n):
        for b in range(batch):
            for i in range(n):
                resultat[j] += weights[b, i, j]
    return resultat / (batch * n)


def weight_variance(weights):
    batch, n, _ = weights.shape
    resultat = []
    for i in range(n):
        total = 0.0
        for b in range(batch):
            ligne = [float(p) for p in weights[b, i]]
            moyenne = sum(ligne) / n
            total += sum((p - moyenne) ** 2 for p in ligne) / n
        resultat.append(total / batch)
    return torch.tensor(resultat)


def attention_entropy(weights):
    batch, n, _ = weights.shape
    resultat = torch.zeros(n)
    for b in range(batch):
        for i in range(n):
            for j in range(n):
                p = weights[b, i, j].item()
                if p > 0:
                    resultat[i] -= p * math.log(p) / batch
    return resultat


def count_visible_positions(weights):
    batch, n, _ = weights.shape
    resultat = torch.zeros(n)
    for i in range(n):
        vus = 0
        for b in range(batch):
            for j in range(n):
                if weights[b, i, j] > 0:
                    vus += 1
        resultat[i] = vus / batch
    return resultat
