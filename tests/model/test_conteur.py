"""The small model: its recipe is what its weights come from, and the lesson says of them what is so."""

import csv
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
import torch

from conteur import looking
from conteur.decoder import WEIGHTS, Cache, Decoder, Look, Sizes, load
from conteur.stories import stories
from conteur.training import Recipe, Training, loss_on, padded, validation_stories
from conteur.words import Vocabulary, join, split
from tests.conftest import ROOT

MODEL = ROOT / "model"
FIRST_LOSSES = [6.013, 5.982, 5.932, 5.848, 5.768, 5.705]


@pytest.fixture(scope="module")
def shipped() -> tuple[Decoder, Vocabulary]:
    return load()


@pytest.fixture(scope="module")
def rows(shipped: tuple[Decoder, Vocabulary]) -> tuple[torch.Tensor, torch.Tensor]:
    return padded(validation_stories(100), shipped[1])


def test_stories_are_a_function_of_their_seed() -> None:
    """The same seed tells the same stories; another one others."""
    first, again, other = (list(islice(stories(seed), 5)) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_the_grammar_keeps_its_own_rules() -> None:
    """No story has one of the faults that the lesson counts; text and tokens are each other's image."""
    for story in islice(stories(seed=9), 500):
        assert not looking.faults(story.tokens)
        assert tuple(split(join(story.tokens))) == story.tokens
        assert len(story.tokens) < Sizes(vocab=1).context


def test_faults_are_found() -> None:
    """A name or a city that changes, a sign left open, a wrong verb are seen."""
    tokens = list(next(iter(stories(seed=9))).tokens)
    assert looking.faults([*tokens[:-1], "(", "."])
    assert looking.faults(tokens[:-1])
    assert looking.faults(split("Les valises que la voisine porte est lourdes."))
    assert looking.faults(split("Zoé Joly rit. Zoé Vidal dort."))


def test_the_recipe_begins_as_recorded() -> None:
    """A handful of steps gives the losses that the shipped weights began with."""
    training = Training(Recipe())
    assert [training.advance() for _ in FIRST_LOSSES] == pytest.approx(FIRST_LOSSES, abs=5e-3)


def test_an_interrupted_training_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    """Kept and resumed, a training takes the same next step."""
    recipe, sizes = Recipe(rows=2), Sizes(vocab=394, width=16, heads=2, layers=1)
    whole, resumed = Training(recipe, sizes), Training(recipe, sizes)
    for _ in range(2):
        whole.advance()
    whole.keep(tmp_path / "kept.safetensors")
    resumed.resume(tmp_path / "kept.safetensors")
    assert [whole.advance(), whole.advance()] == pytest.approx([resumed.advance(), resumed.advance()], abs=1e-6)


def test_shipped_weights_have_the_recorded_loss(shipped: tuple[Decoder, Vocabulary]) -> None:
    """The last line of losses.csv is what the weights in git give on stories never read; they are small."""
    with (MODEL / "losses.csv").open(encoding="utf-8") as file:
        last = list(csv.DictReader(file))[-1]
    assert int(last["step"]) == Recipe().steps
    model, vocabulary = shipped
    assert loss_on(model, *padded(validation_stories(), vocabulary)) == pytest.approx(
        float(last["validation_loss"]), abs=2e-3
    )
    assert WEIGHTS.stat().st_size < 10_000_000


def test_looking_changes_nothing(shipped: tuple[Decoder, Vocabulary], rows: tuple[torch.Tensor, torch.Tensor]) -> None:
    """Weights kept, all heads on, or a cache filled in two goes: the same logits, and no future in them."""
    model, some = shipped[0], rows[0][:4]
    with torch.no_grad():
        plain = model(some)
        look = Look(keep=True, heads=torch.ones(3, 4))
        torch.testing.assert_close(model(some, look=look), plain, atol=1e-4, rtol=1e-4)
        cache = Cache()
        parts = [model(some[:, :30], cache), model(some[:, 30:], cache)]
        torch.testing.assert_close(torch.cat(parts, dim=1), plain, atol=1e-4, rtol=1e-4)
    assert all(not weights.triu(1).any() for weights in look.weights)
    assert cache.n_bytes == 4 * some.shape[1] * 3 * 1024


def test_one_head_copies(shipped: tuple[Decoder, Vocabulary], rows: tuple[torch.Tensor, torch.Tensor]) -> None:
    """The lesson's induction head looks at the word to repeat, and without it the model can't repeat."""
    model, vocabulary = shipped
    cases = looking.recited_cases(validation_stories(100), vocabulary)
    on_source = looking.weight_on_sources(looking.weights_of(model, rows[0]), cases)
    layer, head = divmod(int(on_source.argmax()), model.sizes.heads)
    assert layer > 0
    assert on_source[layer, head] > 0.9
    assert looking.success(model, rows[0], cases) > 0.98
    silent = looking.each_head_silent(model, lambda look: looking.success(model, rows[0], cases, look))
    assert silent.argmin() == on_source.argmax()
    assert silent.min() < 0.3


def test_what_the_card_says_it_can_and_cannot(
    shipped: tuple[Decoder, Vocabulary], rows: tuple[torch.Tensor, torch.Tensor]
) -> None:
    """What the card calls right always is, on these stories; names and subtractions are where it says."""
    model, vocabulary = shipped
    told = validation_stories(100)
    for cases in (looking.recited_cases, looking.agreement_cases, looking.city_cases, looking.closing_cases):
        assert looking.success(model, rows[0], cases(told, vocabulary)) > 0.985
    for cases, share in ((looking.name_cases, 0.8), (looking.remainder_cases, 0.9)):
        assert looking.success(model, rows[0], cases(told, vocabulary)) == pytest.approx(share, abs=0.05)


def test_no_head_rests_on_the_first_token(
    shipped: tuple[Decoder, Vocabulary], rows: tuple[torch.Tensor, torch.Tensor]
) -> None:
    """The lesson says that there is no sink: no head puts a tenth of its weight there."""
    assert looking.weight_on_first(looking.weights_of(shipped[0], rows[0])).max() < 0.1


def test_the_mask_is_needed(shipped: tuple[Decoder, Vocabulary], rows: tuple[torch.Tensor, torch.Tensor]) -> None:
    """Without the mask the loss rises: the model never learnt to read what comes."""
    model, n = shipped[0], rows[0].shape[1]
    opened = looking.loss_with(model, *rows, Look(mask=torch.ones(n, n).bool()))
    assert opened > looking.loss_with(model, *rows) + 0.1


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_lesson_plays() -> None:
    """Every cell of the lesson runs, in order."""
    environment = {**os.environ, "PYTHONPATH": str(MODEL), "MPLBACKEND": "agg"}
    command = [sys.executable, MODEL / "regarder_un_modele.py"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
