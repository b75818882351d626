"""Le module d'attention du cours : masques causaux et attention à produit scalaire.

Légende commune à tout le module
--------------------------------
Formes (les « ... » sont des dimensions de lot ou de têtes, quelconques) :

- Q ``(..., n_q, d_k)`` : une requête par token qui regarde ;
- K ``(..., n_k, d_k)`` : une clé par token regardé ;
- V ``(..., n_k, d_v)`` : une valeur par token regardé ;
- poids et masque ``(..., n_q, n_k)`` : ligne i = le token i qui regarde, colonne j = le token j regardé.

Polarité des masques : **1 ou True = a le droit de voir, 0 ou False = bloqué**, quel que soit le type des nombres.

Modules
-------
- ``attention.masking`` : construire et dessiner le masque causal ;
- ``attention.scaled_dot_product`` : la couche d'attention ;
- ``attention.multi_head`` : découper et recoller les têtes, l'attention multi-têtes ;
- ``attention.positions`` : les positions dont un masque a besoin (sinusoïdes, rotations, pentes d'ALiBi) ;
- ``attention.leaks`` : de quelles entrées chaque sortie dépend, et par où l'avenir fuit ;
- ``attention.corpus`` : un petit corpus de phrases françaises, et ce qu'un modèle peut en apprendre au mieux ;
- ``attention.figures`` : montrer une figure avec son texte de remplacement.
"""
