"""Where an exercise asks for what PyTorch has, PyTorch's own is an answer with the outcome that the statement says.

Each statement says that the manner is free, PyTorch's functions included, and that only the result counts. So what
computes all that is asked earns everything, and what computes nearly that misses the criterion on what it lacks.
"""

from dataclasses import dataclass, field

import pytest
from tests.answers.answers import COURSE, graded
from tests.course.notebooks import cells_of

from closed_doors.authoring.quality.labelled_answers import Answer
from closed_doors.grading.processes.zygote_handle import Zygote

FREE = {
    "masque_causal": "fonctions de NumPy, de PyTorch ou du module du cours, tout ce qui respecte l'énoncé est accepté",
    "noyau_attention": "vous pouvez les appeler, mais aucune ne remplit l'énoncé à elle seule",
    "multi_tetes": "fonctions de PyTorch et de NumPy, même celles qui calculent presque ce qui est demandé",
    "generation": "fonctions de PyTorch et de NumPy, même celles qui calculent presque ce qui est demandé",
    "masques_reels": "fonctions de PyTorch et de NumPy, même celles qui calculent presque ce qui est demandé",
}


@dataclass(frozen=True, slots=True)
class Own:
    """PyTorch's own as an answer.

    Attributes:
        where: assignment and exercise.
        what: of PyTorch is returned.
        source: the answer.
        missed: criteria that it misses; none where it is the whole exercise.
        says: what the statement says of just this, besides that the manner is free.
    """

    where: str
    what: str
    source: str = field(repr=False)
    missed: tuple[str, ...] = ()
    says: str = ""

    def __str__(self) -> str:
        return f"{self.where}, {self.what}"


