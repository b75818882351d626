"""Les mots de la grammaire : chacun avec son genre, son nombre, ses formes."""

from __future__ import annotations

from dataclasses import dataclass

# Les quatre formes d'un adjectif : masculin et féminin singuliers, masculin et féminin pluriels.
Adjective = tuple[str, str, str, str]
# Un verbe au présent : troisième personne du singulier, du pluriel.
Verb = tuple[str, str]
# Un métier : masculin, féminin.
Job = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Noun:
    """Un nom, son pluriel et son genre."""

    singular: str
    plural: str
    feminine: bool


MEN = (
    "Adrien", "Bruno", "Cyril", "Damien", "Émile", "Félix", "Gaspard", "Hugo", "Ivan", "Jules", "Karim", "Louis",
    "Marc", "Noé", "Oscar", "Paul", "Rémi", "Samuel", "Théo", "Ugo", "Victor", "Yann", "Zacharie", "Denis",
)  # fmt: skip
WOMEN = (
    "Alice", "Béatrice", "Clara", "Diane", "Élise", "Fanny", "Gaëlle", "Hélène", "Inès", "Jeanne", "Karine", "Léa",
    "Marie", "Nadia", "Odile", "Pauline", "Rose", "Sonia", "Théa", "Ursule", "Valérie", "Yasmine", "Zoé", "Corinne",
)  # fmt: skip
SURNAMES = (
    "Arnaud", "Besson", "Carlier", "Dumont", "Estève", "Fournier", "Garnier", "Humbert", "Imbert", "Joly", "Klein",
    "Lambert", "Mercier", "Noiret", "Olivier", "Perrin", "Quentin", "Roussel", "Simon", "Tessier", "Urbain", "Vidal",
    "Weber", "Blanchard", "Camus", "Delmas", "Faure", "Girard", "Jacquet", "Leroy", "Masson", "Navarro", "Pichon",
    "Renard", "Sabatier", "Thibault", "Vasseur", "Bouvier", "Collet", "Duval",
)  # fmt: skip
CITIES = (
    "Lyon", "Lille", "Nantes", "Brest", "Nice", "Rennes", "Dijon", "Tours", "Metz", "Caen", "Toulouse", "Bordeaux",
    "Grenoble", "Strasbourg", "Limoges", "Reims",
)  # fmt: skip

JOBS: tuple[Job, ...] = (
    ("boulanger", "boulangère"),
    ("infirmier", "infirmière"),
    ("musicien", "musicienne"),
    ("étudiant", "étudiante"),
    ("jardinier", "jardinière"),
    ("journaliste", "journaliste"),
    ("coiffeur", "coiffeuse"),
    ("cuisinier", "cuisinière"),
    ("facteur", "factrice"),
    ("vendeur", "vendeuse"),
    ("libraire", "libraire"),
    ("pianiste", "pianiste"),
)

THINGS = (
    Noun("vélo", "vélos", False),
    Noun("lampe", "lampes", True),
    Noun("livre", "livres", False),
    Noun("lettre", "lettres", True),
    Noun("chapeau", "chapeaux", False),
    Noun("valise", "valises", True),
    Noun("carnet", "carnets", False),
    Noun("montre", "montres", True),
    Noun("panier", "paniers", False),
    Noun("guitare", "guitares", True),
    Noun("tableau", "tableaux", False),
    Noun("veste", "vestes", True),
    Noun("journal", "journaux", False),
    Noun("écharpe", "écharpes", True),
    Noun("anneau", "anneaux", False),
    Noun("échelle", "échelles", True),
)
FRUIT = (
    Noun("pomme", "pommes", True),
    Noun("citron", "citrons", False),
    Noun("poire", "poires", True),
    Noun("melon", "melons", False),
    Noun("orange", "oranges", True),
    Noun("abricot", "abricots", False),
)
PEOPLE = (
    Noun("voisin", "voisins", False),
    Noun("voisine", "voisines", True),
    Noun("garçon", "garçons", False),
    Noun("fille", "filles", True),
    Noun("client", "clients", False),
    Noun("cliente", "clientes", True),
    Noun("ami", "amis", False),
    Noun("amie", "amies", True),
)

COLOURS: tuple[Adjective, ...] = (
    ("rouge", "rouge", "rouges", "rouges"),
    ("vert", "verte", "verts", "vertes"),
    ("bleu", "bleue", "bleus", "bleues"),
    ("noir", "noire", "noirs", "noires"),
    ("blanc", "blanche", "blancs", "blanches"),
    ("gris", "grise", "gris", "grises"),
    ("brun", "brune", "bruns", "brunes"),
    ("violet", "violette", "violets", "violettes"),
)
STATES: tuple[Adjective, ...] = (
    ("perdu", "perdue", "perdus", "perdues"),
    ("abîmé", "abîmée", "abîmés", "abîmées"),
    ("sale", "sale", "sales", "sales"),
    ("joli", "jolie", "jolis", "jolies"),
    ("précieux", "précieuse", "précieux", "précieuses"),
    ("léger", "légère", "légers", "légères"),
    ("vieux", "vieille", "vieux", "vieilles"),
    ("lourd", "lourde", "lourds", "lourdes"),
)
MOODS: tuple[Adjective, ...] = (
    ("fatigué", "fatiguée", "fatigués", "fatiguées"),
    ("content", "contente", "contents", "contentes"),
    ("curieux", "curieuse", "curieux", "curieuses"),
    ("heureux", "heureuse", "heureux", "heureuses"),
    ("inquiet", "inquiète", "inquiets", "inquiètes"),
    ("pressé", "pressée", "pressés", "pressées"),
    ("malade", "malade", "malades", "malades"),
    ("surpris", "surprise", "surpris", "surprises"),
)

HANDLES: tuple[Verb, ...] = (
    ("cherche", "cherchent"),
    ("regarde", "regardent"),
    ("porte", "portent"),
    ("garde", "gardent"),
    ("vend", "vendent"),
    ("prend", "prennent"),
    ("voit", "voient"),
    ("choisit", "choisissent"),
)
MOVES: tuple[Verb, ...] = (
    ("dort", "dorment"),
    ("attend", "attendent"),
    ("chante", "chantent"),
    ("marche", "marchent"),
    ("rit", "rient"),
    ("lit", "lisent"),
)
IS: Verb = ("est", "sont")

PLACES = (
    ("devant", "la", "gare"),
    ("sous", "la", "table"),
    ("dans", "le", "jardin"),
    ("derrière", "la", "porte"),
    ("près", "du", "pont"),
    ("sur", "le", "toit"),
    ("dans", "la", "cave"),
    ("devant", "l'", "école"),
    ("au", "fond", "du", "couloir"),
    ("à", "côté", "de", "la", "fontaine"),
)
TIMES = (("Le", "matin"), ("Le", "soir"), ("Ce", "jour", "-là"), ("Plus", "tard"), ("Un", "dimanche"))

NUMBERS = ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")

VOWELS = "aeiouéèêâîôûAEIOUÉÈÊÂÎÔÛ"  # les mots de la grammaire qui commencent par h ne sont jamais élidés
