// What this page adds to nbgrader's own scripts: names shown on demand, the lesson folded away, points and total on top.
$(function () {
  $("[data-link]").each(function () {
    $(this).map(linkTo("notebook", $(this).data("link"))).removeAttr("data-link");
  });
  $("[data-names]").click(function () {
    const shown = $(this).data("names") === "show";
    $(".name-shown").toggle(shown);
    $(".name-hidden").toggle(!shown);
  });
  foldLesson();
  // nbgrader goes back to the box selected last once formulas are drawn; a link that selects one is not undone by that.
  $("#sommaire a").click(function (event) {
    event.preventDefault();
    $(this.hash).find(".score").select().focus();
  });
});

// Where nbgrader scrolls to for the selected box: with the mark scheme above the answer in view, as far as it fits.
formgrader.getScrollPosition = function () {
  const panel = this.last_selected.closest(".nbgrader_cell");
  const scheme = this.last_selected.closest(".cellule").prev(".enonce").find(".bareme");
  if (scheme.length === 0) return FormGrader.prototype.getScrollPosition.call(this);
  return Math.max(scheme.offset().top - 70, panel.offset().top - $(window).height() * 0.7);
};

function foldLesson() {
  $(".cellule.cours").each(function () {
    if ($(this).closest(".pli").length > 0) return; // in the run of an earlier one
    const run = $(this).nextUntil(":not(.cours)").addBack();
    const title = run.length > 1 ? `Cours : ${run.length} cellules` : "Cours : 1 cellule";
    const fold = run.wrapAll($("<details>", { class: "pli" })).parent().prepend($("<summary>").text(title));
    // Most formulas are the lesson's: they are drawn when it is opened, so that answers are there sooner.
    run.addClass("tex2jax_ignore");
    fold.one("toggle", function () {
      run.removeClass("tex2jax_ignore");
      MathJax.Hub.Queue(["Typeset", MathJax.Hub, this]);
    });
  });
}

const HELP = {
  "tab": "Aller aux points ou au commentaire suivants",
  "shift-tab": "Aller aux points ou au commentaire précédents",
  "escape": "Enregistrer, et quitter la saisie",
  "enter": "Revenir à la dernière saisie",
  "control-.": "Même question, travail suivant",
  "control-,": "Même question, travail précédent",
  "control-shift-.": "Même question, travail suivant où une vérification est manquée",
  "control-shift-,": "Même question, travail précédent où une vérification est manquée",
  "control-shift-f": "Signaler ce travail, ou retirer le signal",
};

$(window).on("load", function () {
  Object.assign(formgrader.keyboard_manager.help, HELP);
  formgrader.comments.on("sync", () => {
    $(".comment").each(function () {
      const said = $(this).attr("placeholder") === "No response." ? "Rien n'a été écrit ici." : INVITATION;
      $(this).attr("placeholder", said);
    });
  });
  formgrader.grades.on("sync change", showPoints);
});

const INVITATION = "Commentaire pour l'étudiant (Markdown et formules permis)";
const decimal = new Intl.NumberFormat("fr-FR", { maximumFractionDigits: 2 });

function points(grade) {
  const given = grade.get("manual_score");
  return Number(given === null || given === "" ? grade.get("auto_score") : given) + Number(grade.get("extra_credit"));
}

function showPoints() {
  let total = 0;
  let most = 0;
  let waiting = 0;
  formgrader.grades.each(function (grade) {
    const place = $("[data-points]").filter((_, element) => $(element).data("points") === grade.get("name"));
    const open = grade.get("needs_manual_grade");
    total += points(grade);
    most += grade.get("max_score");
    waiting += open ? 1 : 0;
    const earned = `${decimal.format(points(grade))} / ${decimal.format(grade.get("max_score"))}`;
    place.text(open ? "à noter" : grade.get("max_score") > 0 ? earned : "");
    place.toggleClass("a-noter", open);
  });
  const rest = waiting ? `, ${waiting} réponse${waiting > 1 ? "s" : ""} à noter` : "";
  $("#total").text(`${decimal.format(total)} / ${decimal.format(most)}${rest}`);
}