TABLE = (
    Own(
        "masque_causal/exercice-1",
        "tril and triu",
        "def create_local_mask(seq_len):\n    return torch.ones(seq_len, seq_len).tril().triu(-1).numpy()",
    ),
    Own(
        "masque_causal/exercice-2",
        "mean, var, entr and count_nonzero",
        """
def mean_weight_per_position(weights): return torch.mean(weights, dim=(0, 1))
def weight_variance(weights): return torch.var(weights, -1, correction=0).mean(0)
def attention_entropy(weights): return torch.special.entr(weights).sum(-1).mean(0)
def count_visible_positions(weights): return torch.count_nonzero(weights, dim=-1).double().mean(0)
""",
        says="cherchez ce que calcule `torch.special.entr`",
    ),
    Own(
        "masque_causal/exercice-2",
        "var as it is, with n - 1",
        """
def mean_weight_per_position(weights): return torch.mean(weights, dim=(0, 1))
def weight_variance(weights): return torch.var(weights, -1).mean(0)
def attention_entropy(weights): return torch.special.entr(weights).sum(-1).mean(0)
def count_visible_positions(weights): return torch.count_nonzero(weights, dim=-1).double().mean(0)
""",
        missed=("test_variance_example",),
        says="Par défaut, `torch.var` divise par $n - 1$",
    ),
    Own(
        "masque_causal/exercice-3",
        "block_diag and tril",
        """
def create_combined_mask(seq_len, real_len):
    if not 0 <= real_len <= seq_len:
        raise ValueError
    padding = seq_len - real_len
    return torch.block_diag(torch.ones(real_len, real_len), torch.zeros(padding, padding)).tril()
""",
    ),
    Own(
        "masque_causal/bonus",
        "tril and triu",
        "def create_sliding_window_mask(seq_len, window_size):\n"
        "    return torch.ones(seq_len, seq_len).tril().triu(1 - window_size)",
    ),
    Own(
        "noyau_attention/exercice-1",
        "softmax",
        "def softmax_from_scratch(x, axis=-1):\n    return torch.softmax(torch.tensor(x).double(), axis).numpy()",
        missed=("test_blocked_slice",),
        says="ce qui manque est justement l'exercice",
    ),
    Own(
        "noyau_attention/exercice-1",
        "softmax and nan_to_num",
        "def softmax_from_scratch(x, axis=-1):\n"
        "    return torch.softmax(torch.tensor(x).double(), axis).nan_to_num(0.0).numpy()",
    ),
    Own(
        "noyau_attention/exercice-2",
        "scaled_dot_product_attention",
        """
def scaled_dot_product_attention_from_scratch(Q, K, V, mask=None):
    Q, K, V = (torch.tensor(each).float() for each in (Q, K, V))
    seen = None if mask is None else torch.tensor(mask)
    return torch.nn.functional.scaled_dot_product_attention(Q, K, V, attn_mask=seen).numpy()
""",
        missed=("test_example", "test_masked_example"),
        says="Passer par PyTorch est permis, si les deux résultats sont bien des tableaux NumPy",
    ),
    Own(
        "noyau_attention/exercice-3",
        "tril",
        """
def create_causal_mask_manual(seq_len): return torch.tril(torch.ones(seq_len, seq_len)).numpy()
def create_causal_mask(seq_len, device="cpu"): return torch.tril(torch.ones(seq_len, seq_len, device=device))
""",
        says="toute manière est acceptée",
    ),
    Own(
        "noyau_attention/exercice-3",
        "generate_square_subsequent_mask, which holds 0 and -inf",
        """
def create_causal_mask(seq_len, device="cpu"):
    return torch.nn.Transformer.generate_square_subsequent_mask(seq_len, device=device)
def create_causal_mask_manual(seq_len): return create_causal_mask(seq_len).numpy()
""",
        missed=("test_manual_example", "test_torch_example"),
    ),
    Own(
        "noyau_attention/exercice-4",
        "scaled_dot_product_attention",
        """
class ScaledDotProductAttention(torch.nn.Module):
    def __init__(self, d_k):
        super().__init__()
    def forward(self, Q, K, V, mask=None):
        return torch.nn.functional.scaled_dot_product_attention(Q, K, V, attn_mask=mask)
""",
        missed=("test_example", "test_masked_example"),
        says="`torch.nn.functional.scaled_dot_product_attention` l'est aussi ; elle ne renvoie pas les poids",
    ),
    Own(
        "noyau_attention/bonus",
        "softmax",
        """
def streaming_attention(scores, values):
    return (torch.softmax(torch.tensor(scores).double(), 0) @ torch.tensor(values).double()).numpy()
""",
        says="La vérification ne juge que le résultat",
    ),
    Own(
        "multi_tetes/exercice-1",
        "unflatten and flatten",
        """
def split_heads(x, n_heads):
    if x.shape[-1] % n_heads:
        raise ValueError
    return torch.unflatten(x, -1, (n_heads, -1)).movedim(-2, 1)
def merge_heads(x): return torch.flatten(x.movedim(1, 2), -2)
""",
    ),
    Own(
        "multi_tetes/exercice-2",
        "MultiheadAttention itself",
        """
def MultiHeadAttention(d_model, n_heads):
    if d_model % n_heads:
        raise ValueError
    return nn.MultiheadAttention(d_model, n_heads, batch_first=True)
""",
        missed=("test_parameters", "test_equals_torch"),
        says="`nn.MultiheadAttention` elle-même, renvoyée ou rangée dans votre classe, n'a pas les huit paramètres",
    ),
    Own(
        "multi_tetes/exercice-2",
        "MultiheadAttention by inheritance",
        """
class MultiHeadAttention(nn.MultiheadAttention):
    def __init__(self, d_model, n_heads):
        if d_model % n_heads:
            raise ValueError
        super().__init__(d_model, n_heads, batch_first=True)
    def forward(self, query, key, value, mask=None):
        blocked = None if mask is None else ~mask.bool()
        return super().forward(query, key, value, attn_mask=blocked, average_attn_weights=False)
""",
        missed=("test_parameters", "test_equals_torch"),
        says="`nn.MultiheadAttention` elle-même, renvoyée ou rangée dans votre classe, n'a pas les huit paramètres",
    ),
    Own(
        "generation/exercice-1",
        "argmax, softmax, topk and multinomial",
        """
def greedy(logits): return torch.argmax(logits, -1)
def temperature_probabilities(logits, temperature):
    if temperature <= 0:
        raise ValueError
    return torch.softmax(logits / temperature, -1)
def top_k_probabilities(logits, k, temperature=1.0):
    if k < 1:
        raise ValueError
    best = torch.topk(logits, min(k, logits.shape[-1]))
    kept = temperature_probabilities(best.values, temperature)
    return torch.zeros_like(logits).scatter(-1, best.indices, kept)
def sample(logits, seed, temperature=1.0, k=None):
    chances = top_k_probabilities(logits, len(logits) if k is None else k, temperature)
    return torch.multinomial(chances, 1, generator=torch.Generator().manual_seed(seed)).item()
""",
        says="fonctions de PyTorch comprises (`torch.softmax`, `torch.topk`, `torch.multinomial`…)",
    ),
    Own(
        "generation/exercice-2",
        "scaled_dot_product_attention with is_causal",
        """
def create_offset_mask(n_new, n_past): return torch.ones(n_new, n_past + n_new).tril(n_past)
class CachedAttention:
    def __init__(self, d_k): self.reset()
    def reset(self): self.K = self.V = None
    def step(self, Q, K, V):
        self.K = K if self.K is None else torch.cat((self.K, K), -2)
        self.V = V if self.V is None else torch.cat((self.V, V), -2)
        attend = torch.nn.functional.scaled_dot_product_attention
        eye = torch.eye(self.K.shape[-2]).expand(*self.K.shape[:-1], -1)
        return attend(Q, self.K, self.V, is_causal=True), attend(Q, self.K, eye, is_causal=True)
""",
        missed=("test_one_by_one",),
    ),
    Own(
        "generation/exercice-3",
        "unfold and cross_entropy",
        """
def next_token_pairs(tokens, context):
    if not 1 <= context < len(tokens):
        raise ValueError
    windows = tokens.unfold(0, context + 1, 1)
    return windows[:, :-1], windows[:, 1:]
def next_token_loss(logits, targets):
    return torch.nn.functional.cross_entropy(logits.movedim(-1, 1), targets)
""",
        says="`torch.nn.functional.cross_entropy` est permise ; à vous d'y mettre les axes à leur place",
    ),
    Own(
        "generation/exercice-3",
        "cross_entropy as it is",
        """
def next_token_pairs(tokens, context):
    if not 1 <= context < len(tokens):
        raise ValueError
    windows = tokens.unfold(0, context + 1, 1)
    return windows[:, :-1], windows[:, 1:]
def next_token_loss(logits, targets): return torch.nn.functional.cross_entropy(logits, targets)
""",
        missed=("test_loss_of_a_guess",),
        says="`torch.nn.functional.cross_entropy` est permise ; à vous d'y mettre les axes à leur place",
    ),
    Own(
        "generation/exercice-4",
        "TransformerEncoderLayer",
        """
class Block(torch.nn.TransformerEncoderLayer):
    def __init__(self, d_model, n_heads):
        super().__init__(d_model, n_heads, 4 * d_model, 0.0, "gelu", batch_first=True, norm_first=True)
    def forward(self, x):
        mask = torch.nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        return super().forward(x, src_mask=mask, is_causal=True)
""",
        missed=("test_values",),
        says="**gardez-la telle quelle**, la vérification s'appuie sur ses quatre modules",
    ),
    Own(
        "masques_reels/exercice-6",
        "generate_square_subsequent_mask, which is what MultiheadAttention reads",
        """
def sdpa_arguments(visible): return {"attn_mask": visible.bool()[:, None]}
def multihead_arguments(visible, n_heads): return {"attn_mask": ~visible.bool().repeat_interleave(n_heads, 0)}
def padded_causal_arguments(real):
    causal = torch.nn.Transformer.generate_square_subsequent_mask(real.shape[1])
    return {"attn_mask": causal, "key_padding_mask": torch.zeros(real.shape).masked_fill(~real.bool(), -torch.inf)}
""",
        says="L'autre voie, un masque de 0 et de $-\\infty$, est juste aussi",
    ),
)


@pytest.mark.parametrize("own", TABLE, ids=str)
def test_pytorchs_own_has_the_outcome_that_the_statement_says(own: Own, zygote: Zygote) -> None:
    """All of it where it is what is asked; else it misses the criteria on what it lacks, and the mark is not whole."""
    assignment, exercise = own.where.split("/")
    verdict = graded(zygote, Answer(assignment, exercise, not own.missed, own.what, "", own.missed, own.source))
    missed = {criterion.name for criterion in verdict.criteria if not criterion.passed}
    assert missed >= set(own.missed)
    assert bool(missed) is bool(own.missed), missed
    assert (verdict.earned == verdict.points) is not bool(own.missed and verdict.points)


@pytest.mark.parametrize("assignment", COURSE.assignments())
def test_the_statements_say_so(assignment: str) -> None:
    """Students read that the manner is free, and what PyTorch's own lacks where that is said."""
    text = "\n".join(cell.source for cell in cells_of(COURSE, "source", assignment)).replace("\N{NO-BREAK SPACE}", " ")
    for said in (FREE[assignment], *(own.says for own in TABLE if own.where.startswith(f"{assignment}/"))):
        assert said in text, said
