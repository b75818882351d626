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
    const title = counted(run.length, LESSON);
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
  "tab": {{ 'formgrader.key_tab' | say | tojson }},
  "shift-tab": {{ 'formgrader.key_shift_tab' | say | tojson }},
  "escape": {{ 'formgrader.key_escape' | say | tojson }},
  "enter": {{ 'formgrader.key_enter' | say | tojson }},
  "control-.": {{ 'formgrader.key_next' | say | tojson }},
  "control-,": {{ 'formgrader.key_previous' | say | tojson }},
  "control-shift-.": {{ 'formgrader.key_next_missed' | say | tojson }},
  "control-shift-,": {{ 'formgrader.key_previous_missed' | say | tojson }},
  "control-shift-f": {{ 'formgrader.key_flag' | say | tojson }},
};

$(window).on("load", function () {
  Object.assign(formgrader.keyboard_manager.help, HELP);
  formgrader.comments.on("sync", () => {
    $(".comment").each(function () {
      const said = $(this).attr("placeholder") === "No response." ? NOTHING_WRITTEN : INVITATION;
      $(this).attr("placeholder", said);
    });
  });
  formgrader.grades.on("sync change", showPoints);
});

const INVITATION = {{ 'formgrader.invitation' | say | tojson }};
const NOTHING_WRITTEN = {{ 'formgrader.nothing_written' | say | tojson }};
const TO_MARK = {{ 'formgrader.to_mark' | say | tojson }};
// What is said of one, and of several, which # stands for.
const LESSON = [{{ 'formgrader.lesson' | say(count=1) | tojson }}, {{ 'formgrader.lesson' | say(count='#') | tojson }}];
const ANSWERS_TO_MARK = [{{ 'formgrader.answers_to_mark' | say(count=1) | tojson }}, {{ 'formgrader.answers_to_mark' | say(count='#') | tojson }}];
const decimal = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 2 });

function counted(count, [one, several]) {
  return count === 1 ? one : several.replace("#", count);
}

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
    place.text(open ? TO_MARK : grade.get("max_score") > 0 ? earned : "");
    place.toggleClass("a-noter", open);
  });
  const rest = waiting ? counted(waiting, ANSWERS_TO_MARK) : "";
  $("#total").text(`${decimal.format(total)} / ${decimal.format(most)}${rest}`);
}
