"use strict";
// Tables with class "sortable" sort by a click on a heading; a field above one filters its rows. Without this script,
// the tables are as they were written.
(() => {
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value ?? cell.textContent.trim();
  };
  const compare = (one, other) => {
    const numbers = [Number(one), Number(other)];
    if (one !== "" && other !== "" && !numbers.some(Number.isNaN)) return numbers[0] - numbers[1];
    if (one === "" || other === "") return one === other ? 0 : one === "" ? 1 : -1;
    return one.localeCompare(other, "fr", { numeric: true });
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const descending = heading.getAttribute("aria-sort") === "ascending";
        headings.forEach((each) => each.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => compare(value(a, column), value(b, column)) * (descending ? -1 : 1));
        table.tBodies[0].append(...rows);
      });
    });
  }
  for (const field of document.querySelectorAll("[data-filters]")) {
    const table = document.getElementById(field.dataset.filters);
    field.parentElement.hidden = false;
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLocaleLowerCase("fr");
      for (const row of table.tBodies[0].rows) {
        row.hidden = !row.textContent.toLocaleLowerCase("fr").includes(wanted);
      }
    });
  }
})();
