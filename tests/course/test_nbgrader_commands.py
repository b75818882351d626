"""Everything stays plain nbgrader: its own commands work on the same masters, and older notebooks still run."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from closed_doors.core.layout import Layout
from closed_doors.demo.class_file import read_class
from closed_doors.demo.make_submission import hand_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def nbgrader(root: Path, *arguments: str) -> str:
    """Run an nbgrader command in a course root and return all that it printed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=root,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def test_the_stock_commands_play_the_cycle(course_copy: Layout) -> None:
    """generate_assignment, validate, autograde, generate_feedback and export, as typed in a terminal."""
    root = course_copy.root
    demo = read_class(course_copy.examples / "masque_causal")
    student = next(student for student in demo.students if student.id == "karim")
    nbgrader(root, "generate_assignment", "masque_causal")
    assert "Success" in nbgrader(root, "validate", "source/masque_causal/masque_causal.ipynb")
    release = root / "release" / "masque_causal" / "masque_causal.ipynb"
    assert "VALIDATION FAILED ON 4 CELL(S)" in nbgrader(root, "validate", str(release))
    hand_in(demo, student, release, root / "submitted")
    nbgrader(root, "autograde", "masque_causal")
    nbgrader(root, "generate_feedback", "masque_causal")
    nbgrader(root, "export")
    assert (root / "feedback" / "karim" / "masque_causal" / "masque_causal.html").exists()
    assert ",karim,,,,17.0,0.0,17.0,20.0" in (root / "grades.csv").read_text(encoding="utf-8")


FOREIGN = """import sys
sys.path.append('../..')
import numpy as np
import torch
from src.attention.masking import (create_causal_mask_from_scratch, create_causal_mask_manual, create_causal_mask,
    visualize_causal_mask, compare_attention_patterns, visualize_mask_effect_on_attention)
from src.attention.scaled_dot_product import ScaledDotProductAttention
%%
mask = create_causal_mask_from_scratch(6)
assert np.array_equal(mask, create_causal_mask_manual(6))
device = 'cuda' if torch.cuda.is_available() else 'cpu'
assert np.array_equal(create_causal_mask(6, device).cpu().numpy(), mask)
assert create_causal_mask(6, device=device).shape == (6, 6)
%%
visualize_causal_mask(seq_len=8)
%%
visualize_causal_mask(seq_len=8, save_path='FOLDER/masque.png')
%%
Q, K, V = torch.randn(1, 5, 8), torch.randn(1, 5, 8), torch.randn(1, 5, 8)
attention = ScaledDotProductAttention(d_k=8)
output, weights = attention(Q, K, V)
output_masked, weights_masked = attention(Q, K, V, create_causal_mask(5))
output_masked, weights_masked = attention(Q, K, V, mask=create_causal_mask(5).unsqueeze(0))
for i in range(5):
    print(i, (weights[0, i] > 0).sum().item(), (weights_masked[0, i] > 0).sum().item())
%%
visualize_mask_effect_on_attention(seq_len=5)
%%
compare_attention_patterns(seq_len=6)"""


def test_a_notebook_written_for_the_original_module_runs(repository: Layout, tmp_path: Path) -> None:
    """A notebook that appends the root to sys.path and imports from src.attention runs to its end, in silence."""
    notebook = nbformat.v4.new_notebook()
    sources = FOREIGN.replace("FOLDER", str(tmp_path)).split("\n%%\n")
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    folder = repository.source / "masque_causal"
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}}).execute()
    assert (tmp_path / "masque.png").exists()
    noise = [o.text for c in notebook.cells for o in c.outputs if o.output_type == "stream" and o.name == "stderr"]
    assert noise == []
    pictures = [sum("image/png" in output.get("data", {}) for output in cell.outputs) for cell in notebook.cells]
    assert pictures == [0, 0, 1, 1, 0, 1, 1]
