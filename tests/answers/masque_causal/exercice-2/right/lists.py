# style: nested lists from tolist, statistics of the standard library
import statistics
from math import log


def mean_weight_per_position(weights):
    lignes = [ligne for exemple in weights.tolist() for ligne in exemple]
    return torch.tensor([statistics.fmean(colonne) for colonne in zip(*lignes)])


def par_requete(weights, mesure):
    exemples = weights.tolist()
    return torch.tensor([statistics.fmean(mesure(e[i]) for e in exemples) for i in range(len(exemples[0]))])


def weight_variance(weights):
    return par_requete(weights, statistics.pvariance)


def attention_entropy(weights):
    return par_requete(weights, lambda ligne: -sum(p * log(p) for p in ligne if p))


def count_visible_positions(weights):
    return par_requete(weights, lambda ligne: sum(p > 0 for p in ligne))
