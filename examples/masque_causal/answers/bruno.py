# %% exercice-1-reponse
def create_local_mask(seq_len):
    masque = np.zeros((seq_len, seq_len))
    for i in range(seq_len):
        masque[i][i] = 1
        if i > 0:
            masque[i][i - 1] = 1
    return masque


# %% exercice-2-reponse
import math


def mean_weight_per_position(weights):
    batch, n, _ = weights.shape
    resultat = torch.zeros(n)
    for j in range(n):
        total = 0.0
        for b in range(batch):
            for i in range(n):
                total += weights[b, i, j].item()
        resultat[j] = total / (batch * n)
    return resultat


def weight_variance(weights):
    batch, n, _ = weights.shape
    resultat = torch.zeros(n)
    for i in range(n):
        for b in range(batch):
            moyenne = sum(weights[b, i, j].item() for j in range(n)) / n
            resultat[i] += sum((weights[b, i, j].item() - moyenne) ** 2 for j in range(n)) / n / batch
    return resultat


def attention_entropy(weights):
    batch, n, _ = weights.shape
    resultat = torch.zeros(n)
    for i in range(n):
        for b in range(batch):
            for j in range(n):
                a = weights[b, i, j].item()
                if a > 0:
                    resultat[i] -= a * math.log(a) / batch
    return resultat


def count_visible_positions(weights):
    batch, n, _ = weights.shape
    compte = [0] * n
    for i in range(n):
        for b in range(batch):
            for j in range(n):
                if weights[b, i, j] > 0:
                    compte[i] += 1
    return torch.tensor([c / batch for c in compte])


# %% [markdown] question-2-reponse
# Avec le masque les premières clés reçoivent plus de poids, parce que tout le monde les voit ; la dernière n'est vue que
# par elle-même. L'entropie augmente avec la position : 0 au début, environ 1,7 à la fin. Les premiers tokens ont donc moins de contexte.


# %% exercice-3-reponse
def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len:
        raise ValueError("longueur réelle impossible")
    masque = torch.zeros(seq_len, seq_len, dtype=torch.long)
    for i in range(real_len):
        for j in range(i + 1):
            masque[i, j] = 1
    return masque


# %% bonus-reponse
def create_sliding_window_mask(seq_len, window_size):
    masque = np.zeros((seq_len, seq_len), dtype=int)
    for i in range(seq_len):
        for j in range(max(0, i - window_size + 1), i + 1):
            masque[i, j] = 1
    return masque
