"use strict";
// A click on a column's head sorts each group of rows by it, a second one the other way round.
// What has no value stays last either way.
for (const table of document.querySelectorAll("table")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort")
        ? head.getAttribute("aria-sort") === "ascending"
        : head.classList.contains("n");
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      for (const body of table.tBodies) {
        const rows = [...body.rows].filter((row) => !row.classList.contains("group"));
        rows.sort((a, b) => order(a.cells[column], b.cells[column], down ? -1 : 1));
        body.append(...rows);
      }
    });
  });
}

function order(a, b, sign) {
  const empty = (cell) => ["", "–"].includes(cell.textContent);
  if (empty(a) || empty(b)) return empty(a) - empty(b);
  const [x, y] = [a.dataset.sort, b.dataset.sort];
  if (x !== undefined && y !== undefined) return sign * (Number(x) - Number(y));
  return sign * a.textContent.localeCompare(b.textContent, "en", { numeric: true });
}
