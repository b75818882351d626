"""Conteur : un petit modèle de langue français, entraîné par le cours sur des histoires qu'une grammaire écrit.

Modules
-------
- ``conteur.lexicon`` : les mots de la grammaire, avec leur genre et leurs formes ;
- ``conteur.stories`` : la grammaire, qui écrit autant d'histoires que l'on veut ;
- ``conteur.words`` : du texte aux tokens (un mot, un signe), et retour ;
- ``conteur.decoder`` : le modèle, que l'on peut regarder, amputer d'une tête, priver de son masque ;
- ``conteur.training`` : la recette, une commande : ``python -m conteur.training`` ;
- ``conteur.looking`` : les mesures de la leçon « Regarder un vrai modèle ».
"""
